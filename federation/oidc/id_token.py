"""The judgement of an ID Token: Core 1.0, section 3.1.3.7."""

import hmac
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from hashlib import sha256, sha384, sha512

from federation.oidc.claims import (
    LATEST,
    LEEWAY,
    mismatch,
    moment,
    outside,
    read_session_id,
    read_subject,
    refuse_other_audience,
    refuse_other_issuer,
    required,
    required_moment,
)
from federation.oidc.signature import verify_signature
from federation.oidc.values import (
    ID_TOKEN_ALGS,
    Claims,
    ClientRegistration,
    IdToken,
    Jwks,
    UnverifiedIdToken,
)

OLDEST = timedelta(days=1)
"""How long ago an ID Token may have been issued. Ours answers a request of the last minutes: the
rest is room for a provider whose clock is wrong, short of keeping old tokens alive."""

_DIGESTS = {"256": sha256, "384": sha384, "512": sha512}


def verify_id_token(
    raw: UnverifiedIdToken,
    *,
    jwks: Jwks,
    registration: ClientRegistration,
    nonce: str,
    now: datetime,
    access_token: str | None = None,
) -> IdToken:
    """Return the ID Token, verified for this registration and this attempt's *nonce*.

    The *access_token* that came with it is held against ``at_hash``, where the token has one.

    Raises ``UnknownKeyError`` when no key fits, so that the caller can fetch the provider's
    keys again and try once more; any other ``IdTokenError`` is final.
    """
    algorithms = registration.id_token_algs or ID_TOKEN_ALGS
    signed = verify_signature(raw.compact, jwks=jwks, algorithms=algorithms)
    claims = signed.claims
    refuse_other_issuer(claims, registration.issuer)
    refuse_other_audience(claims, registration.client_id)
    _refuse_other_attempt(claims, nonce)
    issued_at, expires_at = _validity(claims, now)
    _refuse_other_access_token(claims, access_token, algorithm=signed.algorithm)
    return IdToken(
        issuer=registration.issuer,
        subject=read_subject(claims),
        issued_at=issued_at,
        expires_at=expires_at,
        session_id=read_session_id(claims),
        session_expires_at=_session_expiry(claims, now),
        claims=claims,
    )


def _refuse_other_attempt(claims: Claims, nonce: str) -> None:
    claimed = required(claims, "nonce")
    if not isinstance(claimed, str) or not hmac.compare_digest(claimed.encode(), nonce.encode()):
        raise mismatch("nonce is not this attempt's")


def _validity(claims: Claims, now: datetime) -> tuple[datetime, datetime]:
    expires_at, issued_at = required_moment(claims, "exp"), required_moment(claims, "iat")
    if now >= expires_at + LEEWAY:
        raise outside("exp has passed")
    if issued_at > now + LEEWAY:
        raise outside("iat is in the future")
    if issued_at < now - OLDEST:
        raise outside("iat is too long ago")
    if claims.get("nbf") is not None and required_moment(claims, "nbf") > now + LEEWAY:
        raise outside("nbf is in the future")
    return issued_at, expires_at


def _refuse_other_access_token(claims: Claims, access_token: str | None, *, algorithm: str) -> None:
    claimed = claims.get("at_hash")
    if access_token is None or claimed is None:
        return
    # Core 1.0, section 3.1.3.8: the signature's own digest, which for Ed25519 is SHA-512.
    digest = _DIGESTS.get(algorithm[2:], sha512)(access_token.encode()).digest()
    half = digest[: len(digest) // 2]
    if claimed != urlsafe_b64encode(half).rstrip(b"=").decode("ascii"):
        raise mismatch("at_hash is of another access token")


def _session_expiry(claims: Claims, now: datetime) -> datetime | None:
    # IPSIE SL1. A provider that wants no end may say so with a number beyond any calendar: such a
    # session ends by the portal's own limit.
    seconds = claims.get("session_expiry")
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise mismatch("session_expiry is no time")
    ends_at = moment(min(seconds, LATEST.timestamp()), "session_expiry")
    if ends_at <= now:
        raise outside("session_expiry has passed")
    return ends_at
