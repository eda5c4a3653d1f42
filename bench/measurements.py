"""One measurement: a load is carried out, and what it cost is read before and after."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.load import Plan, outcome_of
from bench.processes import cpu_seconds, shared_memory_bytes
from bench.stack import BenchError, Stack


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What one kind of sign-in or request took and cost, each on average.

    ``portal_ms`` and ``postgres_ms`` are milliseconds of CPU time over all their processes,
    ``p50_ms`` and ``p95_ms`` milliseconds that somebody waited. ``memory_bytes`` is the PSS of the
    portal afterwards. ``statements`` are those to the database, ``None`` where nobody counted.
    """

    name: str
    count: int
    per_second: float
    p50_ms: float
    p95_ms: float
    portal_ms: float
    postgres_ms: float
    memory_bytes: int
    body_bytes: int
    statements: int | None = None


def measured(
    name: str, plan: Plan, *, stack: Stack, portal: int, statements: int | None = None
) -> Measurement:
    """Return what *plan* took; *portal* is the process id of the portal's master.

    Raises ``BenchError`` when any of it was answered otherwise than it should be: a refusal is
    quick, and would look like a good figure.
    """
    before = cpu_seconds(portal), cpu_seconds(stack.postgres.pid)
    outcome = outcome_of(plan)
    after = cpu_seconds(portal), cpu_seconds(stack.postgres.pid)
    count = len(outcome.milliseconds)
    if outcome.failures or not count:
        raise BenchError(f"{name}: {count} succeeded, besides {outcome.failures or 'nothing'}")
    portal_ms, postgres_ms = (
        (now - then) * 1000 / count for then, now in zip(before, after, strict=True)
    )
    return Measurement(
        name=name,
        count=count,
        per_second=count / outcome.seconds,
        p50_ms=percentile(outcome.milliseconds, 50),
        p95_ms=percentile(outcome.milliseconds, 95),
        portal_ms=portal_ms,
        postgres_ms=postgres_ms,
        memory_bytes=shared_memory_bytes(portal),
        body_bytes=outcome.body_bytes,
        statements=statements,
    )


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the least of *values* that *percent* of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
