"""A server whose launcher was killed, where the kernel did not end it too."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

STOP_SECONDS = 10


def postmaster_lines(directory: Path) -> list[str]:
    """Return postmaster.pid: the process id in line 1, the status in line 8; empty if absent."""
    try:
        return (directory / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def end_orphan(directory: Path) -> None:
    """Stop the server of the data directory; to be called only while no launcher holds its home."""
    lines = postmaster_lines(directory)
    process_id = int(lines[0]) if lines else 0
    if not process_id or not _is_alive(process_id):
        # PostgreSQL itself recognises the file of a dead server.
        return
    if not _serves(process_id, directory):
        # The number was given to another process since; PostgreSQL would not start beside it.
        (directory / "postmaster.pid").unlink(missing_ok=True)
        return
    os.kill(process_id, signal.SIGINT)
    deadline = time.monotonic() + STOP_SECONDS
    while _serves(process_id, directory) and time.monotonic() < deadline:
        time.sleep(0.02)


def _is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        # Somebody else's.
        return True
    return True


def _serves(process_id: int, directory: Path) -> bool:
    """Whether the process was started on *directory* and has not ended."""
    if sys.platform == "linux":
        try:
            return os.fsencode(directory) in Path(f"/proc/{process_id}/cmdline").read_bytes()
        except FileNotFoundError:
            return False
    command = ["/bin/ps", "-ww", "-o", "command=", "-p", str(process_id)]
    shown = subprocess.run(command, check=False, capture_output=True, text=True)
    return str(directory) in shown.stdout
