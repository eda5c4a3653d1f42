"""A worker is killed while callbacks are under way in it.

Those people's browsers lose the connection, nothing of theirs is half made, and trying again lets
them in; another worker is there at once.
"""

import os
import signal

from bench.bad_days.crowd import Crowd, visit
from bench.bad_days.ledger import Ledger
from bench.bad_days.report import Report
from bench.bad_days.world import VICTIMS, World, people_of, seconds_until, workers_of

SLOW = {"token": {"delay": 1.0}}
"""So long that a worker is certain to have callbacks under way."""

PEOPLE = people_of(VICTIMS[20:28])
BACK_SECONDS = 10.0


def live(world: World, report: Report) -> None:
    """Live through it."""
    ledger = Ledger.opened(world)
    for person in PEOPLE:
        world.stack.tell_provider(person.partner, SLOW)
    slow = Crowd(world.door, PEOPLE, browsers=8)
    with world.stack.running_portal() as portal, world.others() as others:
        before = others.during(world.seconds)
        began = len(others.visits)
        with slow.signing_in():
            slow.during(2.5)
            (killed, *_) = workers = sorted(workers_of(portal))
            os.kill(killed, signal.SIGKILL)
            back = seconds_until(
                lambda: len(workers_of(portal) - {killed}) == len(workers), most=BACK_SECONDS
            )
            slow.during(2.5)
        others.during(1)
        during = others.visits[began:]
        for person in PEOPLE:
            world.stack.tell_provider(person.partner, None)
        cut = [one for one in [*slow.visits, *during] if not one.is_let_in]
        again = [visit(world.door, one.person) for one in cut]
        after = others.during(world.seconds)
    report.visits("others before", before)
    report.visits("others during", during)
    report.visits("in slow callbacks", slow.visits)
    report.visits("those who lost the connection, again", again)
    report.visits("others after", after)
    report.promise_of_pages([*slow.visits, *during], "connection lost")
    report.promise("somebody was cut off", held=bool(cut))
    report.promise_of_pages([*before, *again, *after])
    report.promise(f"another worker is there after {back:.1f} s", held=back < BACK_SECONDS)
    ledger.promise(report, [*before, *during, *slow.visits, *again, *after])
