"""What processes have used, from ``/proc``: CPU time and memory. Linux only."""

import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")

PARENT, OWN_USER, CHILDREN_SYSTEM = 1, 11, 15
"""Places in ``/proc/<pid>/stat`` after the command's name: proc(5), counted from the state.

From the second to the third are utime, stime, and cutime, cstime of the children that have ended.
"""


def cpu_seconds(process_id: int) -> float:
    """Return the CPU seconds that a process and its descendants have used, ended ones included."""
    fields = _stats()
    ticks = sum(
        sum(map(int, fields[member][OWN_USER:CHILDREN_SYSTEM]))
        for member in _tree(process_id, fields)
    )
    return ticks / TICKS_PER_SECOND


def shared_memory_bytes(process_id: int) -> int:
    """Return the proportional set size (PSS) of a process and its living descendants."""
    return sum(_pss_bytes(member) for member in _tree(process_id, _stats()))


def _tree(process_id: int, fields: dict[int, list[str]]) -> Iterator[int]:
    children = defaultdict(list)
    for member, values in fields.items():
        children[int(values[PARENT])].append(member)
    waiting = [process_id]
    while waiting:
        member = waiting.pop()
        yield member
        waiting += children[member]


def _stats() -> dict[int, list[str]]:
    found = {}
    for directory in PROC.glob("[0-9]*"):
        try:
            text = (directory / "stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended since
        # The command's name stands in parentheses and may hold any character, these included.
        found[int(directory.name)] = text.rpartition(")")[2].split()
    return found


def _pss_bytes(process_id: int) -> int:
    for line in (PROC / str(process_id) / "smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
