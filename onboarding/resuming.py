"""Coming back to a set-up: codes, mailed to an address that has opened a link to one.

While somebody waits, nothing is looked up that only an address at work has: whatever was typed, a
wish for codes is queued, and the worker finds out whether there is anybody to mail to. A code is
good in the browser that asked for it, where it can be guessed at: nobody else's guesses or wishes
use it up.
"""

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import get_language
from limits import RateLimitItemPerMinute

from audit.trail import Caller
from federation import cookies, limits
from federation.callers import caller_of
from federation.single_use import use_up
from mails.queueing import queue_task
from mails.sending import QUEUE
from onboarding import codes
from onboarding.invitations import can_be_resumed, record_link
from onboarding.models import ResumeCode, SetUpLink
from onboarding.sessions import digest_of
from partners.secrets import SealError, seal, unseal

CODES = RateLimitItemPerMinute(10, 60, namespace="setup-resume-code")
"""Codes that are mailed in an hour to one partner's people who come back. It is not the limit of
links: whoever knows an address alone must not keep those from being opened."""

TRIES = RateLimitItemPerMinute(codes.TRIES, 10, namespace="setup-resume-try")
"""Codes that one browser types for one wish. Counted for every address, at work or not."""

SEND_TASK = "onboarding.send_resume_codes"
"""The name of the task in ``tasks``, which knows this module."""

_WISH = "wish for codes of set-ups"
_BROWSER = "browser that comes back to a set-up"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What the worker needs to know, sealed while it waits. *asked_at* is in seconds since 1970."""

    number: str
    address: str
    browser_digest: str
    language: str
    caller: dict[str, str | None]
    asked_at: float


def cookie_name() -> str:
    """Return the name of the cookie by which a browser is known that has asked for codes."""
    return f"{settings.COOKIE_PREFIX}foyer-setup-code"


def ask(request: HttpRequest, response: HttpResponseBase, *, address: str) -> None:
    """Queue a wish for codes to *address*, good in the browser that gets *response* alone."""
    key = secrets.token_urlsafe(32)
    sealed_key = seal(key.encode(), context=_BROWSER)
    cookies.keep(response, cookie_name(), sealed_key, max_age=codes.LASTS)
    wish = _Wish(
        number=secrets.token_urlsafe(16),
        address=address,
        browser_digest=digest_of(key),
        language=get_language() or settings.LANGUAGE_CODE,
        caller=asdict(caller_of(request)),
        asked_at=timezone.now().timestamp(),
    )
    sealed = seal(json.dumps(asdict(wish)).encode(), context=_WISH)
    queue_task(SEND_TASK, {"wish": sealed}, queue=QUEUE)


def send(sealed: str) -> None:
    """Mail a code for each set-up that the address of the wish is at work on.

    Once, whatever becomes of the task; raises ``SealError`` for what is no wish of ours.
    """
    wish = _Wish(**json.loads(unseal(sealed, context=_WISH)))
    if timezone.now() >= datetime.fromtimestamp(wish.asked_at, tz=UTC) + codes.LASTS:
        return
    with transaction.atomic():
        if not use_up(wish.number):
            return
        for link in _links_of(wish.address):
            slug = link.case.partner.slug
            if not limits.count_one(CODES, f"at {slug}", partner=slug):
                _mail(link, wish)


def link_resumed(request: HttpRequest, *, address: str, typed: str) -> SetUpLink | None:
    """Return the link to whose set-up the *typed* code lets this browser, once; else ``None``."""
    key = _browser_key(request)
    if not key or limits.count_one(TRIES, digest_of(key), caller=caller_of(request)):
        return None
    digest = codes.digest_of_code(typed)
    with transaction.atomic():
        # Locked: of two that send the right code at once, one gets in.
        rows = ResumeCode.objects.select_for_update(of=("self",))
        mailed = rows.select_related("link__case__partner").filter(
            browser_digest=digest_of(key), link__address=address, expires_at__gt=timezone.now()
        )
        # A wrong one is written down nowhere: that would take longer for an address at work.
        for code in mailed:
            if constant_time_compare(code.code_digest, digest) and can_be_resumed(code.link):
                code.delete()
                record_link(
                    code.link, what="setup_link.resumed", by=address, caller=caller_of(request)
                )
                return code.link
    return None


def forget_old_codes(now: datetime) -> int:
    """Delete the codes that open nothing any more; return how many there were."""
    return ResumeCode.objects.filter(expires_at__lte=now).delete()[0]


def _links_of(address: str) -> list[SetUpLink]:
    """Return the latest link to each open case that this address has come by."""
    links = SetUpLink.objects.filter(address=address, case__closed_at=None, revoked_at=None)
    latest = links.filter(used_at__isnull=False).order_by("case_id", "-id").distinct("case_id")
    return [link for link in latest.select_related("case__partner") if can_be_resumed(link)]


def _browser_key(request: HttpRequest) -> str:
    try:
        return unseal(request.COOKIES.get(cookie_name(), ""), context=_BROWSER).decode()
    except SealError:
        return ""


def _mail(link: SetUpLink, wish: _Wish) -> None:
    code = codes.new_code()
    ResumeCode.objects.create(
        link=link,
        browser_digest=wish.browser_digest,
        code_digest=codes.digest_of_code(code),
        expires_at=timezone.now() + codes.LASTS,
    )
    caller = Caller(
        address=wish.caller["address"],
        agent=wish.caller["agent"] or "",
        request_id=wish.caller["request_id"] or "",
    )
    codes.queue_code(link, code, language=wish.language, caller=caller)
