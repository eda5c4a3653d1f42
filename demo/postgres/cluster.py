"""Making, starting and stopping one PostgreSQL server.

``postgres`` is a direct child and not left to ``pg_ctl``: it ends with its parent, and a killed
server is reaped at once instead of being mistaken for a running one.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import NamedTemporaryFile

from demo.postgres.home import Access, read_access, remember
from demo.postgres.orphan import end_orphan, postmaster_lines
from demo.postgres.programs import Account, PostgresError
from demo.processes import signalled_with_parent

LOCALE = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
"""Present on every such system; plain C would fold and compare ASCII letters only."""

START_SECONDS = 30
STOP_SECONDS = 10

FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""Faster, and the data are lost when the server is killed."""

PASSING_COMPLAINTS = ("postmaster.pid", "shared memory block")
"""What a start stumbles over while the processes of a killed server are still ending."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """PostgreSQL's files in one home, and how they are served."""

    home: Path
    account: Account
    programs: Path
    durable: bool

    @property
    def directory(self) -> Path:
        """The data directory proper."""
        return self.home / "cluster"

    @property
    def log(self) -> Path:
        """What the server has written since this start."""
        return self.home / "log"

    def start(self, port: int) -> tuple[subprocess.Popen[bytes], Access]:
        """Return the server, ready at *port* or, with 0, where it likes, and the access to it."""
        access = read_access(self.home)
        if access is None or not self.directory.is_dir():
            access = self._create()
        end_orphan(self.directory)
        wanted = port or access.port
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            access = replace(access, port=wanted or _free_port())
            process = self._launch(access.port)
            if self._becomes_ready(process, deadline=deadline):
                remember(access, home=self.home)
                return process, access
            stop(process)
            complaint = self.log.read_text(errors="replace")
            if "could not bind" in complaint:
                if port:
                    raise PostgresError(f"Port {port}, wanted for PostgreSQL, is in use.")
                wanted = 0
            elif not any(words in complaint for words in PASSING_COMPLAINTS):
                break
            time.sleep(0.1)
        raise PostgresError(f"PostgreSQL did not start.\n{self._last_lines()}")

    def _create(self) -> Access:
        """Make the data directory, all or nothing, and return the access to it."""
        access = Access.new()
        unfinished = self.home / "cluster.new"
        for leftover in (unfinished, self.directory):
            shutil.rmtree(leftover, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        self.account.own(unfinished)
        with NamedTemporaryFile("w", dir=self.home) as password:
            password.write(access.password)
            password.flush()
            self.account.own(Path(password.name))
            made = self._run_initdb(unfinished, password_file=password.name)
        if made.returncode != 0:
            raise PostgresError(f"PostgreSQL made no data directory.\n{self._last_lines()}")
        remember(access, home=self.home)
        unfinished.rename(self.directory)
        return access

    def _run_initdb(
        self, directory: Path, *, password_file: str
    ) -> subprocess.CompletedProcess[bytes]:
        command = [
            str(self.programs / "initdb"),
            f"--pgdata={directory}",
            "--username=foyer",
            f"--pwfile={password_file}",
            # Not "trust": on a shared machine any local user could sign in.
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            f"--locale={LOCALE}",
            *([] if self.durable else ["--no-sync"]),
        ]
        with self.log.open("wb") as log:
            return subprocess.run(
                command,
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.home,
                env=_environment(),
                **self.account.identity,
            )

    def _launch(self, port: int) -> subprocess.Popen[bytes]:
        settings = [
            "listen_addresses=127.0.0.1",
            # TCP only: a socket's path may have 100 bytes, a checkout's any number.
            "unix_socket_directories=",
            *(() if self.durable else FORGETFUL),
        ]
        command = [str(self.programs / "postgres"), f"-D{self.directory}", "-p", str(port)]
        for setting in settings:
            command += ["-c", setting]
        with self.log.open("wb") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.home,
                env=_environment(),
                # Its own session: Ctrl-C in the terminal must not stop it before its clients.
                start_new_session=True,
                preexec_fn=signalled_with_parent(signal.SIGINT),  # noqa: PLW1509 -- one system call
                **self.account.identity,
            )

    def _becomes_ready(self, process: subprocess.Popen[bytes], *, deadline: float) -> bool:
        while process.poll() is None and time.monotonic() < deadline:
            lines = postmaster_lines(self.directory)
            if lines[:1] == [str(process.pid)] and "".join(lines[7:]).strip() == "ready":
                return True
            time.sleep(0.01)
        return False

    def _last_lines(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-5:])


def stop(process: subprocess.Popen[bytes]) -> None:
    """Stop the server: at once for its clients, in order for its data."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if process.poll() is None:
            process.send_signal(number)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        return


def _environment() -> dict[str, str]:
    # Without the caller's PGPORT, PGOPTIONS and the like.
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": LOCALE}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
