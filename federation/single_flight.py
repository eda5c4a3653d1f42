"""One at a time: of those that want the same fetch, in all workers, one does it.

In a process a lock decides, between processes an advisory lock of PostgreSQL. Nobody waits for
long: a fetch that is no longer young is taken to hang, and those that come then are turned away.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection as database

YOUNG_SECONDS = 3.0
"""How old a fetch may be for others to wait for it: a healthy provider answers well within it."""

POLL_SECONDS = 0.05
"""How often those who wait for another process look for its result."""

LOCK_SPACE = 0x666F
"""The first of the two numbers of our advisory locks; the second is the connection's id."""


class TakenError(Exception):
    """Another one has been at it for too long, or has finished: look at what it left."""


@dataclass
class _Flight:
    lock: threading.Lock = field(default_factory=threading.Lock)
    began: float | None = None
    """When its holder began; nobody has, where it is ``None``."""


_flights: dict[int, _Flight] = {}
_flights_lock = threading.Lock()


@contextmanager
def turn(key: int, *, is_over: Callable[[], bool]) -> Iterator[None]:
    """Hold the turn for *key* inside the block; wait for it while the holder is young.

    *is_over* tells whether what another process does has come to a result. Raises ``TakenError``
    when the turn is not to be had in time or is no longer needed.
    """
    with _flights_lock:
        flight = _flights.setdefault(key, _Flight())
    if not flight.lock.acquire(timeout=_patience(flight)):
        raise TakenError
    try:
        flight.began = time.monotonic()
        with _advisory_lock(key, is_over=is_over):
            yield
    finally:
        flight.began = None
        flight.lock.release()


def _patience(flight: _Flight) -> float:
    began = flight.began
    if began is None:
        # Free, or taken just now.
        return YOUNG_SECONDS
    return max(0.0, YOUNG_SECONDS - (time.monotonic() - began))


@contextmanager
def _advisory_lock(key: int, *, is_over: Callable[[], bool]) -> Iterator[None]:
    # int4 is what PostgreSQL takes here; two connections that share a number wait for each other,
    # and nothing worse happens.
    numbers = [LOCK_SPACE, key % 0x7FFFFFFF]
    ends = time.monotonic() + YOUNG_SECONDS
    while not _asked("SELECT pg_try_advisory_lock(%s, %s)", numbers):
        if is_over() or time.monotonic() > ends:
            raise TakenError
        time.sleep(POLL_SECONDS)
    try:
        yield
    finally:
        _asked("SELECT pg_advisory_unlock(%s, %s)", numbers)


def _asked(sql: str, numbers: list[int]) -> bool:
    with database.cursor() as cursor:
        cursor.execute(sql, numbers)
        (answer,) = cursor.fetchone() or (False,)
        return bool(answer)
