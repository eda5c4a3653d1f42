"""What holds after every case, whatever was tried, and the ways in which a case ends.

A test attacks through a ``Case`` and gives a verdict: the person was *refused* or *let in*, or
*nothing happened*. When the test is over the case holds the rest against what it has watched: who
was called, what was said of secrets, what it cost, and that somebody else still signs in.
"""

import json
import re
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, quote_plus, urlsplit

import requests
from requests.adapters import HTTPAdapter

from demo.provider import RecordedRequest
from tests.security.adversary import Adversary
from tests.support.loopback import LoopbackServer
from tests.support.portal import Portal
from tests.support.portal_visitor import SECONDS, Visitor

ANSWERED_WITHIN_SECONDS = 5.0
"""How long one answer of the portal may take, on a busy machine, where nothing hangs on purpose."""

CPU_SECONDS = 0.5
"""What a case may cost the portal's processes, the sign-in of the bystander included."""

PEAK_BYTES = 8 * 1024 * 1024
"""How much more memory than before a process of the portal may have held at any moment."""

MINIMUM_SECRET = 12
"""Characters: anything shorter occurs by chance."""

SECRET_PARAMETERS = ("code", "state", "nonce", "code_verifier", "client_secret", "client_assertion")
SECRET_COOKIES = ("foyer-a-", "foyer-session")
COMPACT_TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}")
ELSEWHERE = re.compile(r'(?:src|href|action|srcset|poster|data)="\s*(?:https?:)?//[^"]*"')
REFERENCE = re.compile(r"FY-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")

CALLED_BY_THE_PORTAL = ("discovery", "jwks", "token", "userinfo")

AS_IT_WAS = """
SELECT array(SELECT digest::text FROM people_session ORDER BY digest),
       array(SELECT concat_ws(' ', id, email, name, is_active, is_staff, partner_id, subject)
             FROM people_user ORDER BY id),
       array(SELECT concat_ws(' ', user_id, connection_id, issuer, provider_subject)
             FROM people_federatedlogin ORDER BY id),
       array(SELECT concat_ws(' ', id, slug, status) FROM partners_partner ORDER BY id)
"""
ROWS = """
SELECT what, reason, reference, partner, subject, email FROM audit_event
WHERE id > %s AND address = %s ORDER BY id
"""

REQUEST_LOGS = {"django.request", "config.request_log", "django_structlog.middlewares.request"}
"""Where the line of a request is written: at error level when it was answered with 5xx."""


def status_of(reason: str) -> int:
    """Return the status with which the portal refuses for *reason*: contract, section 6."""
    odd = {"client_rejected": 502, "authorization_denied": 403, "person_inactive": 403}
    forbidden = ("staff_", "email_", "partner_", "step_up_")
    by_beginning = {"provider_": 502, **dict.fromkeys(forbidden, 403)}
    beginnings = (code for start, code in by_beginning.items() if reason.startswith(start))
    return odd.get(reason) or next(beginnings, 400)


class FromAddress(HTTPAdapter):
    """Connects from a loopback address of its own: to the portal, another machine."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Connect from ``address``."""
        super().init_poolmanager(*args, source_address=(self.address, 0), **kwargs)


class Browser(Visitor):
    """A visitor at an address of its own, which remembers every answer and how long it took."""

    def __init__(self, case: "Case", address: str, *, port: int = 0) -> None:
        super().__init__(case.portal, port=port)
        self.address = address
        self.answers: list[requests.Response] = []
        self.slowest = 0.0
        self._case = case
        self._sessions[case.portal.base_url].mount("http://", FromAddress(address))

    def ask(self, method: str, path: str, **headers: str) -> requests.Response:
        """Return the answer to a request with any *method* at *path*."""
        return self._send(method, path, headers=headers)

    def ask_exactly(self, method: str, target: str, **headers: str) -> requests.Response:
        """Return the answer to a request for *target* as it is, which a browser would tidy up."""
        session = self._sessions[self.portal.base_url]
        here = f"http://127.0.0.1:{self.port}"
        host = {"Host": urlsplit(self.portal.base_url).netloc}
        asked = requests.Request(method, here, headers={**host, **headers})
        prepared = session.prepare_request(asked)
        prepared.url = here + target
        answer = session.send(prepared, allow_redirects=False, timeout=SECONDS)
        self.answers.append(answer)
        return answer

    def plant(self, name: str, value: str) -> None:
        """Put a cookie of the portal's into this browser."""
        self._sessions[self.portal.base_url].cookies.set(name, value)

    def attempts(self) -> dict[str, str]:
        """Return the cookies that hold this browser's attempts."""
        return {name: value for name, value in self.cookies().items() if "foyer-a-" in name}

    def secrets(self) -> set[str]:
        """Return what this browser was told or carried that nobody else may read."""
        found = {
            cookie.value
            for answer in self.answers
            for cookie in answer.cookies
            if cookie.value and cookie.name.removeprefix("__Host-").startswith(SECRET_COOKIES)
        }
        for answer in self.answers:
            for header in ("Location", "Refresh"):
                found |= _secrets_in(answer.headers.get(header, ""))
        return found

    def pages(self) -> str:
        """Return the text of the portal's pages, but for those that lead to a provider."""
        return "\n".join(
            answer.text
            for answer in self.answers
            if answer.url.startswith(f"http://127.0.0.1:{self.port}/")
            and answer.headers.get("Content-Type", "").startswith("text/html")
            and "http" not in answer.headers.get("Refresh", "")
        )

    def _send(self, method: str, address: str, **how: Any) -> requests.Response:
        is_portals = address.startswith(("/", self.portal.base_url))
        if "/callback/" in address:
            self._case.look()
        began = time.monotonic()
        answer = super()._send(method, address, **how)
        if is_portals:
            self.slowest = max(self.slowest, time.monotonic() - began)
        self.answers.append(answer)
        return answer


