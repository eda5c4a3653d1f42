"""The companies that a browser has been signed in with, in a sealed cookie."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from federation import cookies
from partners.models import Partner, Status
from partners.secrets import SealError, seal, unseal

LIFETIME = timedelta(days=90)
"""How long a browser remembers a company that nobody signs in with."""

AT_MOST = 3
"""Companies that a browser remembers; the one used longest ago goes."""

_CONTEXT = "remembered companies"


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberedCompany:
    """A partner that somebody signed in with here, and the address it was."""

    partner: Partner
    email: str


def remembered(request: HttpRequest) -> list[RememberedCompany]:
    """Return the companies that this browser remembers and that are live, the last used first."""
    kept = _kept(request)
    if not kept:
        return []
    slugs = [slug for slug, _ in kept]
    found = {
        partner.slug: partner
        for partner in Partner.objects.filter(slug__in=slugs, status=Status.LIVE)
    }
    return [
        RememberedCompany(partner=found[slug], email=email) for slug, email in kept if slug in found
    ]


def is_usual(request: HttpRequest) -> bool:
    """Return whether this browser is to remember, unless the person says otherwise.

    Not where the owner does not want it, nor on a computer that is everybody's: whoever opens
    ``/login/?shared=1`` there, as its start page does, has said so until the browser is closed.
    """
    is_shared = "shared" in request.GET or _shared_name() in request.COOKIES
    return settings.REMEMBER_BY_DEFAULT and not is_shared


def is_wished(request: HttpRequest) -> bool:
    """Return whether the person who follows a link of ours wants to be remembered.

    The links carry what the tick beside them says, where that is not the usual. Anybody's link may
    have this browser remember less than usual, and only our own page more.
    """
    wish = request.GET.get("remember", "")
    if wish == "yes" and request.headers.get("Sec-Fetch-Site") == "same-origin":
        return True
    return is_usual(request) and wish != "no"


def note_shared(request: HttpRequest, response: HttpResponseBase) -> None:
    """Have the browser know from now on that it is everybody's, if the request says that."""
    if "shared" in request.GET:
        cookies.keep(response, _shared_name(), "1", max_age=None)


def remember(*, slug: str, email: str, request: HttpRequest, response: HttpResponseBase) -> None:
    """Remember this company and address in the browser, as the one used last."""
    others = [(kept, address) for kept, address in _kept(request) if kept != slug]
    _write([(slug, email), *others][:AT_MOST], response)


def paused_company(request: HttpRequest) -> Partner | None:
    """Return the company that this browser was signed in with last, if that is paused."""
    slug = next((slug for slug, _ in _kept(request)), None)
    return Partner.objects.filter(slug=slug, status=Status.PAUSED).first() if slug else None


def forget(slug: str, *, request: HttpRequest, response: HttpResponseBase) -> None:
    """Forget this company in the browser; with an empty slug, all of them."""
    _write([(kept, email) for kept, email in _kept(request) if slug and kept != slug], response)


def _shared_name() -> str:
    return f"{settings.COOKIE_PREFIX}foyer-shared"


def _cookie_name() -> str:
    return f"{settings.COOKIE_PREFIX}foyer-remember"


def _kept(request: HttpRequest) -> list[tuple[str, str]]:
    try:
        entries = json.loads(unseal(request.COOKIES.get(_cookie_name(), ""), context=_CONTEXT))
    except SealError:
        return []
    return [(slug, email) for slug, email in entries]


def _write(entries: Sequence[tuple[str, str]], response: HttpResponseBase) -> None:
    if not entries:
        cookies.drop(response, _cookie_name())
        return
    cookies.keep(
        response,
        _cookie_name(),
        seal(json.dumps(entries).encode(), context=_CONTEXT),
        max_age=LIFETIME,
    )
