"""The judgement of a logout token: Back-Channel Logout 1.0, section 2.6."""

from datetime import datetime, timedelta

from federation.oidc.claims import (
    LEEWAY,
    mismatch,
    outside,
    read_session_id,
    read_subject,
    refuse_other_audience,
    refuse_other_issuer,
    required,
    required_moment,
)
from federation.oidc.errors import IdTokenError, Reason
from federation.oidc.signature import LOGOUT_TOKEN_TYPES, verify_signature
from federation.oidc.values import (
    ID_TOKEN_ALGS,
    Claims,
    ClientRegistration,
    Jwks,
    LogoutToken,
)

EVENT = "http://schemas.openid.net/event/backchannel-logout"
"""The member of ``events`` that makes a token one of these: section 2.4."""

OLDEST = timedelta(minutes=10)
"""How long ago a logout token may have been issued: what was taken once is remembered for longer,
so that none is ever taken twice."""

NAME_LENGTH = 255
"""Characters of a ``jti``."""


def verify_logout_token(
    compact: str, *, jwks: Jwks, registration: ClientRegistration, now: datetime
) -> LogoutToken:
    """Return the logout token *compact*, verified for this registration.

    Raises ``UnknownKeyError`` when no key fits, so that the caller can fetch the provider's
    keys again and try once more; any other ``IdTokenError`` is final.
    """
    signed = verify_signature(
        compact,
        jwks=jwks,
        algorithms=registration.id_token_algs or ID_TOKEN_ALGS,
        types=LOGOUT_TOKEN_TYPES,
    )
    claims = signed.claims
    refuse_other_issuer(claims, registration.issuer)
    refuse_other_audience(claims, registration.client_id)
    _refuse_outside_validity(claims, now)
    _refuse_other_kinds(claims)
    # An empty sid is none: it would mean every session that its provider gave no name.
    session_id = read_session_id(claims) or None
    subject = read_subject(claims) if claims.get("sub") is not None else None
    if subject is None and session_id is None:
        raise IdTokenError(Reason.CLAIM_MISSING, "neither sub nor sid is there")
    return LogoutToken(
        issuer=registration.issuer, jti=_name(claims), subject=subject, session_id=session_id
    )


def _refuse_outside_validity(claims: Claims, now: datetime) -> None:
    issued_at, expires_at = required_moment(claims, "iat"), required_moment(claims, "exp")
    if now >= expires_at + LEEWAY:
        raise outside("exp has passed")
    if issued_at > now + LEEWAY:
        raise outside("iat is in the future")
    if issued_at < now - OLDEST - LEEWAY:
        raise outside("iat is too long ago")


def _refuse_other_kinds(claims: Claims) -> None:
    events = required(claims, "events")
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        raise mismatch("events does not say that somebody signed out")
    # With it, this is an ID Token, whatever else it says: section 2.6, step 6.
    if "nonce" in claims:
        raise mismatch("a logout token has no nonce")


def _name(claims: Claims) -> str:
    name = required(claims, "jti")
    if not isinstance(name, str) or len(name) > NAME_LENGTH:
        raise mismatch("jti is no text, or too long")
    return name
