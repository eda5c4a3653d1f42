"""A partner's domains: claimed, proved by a DNS record, shown as they are, given up.

A claim that is not proved keeps nobody from anything and ends by itself. A domain that is proved
for one partner never moves to another: whoever else claims it is told to write to us, and the
service owner is told who did. ``keeping`` looks again, for as long as there is a domain.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.trail import NOBODY, Caller, acting_as
from onboarding.domains.events import alert_owner
from onboarding.domains.looks import take_look
from onboarding.domains.proof import Record, Seen, State, record_of
from onboarding.models import DomainChallenge
from partners.addresses import AddressError, normalised_domain, readable_domain
from partners.domains import refusal_of_domain
from partners.look_alike import look_alike_of
from partners.models import EmailDomain, Partner, Status

CLAIMS_AT_MOST = 50
"""Domains of one partner that wait for their proof: each of them is looked at again and again."""

LOOKS_APART = timedelta(seconds=5)
"""Whoever presses the button again sooner is shown what was seen."""

LOOKING_SECONDS = 10.0
"""How long the looks at all domains go on until the rest is left to the worker."""


class DomainError(Exception):
    """The domain cannot be added or removed. The text says why, to the partner's contact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainState:
    """A domain as a page shows it: its state, the record that is wanted, the texts that were found.

    ``record`` is ``None`` where none is needed. ``found`` are texts by strangers: escape them.
    ``ends_at`` is when a claim is forgotten, or when a domain whose record is gone is given up.
    """

    domain: EmailDomain
    state: State
    record: Record | None = None
    seen: Seen = Seen.NOTHING_YET
    found: tuple[str, ...] = ()
    looked_at: datetime | None = None
    ends_at: datetime | None = None

    @property
    def readable(self) -> str:
        """The domain in the letters of its language, where that differs from its A-label."""
        readable = readable_domain(self.domain.name)
        return "" if readable == self.domain.name else readable

    @property
    def is_verified(self) -> bool:
        """Whether people with addresses there may come."""
        return self.domain.verified_at is not None


def domain_states(partner: Partner) -> list[DomainState]:
    """Return the partner's domains, the oldest first."""
    domains = EmailDomain.objects.filter(partner=partner).select_related("challenge")
    return [state_of(domain) for domain in domains.order_by("id")]


def state_of(domain: EmailDomain) -> DomainState:
    """Return how far *domain* is; a challenge is made for one that needs it and has none."""
    if domain.verified_how == EmailDomain.Proof.OPERATOR:
        return DomainState(domain=domain, state=State.CONFIRMED)
    challenge = challenge_of(domain)
    if domain.verified_at is not None:
        state = State.LAPSING if challenge.missing_since else State.PROVED
    else:
        state = State.CONTESTED if challenge.contested_at else State.WAITING
    return DomainState(
        domain=domain,
        state=state,
        record=record_of(domain.name, challenge.token),
        seen=Seen(challenge.seen),
        found=tuple(challenge.found),
        looked_at=challenge.looked_at,
        ends_at=challenge.gives_up_at if domain.verified_at else challenge.ends_at,
    )


def challenge_of(domain: EmailDomain) -> DomainChallenge:
    """Return the challenge of *domain*, a new one where it has none yet."""
    challenge, _is_new = DomainChallenge.objects.get_or_create(domain=domain)
    return challenge


def add_domain(partner: Partner, typed: str, *, by: str, caller: Caller = NOBODY) -> EmailDomain:
    """Return the domain that *typed* names, claimed for *partner* by the contact *by*.

    One that the partner has already stays as it is. Raises ``DomainError``.
    """
    refusal = refusal_of_domain(typed)
    if refusal:
        raise DomainError(refusal)
    name = _normalised(typed)
    known = EmailDomain.objects.filter(partner=partner, name=name).first()
    if known is not None:
        return known
    others = EmailDomain.objects.filter(name=name, verified_at__isnull=False)
    if others.exclude(partner=partner).exists():
        alert_owner(partner, name, what="domain.contested", by=by, caller=caller)
        # Whose it is, is for the owner to know.
        raise DomainError(_("This domain can’t be added here. Write to us, and we look into it."))
    if partner.domains.filter(verified_at=None).count() >= CLAIMS_AT_MOST:
        raise DomainError(_("Many domains wait for their proof already. Prove or remove some."))
    try:
        with acting_as(by, caller=caller):
            domain = EmailDomain.objects.create(partner=partner, name=name)
            DomainChallenge.objects.create(domain=domain, asked_by=by)
    except IntegrityError:
        # A colleague has added it at the same moment.
        return EmailDomain.objects.get(partner=partner, name=name)
    if twin := look_alike_of(domain):
        detail = {"readable": readable_domain(name), "looks_like": twin.name}
        alert_owner(partner, name, what="domain.look_alike", by=by, caller=caller, detail=detail)
    return domain


def remove_domain(domain: EmailDomain, *, by: str, caller: Caller = NOBODY) -> None:
    """Give *domain* up. Raises ``DomainError`` for one by which people come in now."""
    with acting_as(by, caller=caller):
        status = Partner.objects.select_for_update(no_key=True).get(pk=domain.partner_id).status
        stored = EmailDomain.objects.filter(pk=domain.pk).first()
        if stored is None:
            return
        if stored.verified_at is not None and status != Status.DRAFT:
            raise DomainError(
                _("People sign in with addresses at this domain. Write to us to remove it.")
            )
        stored.delete()


def look_now(domain: EmailDomain, *, by: str, caller: Caller = NOBODY) -> DomainState:
    """Ask the name servers about *domain* now, and return how far it is then.

    Nothing else waits for them: no row is locked meanwhile.
    """
    challenge = challenge_of(domain)
    recently = timezone.now() - LOOKS_APART
    is_wanted = domain.verified_how != EmailDomain.Proof.OPERATOR
    if is_wanted and (challenge.looked_at is None or challenge.looked_at < recently):
        take_look(challenge, by=by, caller=caller)
    return state_of(EmailDomain.objects.select_related("challenge").get(pk=domain.pk))


def look_at_all(partner: Partner, *, by: str, caller: Caller = NOBODY) -> list[DomainState]:
    """Look at each domain of *partner* that waits for its proof; return how far all are then.

    Those that have waited longest come first, and what somebody can wait for is an end: the worker
    looks at the others.
    """
    began = time.monotonic()
    waiting = partner.domains.filter(verified_at=None)
    for domain in waiting.order_by(F("challenge__looked_at").asc(nulls_first=True), "id"):
        if time.monotonic() - began > LOOKING_SECONDS:
            break
        look_now(domain, by=by, caller=caller)
    return domain_states(partner)


def _normalised(typed: str) -> str:
    try:
        return normalised_domain(typed)
    except AddressError as error:
        raise DomainError(_("This is not a domain name.")) from error
