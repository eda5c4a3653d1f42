"""How many calls to providers may be under way, lest those that hang take all threads."""

import threading
import time
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

HANGS_AFTER_SECONDS = 1.5
"""Age at which a call counts as hanging: most are answered by then, and others may wait so long."""


class AtCapacityError(Exception):
    """All the calls that may be under way are, and all of them hang."""


@dataclass
class _Calls:
    began: list[float] = field(default_factory=list)
    """When those under way began, the oldest first."""
    answered_at: float = 0.0
    """When one of them was last answered."""


class Capacity:
    """At most *limit* calls at a time for each key, within this process. Thread-safe.

    The next one waits for its turn while calls are answered: a burst at a provider that is well
    goes through. It is refused once two of those under way are older than *hangs_after* seconds
    and none has been answered for as long: who waits has a thread too, that others need. Where
    several hang, each with a few, all of them together have no more than *limit*.
    """

    def __init__(self, limit: int, *, hangs_after: float = HANGS_AFTER_SECONDS) -> None:
        self._limit = limit
        self._hangs_after = hangs_after
        self._changed = threading.Condition()
        # No key without a call under way.
        self._under_way: dict[Hashable, _Calls] = {}

    @contextmanager
    def of(self, key: Hashable) -> Iterator[None]:
        """Count a call for *key* during the block; raises ``AtCapacityError`` instead of it."""
        began = self._begin(key)
        is_answered = False
        try:
            yield
            is_answered = True
        finally:
            self._end(key, began, is_answered=is_answered)

    def _begin(self, key: Hashable) -> float:
        with self._changed:
            if self._is_one_of_many_that_hang(key):
                raise AtCapacityError
            while len((calls := self._under_way.get(key, _Calls())).began) >= self._limit:
                # One that hangs alone, beside others that do not, tells nothing.
                *_, second = calls.began[:2]
                seconds = max(second, calls.answered_at) + self._hangs_after - time.monotonic()
                if seconds <= 0:
                    raise AtCapacityError
                self._changed.wait(seconds)
            began = time.monotonic()
            self._under_way.setdefault(key, calls).began.append(began)
            return began

    def _is_one_of_many_that_hang(self, key: Hashable) -> bool:
        hang_since = time.monotonic() - self._hangs_after
        hanging = {
            other: sum(began <= hang_since for began in calls.began)
            for other, calls in self._under_way.items()
        }
        return hanging.get(key, 0) > 0 and sum(hanging.values()) >= self._limit

    def _end(self, key: Hashable, began: float, *, is_answered: bool) -> None:
        with self._changed:
            calls = self._under_way[key]
            calls.began.remove(began)
            if is_answered:
                calls.answered_at = time.monotonic()
            if not calls.began:
                del self._under_way[key]
            self._changed.notify_all()
