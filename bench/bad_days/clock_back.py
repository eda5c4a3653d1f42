"""The clock of the portal is set back an hour.

Seen from the portal, everything that was written before is then from an hour ahead: that is what
is done here, to the rows. Attempts lie in browsers and not in rows; what becomes of those is in
``tests/federation/test_clock_set_back.py``.
"""

from datetime import timedelta

from bench.bad_days.crowd import Visit, visit
from bench.bad_days.ledger import Ledger
from bench.bad_days.report import Report
from bench.bad_days.world import OTHERS, VICTIMS, World, people_of
from bench.browser import Wire

HOUR = timedelta(hours=1)
TURNED, DOWN = people_of(VICTIMS[30:32])[::2]
"""One whose provider changed its keys a moment ago, and one whose provider was down."""


def live(world: World, report: Report) -> None:
    """Live through it."""
    ledger = Ledger.opened(world)
    with world.stack.running_portal(), world.others() as others:
        early = visit(world.door, people_of(OTHERS)[0])
        before = others.during(world.seconds)
        first = [visit(world.door, TURNED), _after_rotation(world), _while_down(world)]
        world.shift(HOUR)
        began = len(others.visits)
        again = [_after_rotation(world), visit(world.door, DOWN)]
        others.during(world.seconds)
        after = others.visits[began:]
        wire = Wire(world.stack.portal)
        is_still_in = wire.get("/api/session/", early.cookies).status == 200
        wire.close()
    report.visits("before", before)
    report.visits("after", after)
    report.visits("at providers that had just changed or failed, before", first)
    report.visits("and after", again)
    report.promise_of_pages([*before, *after, *first[:2]])
    report.promise("whoever was in is in", held=is_still_in)
    report.promise("new keys are fetched", held=again[0].is_let_in)
    report.promise("a provider that was down is asked again", held=again[1].is_let_in)
    ledger.promise(report, [early, *before, *after, *first, *again])


def _after_rotation(world: World) -> Visit:
    world.stack.tell_provider(TURNED.partner, {"rotate": "keeps_old"})
    return visit(world.door, TURNED)


def _while_down(world: World) -> Visit:
    # Nobody has come through this partner yet: its documents have to be fetched.
    world.rows(
        "DELETE FROM federation_providerdocuments d USING partners_connection c, partners_partner p"
        " WHERE d.connection_id = c.id AND c.partner_id = p.id AND p.slug = %s",
        DOWN.partner,
    )
    world.stack.tell_provider(DOWN.partner, {"discovery": {"status": 503}})
    found = visit(world.door, DOWN)
    world.stack.tell_provider(DOWN.partner, None)
    return found
