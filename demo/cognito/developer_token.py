"""The tokens of the pool: RS512 JWTs as Cognito makes them, and the keys to verify them with."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwt.algorithms import RSAAlgorithm

from demo.cognito.identities import Identities

ALGORITHM = "RS512"
TAGS_CLAIM = "https://aws.amazon.com/tags"
KEY_BITS = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """One key of the service, named as Amazon does: the Region, then a running number."""

    kid: str
    private_key: rsa.RSAPrivateKey = field(repr=False)

    def jwk(self) -> dict[str, Any]:
        """Return the public key as a JWK, RFC 7517."""
        public = RSAAlgorithm.to_jwk(self.private_key.public_key(), as_dict=True)
        members = {name: public[name] for name in ("kty", "n", "e")}
        return {**members, "alg": ALGORITHM, "use": "sig", "kid": self.kid}


class Signer:
    """Signs with the newest key, and publishes them all."""

    def __init__(self, identities: Identities, *, region: str) -> None:
        self._identities = identities
        self._region = region
        self.keys = [self._key(number, pem) for number, pem in identities.signing_keys()]
        if not self.keys:
            self.rotate()

    def rotate(self) -> None:
        """Sign with a new key from now on; the older ones stay published."""
        number = len(self.keys) + 1
        pem = generated_pem(number)
        self._identities.add_signing_key(number, pem)
        self.keys.append(self._key(number, pem))

    def jwks(self) -> dict[str, Any]:
        """Return the key set, RFC 7517."""
        return {"keys": [key.jwk() for key in self.keys]}

    def sign(self, claims: Mapping[str, Any], *, seconds: int) -> str:
        """Return a token with *claims* that is valid for so many seconds from now."""
        now = int(time.time())
        key = self.keys[-1]
        payload = json.dumps({**claims, "exp": now + seconds, "iat": now}, separators=(",", ":"))
        return jwt.api_jws.encode(
            payload.encode(),
            key.private_key,
            algorithm=ALGORITHM,
            headers={"kid": key.kid, "typ": "JWS"},
        )

    def _key(self, number: int, pem: bytes) -> SigningKey:
        private_key = load_pem_private_key(pem, password=None)
        if not isinstance(private_key, rsa.RSAPrivateKey):
            raise TypeError("The pool's signing key is no RSA key.")
        return SigningKey(kid=f"{self._region}{number}", private_key=private_key)


@cache
def generated_pem(number: int) -> bytes:
    """Return the private key of that number as PEM: one for all pools, as Amazon's are."""
    del number
    return rsa.generate_private_key(65537, KEY_BITS).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
