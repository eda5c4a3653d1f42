"""The processes of the demo, and when they are all there."""

import os
import sys
import time
from collections.abc import Iterable
from contextlib import AbstractContextManager
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

from demo.errors import DemoError
from demo.names import DEVELOPER_PROVIDER_NAME, POOL_ID, PORTAL_NAME
from demo.ports import port_of
from demo.processes import Child, running_child

START_SECONDS = 60
POLL_SECONDS = 0.1


def running_provider(state: Path, *, partner_file: Path) -> AbstractContextManager[Child]:
    """Run the partners' providers; their keys and their log are kept in *state*.

    They show the portal's mails too.
    """
    mails = state / "mails"
    mails.mkdir(mode=0o700, exist_ok=True)
    command = [
        *(sys.executable, "-m", "demo.provider", f"--port={port_of('DEMO_PROVIDER_PORT')}"),
        *(f"--portal={os.environ['BASE_URL']}", f"--portal-name={PORTAL_NAME}"),
        *(f"--partners={partner_file}", f"--keys={state / 'provider-keys'}", f"--mails={mails}"),
    ]
    return running_child("The partners' provider", command, log=state / "provider.log")


def running_identity_pool(state: Path) -> AbstractContextManager[Child]:
    """Run the Cognito emulator; its identities, its keys and its log are kept in *state*."""
    command = [
        *(sys.executable, "-m", "demo.cognito", f"--port={port_of('DEMO_COGNITO_PORT')}"),
        *(f"--pool={POOL_ID}", f"--developer-provider={DEVELOPER_PROVIDER_NAME}"),
        f"--state={state / 'cognito'}",
    ]
    return running_child("The Cognito emulator", command, log=state / "cognito.log")


def running_portal() -> AbstractContextManager[Child]:
    """Run the production server; it writes to our own output, as `make serve` does."""
    command = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", "config.wsgi"]
    return running_child("The portal", command)


def running_worker(state: Path) -> AbstractContextManager[Child]:
    """Run what sends the mails and does the rest in the background; its log is in *state*."""
    command = [sys.executable, "manage.py", "procrastinate", "worker"]
    return running_child("The worker", command, log=state / "worker.log")


def await_answers(children: Iterable[Child]) -> None:
    """Return when all parts answer; raises ``DemoError`` when one ends or keeps silent."""
    for url in (
        f"http://127.0.0.1:{port_of('DEMO_PROVIDER_PORT')}/contoso/.well-known/openid-configuration",
        f"http://127.0.0.1:{port_of('DEMO_COGNITO_PORT')}/.well-known/openid-configuration",
        f"http://127.0.0.1:{port_of('PORT')}/health/live/",
    ):
        deadline = time.monotonic() + START_SECONDS
        while not _answers(url):
            raise_if_ended(children)
            if time.monotonic() > deadline:
                raise DemoError(f"{url} does not answer.")
            time.sleep(POLL_SECONDS)


def raise_if_ended(children: Iterable[Child]) -> None:
    """Raise ``DemoError`` with the last lines of the first part that has ended."""
    for child in children:
        obituary = child.obituary()
        if obituary is not None:
            raise DemoError(obituary)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2):  # noqa: S310 -- our own parts, on loopback
            return True
    except (OSError, HTTPException):
        return False
