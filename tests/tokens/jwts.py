"""Developer tokens as Cognito lays them out, for answers that a stub gives."""

import time

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from tokens.values import IdentityPool

POOL = IdentityPool(
    identity_pool_id="eu-west-1:9f1c2f80-5721-4e3c-90f3-82ade0ecba90",
    developer_provider_name="login.northlake.portal",
)
IDENTITY_ID = "eu-west-1:9b0be988-94f5-416e-be83-400901bc993e"
SUBJECT = "uabcdefghijklmnopqrstuvwxyz"
KEY = rsa.generate_private_key(65537, 2048)


def developer_jwt(**claims):
    now = int(time.time())
    amr = ["authenticated", POOL.developer_provider_name]
    amr.append(f"{POOL.developer_provider_name}:{POOL.identity_pool_id}:{SUBJECT}")
    said = {
        "sub": IDENTITY_ID,
        "aud": POOL.identity_pool_id,
        "amr": amr,
        "iss": "https://cognito-identity.amazonaws.com",
        "iat": now,
        "exp": now + 900,
    }
    headers = {"kid": "eu-west-11", "typ": "JWS"}
    return jwt.encode(said | claims, KEY, algorithm="RS512", headers=headers)


def answer(**claims):
    return {"IdentityId": IDENTITY_ID, "Token": developer_jwt(**claims)}
