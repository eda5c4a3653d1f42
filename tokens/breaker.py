"""A circuit breaker: what fails again and again is left alone for a while."""

import random
import threading
import time
from collections import deque
from collections.abc import Callable

FAILURES_IN_A_ROW = 5
"""So many, and nothing works: each further person would wait for the deadline in vain."""

RECENT_CALLS = 20
"""Calls that are looked at together, for a service of which only some answer."""

FAILING_SHARE = 0.5
"""Of the recent calls: from here on most people are helped by a quick answer."""


def some_seconds() -> float:
    """Return how long to leave a service alone: 15 to 30 seconds.

    It differs each time, so that processes that saw the same outage do not come back together.
    """
    return random.uniform(15, 30)  # noqa: S311 -- nothing to guess


class Breaker:
    """Whether one service is worth calling, judged by how the last calls went. Thread-safe.

    *clock* gives seconds that only ever grow, *pause* the seconds that the service is left alone.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[], float] = some_seconds,
    ) -> None:
        self._clock = clock
        self._pause = pause
        self._lock = threading.Lock()
        self._failures_in_a_row = 0
        self._recent: deque[bool] = deque(maxlen=RECENT_CALLS)
        self._open_until: float | None = None

    def permit(self) -> bool:
        """Return whether to call now: after each pause one caller may, and tells how it went."""
        with self._lock:
            if self._open_until is None:
                return True
            now = self._clock()
            if now < self._open_until:
                return False
            # The others wait for the outcome. A caller that never tells costs one more pause.
            self._open_until = now + self._pause()
            return True

    def succeeded(self) -> None:
        """Tell that a call was answered."""
        with self._lock:
            self._failures_in_a_row = 0
            self._recent.append(True)
            if self._open_until is not None:
                self._open_until = None
                self._recent.clear()

    def failed(self) -> None:
        """Tell that a call was not answered, or too late."""
        with self._lock:
            self._failures_in_a_row += 1
            self._recent.append(False)
            if self._is_failing():
                self._open_until = self._clock() + self._pause()

    def _is_failing(self) -> bool:
        is_often = (
            len(self._recent) == RECENT_CALLS
            and self._recent.count(False) >= FAILING_SHARE * RECENT_CALLS
        )
        return is_often or self._failures_in_a_row >= FAILURES_IN_A_ROW
