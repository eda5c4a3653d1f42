"""Child processes that never outlive the process that started them."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
"""prctl(2): the signal that the kernel sends to a child when its parent ends."""

STOP_SECONDS = 8
SHOWN_LINES = 20


def signalled_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """Return a ``preexec_fn`` that has the child sent *number* when its parent ends.

    The kernel sends it even when the parent is killed with SIGKILL. It means the thread that
    starts the child: start children from a thread that stays. ``None`` where the system has no
    such call; there a child outlives a parent that could not stop it.
    """
    if sys.platform != "linux":
        return None
    # Loaded here: between fork and exec nothing may be imported or looked up.
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def ask_for_signal() -> None:
        prctl(PR_SET_PDEATHSIG, number.value)
        if os.getppid() != parent:
            # The parent ended before the kernel was asked, so no signal will come.
            os._exit(1)

    return ask_for_signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A process that is part of the demo: what people call it, and where it writes."""

    name: str
    process: subprocess.Popen[bytes] = field(repr=False)
    log: Path | None = None

    def obituary(self) -> str | None:
        """Return how this process ended, with its last lines, or ``None`` while it runs."""
        status = self.process.poll()
        if status is None:
            return None
        text = self.log.read_text(errors="replace") if self.log else ""
        lines = text.splitlines()[-SHOWN_LINES:]
        return "\n".join([f"{self.name} has stopped, with exit status {status}.", *lines])


@contextmanager
def running_child(
    name: str,
    command: Sequence[str],
    *,
    log: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Child]:
    """Run *command* until the block ends; it writes to *log*, or where we write.

    It has our environment, and what *environment* names is different there.
    """
    output = log.open("wb") if log else None
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
        # Its own session: Ctrl-C in the terminal reaches us alone, and we stop it in order.
        start_new_session=True,
        preexec_fn=signalled_with_parent(signal.SIGTERM),  # noqa: PLW1509 -- one system call
    )
    if output:
        output.close()
    try:
        yield Child(name=name, process=process, log=log)
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
