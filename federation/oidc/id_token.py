"""The judgement of an ID Token: Core 1.0, section 3.1.3.7."""

import hmac
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256, sha384, sha512

from federation.oidc.errors import IdTokenError, Reason
from federation.oidc.signature import verify_signature
from federation.oidc.values import (
    ID_TOKEN_ALGS,
    Claims,
    ClientRegistration,
    IdToken,
    Jwks,
    UnverifiedIdToken,
)

LEEWAY = timedelta(seconds=60)
"""How far a provider's clock and ours may be apart."""

OLDEST = timedelta(days=1)
"""How long ago an ID Token may have been issued. Ours answers a request of the last minutes: the
rest is room for a provider whose clock is wrong, short of keeping old tokens alive."""

SUBJECT_LENGTH = 255
"""Characters of a provider's subject, and of its name for a session: Core 1.0, section 2."""

_LATEST = datetime(9999, 12, 31, tzinfo=UTC)
"""The last moment that leaves room for the leeway: nothing later can be computed with."""

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
    _refuse_other_issuer(claims, registration.issuer)
    _refuse_other_audience(claims, registration.client_id)
    _refuse_other_attempt(claims, nonce)
    issued_at, expires_at = _validity(claims, now)
    _refuse_other_access_token(claims, access_token, algorithm=signed.algorithm)
    return IdToken(
        issuer=registration.issuer,
        subject=_subject(claims),
        issued_at=issued_at,
        expires_at=expires_at,
        session_id=_session_id(claims),
        session_expires_at=_session_expiry(claims, now),
        claims=claims,
    )


def _refuse_other_issuer(claims: Claims, issuer: str) -> None:
    # Character by character: a trailing slash makes another issuer.
    if _required(claims, "iss") != issuer:
        raise _mismatch("iss is not the issuer of this connection")


def _refuse_other_audience(claims: Claims, client_id: str) -> None:
    # A second audience is refused, although Core allows it: whoever else may use the token could
    # have brought it here.
    if _required(claims, "aud") not in (client_id, [client_id]):
        raise _mismatch("aud is not our client id alone")
    if claims.get("azp") not in (None, client_id):
        raise _mismatch("azp is not our client id")


def _refuse_other_attempt(claims: Claims, nonce: str) -> None:
    claimed = _required(claims, "nonce")
    if not isinstance(claimed, str) or not hmac.compare_digest(claimed.encode(), nonce.encode()):
        raise _mismatch("nonce is not this attempt's")


def _validity(claims: Claims, now: datetime) -> tuple[datetime, datetime]:
    expires_at, issued_at = _required_moment(claims, "exp"), _required_moment(claims, "iat")
    if now >= expires_at + LEEWAY:
        raise _outside("exp has passed")
    if issued_at > now + LEEWAY:
        raise _outside("iat is in the future")
    if issued_at < now - OLDEST:
        raise _outside("iat is too long ago")
    if claims.get("nbf") is not None and _required_moment(claims, "nbf") > now + LEEWAY:
        raise _outside("nbf is in the future")
    return issued_at, expires_at


def _refuse_other_access_token(claims: Claims, access_token: str | None, *, algorithm: str) -> None:
    claimed = claims.get("at_hash")
    if access_token is None or claimed is None:
        return
    # Core 1.0, section 3.1.3.8: the signature's own digest, which for Ed25519 is SHA-512.
    digest = _DIGESTS.get(algorithm[2:], sha512)(access_token.encode()).digest()
    half = digest[: len(digest) // 2]
    if claimed != urlsafe_b64encode(half).rstrip(b"=").decode("ascii"):
        raise _mismatch("at_hash is of another access token")


def _subject(claims: Claims) -> str:
    subject = _required(claims, "sub")
    if (
        not isinstance(subject, str)
        or len(subject) > SUBJECT_LENGTH
        or not (subject.isascii() and subject.isprintable())
    ):
        raise _mismatch("sub is not 1 to 255 ASCII characters")
    return subject


def _session_id(claims: Claims) -> str | None:
    session_id = claims.get("sid")
    if session_id is None:
        return None
    if not isinstance(session_id, str) or len(session_id) > SUBJECT_LENGTH:
        raise _mismatch("sid is no text, or too long")
    return session_id


def _session_expiry(claims: Claims, now: datetime) -> datetime | None:
    # IPSIE SL1. A provider that wants no end may say so with a number beyond any calendar: such a
    # session ends by the portal's own limit.
    seconds = claims.get("session_expiry")
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise _mismatch("session_expiry is no time")
    ends_at = _moment(min(seconds, _LATEST.timestamp()), "session_expiry")
    if ends_at <= now:
        raise _outside("session_expiry has passed")
    return ends_at


def _required_moment(claims: Claims, name: str) -> datetime:
    # bool is an int to Python. A fraction is allowed by RFC 7519, and sent by no provider.
    seconds = _required(claims, name)
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        raise _mismatch(f"{name} is no time in whole seconds")
    return _moment(seconds, name)


def _moment(seconds: float, name: str) -> datetime:
    if not 0 <= seconds <= _LATEST.timestamp():
        raise _outside(f"{name} is in no calendar")
    return datetime.fromtimestamp(seconds, UTC)


def _required(claims: Claims, name: str) -> object:
    value = claims.get(name)
    if value is None or value == "":
        raise IdTokenError(Reason.CLAIM_MISSING, f"{name} is missing")
    return value


def _mismatch(detail: str) -> IdTokenError:
    return IdTokenError(Reason.CLAIM_MISMATCH, detail)


def _outside(detail: str) -> IdTokenError:
    return IdTokenError(Reason.OUTSIDE_VALIDITY, detail)
