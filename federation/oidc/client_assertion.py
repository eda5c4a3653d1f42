"""Proving who we are with a key instead of a secret: ``private_key_jwt``, Core 1.0, section 9."""

import json
from datetime import datetime, timedelta

from jwt import PyJWS

from federation.oidc.errors import ProviderError, Reason
from federation.oidc.values import ClientRegistration, ProviderMetadata

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
"""What ``client_assertion_type`` says: RFC 7523, section 2.2."""

LIFETIME = timedelta(seconds=60)
"""How long an assertion is good: for the one call that carries it, clocks that differ included."""

ASSERTION_ALGS = ("ES256", "RS256")
"""The algorithms of our own keys, the better one first: a short signature that costs little, and
the one that every provider has to know."""

_JWS = PyJWS(algorithms=ASSERTION_ALGS)


def client_assertion(
    metadata: ProviderMetadata, registration: ClientRegistration, *, now: datetime, jti: str
) -> str:
    """Return a signed statement that we are this client, made *now*: RFC 7523, section 3.

    *jti* names it, and must not name another one. Raises ``ProviderError`` with
    ``provider_misconfigured`` when there is no key, or the provider does not take its algorithm.
    """
    key = registration.client_key
    if key is None:
        raise _misconfigured("there is no key to authenticate with")
    accepted = metadata.token_endpoint_auth_algs
    if accepted and key.algorithm not in accepted:
        raise _misconfigured(f"the token endpoint takes no assertion signed with {key.algorithm}")
    issued_at = int(now.timestamp())
    claims = {
        "iss": registration.client_id,
        "sub": registration.client_id,
        # The issuer alone, and one we have registered: were it the token endpoint, a provider
        # could name another one's, and use there what we send to it.
        "aud": registration.issuer,
        "jti": jti,
        "iat": issued_at,
        "exp": issued_at + int(LIFETIME.total_seconds()),
    }
    return _JWS.encode(
        json.dumps(claims).encode(),
        key.private_key,
        algorithm=key.algorithm,
        headers={"kid": key.kid},
    )


def _misconfigured(detail: str) -> ProviderError:
    return ProviderError(Reason.PROVIDER_MISCONFIGURED, detail)
