"""The links by which a partner's people are asked into its set-up: sent, revoked, closed with it.

A link is made for one address and mailed there, and its token is kept nowhere else. Whenever one is
sent, everybody who has been at work on the set-up is told, so that no one takes it over unseen.
"""

import secrets
from collections.abc import Collection, Iterable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from audit.trail import NOBODY, Caller, Happening, record
from mails.sending import queue_mail
from onboarding.contacts import addresses_of
from onboarding.models import Purpose, SetUpCase, SetUpLink, SetUpSession
from onboarding.sessions import digest_of, is_still_open
from partners.addresses import normalised_email
from partners.models import Partner, Status
from people.models import User

LASTS = timedelta(days=7)
"""How long a link can be opened: a week, holidays of a day or two among it."""

TOKEN_BYTES = 32
"""256 random bits: 43 characters in an address."""


class PausedError(Exception):
    """Nobody is asked to set up a partner that the service owner has paused."""


class ClosedError(Exception):
    """The set-up that somebody is at work on was closed or paused, or they have been shut out."""


def send_link(
    partner: Partner,
    address: str,
    *,
    purpose: Purpose = Purpose.SET_UP,
    sent_by: str,
    session: SetUpSession | None = None,
    caller: Caller = NOBODY,
) -> SetUpLink:
    """Mail a new link to *address*, and tell the contacts; return it. *sent_by* is an address.

    Whoever is at work on a set-up sends it from their *session*, and into no other set-up. Raises
    ``AddressError`` for what is no address, ``PausedError``, and ``ClosedError`` where that session
    or its set-up has ended.
    """
    with transaction.atomic():
        if session is not None:
            require_open(session)
        link, url = new_link(partner, address, purpose=purpose, sent_by=sent_by, caller=caller)
        context = {
            "partner": partner,
            "link": link,
            "url": url,
            "sender": _name_of(sent_by),
            "expires_at": link.expires_at,
        }
        queue_mail(
            "setup_link", to=link.address, context=context, partner=partner.slug, good_for=LASTS
        )
        for contact in sorted(addresses_of(partner) - {link.address}):
            queue_mail("setup_link_sent", to=contact, context=context, partner=partner.slug)
    return link


@transaction.atomic
def new_link(
    partner: Partner,
    address: str,
    *,
    purpose: Purpose,
    sent_by: str,
    caller: Caller = NOBODY,
) -> tuple[SetUpLink, str]:
    """Return a new link for *address* and its URL, for a mail that says more than ``send_link``'s.

    The partner's case is opened where none is; a former link of the same purpose that nobody has
    used opens nothing from now on. The URL is built from BASE_URL, and is found nowhere else.
    Raises as ``send_link``.
    """
    normalised = normalised_email(address.strip())
    case = _open_case(partner, by=sent_by, caller=caller)
    unused = case.links.filter(purpose=purpose, used_at=None, revoked_at=None)
    if purpose == Purpose.SECRET:
        # Reminders go to several contacts at once, and each has a link of its own.
        unused = unused.filter(address=normalised)
    for former in unused:
        revoke(former, by=sent_by, caller=caller)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link = SetUpLink.objects.create(
        case=case,
        purpose=purpose,
        address=normalised,
        token_digest=digest_of(token),
        sent_by=sent_by,
        expires_at=timezone.now() + LASTS,
    )
    record_link(link, what="setup_link.sent", by=sent_by, caller=caller)
    return link, settings.BASE_URL + reverse("setup_link", args=[token])


def link_of_token(token: str) -> SetUpLink | None:
    """Return the link with this token, whatever has become of it."""
    links = SetUpLink.objects.select_related("case__partner")
    return links.filter(token_digest=digest_of(token)).first()


def can_be_opened(link: SetUpLink) -> bool:
    """Return whether *link* still opens its set-up: unused, not revoked, in time."""
    if link.used_at is not None or link.revoked_at is not None:
        return False
    return link.expires_at > timezone.now() and _can_be_worked_on(link.case)


def can_be_resumed(link: SetUpLink) -> bool:
    """Return whether whoever has opened *link* may come back with a code."""
    is_theirs = link.used_at is not None and link.revoked_at is None
    return is_theirs and _can_be_worked_on(link.case)


