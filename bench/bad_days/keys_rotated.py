"""A provider changes its keys under load, and another one signs with a key that it never published.

Whoever comes with a token by a published key is let in, and the keys are fetched at most once in a
cool-down.
"""

import time

from bench.bad_days.crowd import Crowd
from bench.bad_days.ledger import Ledger
from bench.bad_days.report import Report
from bench.bad_days.world import VICTIMS, World, people_of
from bench.companies import slug_of

ROTATING, LYING = (slug_of(number) for number in VICTIMS[40:42])
ROTATIONS = 3
COOL_DOWN_SECONDS = 30.0
"""How long one fetch for an unknown key keeps the next one away."""

BROWSERS = 16
PER_SECOND = 30.0
MADE_UP = {"id_token": {"header": {"kid": "never-published"}}}


def live(world: World, report: Report) -> None:
    """Live through it."""
    ledger = Ledger.opened(world)
    crowds = [
        Crowd(world.door, people_of([number]), browsers=BROWSERS, per_second=PER_SECOND)
        for number in VICTIMS[40:42]
    ]
    rotating, lying = crowds
    with world.stack.running_portal():
        with rotating.signing_in():
            rotating.during(2)
            fetches = [_fetches_after_rotation(world, rotating) for _ in range(ROTATIONS)]
        with lying.signing_in():
            lying.during(2)
            honest = list(lying.visits)
            world.stack.tell_provider(LYING, None)
            world.stack.tell_provider(LYING, MADE_UP)
            # Those that are under way have honest tokens.
            lying.during(1)
            lied_to = lying.during(min(world.seconds, 10))
            made_up = _fetches(world, LYING)
        world.stack.tell_provider(LYING, None)
    report.visits(f"{ROTATIONS} rotations", rotating.visits)
    report.visits("a key that was never published", lied_to)
    report.promise_of_pages([*rotating.visits, *honest])
    report.promise(f"each rotation is fetched once: {fetches}", held=fetches == [1] * ROTATIONS)
    report.promise_of_pages(lied_to, "400 key_unknown")
    report.promise(f"a made-up key is asked for at most once: {made_up}", held=made_up <= 1)
    ledger.promise(report, [*rotating.visits, *lying.visits])


def _fetches_after_rotation(world: World, crowd: Crowd) -> int:
    # Forgetting what it was asked also ends its faults, of which it has none.
    world.stack.tell_provider(ROTATING, None)
    began = time.monotonic()
    world.stack.tell_provider(ROTATING, {"rotate": "keeps_old"})
    crowd.during(5)
    fetches = _fetches(world, ROTATING)
    crowd.during(COOL_DOWN_SECONDS + 1 - (time.monotonic() - began))
    return fetches


def _fetches(world: World, slug: str) -> int:
    return world.stack.asked_of_provider(slug).count("jwks")
