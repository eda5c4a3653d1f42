"""The Redis that counts failures goes away, and comes back.

Nobody who signs in notices, and whoever fails too often has to wait all the same: the counts go on
in the table.
"""

from dataclasses import dataclass

from bench.bad_days.ledger import Ledger
from bench.bad_days.redis_server import RedisServer
from bench.bad_days.report import Report
from bench.bad_days.world import OTHERS, World, workers_of
from bench.browser import Wire
from bench.companies import slug_of

STRAYS = 150
"""Responses to no attempt: more than one address may send in a minute."""

NOTICED = "limits.cache_unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Strays:
    """What became of some responses to no attempt, which all came from one address."""

    refused: int
    limited: int
    others: int


def live(world: World, report: Report) -> None:
    """Live through it."""
    ledger = Ledger.opened(world)
    with (
        RedisServer() as redis,
        world.stack.running_portal(CACHE_URL=redis.url) as portal,
        world.others() as others,
    ):
        workers = workers_of(portal)
        counted = _sent(world, 10), len(redis.counts.by_key)
        before = others.during(world.seconds)
        redis.is_gone.set()
        away = _sent(world, STRAYS)
        during = others.during(world.seconds)
        noticed = world.log().count(NOTICED)
        redis.counts.by_key.clear()
        redis.is_gone.clear()
        back = _sent(world, 10)
        after = others.during(world.seconds)
        is_whole = workers_of(portal) == workers
        counted_again = len(redis.counts.by_key)
    usual, worst = report.visits("before", before), report.visits("without Redis", during)
    report.visits("after", after)
    report.says(f"strays without Redis: {away}")
    report.promise_of_p95(worst, usual=usual)
    report.promise_of_pages([*before, *during, *after])
    report.promise(
        "Redis counts while it is there",
        held=counted == (Strays(refused=10, limited=0, others=0), 1),
    )
    is_bounded = away.refused == 120 and away.limited == STRAYS - 120
    report.promise("without it, the 121st stray of a minute has to wait", held=is_bounded)
    report.promise(f"the log says it ({noticed} times)", held=noticed > 0)
    report.promise("Redis counts again", held=back.refused == 10 and counted_again == 1)
    report.promise("no worker is lost", held=is_whole)
    ledger.promise(report, [*before, *during, *after])


def _sent(world: World, count: int) -> Strays:
    wire = Wire(world.stack.portal)
    target = f"/login/{slug_of(OTHERS[0])}/callback/?state=stray&code=none"
    try:
        statuses = [wire.get(target, {}).status for _ in range(count)]
    finally:
        wire.close()
    refused, limited = statuses.count(400), statuses.count(429)
    return Strays(refused=refused, limited=limited, others=count - refused - limited)
