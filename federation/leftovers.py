"""What sign-ins leave behind, and is of no use any more."""

from dataclasses import asdict, dataclass
from datetime import datetime

from audit.trail import Happening, acting_as, record
from federation import attempts, links
from federation.models import FailureCount
from partners.client_keys import retire_superseded
from people.session_store import delete_expired


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftovers:
    """How many there were of each."""

    states: int
    sessions: int
    counts: int
    links: int
    retired_keys: int


def delete_leftovers(now: datetime, *, by: str) -> Leftovers:
    """Delete what is over by *now*, retire keys of ours that others replace, and record it.

    A second time finds nothing, and records nothing.
    """
    states = attempts.clean_up(now)
    counts, _ = FailureCount.objects.filter(ends_at__lt=now).delete()
    sessions = delete_expired()
    over = links.clean_up(now)
    with acting_as(by):
        keys = retire_superseded(now)
    found = Leftovers(
        states=states, sessions=sessions, counts=counts, links=over, retired_keys=keys
    )
    if any(asdict(found).values()):
        record(Happening(what="leftovers.deleted", actor=by, detail=asdict(found)))
    return found
