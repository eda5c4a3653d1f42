"""What was done in a set-up, as its page lists it."""

from dataclasses import dataclass
from itertools import groupby

from django.db.models import Q

from audit.models import Event
from console.trail.naming import words_of
from onboarding.models import SetUpCase

SHOWN_EVENTS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What somebody did, *times* in a row; *event* is the last of them."""

    event: Event
    words: str
    who: str
    times: int


def deeds_of(case: SetUpCase) -> list[Deed]:
    """Return what has happened in the set-up, and what those at work on it did; newest first."""
    at_work = list(case.links.values_list("address", flat=True))
    theirs = Q(actor__in=at_work) | Q(what__startswith="setup_")
    events = Event.objects.filter(theirs, partner=case.partner.slug, at__gte=case.opened_at)
    latest = events.order_by("-id")[:SHOWN_EVENTS]
    runs = [list(run) for _key, run in groupby(latest, lambda one: (one.what, _who(one)))]
    return [
        Deed(event=run[0], words=words_of(run[0].what), who=_who(run[0]), times=len(run))
        for run in runs
    ]


def _who(event: Event) -> str:
    return event.actor or event.email
