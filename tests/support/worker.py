"""The worker as it runs in production, and the mails that it sends."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote

from demo.processes import signalled_with_parent
from tests.support.portal import ROOT

SECONDS = 30
STOP_SECONDS = 25


class Mails:
    """The mails that were sent, as Django's file backend writes them into *directory*."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._read: set[str] = set()

    @property
    def url(self) -> str:
        """What EMAIL_URL is, to have them written there."""
        return f"filemail:///{quote(str(self.directory))}"

    def new(self) -> list[EmailMessage]:
        """Return the mails that have come since the last time."""
        files = sorted(self.directory.glob("*.log"))
        # Those of one moment share a file, to which the second may come when the first was read.
        raw = [one for file in files for one in file.read_bytes().split(b"-" * 79 + b"\n")[:-1]]
        mails = [message_from_bytes(one.lstrip(), policy=policy.default) for one in raw]
        new = [mail for mail in mails if mail["Message-ID"] not in self._read]
        self._read.update(mail["Message-ID"] for mail in new)
        return new

    def next(self) -> EmailMessage:
        """Return the one mail that comes next, and fail when none does."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            if mails := self.new():
                (mail,) = mails
                return mail
            time.sleep(0.05)
        raise AssertionError("No mail has come.")


@contextmanager
def running_worker(environment: Mapping[str, str], *, queues: str, log: Path) -> Iterator[None]:
    """Run a worker for these *queues* until the block ends."""
    command = [sys.executable, "manage.py", "procrastinate", "worker", f"--queues={queues}"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=dict(environment),
            stdout=output,
            stderr=output,
            preexec_fn=signalled_with_parent(signal.SIGTERM),  # noqa: PLW1509 -- one system call
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)
