"""Reminders before a client secret ends: to whoever can replace it, and to the service owner."""

from contextlib import suppress
from datetime import date, timedelta

import structlog
from django.conf import settings
from django.db import DatabaseError, transaction

from audit.trail import WORKER, Happening, record
from mails.sending import queue_mail
from onboarding.contacts import addresses_of, trusted_addresses_of
from onboarding.invitations import PausedError, new_link
from onboarding.models import Purpose, SecretReminder
from partners.addresses import AddressError
from partners.models import Connection, Partner, Status

DAYS_BEFORE = (60, 30, 14, 7, 1)
"""Two months are enough for a change window; the last one is for whoever has forgotten."""

GOOD_FOR = timedelta(days=3)
"""How long a mail server may be away: later, the number of days is wrong."""

log = structlog.get_logger(__name__)


def remind_of_secrets(today: date) -> int:
    """Send the reminders that are due *today*; return for how many partners there was one.

    Each is sent once, however often this runs. After a pause of the worker only the last of those
    that are due is sent.
    """
    ending = Connection.objects.filter(
        is_live=True,
        client_secret_expires__gte=today,
        client_secret_expires__lte=today + timedelta(days=max(DAYS_BEFORE)),
    ).exclude(partner__status=Status.DRAFT)
    connections = ending.select_related("partner").order_by("id")
    return sum(_reminded(one, today) for one in connections if not one.is_keyed)


def _reminded(connection: Connection, today: date) -> bool:
    try:
        return _remind(connection, today)
    except (DatabaseError, ValueError):
        # The partners after this one are reminded all the same, and this one in an hour.
        log.exception("secret.not_reminded", partner=connection.partner.slug)
        return False


@transaction.atomic
def _remind(connection: Connection, today: date) -> bool:
    ends_on = connection.client_secret_expires
    if ends_on is None:
        return False
    partner, days_left = connection.partner, (ends_on - today).days
    due = [days for days in DAYS_BEFORE if days_left <= days]
    # The row settles it where two workers do this at once.
    _, is_new = SecretReminder.objects.get_or_create(
        partner=partner, ends_on=ends_on, days=min(due)
    )
    if not is_new:
        return False
    context = {"partner": partner, "ends_on": ends_on, "days_left": days_left}
    receivers = _receivers(partner)
    urls = {
        address: _link_for(partner, address) if is_to_replace else ""
        for address, is_to_replace in receivers.items()
    }
    for address, url in urls.items():
        _mail("secret_ends", address, {**context, "url": url}, partner)
    if settings.PORTAL_SUPPORT_EMAIL:
        told = {**context, "receivers": sorted(receivers), "has_link": any(urls.values())}
        _mail("secret_ends_at_partner", settings.PORTAL_SUPPORT_EMAIL, told, partner)
    detail = {"ends_on": ends_on.isoformat(), "days_left": days_left, "to": sorted(receivers)}
    what = "connection.secret_reminded"
    record(Happening(what=what, partner=partner.slug, actor=WORKER, detail=detail))
    return True


def _receivers(partner: Partner) -> dict[str, bool]:
    """Return whom to tell, and which of them is to get a link.

    The help desk is many people: it gets a link only where there is nobody else.
    """
    contacts, trusted = addresses_of(partner), trusted_addresses_of(partner)
    receivers = {partner.help_email: not contacts} if partner.help_email else {}
    receivers |= dict.fromkeys(sorted(contacts), True)
    return {address: may and address in trusted for address, may in receivers.items()}


def _link_for(partner: Partner, address: str) -> str:
    """Return the address of a page on which the secret can be replaced, or nothing."""
    with suppress(PausedError, AddressError), transaction.atomic():
        return new_link(partner, address, purpose=Purpose.SECRET, sent_by=WORKER)[1]
    return ""


def _mail(name: str, to: str, context: dict[str, object], partner: Partner) -> None:
    queue_mail(name, to=to, context=context, partner=partner.slug, good_for=GOOD_FOR)
