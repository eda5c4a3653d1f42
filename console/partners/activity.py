"""Sign-ins and refusals by day, counted in the trail: decision 31 says why there, and how fast."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from audit.models import Event
from console.faults import Fault, fault_of

SUCCEEDED = "login.succeeded"
REFUSED = "login.refused"
COUNTED = (SUCCEEDED, REFUSED)

WEEK = 7
MONTH = 30
"""Days that the list and the partner's page look back, today among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """How often people of a partner signed in on one day, and how often they were refused."""

    date: date
    sign_ins: int
    refusals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """How often people were refused for one reason, and whose fault that most often is."""

    reason: str
    count: int
    fault: Fault | None


def days_of(slugs: Collection[str], *, days: int) -> Mapping[str, list[Day]]:
    """Return the last *days* of each partner, the oldest first; days on which nobody came too.

    One query, whatever the number of partners.
    """
    today = timezone.localdate()
    dates = [today - timedelta(days=ago) for ago in reversed(range(days))]
    counts: dict[tuple[str, date, str], int] = defaultdict(int)
    rows = (
        _since(dates[0])
        .filter(partner__in=slugs)
        .annotate(day=TruncDate("at"))
        .values_list("partner", "day", "what")
        .annotate(count=Count("*"))
    )
    for slug, day, what, count in rows:
        counts[slug, day, what] = count
    return {
        slug: [
            Day(
                date=day,
                sign_ins=counts[slug, day, SUCCEEDED],
                refusals=counts[slug, day, REFUSED],
            )
            for day in dates
        ]
        for slug in slugs
    }


def refusals_of(slug: str, *, days: int) -> Sequence[Refused]:
    """Return for what people of the partner were refused in the last *days*, most often first."""
    since = timezone.localdate() - timedelta(days=days - 1)
    counted = (
        _since(since)
        .filter(partner=slug, what=REFUSED)
        .values_list("reason")
        .annotate(count=Count("*"))
        .order_by("-count", "reason")
    )
    return [
        Refused(reason=reason, count=count, fault=fault_of(reason)) for reason, count in counted
    ]


def _since(first: date) -> QuerySet[Event]:
    # In words that the index is limited to, so that PostgreSQL reads nothing else; without the
    # model's order, by which rows would be counted one by one.
    midnight = timezone.make_aware(datetime.combine(first, datetime.min.time()))
    return Event.objects.filter(what__in=COUNTED, at__gte=midnight).order_by()
