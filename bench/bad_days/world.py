"""What a day can reach: the running processes, the companies and the database."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import psycopg
from psycopg import sql

from bench.bad_days.crowd import Crowd, Door
from bench.browser import Person, Wire
from bench.companies import BUSY, FRESH, person_of, write_partner_file
from bench.stack import BenchError, Stack

PER_SECOND = 20.0
"""Sign-ins a second while something goes wrong: busy, and far from what two processors can do."""

WARM_UP_SECONDS = 4.0

BROWSERS = 32
"""As many as can wait at a time for a portal that does not answer at once."""

OTHERS = range(20)
"""Companies whose people sign in all through a day."""

WRITTEN = {
    "people_session": ("started_at", "last_seen_at", "ends_at", "renewing_until"),
    "federation_providerdocuments": ("fetched_at", "asked_again_at", "failed_at"),
    "federation_usedstate": ("used_at",),
}
"""The moments that the portal has written down and comes back to."""

VICTIMS = range(BUSY, BUSY + FRESH)
"""Companies whose providers, domain names or keys may be spoilt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One run: each part of a day lasts *seconds*, the endurance *minutes*.

    What is started on *running* lives until the run is over.
    """

    stack: Stack
    running: ExitStack
    seconds: float
    minutes: float

    @property
    def door(self) -> Door:
        """The way to the portal, and to the stack's providers."""
        return Door(portal=lambda: Wire(self.stack.portal), providers=self.stack.providers)

    @contextmanager
    def others(
        self, door: Door | None = None, *, per_second: float = PER_SECOND
    ) -> Iterator[Crowd]:
        """Have the people of many companies sign in until the block ends."""
        people = people_of(OTHERS)
        crowd = Crowd(door or self.door, people, browsers=BROWSERS, per_second=per_second)
        with crowd.signing_in():
            # Each worker has its modules and the companies' documents to load first.
            crowd.during(WARM_UP_SECONDS)
            crowd.visits.clear()
            yield crowd

    def found_companies(self) -> None:
        """Import every company that the stack's providers know."""
        file = self.stack.directory / "companies.json"
        write_partner_file(file, range(BUSY + FRESH), providers=self.stack.providers)
        self.manage("import_partners", str(file))

    def manage(self, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
        """Return what ``manage.py`` prints."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            env={**os.environ, **(environment or {})},
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise BenchError(f"manage.py {arguments[0]}: {done.stderr[-2000:]}")
        return done.stdout

    def rows(self, query: str | sql.Composed, *values: object) -> list[tuple[Any, ...]]:
        """Return what the database answers, nothing for a statement without an answer."""
        composed = query.encode() if isinstance(query, str) else query
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            cursor = connection.execute(composed, values)
            return cursor.fetchall() if cursor.description else []

    def sizes(self, tables: Iterable[str]) -> dict[str, int]:
        """Return how many rows these *tables* have."""
        counted = sql.SQL("SELECT count(*) FROM {}")
        return {table: self.rows(counted.format(sql.Identifier(table)))[0][0] for table in tables}

    def shift(self, time: timedelta) -> None:
        """Move what the portal has written into the future, or into the past where it is less."""
        for table, columns in WRITTEN.items():
            moved = [
                sql.SQL("{0} = {0} + {1}").format(sql.Identifier(column), time)
                for column in columns
            ]
            statement = sql.SQL("UPDATE {} SET {}")
            self.rows(statement.format(sql.Identifier(table), sql.SQL(", ").join(moved)))

    def log(self) -> str:
        """Return what the portal has written since it was started."""
        return self.stack.log_of().read_text(errors="replace")


def people_of(numbers: Sequence[int]) -> list[Person]:
    """Return the people of the companies with these *numbers*."""
    return [person_of(number, name) for number in numbers for name in ("ana", "ben")]


def workers_of(portal: int) -> set[int]:
    """Return the process ids of a portal's workers."""
    path = Path(f"/proc/{portal}/task/{portal}/children")
    return {int(child) for child in path.read_text().split()}


def seconds_until(condition: Callable[[], bool], *, most: float) -> float:
    """Return after how many seconds *condition* holds, or infinity after *most*."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > most:
            return float("inf")
        time.sleep(0.2)
    return time.monotonic() - began


def readiness(portal: str) -> dict[str, Any]:
    """Return what the portal's readiness probe says, with its ``status`` of HTTP as ``http``."""
    try:
        with urlopen(f"{portal}/health/ready/", timeout=10) as answer:  # noqa: S310 -- ours
            return {"http": answer.status, **json.load(answer)}
    except HTTPError as error:
        return {"http": error.code, **json.load(error)}
    except OSError:
        return {"http": 0}
