"""Telling people that they were signed in, and why they no longer are."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from federation import cookies
from federation.sessions import signed_in_session
from partners.home_realm import partner_of_slug
from partners.models import Partner, Status
from people.models import Session

LIFETIME = timedelta(minutes=5)
"""How long a browser carries the news from one page to the next."""

_OF_NO_PARTNER = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The end of a session that this browser had; ``paused`` is its partner, where that is why."""

    paused: Partner | None


def ended_session(request: HttpRequest) -> Session | None:
    """Return the session that is over and that this browser came with, if its row is there."""
    row: Session | None = getattr(request.session, "ended_row", None)
    return row if row is not None and row.partner is not None else None


def note(request: HttpRequest, response: HttpResponseBase) -> None:
    """Have the browser tell the next page that it was signed in until now, if it was."""
    slug = _slug_of_ended(request)
    if slug:
        cookies.keep(response, _cookie_name(), slug, max_age=LIFETIME)


def ending(request: HttpRequest) -> Ending | None:
    """Return what ended here a moment ago, ``None`` where nothing did."""
    slug = _slug_of_ended(request) or request.COOKIES.get(_cookie_name(), "")
    if not slug:
        return None
    # The cookie is not sealed: it tells no more than the partner's own address does.
    partner = partner_of_slug(slug)
    return Ending(paused=partner if partner and partner.status == Status.PAUSED else None)


def forget(request: HttpRequest, response: HttpResponseBase) -> None:
    """Have the browser tell it once."""
    if _cookie_name() in request.COOKIES:
        cookies.drop(response, _cookie_name())


def _slug_of_ended(request: HttpRequest) -> str:
    if signed_in_session(request) or not getattr(request.session, "has_ended", False):
        return ""
    over = ended_session(request)
    return over.partner.slug if over and over.partner else _OF_NO_PARTNER


def _cookie_name() -> str:
    return f"{settings.COOKIE_PREFIX}foyer-ended"
