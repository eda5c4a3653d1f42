"""What happens to a domain, for the trail, and for whoever has to know of it by mail."""

from collections.abc import Mapping
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from audit.models import Event
from audit.trail import NOBODY, WORKER, Caller, Happening, record
from mails.sending import queue_mail
from onboarding.contacts import addresses_of
from onboarding.domains.proof import record_of
from onboarding.models import DomainChallenge
from partners.addresses import readable_domain
from partners.models import Partner

ALERTED_EVERY = timedelta(days=1)
"""The same alert about one domain and one partner: whoever repeats a claim fills no mailbox."""

GOOD_FOR = timedelta(days=7)
"""How long a mail server may be away: what these mails say is true for longer than a day."""


def record_domain(
    partner: Partner,
    name: str,
    *,
    what: str,
    by: str = WORKER,
    caller: Caller = NOBODY,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Add to the trail *what* has happened to the domain *name* of *partner*."""
    happening = Happening(
        what=what, partner=partner.slug, actor=by, detail={"domain": name, **(detail or {})}
    )
    record(happening, caller=caller)


def alert_owner(
    partner: Partner,
    name: str,
    *,
    what: str,
    by: str = WORKER,
    caller: Caller = NOBODY,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Record *what* somebody should look into, and mail it to the service owner, once a day."""
    recently = timezone.now() - ALERTED_EVERY
    known = Event.objects.filter(what=what, partner=partner.slug, at__gt=recently)
    if known.filter(detail__domain=name).exists():
        return
    record_domain(partner, name, what=what, by=by, caller=caller, detail=detail)
    if settings.PORTAL_SUPPORT_EMAIL:
        context = {"what": what, "partner": partner, "domain": name, "by": by, **(detail or {})}
        to, language = settings.PORTAL_SUPPORT_EMAIL, settings.LANGUAGE_CODE
        queue_mail("domain_alert", to=to, context=context, language=language)


def tell_of_proof(challenge: DomainChallenge) -> None:
    """Mail to whoever asked for the domain that it is proved."""
    if challenge.asked_by:
        _mail("domain_proved", challenge, to={challenge.asked_by})


def tell_of_missing(challenge: DomainChallenge) -> None:
    """Mail to the partner's contacts and the owner that the record is gone, and until when."""
    _mail("domain_missing", challenge, to=_everybody(challenge))


def tell_of_release(challenge: DomainChallenge) -> None:
    """Mail to the partner's contacts and the owner that the domain has been given up."""
    _mail("domain_released", challenge, to=_everybody(challenge))


def _everybody(challenge: DomainChallenge) -> set[str]:
    partner = challenge.domain.partner
    named = {challenge.asked_by, partner.help_email, settings.PORTAL_SUPPORT_EMAIL}
    return {*addresses_of(partner), *named} - {""}


def _mail(name: str, challenge: DomainChallenge, *, to: set[str]) -> None:
    domain = challenge.domain
    context = {
        "partner": domain.partner,
        "domain": readable_domain(domain.name),
        "record": record_of(domain.name, challenge.token),
        "gives_up_at": challenge.gives_up_at,
    }
    for address in sorted(to):
        queue_mail(
            name,
            to=address,
            context=context,
            # The owner's is not that of the page on which the partner has asked for a look.
            language=settings.LANGUAGE_CODE if address == settings.PORTAL_SUPPORT_EMAIL else "",
            partner=domain.partner.slug,
            good_for=GOOD_FOR,
        )
