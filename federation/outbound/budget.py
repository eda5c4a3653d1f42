"""What one call may use of time and memory, and a socket that keeps to it."""

import io
import select
import socket
import time
from typing import TYPE_CHECKING

from .errors import AnswerTooLargeError, DeadlineExceededError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

ANSWER_BYTES = 256 * 1024
"""Bytes of an answer, its headers included: many times the largest key sets that are served."""

SENT_AT_ONCE_BYTES = 16 * 1024
"""Bytes after which the deadline is looked at again: one TLS record."""


class Budget:
    """What one call may still use: seconds until its deadline, and bytes of answer."""

    def __init__(self, *, seconds: float) -> None:
        """Begin to count now."""
        self._ends_at = time.monotonic() + seconds
        self.received = 0

    def seconds_left(self) -> float:
        """Return the seconds left, more than 0; raises ``DeadlineExceededError`` after that."""
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise DeadlineExceededError("The deadline passed before the answer was complete.")
        return left

    def receive(self, octets: int) -> None:
        """Count *octets* that came; raises ``AnswerTooLargeError`` when they are too many."""
        self.received += octets
        if self.received > ANSWER_BYTES:
            raise AnswerTooLargeError(f"The answer has more than {ANSWER_BYTES} bytes.")


class BoundedSocket:
    """A connected socket, each step of which gets no more than what its budget has left.

    A time limit of the socket alone would begin again with every byte that drips in.
    """

    def __init__(self, plain: socket.socket, budget: Budget) -> None:
        """Take over the connected socket *plain*."""
        self._socket = plain
        self.budget = budget

    def sendall(self, data: bytes) -> None:
        """Send *data*."""
        for start in range(0, len(data), SENT_AT_ONCE_BYTES):
            self._socket.settimeout(self.budget.seconds_left())
            self._socket.sendall(data[start : start + SENT_AT_ONCE_BYTES])

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return a reader for one answer, as ``http.client`` asks for it."""
        return io.BufferedReader(_BoundedReader(self._socket, self.budget))

    def has_input(self) -> bool:
        """Return whether something came while nothing was asked, the other side's end included."""
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(0))

    def close(self) -> None:
        """Close the socket as soon as no reader needs it."""
        self._socket.close()


class _BoundedReader(io.RawIOBase):
    def __init__(self, plain: socket.socket, budget: Budget) -> None:
        super().__init__()
        self._socket = plain
        # As an unbuffered file the socket stays open until the file is closed, even when the
        # connection lets go of it first: http.client does so after "Connection: close".
        self._file = plain.makefile("rb", buffering=0)
        self._budget = budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        self._socket.settimeout(self._budget.seconds_left())
        received = self._file.readinto(buffer) or 0
        self._budget.receive(received)
        return received

    def close(self) -> None:
        self._file.close()
        super().close()