class Case:
    """One attack by one adversary, watched from its beginning to its end.

    *secrets*, *adversaries* and *alerts*, events at error level, are for what only the test knows
    of; the limits at the end may be raised by a test that is slow or expensive on purpose.
    """

    def __init__(
        self, portal: Portal, adversary: Adversary, bystander: Adversary, canary: LoopbackServer
    ) -> None:
        self.portal = portal
        self.adversary = adversary
        self.adversaries = [adversary]
        self.secrets: set[str] = set()
        self.alerts: set[str] = set()
        self.seconds = ANSWERED_WITHIN_SECONDS
        self.cpu_seconds = CPU_SECONDS
        self.peak_bytes = PEAK_BYTES
        self.canary = canary
        self._bystander = bystander
        self._browsers: list[Browser] = []
        self.browser = self.new_browser()
        self._verdicts = 0
        self._before: tuple[Any, ...] | None = None
        self._workers = Workers(portal.process.pid)
        self._log_from = {file: file.stat().st_size for file in self._log_files()}
        self._calls_of_canary = canary.connections
        self._first_event = self._seen_event = self._latest_event()
        self._seen_calls = len(portal.pool.calls)
        self._seen_line = len(self._lines())

    # --- Attacking ------------------------------------------------------------------------------

    def new_browser(self, *, port: int = 0) -> Browser:
        """Return a browser that has never been here, at an address that nobody else has."""
        browser = Browser(self, next_address(), port=port)
        self._browsers.append(browser)
        return browser

    def attack(self, query: str = "", **faults: Any) -> requests.Response:
        """Return the portal's answer to Ana, whose provider misbehaves as *faults* say."""
        self.adversary.misbehave(**faults)
        return self.browser.sign_in(self.adversary.slug, query)

    def callback(self, query: str = "") -> str:
        """Return the address that the provider sends the browser back to, not yet opened."""
        return self.browser.come_back(self.browser.begin(self.adversary.slug, query))

    def look(self) -> None:
        """Note how things are before somebody comes back."""
        self._before = self._now()

    # --- Verdicts -------------------------------------------------------------------------------

    def refused(
        self,
        answer: requests.Response,
        reason: str,
        *,
        by: Browser | None = None,
        at: Adversary | None = None,
        status: int | None = None,
        token_requests: int | None = None,
        is_gone: bool = False,
    ) -> str:
        """Assert that nobody was let in, and that page, trail and log say why; return the page.

        A partner that *is_gone* is not named.
        """
        browser, adversary = by or self.browser, at or self.adversary
        slug = "" if is_gone else adversary.slug
        page = answer.text
        references = set(REFERENCE.findall(page))
        assert reason in page, f"expected {reason}: {_why(page)}"
        assert answer.status_code == (status or status_of(reason))
        assert len(references) == 1, references
        reference = references.pop()
        _assert_page_of_refusal(answer)
        assert self._rows(browser) == [("login.refused", reason, reference, slug, "", "")]
        refusals = [line for line in self._new_lines() if line.get("event") == "login.refused"]
        assert [(line["reason"], line["reference"]) for line in refusals] == [(reason, reference)]
        self._assert_nobody_came_in(answer)
        self._assert_token_requests(adversary, reason, expected=token_requests)
        return page

    def let_in(
        self,
        answer: requests.Response,
        email: str,
        *,
        by: Browser | None = None,
        at: Adversary | None = None,
        to: str = "/",
    ) -> dict[str, Any]:
        """Assert that this person, and nobody else, was let in; return what the portal says."""
        browser, adversary = by or self.browser, at or self.adversary
        assert answer.status_code == 302, _why(answer.text)
        assert answer.headers["Location"] == to
        who = browser.who()
        assert who is not None
        assert (who["email"], who["partner"]["slug"]) == (email, adversary.slug)
        rows = self._rows(browser)
        assert [(row[0], row[3:]) for row in rows] == [
            ("login.succeeded", (adversary.slug, who["subject"], email))
        ]
        calls = self._new_calls()
        assert [call.parameters["Logins"] for call in calls] == [
            {self.portal.pool.developer_provider_name: who["subject"]}
        ]
        assert email not in str(calls[0].parameters)
        self._verdicts += 1
        return who

    def let_in_without_token(
        self, answer: requests.Response, email: str, *, cause: str, what: str
    ) -> dict[str, Any]:
        """Assert that this person was let in, and that the trail says why there is no token."""
        assert answer.status_code == 302, _why(answer.text)
        who = self.browser.who()
        assert who is not None
        assert (who["email"], who["token"]) == (email, None)
        rows = self._rows(self.browser)
        assert sorted(row[:2] for row in rows) == sorted(
            [("login.succeeded", ""), (what, "token_issuer_unavailable")]
        )
        lines = [line for line in self._new_lines() if line["event"] == what and "reason" in line]
        assert [line["cause"] for line in lines] == [cause]
        self._new_calls()
        self._verdicts += 1
        return who

    def nothing_happened(self, answer: requests.Response, *, status: int) -> None:
        """Assert that the portal answered *status* and did nothing else at all."""
        assert answer.status_code == status, _why(answer.text)
        assert not self._rows(self.browser)
        self._assert_nobody_came_in(answer)

    def _assert_nobody_came_in(self, answer: requests.Response) -> None:
        assert not [cookie.name for cookie in answer.cookies if "foyer-session" in cookie.name]
        if self._before is not None:
            assert self._now() == self._before
        assert not self._new_calls()
        self._verdicts += 1

    def _assert_token_requests(
        self, adversary: Adversary, reason: str, *, expected: int | None
    ) -> None:
        redeemed = adversary.issuer.requests_to("token")
        if expected is not None:
            assert len(redeemed) == expected
        elif reason.startswith(("attempt_", "response_", "authorization_", "partner_")):
            assert not redeemed
        elif not reason.startswith("provider_"):
            assert len(redeemed) == 1

    # --- Afterwards -----------------------------------------------------------------------------

    def close(self) -> None:
        """Assert what holds after every case."""
        assert self._verdicts, "the test gave no verdict"
        self._assert_bounded()
        self._assert_somebody_else_signs_in()
        self._assert_nobody_else_was_called()
        self._assert_nothing_broke()
        self._assert_nothing_leaked()

    def _assert_bounded(self) -> None:
        assert max(browser.slowest for browser in self._browsers) <= self.seconds
        assert self._workers.cpu_seconds() <= self.cpu_seconds
        assert self._workers.peak_bytes() <= self.peak_bytes

    def _assert_somebody_else_signs_in(self) -> None:
        browser, bystander = self.new_browser(), self._bystander
        answer = browser.sign_in(bystander.slug)
        assert answer.status_code == 302, _why(answer.text)
        who = browser.who()
        assert who is not None
        assert who["email"] == bystander.email("ana")
        assert browser.slowest <= ANSWERED_WITHIN_SECONDS

    def _assert_nobody_else_was_called(self) -> None:
        expected = {one.issuer.slug for one in (self._bystander, *self.adversaries)}
        for slug, issuer in self.portal.provider.issuers.items():
            called = issuer.requests_to(*CALLED_BY_THE_PORTAL)
            assert slug in expected or not called, f"{slug} was called"
        assert self.canary.connections == self._calls_of_canary

    def _assert_nothing_broke(self) -> None:
        log = self._logged()
        assert "Traceback" not in log, log
        loud = [line for line in self._lines() if line.get("level") in {"error", "critical"}]
        # That a partner's provider is broken is said at this level too, once a request.
        own = [line for line in loud if line.get("logger") not in REQUEST_LOGS]
        assert not [line for line in own if line["event"] not in self.alerts]

    def _assert_nothing_leaked(self) -> None:
        rows = self.portal.rows(
            "SELECT string_agg(e::text, E'\n') FROM audit_event e WHERE id > %s", self._first_event
        )
        places = {
            "the log": self._logged(),
            "the trail": str(rows[0][0] or ""),
            "a page": "\n".join(browser.pages() for browser in self._browsers),
        }
        secrets = self._all_secrets()
        for place, text in places.items():
            told = {secret for secret in secrets if secret in text}
            assert not told, f"{place} tells {told}"
            assert not COMPACT_TOKEN.search(text), f"{place} has a token"

    def _all_secrets(self) -> set[str]:
        known = set(self.secrets)
        for browser in self._browsers:
            known |= browser.secrets()
        for adversary in (self._bystander, *self.adversaries):
            known |= adversary.secrets()
            for request in adversary.issuer.requests_to("token", "userinfo"):
                known |= _secrets_of(request)
        forms = (known, map(quote, known), map(quote_plus, known))
        return {text for form in forms for text in form if len(text) >= MINIMUM_SECRET}

    # --- What is looked at ----------------------------------------------------------------------

    def _now(self) -> tuple[Any, ...]:
        return self.portal.rows(AS_IT_WAS)[0]

    def _latest_event(self) -> int:
        return int(self.portal.rows("SELECT coalesce(max(id), 0) FROM audit_event")[0][0])

    def _rows(self, browser: Browser) -> list[tuple[Any, ...]]:
        """Return what the trail has newly got from this browser."""
        rows = self.portal.rows(ROWS, self._seen_event, browser.address)
        self._seen_event = self._latest_event()
        return rows

    def _new_calls(self) -> list[Any]:
        calls = list(self.portal.pool.calls)[self._seen_calls :]
        self._seen_calls += len(calls)
        return calls

    def _new_lines(self) -> list[dict[str, Any]]:
        lines = self._lines()[self._seen_line :]
        self._seen_line += len(lines)
        return lines

    def _lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._since(self.portal.log).splitlines()]

    def _logged(self) -> str:
        return "\n".join(self._since(file) for file in self._log_files())

    def _log_files(self) -> tuple[Path, Path]:
        return self.portal.log, self.portal.log.with_suffix(".errors")

    def _since(self, file: Path) -> str:
        with file.open("rb") as opened:
            opened.seek(self._log_from[file])
            return opened.read().decode()


