"""Group U, outages: what people see while something is away, and that it comes back by itself."""

import os
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from demo.provider import Fault

pytestmark = pytest.mark.portal

DEADLINE_SECONDS = 10
"""What all calls to a provider may take in one sign-in."""


class Wire:
    """A way to the database that can be cut and mended, as a network's."""

    def __init__(self, host, port):
        self._there = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._streams = []
        self._is_cut = False
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        """End every connection, and end each new one at once."""
        self._is_cut = True
        for stream in self._streams:
            with suppress(OSError):
                stream.shutdown(socket.SHUT_RDWR)

    def mend(self):
        self._is_cut = False

    def close(self):
        self.cut()
        self._listener.close()

    def _accept(self):
        with suppress(OSError):
            while True:
                here, _ = self._listener.accept()
                if self._is_cut:
                    here.close()
                    continue
                there = socket.create_connection(self._there)
                self._streams += [here, there]
                for ends in ((here, there), (there, here)):
                    threading.Thread(target=_pump, args=ends, daemon=True).start()


def _pump(source, sink):
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for stream in (source, sink):
        with suppress(OSError):
            stream.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="module")
def wire(portal_server):
    database = urlsplit(portal_server.environment["DATABASE_URL"])
    wire = Wire(database.hostname, database.port)
    yield wire
    wire.close()


@pytest.fixture(scope="module")
def wired(portal_server, wire):
    """A server that reaches the database by the wire."""
    url = urlsplit(portal_server.environment["DATABASE_URL"])
    there = f"{url.username}:{url.password}@127.0.0.1:{wire.port}"
    with portal_server.another_process(DATABASE_URL=url._replace(netloc=there).geturl()) as wired:
        yield wired


# --- U04: the database ---------------------------------------------------------------------------


def test_u04_without_its_database_the_portal_says_so_and_comes_back_by_itself(case, wire, wired):
    browser = case.new_browser(port=wired.port)
    signed_in = browser.sign_in(case.adversary.slug)
    case.let_in(signed_in, case.adversary.email("ana"), by=browser)
    page = case.new_browser().get("/login/").text
    sheet = page.partition('rel="stylesheet" href="')[2].partition('"')[0]

    wire.cut()
    began = time.monotonic()
    away = {path: browser.get(path) for path in ("/", "/login/", "/api/session/")}
    files = [browser.get(path).status_code for path in (sheet, "/health/live/")]
    ready = browser.get("/health/ready/")
    seconds = time.monotonic() - began
    wire.mend()
    back = _when_ready(browser)

    for answer in away.values():
        assert answer.status_code == 500
        assert "Try again in a few minutes" in answer.text
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
    assert files == [200, 200]
    assert (ready.status_code, ready.json()["database"]) == (503, {"status": "unavailable"})
    assert seconds < 11
    assert back < 5
    assert browser.who()["email"] == case.adversary.email("ana")


def test_u04_however_long_the_database_was_away_the_portal_is_back_in_seconds(case, wire, wired):
    """What waits longer between tries the longer it lasts would be away as long again."""
    browser = case.new_browser(port=wired.port)
    case.nothing_happened(case.browser.get("/login/"), status=200)

    wire.cut()
    ends = time.monotonic() + 17
    while time.monotonic() < ends:
        assert browser.get("/health/ready/").status_code == 503
        time.sleep(1)
    wire.mend()

    assert _when_ready(browser) < 5


def _when_ready(browser):
    """Return after how many seconds the portal is ready."""
    began = time.monotonic()
    while browser.get("/health/ready/").status_code != 200:
        assert time.monotonic() - began < 60
        time.sleep(0.2)
    return time.monotonic() - began


# --- U03: a provider that hangs ------------------------------------------------------------------


@pytest.mark.parametrize("endpoint", ["discovery", "token"])
def test_u03_a_provider_that_hangs_is_a_refusal_in_time_and_nobody_elses_trouble(outage, endpoint):
    outage.seconds = DEADLINE_SECONDS + 2
    outage.adversary.forget_documents()
    outage.adversary.misbehave(**{endpoint: Fault(delay=DEADLINE_SECONDS + 3)})
    with ThreadPoolExecutor(1) as victims:
        hanging = victims.submit(outage.browser.sign_in, outage.adversary.slug)
        time.sleep(0.5)
        bystander = outage.new_browser()
        began = time.monotonic()
        signed_in = bystander.sign_in("bystander")
        seconds = time.monotonic() - began
        bystanders = outage._bystander
        outage.let_in(signed_in, bystanders.email("ana"), by=bystander, at=bystanders)
        outage.look()
        with suppress(AssertionError):
            hanging.result()

    assert seconds < 3
    page = outage.refused(
        outage.browser.answers[-1], "provider_unreachable", status=504, token_requests=None
    )
    assert "try again" in page.lower()


# --- U05: a worker that dies ---------------------------------------------------------------------


def test_u05_a_worker_that_is_killed_in_a_callback_leaves_nothing_half_done(case):
    case.adversary.misbehave(token=Fault(delay=3, times=1))
    with case.portal.another_process() as doomed:
        browser = case.new_browser(port=doomed.port)
        callback = browser.come_back(browser.begin(case.adversary.slug))
        case.look()
        with ThreadPoolExecutor(1) as victims:
            going = victims.submit(browser.get, callback)
            _await(lambda: case.adversary.issuer.requests_to("token"))
            for child in _children(doomed.process.pid):
                os.kill(child, signal.SIGKILL)
            with pytest.raises(requests.ConnectionError):
                going.result()
        assert case._now() == case._before
        _await(lambda: _answers(doomed))
        again = browser.get(callback)
        assert (again.status_code, "attempt_unknown" in again.text) == (400, True)
        assert case._now() == case._before
        assert [row[1] for row in case._rows(browser)] == ["attempt_unknown"]
        retried = browser.sign_in(case.adversary.slug)
        case.let_in(retried, case.adversary.email("ana"), by=browser)


def _children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _answers(server):
    try:
        return server.ask("GET", "/health/live/").status == 200
    except OSError:
        return False


def _await(condition):
    ends = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.05)


# --- U07: a new release --------------------------------------------------------------------------


def test_u07_a_sign_in_that_began_before_a_release_ends_after_it(case, migrated):
    began = case.browser.begin(case.adversary.slug)
    early = case.new_browser()
    stayed = early.begin(case.adversary.slug)
    migrated()

    # One server is new already, the other still the old one: both serve what the other began.
    with case.portal.another_process() as new:
        case.browser.port = new.port
        answer = case.browser.get(case.browser.come_back(began))
        case.let_in(answer, case.adversary.email("ana"))
        answer = early.get(early.come_back(stayed))
        case.let_in(answer, case.adversary.email("ana"), by=early)


@pytest.fixture
def migrated(portal_server):
    """Give what adds a column to each table that a sign-in reads or writes; they go afterwards."""
    tables = ["people_user", "people_session", "partners_connection", "federation_usedstate"]

    def migrate():
        for table in tables:
            portal_server.change(f"ALTER TABLE {table} ADD COLUMN of_next_release text")

    yield migrate
    for table in tables:
        portal_server.change(f"ALTER TABLE {table} DROP COLUMN IF EXISTS of_next_release")
