"""The portal as it runs in production, for tests that drive it from outside."""

import base64
import json
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.client import HTTPConnection, HTTPException, HTTPMessage
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg
from psycopg import sql

from demo.cognito import CognitoEmulator, running_emulator
from demo.names import PORTAL_NAME
from demo.partner_file import partner_file_at
from demo.processes import signalled_with_parent
from demo.provider import DemoProvider, Issuer
from demo.provider.companies import register_companies
from tests.support.name_server import NameServer, running_name_server

ROOT = Path(__file__).parents[2]
START_SECONDS = 60
STOP_SECONDS = 25
ASK_SECONDS = 30

TRUSTED_PROXY = "127.0.0.9"
"""The one address whose forwarding headers the portal believes. On Linux anybody can have it."""

ADMIN_PASSWORD = secrets.token_urlsafe(12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the portal answered to one request."""

    status: int
    headers: HTTPMessage
    body: bytes = field(repr=False)

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One production server: where it listens, and the file that its standard output goes to."""

    port: int
    process: subprocess.Popen[bytes] = field(repr=False)
    log: Path

    def ask(
        self,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        source: str = "127.0.0.1",
    ) -> Answer:
        """Return the answer to one request, sent byte for byte from the address *source*."""
        connection = HTTPConnection(
            "127.0.0.1", self.port, timeout=ASK_SECONDS, source_address=(source, 0)
        )
        try:
            connection.request(method, target, body, headers or {})
            answer = connection.getresponse()
            return Answer(status=answer.status, headers=answer.headers, body=answer.read())
        finally:
            connection.close()

    def lines(self) -> list[dict[str, Any]]:
        """Return what it has logged, a JSON object a line."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def errors(self) -> str:
        """Return what has come on its standard error."""
        return _errors_beside(self.log).read_text()


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal(Process):
    """The portal with all that is around it: the demo's partners and their provider, the pool.

    The provider's host differs from the portal's, so that browsers see two sites.
    """

    base_url: str
    environment: Mapping[str, str] = field(repr=False)
    database: psycopg.Connection[Any] = field(repr=False)
    provider: DemoProvider = field(repr=False)
    pool: CognitoEmulator = field(repr=False)
    name_server: NameServer = field(repr=False)
    directory: Path

    def issuer(self, slug: str) -> Issuer:
        return self.provider.issuer(slug)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return what the portal's database answers."""
        return self.database.execute(query, values).fetchall()

    def change(self, statement: str, *values: object) -> None:
        """Change the portal's database, as the owner would in the admin."""
        self.database.execute(statement, values)

    def manage(self, *arguments: str) -> str:
        """Return what ``manage.py`` prints for these *arguments*."""
        return manage(self.environment, *arguments)

    def mails_to(self, address: str) -> list[EmailMessage]:
        """Have the worker do what waits; return the mails to *address*, the last one first."""
        self.manage("procrastinate", "worker", "--one-shot")
        files = sorted(self.mails.glob("*.log"), key=lambda file: file.stat().st_mtime_ns)
        mails = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
        return [mail for mail in reversed(mails) if address in str(mail["To"])]

    @property
    def mails(self) -> Path:
        """Where Django writes the mails down."""
        return self.directory / "mails"

    def found(self, *records: Mapping[str, Any]) -> None:
        """Add these partners, and give each a provider that knows Ana and Ben there."""
        file = self.directory / f"{records[0]['slug']}.json"
        file.write_text(json.dumps({"partners": records}))
        register_companies(self.provider, file, portal=self.base_url, application=PORTAL_NAME)
        self.manage("import_partners", str(file))

    def record_of(self, slug: str, **changes: object) -> dict[str, Any]:
        """Return a partner file's record of a live partner that is found by email alone."""
        connection = {
            "issuer": f"{self.provider.base_url}/{slug}",
            "client_id": f"foyer-at-{slug}",
            "client_secret": f"a secret: 100 % + of {slug}",
            "id_token_algs": ["ES256"],
        }
        record = {"slug": slug, "name": slug.title(), "status": "live"}
        return {**record, "domains": [f"{slug}.example"], "connection": connection, **changes}

    @contextmanager
    def another_process(self, **environment: str) -> Iterator[Process]:
        """Run a second server on the same database and under the same BASE_URL.

        What *environment* names is different there.
        """
        port = free_port()
        own = {"PORT": str(port), "WEB_CONCURRENCY": "1"}
        environment = {**self.environment, **own, **environment}
        with _serving(port, environment, log=self.directory / "another.log") as another:
            yield another


@contextmanager
def running_portal(
    directory: Path, *, database_url: str, trusted: Sequence[str] = ()
) -> Iterator[Portal]:
    """Run the portal on a database of its own beside the one at *database_url*.

    *trusted* endpoints, each ``host:port``, may be called besides the demo provider.
    """
    with ExitStack() as running:
        provider = DemoProvider(host="localhost").start()
        running.callback(provider.stop)
        pool = running.enter_context(running_emulator())
        name_server = running.enter_context(running_name_server())
        url = running.enter_context(new_database(database_url, name="portal"))
        port = free_port()
        environment = {
            **_environment(port, database_url=url, provider=provider, pool=pool),
            "TEST_STATIC_ROOT": str(directory / "static"),
            "EMAIL_URL": f"filemail:///{quote(str(directory / 'mails'))}",
            "DNS_RESOLVERS": ",".join(f"{host}:{at}" for host, at in name_server.resolvers),
        }
        own = environment["FEDERATION_TRUSTED_ENDPOINTS"]
        environment["FEDERATION_TRUSTED_ENDPOINTS"] = ",".join([own, *trusted])
        base_url = environment["BASE_URL"]
        partners = partner_file_at(urlsplit(provider.base_url).port or 0, directory=directory / "p")
        partners.write_text(partners.read_text().replace("http://127.0.0.1:", "http://localhost:"))
        register_companies(provider, partners, portal=base_url, application=PORTAL_NAME)
        _prepare(environment, partners, home=directory)
        server = running.enter_context(_serving(port, environment, log=directory / "portal.log"))
        yield Portal(
            port=port,
            process=server.process,
            log=server.log,
            base_url=base_url,
            environment=environment,
            database=running.enter_context(psycopg.connect(url, autocommit=True)),
            provider=provider,
            pool=pool,
            name_server=name_server,
            directory=directory,
        )


def manage(environment: Mapping[str, str], *arguments: str) -> str:
    """Return what ``manage.py`` prints in this *environment*."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=dict(environment),
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def free_port() -> int:
    """Return a port that nobody has, below those that outgoing connections take."""
    for port in random.sample(range(12_000, 30_000), 50):
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
    raise RuntimeError("No port is free.")


def _environment(
    port: int, *, database_url: str, provider: DemoProvider, pool: CognitoEmulator
) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "DJANGO_SETTINGS_MODULE": "tests.support.portal_settings",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "SECRETS_KEYS": base64.b64encode(secrets.token_bytes(32)).decode(),
        "DATABASE_URL": database_url,
        "BASE_URL": f"http://127.0.0.1:{port}",
        "PORT": str(port),
        "WEB_CONCURRENCY": "2",
        "WEB_THREADS": "8",
        "PORTAL_NAME": PORTAL_NAME,
        "PORTAL_TAGLINE": "Partner services",
        "PORTAL_SUPPORT_EMAIL": "support@northlake.example",
        "TRUSTED_PROXIES": f"{TRUSTED_PROXY}/32",
        "FEDERATION_TRUSTED_ENDPOINTS": provider.base_url.removeprefix("http://"),
        "COGNITO_IDENTITY_POOL_ID": pool.pool_id,
        "COGNITO_DEVELOPER_PROVIDER_NAME": pool.developer_provider_name,
        "TOKEN_TO_BROWSER": "true",
        "AWS_REGION": pool.region,
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY": pool.base_url,
        "AWS_ACCESS_KEY_ID": "AKIATESTSOFFOYER",
        "AWS_SECRET_ACCESS_KEY": secrets.token_urlsafe(30),
        "DEMO_ADMIN_PASSWORD": ADMIN_PASSWORD,
    }


def _prepare(environment: Mapping[str, str], partners: Path, *, home: Path) -> None:
    # One process for all of it: each would import everything anew.
    prepare = f"prepare_portal(Path({str(partners)!r}), home=Path({str(home)!r}))"
    imports = "from pathlib import Path; from demo.preparation import prepare_portal"
    manage(environment, "shell", "--no-imports", "--command", f"{imports}; {prepare}")


@contextmanager
def new_database(url: str, *, name: str) -> Iterator[str]:
    """Give the URL of a new, empty database beside the one at *url*; it goes afterwards."""
    # No two workers, and no two runs on one server, have the same.
    name = f"{name}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    quoted = sql.Identifier(name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(quoted))
        try:
            yield urlsplit(url)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(quoted))


@contextmanager
def _serving(port: int, environment: Mapping[str, str], *, log: Path) -> Iterator[Process]:
    command = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", "config.wsgi"]
    errors = _errors_beside(log)
    with log.open("wb") as stdout, errors.open("wb") as stderr:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            preexec_fn=signalled_with_parent(signal.SIGTERM),  # noqa: PLW1509 -- one system call
        )
    server = Process(port=port, process=process, log=log)
    try:
        _await_answer(server, errors)
        yield server
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def _errors_beside(log: Path) -> Path:
    return log.with_suffix(".errors")


def _await_answer(server: Process, errors: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            if server.ask("GET", "/health/live/").status == 200:
                return
        except (OSError, HTTPException):
            time.sleep(0.05)
    raise RuntimeError(f"The portal did not start.\n{errors.read_text()}")
