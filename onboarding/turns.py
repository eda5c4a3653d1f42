"""How many pages of set-ups ask others at a time, lest providers that hang take all threads."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

AT_MOST = 3
"""In one process, of all partners together: it has eight threads, and most are for sign-ins."""

RETRY_SECONDS = 5
"""After how long another try is worth it."""


class BusyError(Exception):
    """Somebody at the same partner waits for an answer already, or too many elsewhere do."""


@contextmanager
def turn_of(partner: str) -> Iterator[None]:
    """Hold the one turn of the partner with this slug during the block; raises ``BusyError``."""
    with _lock:
        if partner in _under_way or len(_under_way) >= AT_MOST:
            raise BusyError
        _under_way.add(partner)
    try:
        yield
    finally:
        with _lock:
            _under_way.discard(partner)


_lock = threading.Lock()
_under_way: set[str] = set()
