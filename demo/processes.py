"""Child processes that never outlive the process that started them."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
"""prctl(2): the signal that the kernel sends to a child when its parent ends."""


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
