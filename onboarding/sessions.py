"""The sessions of browsers in a set-up: opened by a link and its code, found by a cookie's digest.

They are no sessions of Django's: nobody is signed in, and no right in the portal or in the admin
comes from one.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from federation import cookies
from onboarding.models import Purpose, SetUpLink, SetUpSession
from partners.models import Status

LASTS = timedelta(hours=12)
"""A working day: whoever comes back later asks for a code again."""

KEPT = timedelta(days=7)
"""How long a browser keeps the cookie: it opens nothing then, and says whose form it was that was
sent too late, so that what was typed is not lost."""


def cookie_name() -> str:
    """Return the name of the cookie."""
    return f"{settings.COOKIE_PREFIX}foyer-setup"


def digest_of(secret: str) -> str:
    """Return what is kept of a random secret: its SHA-256, in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()


def key_in(request: HttpRequest) -> str:
    """Return the key that the browser has sent, or nothing."""
    return request.COOKIES.get(cookie_name(), "")


def begin_session(link: SetUpLink, response: HttpResponseBase) -> SetUpSession:
    """Let the browser that gets *response* into the set-up to which *link* leads."""
    key = secrets.token_urlsafe(32)
    session = SetUpSession.objects.create(
        link=link, key_digest=digest_of(key), expires_at=timezone.now() + LASTS
    )
    cookies.keep(response, cookie_name(), key, max_age=KEPT)
    return session


def open_session(key: str) -> SetUpSession | None:
    """Return the session of *key*, with its link, case and partner, or ``None`` if it has ended.

    It ends with its time, with its link, with its case when the service owner closes that, and
    while the partner is paused.
    """
    now = timezone.now()
    session = _session_of(key)
    if session is None or session.ended_at is not None or session.expires_at <= now:
        return None
    link = session.link
    if link.revoked_at is not None or link.case.partner.status == Status.PAUSED:
        return None
    return session


def is_for_a_secret(session: SetUpSession) -> bool:
    """Return whether the address of *session* is in by a reminder alone, to replace a secret."""
    link = session.link
    opened = link.case.links.filter(address=link.address, used_at__isnull=False, revoked_at=None)
    others = opened.exclude(purpose=Purpose.SECRET)
    return link.purpose == Purpose.SECRET and not others.exists()


def is_still_open(session: SetUpSession) -> bool:
    """Return whether neither *session* nor its link has ended since it was opened.

    Both rows stay locked until the transaction ends: neither ends before what is done in that.
    """
    rows = SetUpSession.objects.select_for_update(of=("self", "link"), no_key=True)
    alive = rows.select_related("link").filter(
        pk=session.pk, ended_at=None, expires_at__gt=timezone.now(), link__revoked_at=None
    )
    return alive.first() is not None


def ended_session(key: str) -> SetUpSession | None:
    """Return the session of *key* whose time alone is over, or ``None``."""
    session = _session_of(key)
    if session is None or session.ended_at is not None or session.link.revoked_at is not None:
        return None
    return session


def end_session(session: SetUpSession, response: HttpResponseBase) -> None:
    """End *session*, and have the browser forget its key."""
    SetUpSession.objects.filter(pk=session.pk).update(ended_at=timezone.now())
    cookies.drop(response, cookie_name())


def forget_old_sessions(now: datetime) -> int:
    """Delete the sessions whose cookies no browser keeps any more; return how many there were."""
    return SetUpSession.objects.filter(expires_at__lte=now - KEPT).delete()[0]


def _session_of(key: str) -> SetUpSession | None:
    if not key:
        return None
    sessions = SetUpSession.objects.select_related("link__case__partner")
    return sessions.filter(key_digest=digest_of(key)).first()
