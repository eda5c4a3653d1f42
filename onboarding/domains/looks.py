"""A look at the DNS for one domain, and what follows from it."""

from datetime import datetime, timedelta

from django.db import IntegrityError
from django.utils import timezone

from audit.trail import NOBODY, Caller, acting_as
from onboarding.domains.dns import texts_at
from onboarding.domains.events import (
    alert_owner,
    record_domain,
    tell_of_missing,
    tell_of_proof,
    tell_of_release,
)
from onboarding.domains.proof import Look, Seen, look_of, proves_at_all, record_of
from onboarding.models import DomainChallenge
from onboarding.models.challenge import GRACE
from partners.models import EmailDomain
from partners.takings import takings

LONGEST_WAIT = timedelta(hours=6)
"""Between two looks at a domain that isn't proved yet; the first ones are minutes apart."""

PROVED_EVERY = timedelta(days=1)
"""How often a domain that is proved is looked at again."""

NOTICES_AFTER = (timedelta(0), timedelta(days=7), timedelta(days=13))
"""When a missing record is written about, counted from the first look that missed it."""


class _ContestedError(Exception):
    """The record is there, and the domain, or the people there, are another partner's."""


def look_for(domain: str, token: str) -> Look:
    """Return what name servers say of the record that proves *domain*, an A-label."""
    name = record_of(domain, token).name
    look = look_of(texts_at(name), token)
    if look.seen not in {Seen.NO_SUCH_NAME, Seen.NO_TEXT}:
        return look
    # As it comes about where an editor adds the domain to a name that has it already.
    is_doubled = proves_at_all(texts_at(f"{name}.{domain}"), token)
    return Look(seen=Seen.DOUBLED, is_gone=look.is_gone) if is_doubled else look


def take_look(challenge: DomainChallenge, *, by: str, caller: Caller = NOBODY) -> None:
    """Look, remember what was seen, and let the domain be proved, or missed, accordingly.

    Safe to run twice at once: what is written is judged by the rows as they are then.
    """
    look = look_for(challenge.domain.name, challenge.token)
    try:
        with acting_as(by, caller=caller):
            stored = _locked(challenge)
            if stored is not None:
                _note(stored, look)
                _conclude(stored, look, by=by, caller=caller)
    except (IntegrityError, _ContestedError):
        with acting_as(by, caller=caller):
            stored = _locked(challenge)
            if stored is not None:
                _note(stored, look)
                _contest(stored, by=by, caller=caller)


def _locked(challenge: DomainChallenge) -> DomainChallenge | None:
    """Return the challenge as it is now, its row locked; ``None``: it was replaced meanwhile."""
    rows = DomainChallenge.objects.select_for_update(of=("self", "domain"))
    return (
        rows.select_related("domain__partner")
        .filter(pk=challenge.pk, token=challenge.token)
        .exclude(domain__verified_how=EmailDomain.Proof.OPERATOR)
        .first()
    )


def _note(challenge: DomainChallenge, look: Look) -> None:
    now = timezone.now()
    if challenge.look_again_at is None:
        challenge.started_at = now  # somebody asks again, long after the claim had ended
    challenge.looked_at, challenge.looks = now, challenge.looks + 1
    challenge.seen, challenge.found = look.seen.value, list(look.found)
    challenge.look_again_at = _next_look(challenge, now)
    challenge.save()


def _next_look(challenge: DomainChallenge, now: datetime) -> datetime | None:
    if challenge.domain.verified_at is not None:
        return now + (LONGEST_WAIT if challenge.missing_since else PROVED_EVERY)
    doubled = timedelta(minutes=2 ** min(challenge.looks - 1, 10))
    return now + min(doubled, LONGEST_WAIT)


def _conclude(challenge: DomainChallenge, look: Look, *, by: str, caller: Caller) -> None:
    is_proved = challenge.domain.verified_at is not None
    if look.seen is Seen.RECORD:
        if not is_proved:
            _prove(challenge, by=by, caller=caller)
        elif challenge.missing_since is not None:
            _find_again(challenge, by=by, caller=caller)
    elif is_proved and look.is_gone:
        _miss(challenge, by=by, caller=caller)


def _prove(challenge: DomainChallenge, *, by: str, caller: Caller) -> None:
    domain = challenge.domain
    domain.verified_at, domain.verified_how = timezone.now(), EmailDomain.Proof.DNS
    # Below a domain that another partner has with all its sub-domains, there are people already.
    if takings([domain]):
        raise _ContestedError
    domain.save(update_fields=["verified_at", "verified_how"])
    challenge.contested_at = None
    challenge.look_again_at = timezone.now() + PROVED_EVERY
    challenge.save(update_fields=["contested_at", "look_again_at"])
    record_domain(domain.partner, domain.name, what="domain.proved", by=by, caller=caller)
    tell_of_proof(challenge)


def _contest(challenge: DomainChallenge, *, by: str, caller: Caller) -> None:
    challenge.contested_at = challenge.contested_at or timezone.now()
    challenge.save(update_fields=["contested_at"])
    domain = challenge.domain
    alert_owner(
        domain.partner,
        domain.name,
        what="domain.contested",
        by=by,
        caller=caller,
        detail={"has_proof": True},
    )


def _find_again(challenge: DomainChallenge, *, by: str, caller: Caller) -> None:
    challenge.missing_since, challenge.notices = None, 0
    challenge.look_again_at = timezone.now() + PROVED_EVERY
    challenge.save(update_fields=["missing_since", "notices", "look_again_at"])
    domain = challenge.domain
    record_domain(domain.partner, domain.name, what="domain.found_again", by=by, caller=caller)


def _miss(challenge: DomainChallenge, *, by: str, caller: Caller) -> None:
    now, domain = timezone.now(), challenge.domain
    if challenge.missing_since is None:
        challenge.missing_since = now
        record_domain(domain.partner, domain.name, what="domain.missing", by=by, caller=caller)
    missed_for = now - challenge.missing_since
    if missed_for >= GRACE:
        _release(challenge, by=by, caller=caller)
        return
    due = sum(after <= missed_for for after in NOTICES_AFTER)
    if challenge.notices < due:
        challenge.notices = due
        tell_of_missing(challenge)
    challenge.look_again_at = now + LONGEST_WAIT
    challenge.save(update_fields=["missing_since", "notices", "look_again_at"])


def _release(challenge: DomainChallenge, *, by: str, caller: Caller) -> None:
    """Give the domain up: it is a claim again, that somebody has to prove anew."""
    domain, now = challenge.domain, timezone.now()
    since = challenge.missing_since
    domain.verified_at, domain.verified_how = None, EmailDomain.Proof.NONE
    domain.save(update_fields=["verified_at", "verified_how"])
    challenge.missing_since, challenge.notices, challenge.looks = None, 0, 0
    challenge.started_at, challenge.look_again_at = now, now + LONGEST_WAIT
    challenge.save()
    detail = {"missing_since": since.isoformat() if since else ""}
    record_domain(
        domain.partner, domain.name, what="domain.released", by=by, caller=caller, detail=detail
    )
    tell_of_release(challenge)
