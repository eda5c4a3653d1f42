"""One partner's provider hangs, then another one's drips, while 100 browsers try it.

Whoever comes through another partner waits no longer than before, no worker is lost, the breaker
opens and spares the people at that partner the deadline, and closes again by itself.
"""

from collections.abc import Mapping

from bench.bad_days.crowd import Crowd, visit
from bench.bad_days.ledger import Ledger
from bench.bad_days.report import Report
from bench.bad_days.world import VICTIMS, World, people_of, seconds_until, workers_of

FAULTS = {"hangs": {"token": {"delay": 60}}, "drips": {"token": {"drip": 1}}}
BROWSERS = 100
PER_SECOND = 10.0
"""Sign-ins a second of the hundred, before and after too, and as many of the others: what is
compared differs by the fault alone."""

SETTLES_SECONDS = 5.0

OPENS_SECONDS = 12
"""The deadline of the calls that have to fail before the breaker opens, and a little."""

WAITS_SECONDS = 12.0
"""The deadline of one sign-in's calls, and a little."""

CLOSES_SECONDS = 35
"""The longest pause of a breaker, and a little."""

OPEN = "it has failed too often just now"
"""What the log says of a call that an open breaker has spared."""


def live(world: World, report: Report) -> None:
    """Live through both."""
    for number, (how, fault) in zip(VICTIMS, FAULTS.items(), strict=False):
        report.says(f"- one provider {how}, {BROWSERS} browsers try it")
        _live(world, report, number, fault)


def _live(world: World, report: Report, number: int, fault: Mapping[str, object]) -> None:
    ledger = Ledger.opened(world)
    (victim, *_) = victims = people_of([number])
    trying = Crowd(world.door, victims, browsers=BROWSERS, per_second=PER_SECOND)
    with (
        world.stack.running_portal() as portal,
        world.others(per_second=PER_SECOND) as others,
        trying.signing_in(),
    ):
        workers = workers_of(portal)
        others.during(SETTLES_SECONDS)
        before = others.during(world.seconds)
        began = len(trying.visits)
        world.stack.tell_provider(victim.partner, fault)
        during = others.during(OPENS_SECONDS + world.seconds)
        opened = world.log().count(OPEN)
        refused = trying.visits[began:]
        world.stack.tell_provider(victim.partner, None)
        closed = seconds_until(lambda: visit(world.door, victim).is_let_in, most=CLOSES_SECONDS)
        others.during(SETTLES_SECONDS)
        after = others.during(world.seconds)
        is_whole = workers_of(portal) == workers
    usual, worst = report.visits("others before", before), report.visits("others during", during)
    report.visits("others after", after)
    report.visits("at that partner", refused)
    report.promise_of_p95(worst, usual=usual)
    report.promise_of_pages([*before, *during, *after])
    in_time = max(one.seconds for one in refused)
    report.promise(f"nobody there waits longer than {in_time:.1f} s", held=in_time < WAITS_SECONDS)
    report.promise_of_pages(refused, "504 provider_unreachable", "502 provider_unreachable")
    report.promise("no worker is lost", held=is_whole)
    report.promise(f"the breaker opens: {opened} calls were spared", held=opened > 0)
    report.promise(f"it closes: people are in after {closed:.1f} s", held=closed < CLOSES_SECONDS)
    ledger.promise(report, [*before, *during, *after, *trying.visits])
