"""What the emulator can be told to do wrong, and how often."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from demo.cognito.service_model import ServiceError
from demo.provider.faults import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One kind of misbehaviour: an error instead of an answer, a spoilt answer, or a stranger's."""

    error: ServiceError | None = None
    fault: Fault | None = None
    is_strangers: bool = False


HONEST = Told()


class Faults:
    """The misbehaviour that is due, in the order told; safe to use from all threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._due: list[tuple[Told, int | None]] = []
        self._per_second: int | None = None
        self._recent: deque[float] = deque()

    def tell(self, told: Told, *, times: int | None) -> None:
        """Misbehave as *told* for so many answers, or until ``forget``."""
        with self._lock:
            self._due.append((told, times))

    def throttle(self, per_second: int | None) -> None:
        """Refuse more calls than that within a second; ``None`` ends it."""
        with self._lock:
            self._per_second = per_second
            self._recent.clear()

    def forget(self) -> None:
        """Behave again."""
        self.throttle(None)
        with self._lock:
            self._due.clear()

    def take(self) -> Told:
        """Return how to misbehave at this call, and count it."""
        with self._lock:
            if self._exceeds_quota():
                return Told(error=ServiceError("TooManyRequestsException", "Rate exceeded"))
            if not self._due:
                return HONEST
            told, times = self._due.pop(0)
            if times is None or times > 1:
                self._due.insert(0, (told, None if times is None else times - 1))
            return told

    def _exceeds_quota(self) -> bool:
        if self._per_second is None:
            return False
        now = self._clock()
        while self._recent and self._recent[0] <= now - 1:
            self._recent.popleft()
        if len(self._recent) >= self._per_second:
            return True
        self._recent.append(now)
        return False
