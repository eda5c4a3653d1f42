"""The name server goes away: no provider's host name leads anywhere.

Sign-ins that need a look-up stop with a truthful page, those over connections that are open and
at providers whose address is known go on, and all is well again soon after the name server is.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice

from bench.bad_days.crowd import Crowd, Door, visit
from bench.bad_days.ledger import Ledger
from bench.bad_days.report import Report
from bench.bad_days.world import VICTIMS, World, people_of, seconds_until, workers_of
from bench.companies import write_partner_file
from demo.provider import Fault, running_provider
from demo.provider.companies import register_companies
from demo.provider.server import DemoProvider

NAMED = tuple(islice(VICTIMS, 10, 13))
"""Companies that are moved to a provider with a host name."""

PER_SECOND = 3.0
CLOSES_SECONDS = 35
UNREACHABLE = ("504 provider_unreachable", "502 provider_unreachable")


def live(world: World, report: Report) -> None:
    """Live through it."""
    ledger = Ledger.opened(world)
    gone = world.stack.directory / "no-name-server"
    with _named_providers(world) as providers:
        door = replace(world.door, providers=providers.base_url)
        trusted = ",".join(
            origin.removeprefix("http://") for origin in (world.stack.providers, door.providers)
        )
        with world.stack.running_portal(
            "bench.bad_days.nameless",
            NAME_SERVER_GONE=str(gone),
            FEDERATION_TRUSTED_ENDPOINTS=trusted,
        ) as portal:
            workers = workers_of(portal)
            named = Crowd(door, people_of(NAMED), browsers=16, per_second=PER_SECOND)
            with world.others() as others, named.signing_in():
                before = others.during(world.seconds), list(named.visits)
                gone.touch()
                during = others.during(world.seconds), named.visits[len(before[1]) :]
                gone.unlink()
                back = seconds_until(lambda: _all_in(door), most=CLOSES_SECONDS)
                seen = len(named.visits)
                after = others.during(world.seconds), named.visits[seen:]
            is_whole = workers_of(portal) == workers
    for when, visits in (("before", before), ("meanwhile", during), ("after", after)):
        report.visits(f"at an address {when}", visits[0])
        report.visits(f"at host names {when}", visits[1])
    report.promise_of_pages([*before[0], *during[0], *after[0], *before[1]])
    report.promise_of_pages(during[1], *UNREACHABLE)
    report.promise("and that is seen", held=any(not one.is_let_in for one in during[1]))
    report.promise(f"all are in again after {back:.1f} s", held=back < CLOSES_SECONDS)
    report.promise("no worker is lost", held=is_whole)
    ledger.promise(report, [*before[0], *during[0], *after[0], *named.visits])


def _all_in(door: Door) -> bool:
    # Twice each, for each worker has breakers of its own.
    return all(visit(door, person).is_let_in for person in people_of(NAMED))


@contextmanager
def _named_providers(world: World) -> Iterator[DemoProvider]:
    """Move some companies to a provider at a host name, which keeps no connection."""
    file = world.stack.directory / "named.json"
    with running_provider(host="localhost", is_automatic=True) as provider:
        write_partner_file(file, NAMED, providers=provider.base_url)
        register_companies(provider, file, portal=world.stack.portal, application="Foyer")
        for company in json.loads(file.read_text())["partners"]:
            closes = Fault(headers={"Connection": "close"})
            provider.issuer(company["slug"]).misbehave(token=closes)
        trusted = {"FEDERATION_TRUSTED_ENDPOINTS": provider.base_url.removeprefix("http://")}
        world.manage("import_partners", str(file), environment=trusted)
        yield provider
    world.found_companies()
