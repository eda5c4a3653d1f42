"""What the claims of a provider's tokens have in common: Core 1.0, section 2; RFC 7519, section 4.

Each function reads one claim, or raises ``IdTokenError``.
"""

from datetime import UTC, datetime, timedelta

from federation.oidc.errors import IdTokenError, Reason
from federation.oidc.values import Claims

LEEWAY = timedelta(seconds=60)
"""How far a provider's clock and ours may be apart."""

SUBJECT_LENGTH = 255
"""Characters of a provider's subject, and of its name for a session: Core 1.0, section 2."""

LATEST = datetime(9999, 12, 31, tzinfo=UTC)
"""The last moment that leaves room for the leeway: nothing later can be computed with."""


def refuse_other_issuer(claims: Claims, issuer: str) -> None:
    """Refuse a token of another issuer than *issuer*, or of none."""
    # Character by character: a trailing slash makes another issuer.
    if required(claims, "iss") != issuer:
        raise mismatch("iss is not the issuer of this connection")


def refuse_other_audience(claims: Claims, client_id: str) -> None:
    """Refuse a token that is not for us alone."""
    # A second audience is refused, although Core allows it: whoever else may use the token could
    # have brought it here.
    if required(claims, "aud") not in (client_id, [client_id]):
        raise mismatch("aud is not our client id alone")
    if claims.get("azp") not in (None, client_id):
        raise mismatch("azp is not our client id")


def read_subject(claims: Claims) -> str:
    """Return ``sub``, which has to be there."""
    subject = required(claims, "sub")
    if (
        not isinstance(subject, str)
        or len(subject) > SUBJECT_LENGTH
        or not (subject.isascii() and subject.isprintable())
    ):
        raise mismatch("sub is not 1 to 255 ASCII characters")
    return subject


def read_session_id(claims: Claims) -> str | None:
    """Return ``sid``, the provider's name for its session, ``None`` where it gives none."""
    session_id = claims.get("sid")
    if session_id is None:
        return None
    if not isinstance(session_id, str) or len(session_id) > SUBJECT_LENGTH:
        raise mismatch("sid is no text, or too long")
    return session_id


def required_moment(claims: Claims, name: str) -> datetime:
    """Return the time in the claim *name*, which has to be there."""
    # bool is an int to Python. A fraction is allowed by RFC 7519, and sent by no provider.
    seconds = required(claims, name)
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        raise mismatch(f"{name} is no time in whole seconds")
    return moment(seconds, name)


def moment(seconds: float, name: str) -> datetime:
    """Return the time that is *seconds* after the epoch, as the claim *name* says."""
    if not 0 <= seconds <= LATEST.timestamp():
        raise outside(f"{name} is in no calendar")
    return datetime.fromtimestamp(seconds, UTC)


def required(claims: Claims, name: str) -> object:
    """Return the claim *name*, which has to be there and not empty."""
    value = claims.get(name)
    if value is None or value == "":
        raise IdTokenError(Reason.CLAIM_MISSING, f"{name} is missing")
    return value


def mismatch(detail: str) -> IdTokenError:
    """Return the refusal of a claim that does not hold."""
    return IdTokenError(Reason.CLAIM_MISMATCH, detail)


def outside(detail: str) -> IdTokenError:
    """Return the refusal of a token that is not valid at this time."""
    return IdTokenError(Reason.OUTSIDE_VALIDITY, detail)
