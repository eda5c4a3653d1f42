"""PostgreSQL is stopped under load, is away for some seconds, and comes back.

People are told truthfully that it does not work now, those who were in stay in, and the portal is
back by itself.
"""

import time

from bench.bad_days.crowd import visit
from bench.bad_days.ledger import Ledger
from bench.bad_days.report import Report
from bench.bad_days.world import (
    OTHERS,
    World,
    people_of,
    readiness,
    seconds_until,
    workers_of,
)
from bench.browser import Browser, Wire
from demo.postgres.cluster import Cluster, stop
from demo.postgres.home import read_access
from demo.postgres.programs import account_to_run_as, programs_for

AWAY_SECONDS = 5.0
BACK_SECONDS = 10.0
"""How long the portal may take once the database is there."""


def live(world: World, report: Report) -> None:
    """Live through it."""
    ledger = Ledger.opened(world)
    with world.stack.running_portal() as portal, world.others() as others:
        workers = workers_of(portal)
        early = visit(world.door, people_of(OTHERS)[0])
        before = others.during(world.seconds)
        began = len(others.visits)
        _restart(world)
        back = seconds_until(lambda: readiness(world.stack.portal)["http"] == 200, most=60)
        others.during(world.seconds / 2)
        during = others.visits[began:]
        after = others.during(world.seconds)
        is_whole = workers_of(portal) == workers
        is_still_in = _is_in(world, early.cookies)
    report.says(f"PostgreSQL was away for {AWAY_SECONDS:.0f} s, under {len(during)} sign-ins")
    for when, visits in (("before", before), ("meanwhile", during), ("after", after)):
        report.visits(when, visits)
    report.promise_of_pages(during, "500 sorry")
    report.promise_of_pages([*before, *after])
    report.promise(f"ready {back:.1f} s after the database", held=back < BACK_SECONDS)
    report.promise("with the same workers", held=is_whole)
    report.promise("whoever was in is in", held=is_still_in)
    ledger.promise(report, [early, *before, *during, *after])


def _restart(world: World) -> None:
    home, account = world.stack.postgres_home, account_to_run_as()
    access = read_access(home)
    if access is None:
        raise FileNotFoundError(home)
    cluster = Cluster(
        home=home, account=account, programs=programs_for(account, home=home), durable=True
    )
    stop(world.stack.postgres)
    time.sleep(AWAY_SECONDS)
    process, _ = cluster.start(access.port)
    world.running.callback(stop, process)


def _is_in(world: World, cookies: dict[str, str]) -> bool:
    browser = Browser(world.stack.portal, providers=Wire(world.stack.providers))
    browser.cookies = dict(cookies)
    try:
        return browser.get("/api/session/", expected=200).status == 200
    finally:
        browser.portal.close()
