"""Domains that are due: looked at again, however long they have been proved, or given up."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError

from audit.trail import WORKER, acting_as
from onboarding.domains.events import record_domain
from onboarding.domains.looks import take_look
from onboarding.models import DomainChallenge
from onboarding.models.challenge import CLAIM_LASTS
from partners.models import EmailDomain

AT_ONCE = 50
"""Domains that one run looks at; the others are due in the next one still."""

TAKES_AT_MOST = timedelta(minutes=10)
"""How long nobody else looks at a domain that a run has begun with."""

log = structlog.get_logger(__name__)


def look_at_due_domains(now: datetime) -> int:
    """Look at the domains whose turn it is; return how many there were.

    Two workers that run it at once look at different ones.
    """
    due = DomainChallenge.objects.filter(look_again_at__lte=now).order_by("look_again_at")
    looked = 0
    for challenge in due.select_related("domain")[:AT_ONCE]:
        mine = DomainChallenge.objects.filter(
            pk=challenge.pk, look_again_at=challenge.look_again_at
        )
        if mine.update(look_again_at=now + TAKES_AT_MOST):
            with _going_on_after(challenge):
                take_look(challenge, by=WORKER)
            looked += 1
    return looked


def forget_old_claims(now: datetime) -> int:
    """Give up the claims that nobody has proved in time; return how many there were.

    A domain that the service owner wrote down stays, and is looked at when somebody asks for it.
    """
    old = DomainChallenge.objects.filter(
        domain__verified_at=None, started_at__lte=now - CLAIM_LASTS, look_again_at__isnull=False
    )
    forgotten = 0
    for challenge in old.select_related("domain").order_by("id"):
        with _going_on_after(challenge), acting_as(WORKER):
            forgotten += _give_up(challenge, now)
    return forgotten


@contextmanager
def _going_on_after(challenge: DomainChallenge) -> Iterator[None]:
    """Let a fault that one domain meets with keep none of the others waiting."""
    try:
        yield
    except (DatabaseError, ValueError):
        log.exception("domain.not_kept", domain=challenge.domain.name)


def _give_up(challenge: DomainChallenge, now: datetime) -> bool:
    rows = EmailDomain.objects.select_for_update(of=("self",)).select_related("partner")
    domain = rows.filter(
        pk=challenge.domain_id, verified_at=None, challenge__started_at__lte=now - CLAIM_LASTS
    ).first()
    if domain is None:
        return False
    if challenge.asked_by:
        domain.delete()
    else:
        DomainChallenge.objects.filter(pk=challenge.pk).update(look_again_at=None)
    record_domain(domain.partner, domain.name, what="domain.expired")
    return True
