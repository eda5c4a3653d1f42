"""Twenty sign-ins a second for half an hour: memory and waiting times stay, tables are cleaned."""

from datetime import timedelta

from bench.bad_days.ledger import Ledger
from bench.bad_days.report import Report
from bench.bad_days.world import World
from bench.processes import shared_memory_bytes

PARTS = 6
"""Stretches of the time, which are compared: the first is left to filling caches."""

TABLES = (
    "people_session",
    "federation_usedstate",
    "federation_failurecount",
    "people_user",
    "people_federatedlogin",
    "tokens_developeridentity",
    "audit_event",
)
GONE = ("people_session", "federation_usedstate")
"""Of these nothing is left for good."""

MOST = 1.1
"""How many times as much memory may be in use at the end."""


def live(world: World, report: Report) -> None:
    """Live through it."""
    ledger = Ledger.opened(world)
    part = world.minutes * 60 / PARTS
    figures = []
    began = world.sizes(TABLES)
    with world.stack.running_portal() as portal, world.others() as others:
        for number in range(PARTS):
            p95 = report.visits(f"minutes {number * part / 60:.1f} on", others.during(part))
            figures.append((p95, shared_memory_bytes(portal) / 2**20))
            report.says(f"  {figures[-1][1]:.1f} MiB PSS")
        visits = list(others.visits)
    ended = world.sizes(TABLES)
    ledger.promise(report, visits)
    world.shift(-timedelta(days=1))
    world.manage("clean_up")
    cleaned = world.sizes(TABLES)
    for table in TABLES:
        report.says(
            f"{table}: {began[table]} rows, {ended[table]} at the end, {cleaned[table]} a day on"
        )
    _, first, *_, last = figures
    report.promise_of_pages(visits)
    report.promise(
        f"memory is flat: {first[1]:.1f} MiB, then {last[1]:.1f}", held=last[1] <= MOST * first[1]
    )
    report.promise(
        f"p95 is flat: {first[0]:.0f} ms, then {last[0]:.0f}", held=last[0] <= 1.5 * first[0]
    )
    report.promise("what is over is cleaned away", held=not any(cleaned[table] for table in GONE))