class Workers:
    """The portal's processes, and what they have used since this object was made."""

    def __init__(self, pid: int) -> None:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        self._processes = [Path(f"/proc/{child}") for child in children.split()]
        for process in self._processes:
            # 5 sets the peak back to what is used now: proc_pid_clear_refs(5).
            (process / "clear_refs").write_text("5")
        self._bytes = {process: _memory(process, "VmRSS") for process in self._processes}
        self._cpu_seconds = self._spent()

    def peak_bytes(self) -> int:
        """Return by how much the process that grew most exceeded what it had."""
        return max(_memory(process, "VmHWM") - had for process, had in self._bytes.items())

    def cpu_seconds(self) -> float:
        """Return the processor time that all of them have used."""
        return self._spent() - self._cpu_seconds

    def _spent(self) -> float:
        fields = [
            (process / "stat").read_text().rpartition(")")[2].split() for process in self._processes
        ]
        return sum(int(one[11]) + int(one[12]) for one in fields) / 100


def _memory(process: Path, name: str) -> int:
    found = re.search(rf"{name}:\s+([0-9]+) kB", (process / "status").read_text())
    assert found
    return int(found[1]) * 1024


def _assert_page_of_refusal(answer: requests.Response) -> None:
    headers = answer.headers
    assert headers["Cache-Control"] == "no-store"
    assert "Location" not in headers
    assert "Refresh" not in headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    policy = headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-" not in policy
    elsewhere = ELSEWHERE.search(answer.text)
    assert elsewhere is None, elsewhere
    assert "<script>" not in answer.text
    assert " style=" not in answer.text


def _secrets_in(address: str) -> set[str]:
    named = parse_qs(urlsplit(address).query)
    return {value for name in SECRET_PARAMETERS for value in named.get(name, ())}


def _secrets_of(request: RecordedRequest) -> set[str]:
    found = {value for name in SECRET_PARAMETERS for value in request.parameters.get(name, ())}
    _scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    return {*found, credentials} if credentials else found


def _why(page: str) -> str:
    words: Iterable[str] = re.findall(r'class="mono muted">([a-z_]+)<', page)
    return ", ".join(words) or page[:500]


_addresses = iter(range(1, 250 * 250 * 250))


def next_address() -> str:
    """Return a loopback address that no browser of this run has had."""
    number = next(_addresses)
    return f"127.{77 + number // 62500 % 100}.{number // 250 % 250}.{number % 250 + 1}"
