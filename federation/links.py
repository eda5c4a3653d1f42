"""The way to partners that nobody is to know of: a link, mailed to an address at their domains.

While somebody waits nothing is looked up that only a hidden partner has: whatever address was
typed, a wish for a link is queued, and the worker finds out whether there is anybody to mail to.
So neither the answer nor the time that it takes tells one from the other.
"""

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from limits import RateLimitItemPerMinute

from federation import cookies, limits
from federation.models import SignInLink
from federation.single_use import use_up
from mails.queueing import queue_task
from mails.sending import QUEUE, can_be_sent, queue_mail
from partners.home_realm import partner_of_email
from partners.models import Partner, Status, Visibility
from partners.secrets import SealError, seal, unseal

LIFETIME = timedelta(minutes=15)
"""How long a link is good for: a mail takes a minute, and people are there and wait for it."""

AGAIN_AFTER = timedelta(seconds=30)
"""How long one link to an address keeps the next one away: two clicks are one wish."""

TO_ADDRESS = RateLimitItemPerMinute(3, 60, namespace="links-to")
"""Links to one address in an hour: nobody can have a mailbox filled by us."""

FROM_SENDER = RateLimitItemPerMinute(20, 60, namespace="links-from")
"""Links that one network has asked for in an hour, to whatever addresses."""

TOKEN_BYTES = 32

SEND_TASK = "federation.send_link"
"""The name of the task in ``tasks``, which knows this module."""

_WISH = "wish for a mailed link"
_BROWSER = "browser that wishes for mailed links"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkWish:
    """What the worker needs to know, sealed while it waits. *asked_at* is in seconds since 1970."""

    number: str
    email: str
    browser_digest: str
    sender: str
    language: str
    return_to: str
    remember: bool
    asked_at: float


def are_sent() -> bool:
    """Return whether there is a partner that is reached by a mailed link, and a mail server."""
    hidden = Partner.objects.filter(status=Status.LIVE, visibility=Visibility.HIDDEN)
    return can_be_sent() and hidden.exists()


def ask(
    request: HttpRequest, response: HttpResponseBase, *, email: str, return_to: str, remember: bool
) -> None:
    """Queue a wish for a link to *email*, good in this browser alone."""
    key = _browser_key(request) or secrets.token_hex(TOKEN_BYTES)
    cookies.keep(response, cookie_name(), seal(key.encode(), context=_BROWSER), max_age=LIFETIME)
    wish = LinkWish(
        number=secrets.token_urlsafe(16),
        email=email,
        browser_digest=_digest(key).hex(),
        sender=limits.subscriber_of(request),
        language=get_language() or settings.LANGUAGE_CODE,
        return_to=return_to,
        remember=remember,
        # Whole seconds: their fractions are not all of one length.
        asked_at=int(timezone.now().timestamp()),
    )
    sealed = seal(json.dumps(asdict(wish)).encode(), context=_WISH)
    queue_task(SEND_TASK, {"wish": sealed}, queue=QUEUE)


def send(sealed: str) -> None:
    """Mail the link that was wished for, if the address is at a hidden partner's domain.

    Once, whatever becomes of the task; raises ``SealError`` for what is no wish of ours.
    """
    wish = LinkWish(**json.loads(unseal(sealed, context=_WISH)))
    if timezone.now() >= datetime.fromtimestamp(wish.asked_at, tz=UTC) + LIFETIME:
        return
    with transaction.atomic():
        partner = partner_of_email(wish.email)
        if partner is None or not _is_reached_by_link(partner) or not use_up(wish.number):
            return
        if _has_just_been_sent(wish) or _are_too_many(wish, partner):
            return
        _mail(wish, partner)


def of_token(request: HttpRequest, token: str) -> SignInLink | None:
    """Return the link with this *token* if this browser has asked for it, and it is still good."""
    key = _browser_key(request)
    if not key:
        return None
    links = SignInLink.objects.select_related("partner").filter(expires_at__gt=timezone.now())
    return links.filter(digest=_digest(token), browser_digest=_digest(key)).first()


def take(request: HttpRequest, token: str) -> SignInLink | None:
    """Return what ``of_token`` does, once."""
    link = of_token(request, token)
    # Of two that come at the same time, one deletes the row.
    if link is None or not SignInLink.objects.filter(pk=link.pk).delete()[0]:
        return None
    return link


def clean_up(now: datetime) -> int:
    """Delete the links that are good for nothing any more; return how many there were."""
    return SignInLink.objects.filter(expires_at__lte=now).delete()[0]


def cookie_name() -> str:
    """Return the name of the cookie by which a browser is known that has asked for a link."""
    return f"{settings.COOKIE_PREFIX}foyer-link"


def _browser_key(request: HttpRequest) -> str:
    """Return by what this browser is known; empty where it has not asked for a link lately."""
    try:
        return unseal(request.COOKIES.get(cookie_name(), ""), context=_BROWSER).decode()
    except SealError:
        return ""


def _is_reached_by_link(partner: Partner) -> bool:
    return partner.status == Status.LIVE and partner.visibility == Visibility.HIDDEN


def _has_just_been_sent(wish: LinkWish) -> bool:
    since = timezone.now() - AGAIN_AFTER
    return SignInLink.objects.filter(
        email=wish.email, browser_digest=bytes.fromhex(wish.browser_digest), sent_at__gt=since
    ).exists()


def _are_too_many(wish: LinkWish, partner: Partner) -> bool:
    # By a digest: counts are no place in which to find addresses.
    to_address = _digest(wish.email.lower()).hex()
    return limits.count_one(TO_ADDRESS, to_address, partner=partner.slug) or limits.count_one(
        FROM_SENDER, wish.sender, partner=partner.slug
    )


def _mail(wish: LinkWish, partner: Partner) -> None:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    SignInLink.objects.create(
        digest=_digest(token),
        browser_digest=bytes.fromhex(wish.browser_digest),
        partner=partner,
        email=wish.email,
        return_to=wish.return_to,
        remember=wish.remember,
        expires_at=timezone.now() + LIFETIME,
    )
    queue_mail(
        "sign_in_link",
        to=wish.email,
        context={
            "partner": partner,
            "url": settings.BASE_URL + reverse("mailed_link", args=[token]),
            "minutes": int(LIFETIME.total_seconds()) // 60,
        },
        language=wish.language,
        partner=partner.slug,
        good_for=LIFETIME,
    )


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
