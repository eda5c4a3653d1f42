"""The benchmark's tables, as plain text."""

from collections.abc import Iterable, Sequence

from bench.inside import Verification
from bench.measurements import Measurement

COLUMNS = (
    "",
    "n",
    "/s",
    "p50 ms",
    "p95 ms",
    "CPU ms: portal",
    "PostgreSQL",
    "both",
    "SQL",
    "kB",
    "MiB PSS",
)


def table_of(title: str, measurements: Iterable[Measurement]) -> str:
    """Return a table with a line for each measurement."""
    return _laid_out([(title, *COLUMNS[1:]), *map(_line, measurements)])


def verification_table(found: Iterable[Verification]) -> str:
    """Return a table with a line for each algorithm."""
    lines = [
        (one.algorithm, f"{one.per_second:,.0f}", f"{1000 / one.per_second:.3f}") for one in found
    ]
    return _laid_out([("ID Token verification, one processor", "/s", "CPU ms"), *lines])


def _line(one: Measurement) -> tuple[str, ...]:
    return (
        one.name,
        f"{one.count:,}",
        f"{one.per_second:,.0f}",
        f"{one.p50_ms:.1f}",
        f"{one.p95_ms:.1f}",
        f"{one.portal_ms:.2f}",
        f"{one.postgres_ms:.2f}",
        f"{one.portal_ms + one.postgres_ms:.2f}",
        "" if one.statements is None else str(one.statements),
        f"{one.body_bytes / 1000:.1f}" if one.body_bytes else "",
        f"{one.memory_bytes / 2**20:.0f}",
    )


def _laid_out(lines: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    written = []
    for first, *others in lines:
        cells = [text.rjust(width) for text, width in zip(others, widths[1:], strict=True)]
        written.append("  ".join([first.ljust(widths[0]), *cells]).rstrip())
    written.insert(1, "-" * len(written[0]))
    return "\n".join(written)
