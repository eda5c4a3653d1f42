"""Two portals before one database, and no session sticks to one of them."""

from contextlib import ExitStack

from bench.bad_days.balancer import Balancer
from bench.bad_days.crowd import Door
from bench.bad_days.ledger import Ledger
from bench.bad_days.report import Report
from bench.bad_days.world import World
from bench.stack import free_ports


def live(world: World, report: Report) -> None:
    """Live through it."""
    ledger = Ledger.opened(world)
    ports = [str(port) for port in free_ports(2)]
    balancer = Balancer(world.stack.portal, ports)
    door = Door(portal=balancer.wire, providers=world.stack.providers)
    with ExitStack() as running:
        for port in ports:
            running.enter_context(world.stack.running_portal(PORT=port))
        others = running.enter_context(world.others(door))
        visits = others.during(world.seconds)
    served = [world.stack.log_of(port).read_text().count("request_finished") for port in ports]
    report.visits("each request to the other portal", visits)
    report.promise_of_pages(visits)
    is_even = min(served) > 0.4 * sum(served)
    report.promise(f"both took their part: {served} requests", held=is_even)
    ledger.promise(report, visits)
