"""What is written to standard output: JSON, one request's lines by its id, and no secret."""

import base64
import json
import re
from collections import defaultdict
from collections.abc import Callable
from urllib.parse import unquote_plus, urlsplit

import pytest

from demo.provider import Fault, IdTokenFault, Signature
from tests.support.portal_visitor import Visitor, continue_url

pytestmark = pytest.mark.portal

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

FAULTS = {
    "signature": {"id_token": IdTokenFault(signature=Signature.FLIPPED, times=1)},
    "nonce": {"id_token": IdTokenFault(members={"nonce": "another"}, times=1)},
    "issuer": {"id_token": IdTokenFault(members={"iss": "https://evil.example"}, times=1)},
    "email": {"id_token": IdTokenFault(members={"email": "eve@elsewhere.example"}, times=1)},
    "subject": {"id_token": IdTokenFault(without=["sub"], times=1)},
    "token-garbage": {"token": Fault(body=lambda honest: honest[:-1], times=1)},
    "token-error": {"token": Fault(status=500, body=lambda honest: honest, times=1)},
    "response-issuer": {"authorization": Fault(members={"iss": "https://evil.example"}, times=1)},
    "response-twice": {"authorization": Fault(members={"code": ["a-code", "b-code"]}, times=1)},
}
"""What a provider does wrong, each of which ends in a refusal."""


@pytest.fixture
def written(portal) -> Callable[[], str]:
    """A function that returns what has been logged since the test began."""
    begins = portal.log.stat().st_size
    return lambda: portal.log.read_text()[begins:]


class Secrets:
    """Everything that has to stay secret in the sign-ins at one company, by what it is."""

    def __init__(self, portal, slug: str) -> None:
        self.portal = portal
        self.issuer = portal.issuer(slug)
        self.known: dict[str, set[str]] = defaultdict(set)
        self.issuer.misbehave(id_token=IdTokenFault(token=self._noted))

    def notice(self, visitor: Visitor) -> None:
        """Note the cookies of this browser, and the token that it is given."""
        self.known["cookie"] |= set(visitor.cookies().values())
        answer = visitor.get("/api/token/")
        if answer.status_code == 200:
            self.known["developer token"].add(answer.json()["token"])

    def all(self) -> dict[str, set[str]]:
        """Return what has been noted, what the provider was told, and the portal's own."""
        environment = self.portal.environment
        for name in ("SECRET_KEY", "SECRETS_KEYS", "AWS_SECRET_ACCESS_KEY"):
            self.known[name] = {environment[name]}
        self.known["password"] = {urlsplit(environment["DATABASE_URL"]).password or ""}
        for request in self.issuer.requests_to("authorization", "token"):
            for name in ("state", "nonce", "code_verifier", "code"):
                self.known[name] |= set(request.parameters.get(name, ()))
        for request in self.issuer.requests_to("token"):
            basic = request.headers["authorization"].removeprefix("Basic ")
            _, _, sent = base64.b64decode(basic).decode().partition(":")
            self.known["client secret"] |= {basic, sent, unquote_plus(sent)}
        for code, access_token in list(self.issuer.spent_codes._access_tokens.items()):
            self.known["code"].add(code)
            self.known["access token"].add(access_token)
        return self.known

    def _noted(self, honest: str) -> str:
        self.known["id_token"].add(honest)
        return honest


def test_no_secret_is_written_anywhere_whatever_becomes_of_a_sign_in(portal, written):
    portal.issuer("acme").sign_in_as("ana@acme.example")
    secrets = Secrets(portal, "acme")
    pages = []
    statuses = {}

    for name, faults in {"honest": {}, **FAULTS}.items():
        portal.issuer("acme").misbehave(**faults)
        visitor = Visitor(portal)
        url = continue_url(visitor.post("/login/", {"email": "ana@acme.example"}).text)
        secrets.notice(visitor)
        callback = visitor.come_back(url)
        answers = [visitor.get(callback), visitor.get("/"), Visitor(portal).get(callback)]
        secrets.notice(visitor)
        statuses[name] = answers[0].status_code
        pages += [answer.text for answer in answers]

    log = written() + portal.errors()
    trail = repr(portal.rows("select to_jsonb(audit_event)::text from audit_event"))
    html = "".join(pages)
    known = secrets.all()
    assert statuses.pop("honest") == 302
    assert set(statuses.values()) <= {400, 403, 502}, statuses
    assert len(known) == 13
    assert all(known.values())
    for kind, values in known.items():
        for value in values:
            assert value not in log, kind
            assert value not in trail, kind
            assert value not in html, kind


def test_no_strangers_address_is_written(portal, written):
    portal.issuer("acme").misbehave(**FAULTS["email"])
    portal.issuer("acme").sign_in_as("ana@acme.example")

    back = Visitor(portal).sign_in("acme")

    assert back.status_code == 403
    assert "email_not_of_partner" in written()
    assert "eve@elsewhere.example" not in written()


def test_a_refusal_is_one_line_and_one_row_with_its_reason_and_the_reference_on_the_page(
    portal, written
):
    portal.issuer("acme").misbehave(**FAULTS["signature"])
    portal.issuer("acme").sign_in_as("ana@acme.example")

    page = Visitor(portal).sign_in("acme").text

    reference = page.partition('class="reference">')[2].partition("<")[0]
    lines = [line for line in records(written()) if line.get("reference") == reference]
    rows = portal.rows(
        "select reason, partner, request_id from audit_event where reference = %s", reference
    )
    assert [(line["event"], line["reason"]) for line in lines] == [
        ("login.refused", "signature_invalid")
    ]
    assert rows == [("signature_invalid", "acme", lines[0]["request_id"])]


def test_every_line_is_json_and_says_when_what_and_in_which_request(portal, written):
    visitor = Visitor(portal)

    for address in ("/login/", "/login/contoso/", "/login/dunmore/", "/nowhere/"):
        visitor.get(address)
    visitor.get("/login/contoso/callback/?state=x")
    visitor.post("/login/", {"email": "nobody"})

    lines = records(written())
    assert lines
    for line in lines:
        assert {"timestamp", "level", "event", "logger"} <= set(line)
        assert UUID.fullmatch(line["request_id"]), line


def test_every_request_is_one_line_without_its_query(portal, written):
    portal.ask("GET", "/login/?login_hint=ana@contoso.example")
    portal.ask("GET", "/login/contoso/?next=/secret/")
    portal.ask("GET", "/nowhere/?a=b")

    finished = [
        (line["request"], line["code"])
        for line in records(written())
        if line["event"] == "request_finished"
    ]
    assert finished == [("GET /login/", 200), ("GET /login/contoso/", 302), ("GET /nowhere/", 404)]


def test_nobody_else_writes_a_requests_id_or_a_line_of_their_own(portal, written):
    forged = 'x", "event": "login.succeeded'
    headers = {"X-Request-ID": forged, "User-Agent": forged}

    portal.ask("GET", "/login/contoso/callback/?state=%0a%7b%22event%22%3a1%7d", headers=headers)

    assert all(UUID.fullmatch(line["request_id"]) for line in records(written()))
    assert forged not in written()


def records(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]
