"""How many calls to one provider may be under way, lest one that hangs takes all threads."""

import threading
import time
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

HANGS_AFTER_SECONDS = 1.5
"""Age at which a call counts as hanging: most are answered by then, and others may wait so long."""


class AtCapacityError(Exception):
    """All the calls that may be under way are, and all of them hang."""


class Capacity:
    """At most *limit* calls at a time for each key, within this process. Thread-safe.

    While one of the calls is younger than *hangs_after* seconds the next one waits for its turn:
    a burst at a provider that answers goes through. When all are older it is refused at once.
    """

    def __init__(self, limit: int, *, hangs_after: float = HANGS_AFTER_SECONDS) -> None:
        self._limit = limit
        self._hangs_after = hangs_after
        self._changed = threading.Condition()
        # Per key, when the calls under way began, the youngest last; no key without a call.
        self._under_way: dict[Hashable, list[float]] = {}

    @contextmanager
    def of(self, key: Hashable) -> Iterator[None]:
        """Count a call for *key* during the block; raises ``AtCapacityError`` instead of it."""
        began = self._begin(key)
        try:
            yield
        finally:
            self._end(key, began)

    def _begin(self, key: Hashable) -> float:
        with self._changed:
            while len(under_way := self._under_way.get(key, [])) >= self._limit:
                seconds = under_way[-1] + self._hangs_after - time.monotonic()
                if seconds <= 0:
                    raise AtCapacityError
                self._changed.wait(seconds)
            began = time.monotonic()
            self._under_way.setdefault(key, []).append(began)
            return began

    def _end(self, key: Hashable, began: float) -> None:
        with self._changed:
            self._under_way[key].remove(began)
            if not self._under_way[key]:
                del self._under_way[key]
            self._changed.notify_all()
