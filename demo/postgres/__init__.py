"""An embedded PostgreSQL: durable for the demo, fast and forgetful for the tests.

``programs`` finds PostgreSQL and the account that runs it, ``home`` is the directory that it lives
in and who is using it, ``cluster`` makes, starts and stops the server, ``orphan`` ends one that
was left behind.
"""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from demo.postgres.cluster import START_SECONDS, Cluster, stop
from demo.postgres.home import Access, opened_home, read_access, sole_use, temporary_home
from demo.postgres.programs import PostgresError, account_to_run_as, programs_for

__all__ = ["PostgresError", "Server", "running_postgres", "server_in_use"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One running PostgreSQL."""

    url: str = field(repr=False)
    home: Path
    process: subprocess.Popen[bytes] | None = field(repr=False, default=None)
    """The server's process, in the process that started it."""


@contextmanager
def running_postgres(
    data_dir: Path | None, *, durable: bool, port: int = 0, database: str = "foyer"
) -> Iterator[Server]:
    """Yield a server with *database*, kept in *data_dir*; it stops when the block ends.

    Without a *data_dir* its data are temporary. Without a *port* (0) it is last time's where that
    is still free. Raises ``PostgresError``, with what to do, when it cannot start. Enter this from
    a thread that stays: the kernel stops the server when that thread ends.
    """
    account = account_to_run_as()
    home = temporary_home() if data_dir is None else opened_home(data_dir)
    try:
        with sole_use(home):
            programs = programs_for(account, home=home)
            cluster = Cluster(home=home, account=account, programs=programs, durable=durable)
            process, access = cluster.start(port)
            try:
                _create_database(access, database)
                yield Server(url=access.url(database), home=home, process=process)
            finally:
                stop(process)
    finally:
        if data_dir is None:
            shutil.rmtree(home, ignore_errors=True)


def server_in_use(data_dir: Path, *, database: str = "foyer") -> Server:
    """Return the server that another process runs in *data_dir*, once it answers.

    Raises ``PostgresError`` when it does not answer in time.
    """
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        access = read_access(data_dir)
        try:
            if access is not None and access.port:
                psycopg.connect(access.url(database), connect_timeout=2).close()
                return Server(url=access.url(database), home=data_dir)
        except psycopg.OperationalError:
            # Still starting.
            pass
        time.sleep(0.05)
    raise PostgresError(f"The database in {data_dir} is in use, but does not answer.")


def _create_database(access: Access, name: str) -> None:
    with psycopg.connect(access.url("postgres"), autocommit=True) as connection:
        found = connection.execute("SELECT FROM pg_database WHERE datname = %s", [name])
        if found.fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
