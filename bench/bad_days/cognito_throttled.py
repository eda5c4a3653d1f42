"""Cognito answers two calls a second and refuses the others, under ten times as many sign-ins.

People get in all the same, the services are refused truthfully, and whoever is in gets the token
without signing in again once Cognito answers.
"""

from bench.bad_days.crowd import visit
from bench.bad_days.ledger import Ledger
from bench.bad_days.report import Report
from bench.bad_days.world import OTHERS, World, people_of, seconds_until, workers_of
from bench.browser import Answer, Wire

QUOTA = {"throttle": {"per_second": 2}}
BACK_SECONDS = 35.0
"""The longest pause of a breaker, and a little."""


def live(world: World, report: Report) -> None:
    """Live through it."""
    ledger = Ledger.opened(world)
    with world.stack.running_portal() as portal, world.others() as others:
        workers = workers_of(portal)
        before = others.during(world.seconds)
        world.stack.tell_cognito(QUOTA)
        during = others.during(world.seconds)
        without = next((one for one in during if one.is_let_in and not one.has_token), None)
        refused = _authorized(world, without.cookies) if without else None
        world.stack.tell_cognito(None)
        cookies = without.cookies if without else {}
        back = seconds_until(lambda: _authorized(world, cookies).status == 204, most=BACK_SECONDS)
        # Each worker has a breaker of its own.
        everybody = seconds_until(
            lambda: all(visit(world.door, person).has_token for person in people_of(OTHERS[:8])),
            most=BACK_SECONDS,
        )
        after = others.during(world.seconds)
        is_whole = workers_of(portal) == workers
    for when, visits in (("before", before), ("throttled", during), ("after", after)):
        report.visits(when, visits)
        report.says(f"  with a token: {sum(one.has_token for one in visits)}")
    report.promise_of_pages([*before, *during, *after])
    is_truthful = refused is not None and refused.status == 503 and b"token_" in refused.body
    report.promise("a service is refused with 503 and the reason", held=is_truthful)
    report.promise(f"the same session has a token after {back:.1f} s", held=back < BACK_SECONDS)
    report.promise(
        f"and all new ones {everybody:.1f} s later",
        held=all(one.has_token for one in after) and everybody < BACK_SECONDS,
    )
    report.promise("no worker is lost", held=is_whole)
    ledger.promise(report, [*before, *during, *after])


def _authorized(world: World, cookies: dict[str, str]) -> Answer:
    wire = Wire(world.stack.portal)
    try:
        return wire.get("/api/authorize/", cookies)
    finally:
        wire.close()
