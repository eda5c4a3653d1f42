"""``make serve``: from the environment alone, in order or not at all."""

import os
import signal
import subprocess
import time
from contextlib import contextmanager
from http.client import HTTPConnection

import psycopg
import pytest

from tests.support.portal import ROOT, free_port, new_database

pytestmark = pytest.mark.portal

START_SECONDS = 60
# What is installed is not for this test to change.
SERVE = ["make", "--old-file=.venv/.installed-run", "--no-print-directory", "serve"]


@pytest.fixture
def environment(portal, tmp_path):
    """The environment of a portal that was never set up: its database is empty."""
    static = tmp_path / "static"
    with new_database(os.environ["DATABASE_URL"], name="never_migrated") as url:
        yield {
            **portal.environment,
            "DATABASE_URL": url,
            "PORT": str(free_port()),
            "WEB_CONCURRENCY": "1",
            "TEST_STATIC_ROOT": str(static),
        }


@contextmanager
def serving(environment):
    process = subprocess.Popen(
        SERVE,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        # A group of its own, so that make and its server end together.
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.communicate(timeout=START_SECONDS)


def status_of(environment, path):
    """Return the status with which *path* is answered, once the server answers."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        connection = HTTPConnection("127.0.0.1", int(environment["PORT"]), timeout=10)
        try:
            connection.request("GET", path, headers={"Host": environment["BASE_URL"][7:]})
            return connection.getresponse().status
        except ConnectionRefusedError:
            time.sleep(0.1)
        finally:
            connection.close()
    return None


def test_it_collects_the_static_files_and_leaves_the_database_as_it_is(environment):
    with serving(environment):
        live = status_of(environment, "/health/live/")
        sheet = status_of(environment, "/static/portal.css")

    assert (live, sheet) == (200, 200)
    with psycopg.connect(environment["DATABASE_URL"]) as connection:
        tables = connection.execute("select count(*) from pg_tables where schemaname = 'public'")
        assert tables.fetchone() == (0,)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", None),
        ("SECRET_KEY", "short"),
        ("BASE_URL", "http://portal.example"),
        ("DATABASE_URL", None),
        ("DATABASE_URL", "sqlite:///portal"),
        ("SECRETS_KEYS", "c2hvcnQ="),
        ("SESSION_IDLE", "half an hour"),
        ("TRUSTED_PROXIES", "10.0.0.1/33"),
        ("PORT", "http"),
        ("WEB_CONCURRENCY", "0"),
    ],
)
def test_a_wrong_variable_stops_the_start_with_one_line_that_names_it(portal, name, value):
    environment = {**portal.environment, "PORT": str(free_port()), name: value}
    given = {name: value for name, value in environment.items() if value is not None}

    with serving(given) as process:
        _, said = process.communicate(timeout=START_SECONDS)

    lines = [line for line in said.splitlines() if not line.startswith("make:")]
    assert process.returncode != 0
    assert len(lines) == 1, said
    assert lines[0].startswith(name)
    assert value is None or name != "SECRETS_KEYS" or value not in said
