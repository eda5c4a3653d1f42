"""Beginning and ending the portal's sessions of people who came through a partner."""

from datetime import timedelta

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest
from django.utils import timezone

from federation.oidc.values import VerifiedIdentity
from partners.models import Connection
from partners.secrets import SealError, seal, unseal
from people.models import Session, User
from people.session_store import SessionStore, row_of

BACKEND = "federation.backend.PartnerBackend"

HINT_CHARACTERS = 2500
"""A longer ID Token does not fit into the cookie that carries it to the signed-out page."""

_HINT = "id_token_hint"


def signed_in_session(request: HttpRequest) -> Session | None:
    """Return the session of the person who is signed in through a partner, or ``None``.

    The session's own query is the only one that it takes.
    """
    row = row_of(request)
    return row if row and row.user and row.partner else None


def sign_in(
    request: HttpRequest,
    user: User,
    *,
    connection: Connection,
    identity: VerifiedIdentity,
    backend: str = BACKEND,
) -> None:
    """Begin a session of *user* under a new key; one that this browser had is over.

    It ends at the earliest of the portal's limit, the partner's, and the provider's
    ``session_expiry``. One of staff is none of the partner's; *backend* is who answers for it.
    """
    request.session.flush()
    session = SessionStore()
    session.row = _described(request, user, connection=connection, identity=identity)
    request.session = session
    auth.login(request, user, backend=backend)
    if identity.id_token_hint and len(identity.id_token_hint) <= HINT_CHARACTERS:
        session[_HINT] = seal(identity.id_token_hint.encode(), context=_HINT)


def id_token_hint(request: HttpRequest) -> str:
    """Return the ID Token that the provider wants to see at sign-out, empty when it wants none."""
    sealed = request.session.get(_HINT)
    try:
        return unseal(sealed, context=_HINT).decode() if sealed else ""
    except SealError:
        return ""


def sign_out(request: HttpRequest) -> None:
    """End this browser's session."""
    auth.logout(request)


def _described(
    request: HttpRequest, user: User, *, connection: Connection, identity: VerifiedIdentity
) -> Session:
    now = timezone.now()
    partner = connection.partner
    limits = [settings.SESSION_MAX_AGE, partner.session_max_age or settings.SESSION_MAX_AGE]
    ends_at = now + timedelta(seconds=min(limits))
    if identity.session_expires_at is not None:
        ends_at = min(ends_at, identity.session_expires_at)
    return Session(
        partner=partner if user.partner_id else None,
        connection=connection,
        provider_session_id=identity.session_id,
        ends_at=ends_at,
        idle_seconds=min(settings.SESSION_IDLE, partner.session_idle or settings.SESSION_IDLE),
        address=request.META.get("REMOTE_ADDR") or None,
        agent=request.META.get("HTTP_USER_AGENT", "")[:300],
    )
