"""A migration, then a restart of one of two portals after the other, while people sign in.

No sign-in that has begun is lost, with the database before or after the code that serves it.
"""

from contextlib import ExitStack

from bench.bad_days.balancer import Balancer
from bench.bad_days.crowd import Crowd, Door
from bench.bad_days.ledger import Ledger
from bench.bad_days.report import Report
from bench.bad_days.world import World
from bench.stack import free_ports

MIGRATIONS = (
    "ALTER TABLE people_user ADD COLUMN bad_day text",
    "ALTER TABLE people_session ADD COLUMN bad_day timestamptz",
    "ALTER TABLE partners_connection ADD COLUMN bad_day integer",
    "ALTER TABLE federation_providerdocuments ADD COLUMN bad_day boolean",
)
TABLES = [statement.split()[2] for statement in MIGRATIONS]


def live(world: World, report: Report) -> None:
    """Live through it."""
    ledger = Ledger.opened(world)
    ports = [str(port) for port in free_ports(2)]
    balancer = Balancer(world.stack.portal, ports)
    door = Door(portal=balancer.wire, providers=world.stack.providers)
    portals = [ExitStack() for _ in ports]
    try:
        for portal, port in zip(portals, ports, strict=True):
            portal.enter_context(world.stack.running_portal(PORT=port))
        with world.others(door) as others:
            before = others.during(world.seconds)
            began = len(others.visits)
            _deploy(world, report, others, portals=dict(zip(ports, portals, strict=True)))
            during = others.visits[began:]
            after = others.during(world.seconds)
    finally:
        for portal in portals:
            portal.close()
        for table in TABLES:
            world.rows(f"ALTER TABLE {table} DROP COLUMN IF EXISTS bad_day")
    for when, visits in (("before", before), ("during", during), ("after", after)):
        report.visits(when, visits)
    report.promise_of_pages([*before, *during, *after])
    ledger.promise(report, [*before, *during, *after])


def _deploy(world: World, report: Report, others: Crowd, *, portals: dict[str, ExitStack]) -> None:
    for statement in MIGRATIONS:
        world.rows(statement)
    migrated = others.during(world.seconds / 2)
    report.visits("migrated, before the restarts", migrated)
    for port, portal in portals.items():
        # SIGTERM: it finishes what it has begun, and the other one takes what comes.
        portal.close()
        portal.enter_context(world.stack.running_portal(PORT=port))
        report.visits("one restarted", others.during(world.seconds / 4))
