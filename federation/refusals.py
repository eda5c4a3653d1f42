"""The one place where a sign-in that stopped is logged, recorded and shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.models import Event
from audit.trail import Caller, Happening, new_reference, record
from federation.callers import caller_of, network_of
from federation.oidc.errors import AdmissionError, AttemptError, FederationError, Reason
from federation.oidc.values import LoginAttempt
from federation.templatetags.pages import link, moment
from federation.traces import Trace
from federation.wording import Wording, mailto_of, wording_of
from partners.models import Partner

log = structlog.get_logger(__name__)

REFUSED = "login.refused"
"""The trail's word for a sign-in that stopped."""

STRAY_ROWS = 60
"""Rows of one reason that responses to no attempt can write in an hour, from one address."""

START_ROWS = 600
"""The same for sign-ins that do not start: a whole company may be behind one address."""

ALERTING = frozenset(
    {Reason.CLIENT_REJECTED, Reason.EMAIL_NOT_OF_PARTNER, Reason.PROVIDER_MISCONFIGURED}
)
"""Reasons that somebody has to look into, and not the person at the browser."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A sign-in that stopped: why, at which partner, in which attempt if that is known.

    ``trace`` is what is left of the attempt where it is not known.
    """

    error: FederationError
    partner: Partner | None = None
    attempt: LoginAttempt | None = None
    trace: Trace = ""
    facts: Mapping[str, object] = field(default_factory=dict)


def refuse(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Log and record the refusal, and return its page with the reason's status."""
    reference = refusal.attempt.reference if refusal.attempt else new_reference()
    slug = refusal.partner.slug if refusal.partner else ""
    _log(refusal, reference=reference, slug=slug)
    _record(request, refusal, reference=reference, slug=slug)
    return refused_page(request, refusal, reference=reference)


def refused_page(request: HttpRequest, refusal: Refusal, *, reference: str) -> HttpResponse:
    """Return the refusal's page, and do nothing else."""
    page = render(
        request,
        "federation/refused.html",
        _context(request, refusal, reference=reference),
        status=refusal.error.status,
    )
    # The address of this page holds the provider's answer: no link may carry it away.
    page.headers["Referrer-Policy"] = "no-referrer"
    return page


def _log(refusal: Refusal, *, reference: str, slug: str) -> None:
    error = refusal.error
    write = log.warning if error.reason in ALERTING else log.info
    write(
        REFUSED,
        reason=str(error.reason),
        reference=reference,
        partner=slug,
        detail=error.detail,
        provider_error=error.provider_error,
    )


def _record(request: HttpRequest, refusal: Refusal, *, reference: str, slug: str) -> None:
    caller = caller_of(request)
    error = refusal.error
    detail: dict[str, object] = {"detail": error.detail, **refusal.facts}
    if error.provider_error:
        detail["provider_error"] = error.provider_error
        detail["provider_description"] = error.provider_description
    if refusal.attempt is not None:
        detail["started_at"] = refusal.attempt.started_at.isoformat(timespec="seconds")
    else:
        most = STRAY_ROWS if isinstance(error, AttemptError) else START_ROWS
        written = _written(error.reason, caller, most=most + 1)
        if written > most:
            return
        if written == most:
            detail["summed_up"] = "further ones of this address this hour are in the log alone"
    record(
        Happening(
            what=REFUSED,
            reason=error.reason,
            reference=reference,
            partner=slug,
            detail=detail,
        ),
        caller=caller,
    )


def _written(reason: Reason, caller: Caller, *, most: int) -> int:
    """Return how many rows of *reason* this subscriber has written in an hour, *most* at most."""
    network = network_of(caller.address)
    rows = Event.objects.filter(
        what=REFUSED, reason=reason, at__gt=timezone.now() - timedelta(hours=1)
    )
    if network is None:
        return rows.filter(address=None)[:most].count()
    return rows.filter(address__range=(str(network[0]), str(network[-1])))[:most].count()


def _context(request: HttpRequest, refusal: Refusal, *, reference: str) -> dict[str, object]:
    error, partner = refusal.error, refusal.partner
    wording = wording_of(
        error.reason,
        partner_name=partner.name if partner else "",
        portal_name=settings.PORTAL_NAME,
        provider_error=error.provider_error,
        provider_description=error.provider_description,
        trace=refusal.trace,
    )
    return_to = refusal.attempt.return_to if refusal.attempt else ""
    is_staff = refusal.attempt is not None and refusal.attempt.for_staff
    card: dict[str, object] = {
        "headline": wording.headline,
        "cause": wording.cause,
        "who": wording.who,
        "helper": _helper(wording, partner),
        "reason": error.reason,
        "reference": reference,
        "when": timezone.now(),
        "partner": partner,
        "account": error.email if isinstance(error, AdmissionError) else "",
        "tried_to_open": "" if return_to == "/" else return_to,
        "provider_words": error.provider_description,
        "provider_error": error.provider_error,
        "try_again_url": link("admin:login")
        if is_staff
        else _start_url(partner, return_to=return_to),
        "other_account_url": partner
        and not is_staff
        and _start_url(partner, return_to=return_to, other=True),
    }
    return {**card, "mailto": _mailto(wording, card)}


def _helper(wording: Wording, partner: Partner | None) -> str:
    """Return whom the page says to ask: the partner where it has a help desk, else the owner."""
    if wording.who == "partner" and partner:
        has_help_desk = partner.help_email or partner.help_phone or partner.help_url
        return "partner" if has_help_desk else "owner"
    return "" if wording.who == "person" else "owner"


def _start_url(partner: Partner | None, *, return_to: str, other: bool = False) -> str:
    wanted = {"next": "" if return_to == "/" else return_to}
    if partner is None:
        return link("sign_in", **wanted)
    return link("begin", partner.slug, prompt="select_account" if other else "", **wanted)


def _mailto(wording: Wording, card: dict[str, Any]) -> str:
    """Return the address of a mail to the helper, with everything that the *card* shows."""
    partner: Partner | None = card["partner"]
    asks_partner = partner is not None and card["helper"] == "partner"
    # To nobody else than the page names: some help desks have a telephone and no address.
    address = partner.help_email if partner and asks_partner else settings.PORTAL_SUPPORT_EMAIL
    if not address:
        return ""
    words = card["provider_words"]
    quoted = _("“%(words)s”") % {"words": words} if words else ""
    name = partner.name if partner else _("the other side")
    details = [
        (_("Reference"), card["reference"]),
        (_("Reason"), card["reason"]),
        (_("When"), moment(card["when"])),
        (_("You signed in as"), card["account"]),
        (_("You tried to open"), card["tried_to_open"]),
        (_("What %(name)s said") % {"name": name}, f"{quoted} {card['provider_error']}".strip()),
    ]
    return mailto_of(
        wording,
        address=address,
        portal_name=settings.PORTAL_NAME,
        details=[(label, value) for label, value in details if value],
    )
