"""Everything that a sign-in needs, each part in a process of its own, at free ports."""

import base64
import json
import logging
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.request import Request, urlopen

import django
from django.core.management import call_command

from bench.companies import BUSY, FRESH, slug_of, write_partner_file
from demo.names import DEVELOPER_PROVIDER_NAME, POOL_ID
from demo.postgres import running_postgres
from demo.processes import Child, running_child

START_SECONDS = 60
POLL_SECONDS = 0.05


class BenchError(RuntimeError):
    """The benchmark cannot run, or what it measures does not work; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """What runs for the whole benchmark; the portal is started for each part of it."""

    portal: str
    providers: str
    cognito: str
    directory: Path
    postgres: subprocess.Popen[bytes]
    postgres_home: Path

    def delay_providers(self, seconds: float) -> None:
        """Have every provider answer so many *seconds* later, or at once with 0."""
        faults = {name: {"delay": seconds} for name in ("authorization", "token")}
        for number in range(BUSY):
            self.tell_provider(slug_of(number), faults if seconds else None)

    def tell_provider(self, slug: str, faults: Mapping[str, object] | None) -> None:
        """Have one provider misbehave as ``demo.provider.control`` says, ``None``: not at all."""
        _tell(f"{self.providers}/_control/{slug}", faults)

    def tell_cognito(self, faults: Mapping[str, object] | None) -> None:
        """Have the emulator misbehave as ``demo.cognito.control`` says, ``None``: not at all."""
        _tell(f"{self.cognito}/_control", faults)

    def asked_of_provider(self, slug: str) -> list[str]:
        """Return which endpoints one provider was last asked for, the oldest first."""
        with urlopen(f"{self.providers}/_control/{slug}", timeout=10) as answer:  # noqa: S310 -- ours
            return [request["endpoint"] for request in json.load(answer)["requests"]]

    def log_of(self, port: str = "") -> Path:
        """Return where the portal at *port* writes, or the only one."""
        return self.directory / f"portal-{port or _port(self.portal)}.log"

    @contextmanager
    def running_portal(self, application: str = "config.wsgi", **environment: str) -> Iterator[int]:
        """Run the production server, as ``make serve`` does; yield its master's process id.

        It serves the portal, or another *application* in its place. What *environment* names is
        different there; with a PORT of its own it runs beside another one.
        """
        port = environment.get("PORT") or _port(self.portal)
        command = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", application]
        with running_child(
            "The portal", command, log=self.log_of(port), environment=environment
        ) as portal:
            _await_answer(f"http://127.0.0.1:{port}/health/ready/", portal)
            yield portal.process.pid


@contextmanager
def running_stack() -> Iterator[Stack]:
    """Run all but the portal; this process then has the portal's settings and database."""
    portal, providers, cognito = (f"http://127.0.0.1:{port}" for port in free_ports(3))
    with ExitStack() as running:
        directory = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="foyer-bench-")))
        server = running.enter_context(running_postgres(None, durable=True))
        if server.process is None:
            raise BenchError("PostgreSQL is not ours to measure.")
        os.environ.update(_environment(portal, providers, cognito))
        os.environ["DATABASE_URL"] = server.url
        _prepare_portal()
        partner_file = directory / "partners.json"
        write_partner_file(partner_file, range(BUSY + FRESH), providers=providers)
        running.enter_context(_providers(providers, portal, partner_file))
        running.enter_context(_identity_pool(cognito, log=directory / "cognito.log"))
        yield Stack(
            portal=portal,
            providers=providers,
            cognito=cognito,
            directory=directory,
            postgres=server.process,
            postgres_home=server.home,
        )


@contextmanager
def _providers(origin: str, portal: str, partner_file: Path) -> Iterator[None]:
    command = [
        *(sys.executable, "-m", "demo.provider", "--auto", "--control"),
        *(f"--port={_port(origin)}", f"--portal={portal}", f"--partners={partner_file}"),
    ]
    log = partner_file.with_name("providers.log")
    with running_child("The partners' providers", command, log=log) as child:
        _await_answer(f"{origin}/{slug_of(0)}/.well-known/openid-configuration", child)
        yield


@contextmanager
def _identity_pool(origin: str, *, log: Path) -> Iterator[None]:
    command = [
        *(sys.executable, "-m", "demo.cognito", f"--port={_port(origin)}", f"--pool={POOL_ID}"),
        *(f"--developer-provider={DEVELOPER_PROVIDER_NAME}", "--control"),
    ]
    with running_child("The Cognito emulator", command, log=log) as child:
        _await_answer(f"{origin}/.well-known/openid-configuration", child)
        yield


def _environment(portal: str, providers: str, cognito: str) -> Mapping[str, str]:
    """Return what the portal has to be told; everything else is as it is by default."""
    for name in ("WEB_CONCURRENCY", "WEB_THREADS", "CACHE_URL", "BIND", "DEBUG"):
        os.environ.pop(name, None)
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PORT": str(_port(portal)),
        "BASE_URL": portal,
        "ALLOWED_HOSTS": "127.0.0.1",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "SECRETS_KEYS": base64.b64encode(secrets.token_bytes(32)).decode(),
        "FEDERATION_TRUSTED_ENDPOINTS": providers.removeprefix("http://"),
        "COGNITO_IDENTITY_POOL_ID": POOL_ID,
        "COGNITO_DEVELOPER_PROVIDER_NAME": DEVELOPER_PROVIDER_NAME,
        "AWS_REGION": POOL_ID.partition(":")[0],
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY": cognito,
        "AWS_ACCESS_KEY_ID": "AKIABENCHOFFOYER",
        "AWS_SECRET_ACCESS_KEY": secrets.token_urlsafe(30),
    }


def _prepare_portal() -> None:
    django.setup()
    # Requests are made in this process too, and its output is for the tables.
    logging.disable(logging.INFO)
    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)


def _await_answer(url: str, child: Child) -> None:
    ends = time.monotonic() + START_SECONDS
    while not _answers(url):
        obituary = child.obituary()
        if obituary is not None or time.monotonic() > ends:
            raise BenchError(obituary or f"{url} does not answer.")
        time.sleep(POLL_SECONDS)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2):  # noqa: S310 -- our own processes, on loopback
            return True
    except (OSError, HTTPException):
        return False


def _port(origin: str) -> str:
    return origin.rpartition(":")[2]


def _tell(url: str, told: Mapping[str, object] | None) -> None:
    request = Request(  # noqa: S310 -- our own processes, on loopback
        url,
        data=None if told is None else json.dumps(told).encode(),
        method="DELETE" if told is None else "POST",
    )
    with urlopen(request, timeout=10):  # noqa: S310 -- likewise
        pass


def free_ports(count: int) -> list[int]:
    """Return so many ports that nobody has."""
    with ExitStack() as held:
        # All are held until each is found: one port is given only once.
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [int(one.getsockname()[1]) for one in sockets]