@transaction.atomic
def revoke(link: SetUpLink, *, by: str, caller: Caller = NOBODY) -> None:
    """Let *link* open nothing from now on; its sessions end with it: ``sessions.open_session``."""
    _end(link)
    record_link(link, what="setup_link.revoked", by=by, caller=caller)


@transaction.atomic
def report(link: SetUpLink, *, to: Iterable[str], caller: Caller = NOBODY) -> None:
    """End *link*, which whoever got it had not expected, and tell the owner's addresses *to*."""
    _end(link)
    record_link(link, what="setup_link.reported", by=link.address, caller=caller)
    partner = link.case.partner
    context = {"partner": partner, "link": link}
    for address in to:
        queue_mail(
            "setup_link_unexpected",
            to=address,
            context=context,
            language=settings.LANGUAGE_CODE,
            partner=partner.slug,
        )


@transaction.atomic
def close_case(
    case: SetUpCase,
    *,
    by: str,
    caller: Caller = NOBODY,
    keep: Collection[SetUpLink] = (),
) -> None:
    """Close the case, and revoke every link to it, which ends its sessions, but those to *keep*.

    Nobody comes back by one that is kept: its sessions go on to their end, to see how it went. What
    somebody else has closed meanwhile stays as they have closed it.
    """
    if locked_if_open(case) is None:
        return
    case.closed_at, case.closed_by = timezone.now(), by
    case.save(update_fields=["closed_at", "closed_by"])
    for link in case.links.filter(revoked_at=None).exclude(pk__in=[link.pk for link in keep]):
        revoke(link, by=by, caller=caller)
    happening = Happening(what="setup_case.closed", partner=case.partner.slug, actor=by)
    record(happening, caller=caller)


def record_link(link: SetUpLink, *, what: str, by: str = "", caller: Caller) -> None:
    """Add to the trail *what* became of *link*, or of a code for it; neither secret is in it."""
    happening = Happening(
        what=what,
        partner=link.case.partner.slug,
        email=link.address,
        actor=by,
        detail={"link": link.pk, "purpose": link.purpose},
    )
    record(happening, caller=caller)


def locked_if_open(case: SetUpCase) -> SetUpCase | None:
    """Return the *case* as it is now and stays during the transaction; ``None`` if it is closed.

    The partner's row is locked first, here as everywhere.
    """
    Partner.objects.select_for_update(no_key=True).get(pk=case.partner_id)
    return (
        SetUpCase.objects.select_for_update(no_key=True).filter(pk=case.pk, closed_at=None).first()
    )


def require_open(session: SetUpSession) -> None:
    """Let nobody at work go on whose set-up has ended: it is as it is until the transaction ends.

    Raises ``ClosedError``.
    """
    case = locked_if_open(session.link.case)
    if case is None or case.partner.status == Status.PAUSED or not is_still_open(session):
        raise ClosedError


def _open_case(partner: Partner, *, by: str, caller: Caller) -> SetUpCase:
    status = Partner.objects.select_for_update(no_key=True).get(pk=partner.pk).status
    if status == Status.PAUSED:
        raise PausedError
    case, is_new = SetUpCase.objects.get_or_create(partner=partner, closed_at=None)
    if is_new:
        _carry_over(case)
        happening = Happening(what="setup_case.opened", partner=partner.slug, actor=by)
        record(happening, caller=caller)
    return case


def _carry_over(case: SetUpCase) -> None:
    """Bring along what the partner's former set-up left for the service owner to decide on."""
    former = case.partner.set_up_cases.exclude(pk=case.pk).first()
    if former is None:
        return
    former.proposed_logos.update(case=case)
    case.visibility_wished, former.visibility_wished = former.visibility_wished, ""
    case.save(update_fields=["visibility_wished"])
    former.save(update_fields=["visibility_wished"])


def _can_be_worked_on(case: SetUpCase) -> bool:
    return case.is_open and case.partner.status != Status.PAUSED


def _name_of(address: str) -> str:
    """Return how a sender is called in a mail: by the name of staff, else by the address."""
    staff = User.objects.filter(email__iexact=address, is_staff=True).first()
    return f"{staff.name} ({address})" if staff and staff.name else address


def _end(link: SetUpLink) -> None:
    link.revoked_at = timezone.now()
    link.code_digest = ""
    link.save(update_fields=["revoked_at", "code_digest"])
