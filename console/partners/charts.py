"""Small pictures of how it goes, as SVG that the server draws: attributes alone, no style in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from console.partners.activity import Day

LINE_WIDTH, LINE_HEIGHT = 84, 24
CHART_HEIGHT = 120
BAR_STEP, BAR_WIDTH = 20, 14
SMALLEST = 2
"""Height of what is more than none: one refusal among a thousand sign-ins has to be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One day of the chart: refusals stand on top of sign-ins. All in units of the drawing."""

    day: Day
    x: int
    sign_ins_y: int
    sign_ins_height: int
    refusals_y: int
    refusals_height: int


def sparkline(days: Sequence[Day]) -> SafeString:
    """Return the line of sign-ins of a few days, with a title that says them in words."""
    counts = [day.sign_ins for day in days]
    step = LINE_WIDTH / max(1, len(counts) - 1)
    most = max([*counts, 1])
    points = " ".join(
        f"{number * step:.0f},{LINE_HEIGHT - 2 - count / most * (LINE_HEIGHT - 4):.0f}"
        for number, count in enumerate(counts)
    )
    total = sum(counts)
    title = ngettext("%d sign-in in 7 days", "%d sign-ins in 7 days", total) % total
    each = _("by day: %s") % ", ".join(map(str, counts))
    context = {
        "title": f"{title}, {each}",
        "points": points,
        "width": LINE_WIDTH,
        "height": LINE_HEIGHT,
    }
    return render_to_string("console/sparkline.html", context)


def chart(days: Sequence[Day]) -> dict[str, object]:
    """Return what ``console/chart.html`` draws of some weeks: bars, their scale, and the words."""
    most = max([day.sign_ins + day.refusals for day in days] + [1])
    sign_ins = sum(day.sign_ins for day in days)
    refusals = sum(day.refusals for day in days)
    return {
        "bars": [_bar(day, number, most=most) for number, day in enumerate(days)],
        "width": BAR_STEP * len(days),
        "height": CHART_HEIGHT,
        "bar_width": BAR_WIDTH,
        "first": days[0].date,
        "last": days[-1].date,
        "sign_ins": sign_ins,
        "refusals": refusals,
        "rate": round(100 * sign_ins / (sign_ins + refusals)) if sign_ins + refusals else None,
        "busiest": max(days, key=lambda day: day.sign_ins) if sign_ins else None,
    }


def _bar(day: Day, number: int, *, most: int) -> Bar:
    sign_ins, refusals = _height(day.sign_ins, most), _height(day.refusals, most)
    return Bar(
        day=day,
        x=number * BAR_STEP + (BAR_STEP - BAR_WIDTH) // 2,
        sign_ins_y=CHART_HEIGHT - sign_ins,
        sign_ins_height=sign_ins,
        refusals_y=CHART_HEIGHT - sign_ins - refusals,
        refusals_height=refusals,
    )


def _height(count: int, most: int) -> int:
    # Room is left for two that are raised to the smallest.
    return max(SMALLEST, int(count / most * (CHART_HEIGHT - 2 * SMALLEST))) if count else 0
