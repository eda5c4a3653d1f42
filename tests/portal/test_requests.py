"""Requests that no browser would send: other methods, tricks with paths, large, slow, many."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.portal_visitor import Visitor

pytestmark = pytest.mark.portal

MEGABYTE = 1024 * 1024


# Methods


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "POST", "DELETE", "PATCH"])
def test_the_callback_answers_get_alone_and_another_method_uses_nothing_up(portal, method):
    portal.issuer("contoso").sign_in_as("ana@contoso.example")
    visitor = Visitor(portal)
    visitor.get("/login/")
    callback = visitor.come_back(visitor.begin("contoso"))
    cookies = visitor.cookies()
    headers = {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        # Without it, a method that may change something is not even looked at.
        "X-CSRFToken": cookies["foyer-csrf"],
    }

    other = portal.ask(method, callback.removeprefix(portal.base_url), headers=headers)
    back = visitor.get(callback)

    assert other.status == 405
    assert "Location" not in other.headers
    assert back.status_code == 302
    assert visitor.who()["email"] == "ana@contoso.example"


def test_a_browser_that_looks_at_a_forms_address_gets_a_page_and_a_program_gets_none(portal):
    as_browser = portal.ask("GET", "/login/forget/", headers={"Accept": "text/html,*/*"})
    as_program = portal.ask("GET", "/login/forget/", headers={"Accept": "application/json"})

    assert (as_browser.status, as_program.status) == (405, 405)
    assert as_browser.headers["Allow"] == as_program.headers["Allow"] == "POST, OPTIONS"
    assert b"There is nothing to see at this address" in as_browser.body
    assert as_program.body == b""


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_asking_about_the_callback_does_not_find_a_session_begun(portal, method):
    portal.issuer("contoso").sign_in_as("ana@contoso.example")
    visitor = Visitor(portal)
    callback = visitor.come_back(visitor.begin("contoso"))
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies().items())

    answer = portal.ask(method, callback.removeprefix(portal.base_url), headers={"Cookie": cookies})

    assert "Set-Cookie" not in answer.headers
    assert not portal.issuer("contoso").requests_to("token")


@pytest.mark.parametrize("header", [{"Sec-Purpose": "prefetch"}, {"Sec-Fetch-Dest": "image"}])
def test_what_is_fetched_ahead_stores_nothing(portal, header):
    answer = portal.ask("GET", "/login/contoso/", headers=header)

    assert answer.status == 204
    assert "Set-Cookie" not in answer.headers


# Paths


@pytest.mark.parametrize(
    "target",
    [
        "/login//contoso/",
        "//login/contoso/",
        "/login/./contoso/",
        "/login/x/../contoso/",
        "/login/contoso/%2e%2e/contoso/",
        "/login/contoso%00/",
        "/login/contoso%0d%0aSet-Cookie:%20a=b/",
        "/login/cont%6Fso%FF/",
        "/login/cont%6Fso/",
        "/%61dmin/login/",
        "/admin%2flogin/",
        "/api%2Fauthorize/",
        "/login/contoso;a=b/",
        "/login/contoso\\/",
        "/login/%E2%80%AEosotnoc/",
        "/static/../manage.py",
        "/static/%2e%2e/manage.py",
        "/static/..%2f..%2fmanage.py",
        "/static//etc/passwd",
        "/logos/../manage.py",
        "/logos/" + 64 * "0",
        "/.git/config",
        "/.well-known/openid-configuration",
        "/metrics/",
        "/oauth/authorize",
    ],
)
def test_a_path_that_leads_nowhere_is_answered_with_404(portal, target):
    answer = portal.ask("GET", target)

    assert answer.status == 404
    assert "Set-Cookie" not in answer.headers or "foyer-a-" not in answer.headers["Set-Cookie"]
    assert b"SECRET_KEY" not in answer.body


@pytest.mark.parametrize(
    "query",
    [
        "?next=%00",
        "?next=%FF",
        "?q=" + 4000 * "a",
        "?q=%00",
        "?letter=%00&page=-1",
        "?page=99999999999999999999",
        "?partner=%00",
        "?domain_hint=%F0%9F%92%A9.example",
        "?login_hint=%0d%0aSet-Cookie:%20a=b",
        "?" + "&".join(f"a{number}=b" for number in range(400)),
    ],
)
def test_a_query_of_garbage_is_answered_with_the_page(portal, query):
    answer = portal.ask("GET", f"/login/{query}")

    assert answer.status == 200
    assert "Sign in with your company account" in answer.text


@pytest.mark.parametrize(
    "query",
    ["state=%00&code=%00", "state=a&state=b", "code=" + 4000 * "c", "error=%FF", "state=&code="],
)
def test_a_response_of_garbage_is_a_refusal(portal, query):
    answer = portal.ask("GET", f"/login/contoso/callback/?{query}", source="127.0.0.3")

    assert answer.status == 400
    assert "attempt_unknown" in answer.text


# Sizes


def test_a_form_may_not_be_larger_than_any_of_ours(portal):
    answer = portal.ask("POST", "/login/", body=bytes(2 * MEGABYTE))

    assert answer.status == 413


@pytest.mark.parametrize(
    "body",
    [b"email=" + 500_000 * b"a", b"\xff\xfe=%00&email=%ff", b"&".join([b"a=b"] * 600)],
    ids=["long", "not-utf-8", "many"],
)
def test_a_form_of_garbage_is_no_fault_of_ours(portal, body):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    answer = portal.ask("POST", "/login/", body=body, headers=headers)

    assert answer.status in {200, 400}


def test_a_long_address_and_long_headers_are_refused(portal):
    long_address = portal.ask("GET", "/login/?q=" + 10_000 * "a")
    long_header = portal.ask("GET", "/login/", headers={"X-Long": 10_000 * "a"})

    assert long_address.status in {400, 414, 431}
    assert long_header.status in {400, 431}


# Speed


def test_slow_clients_keep_nobody_waiting(portal):
    address = ("127.0.0.1", portal.port)
    slow = [socket.create_connection(address) for _ in range(64)]
    for number, stream in enumerate(slow):
        head = b"POST /login/ HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n"
        stream.sendall(head if number % 2 else head + b"\r\nemail=")

    began = time.monotonic()
    answers = [portal.ask("GET", "/login/").status for _ in range(8)]
    seconds = time.monotonic() - began

    for stream in slow:
        stream.close()
    assert answers == [200] * 8
    assert seconds < 4


# Many at once


def test_forty_people_at_once_get_in_on_one_fetch_of_its_documents(portal):
    issuer = portal.issuer("globex")
    issuer.sign_in_as("ana@globex.example")
    portal.change("delete from federation_providerdocuments")
    visitors = [Visitor(portal) for _ in range(40)]

    with ThreadPoolExecutor(40) as people:
        answers = list(people.map(lambda visitor: visitor.sign_in("globex"), visitors))

    assert [answer.status_code for answer in answers] == [302] * 40
    assert len(issuer.requests_to("discovery")) == 1
    assert len(issuer.requests_to("jwks")) == 1
    assert len(issuer.requests_to("token")) == 40
    assert {visitor.who()["email"] for visitor in visitors} == {"ana@globex.example"}


def test_many_people_of_several_companies_at_once_are_never_mixed_up(portal):
    people = {"acme": "ana", "globex": "ben", "contoso": "ana", "fabrikam": "sam"}
    for slug, name in people.items():
        portal.issuer(slug).sign_in_as(f"{name}@{slug}.example")
    slugs = 6 * list(people)

    def email_after_signing_in(slug):
        visitor = Visitor(portal)
        visitor.sign_in(slug)
        return visitor.who()["email"]

    with ThreadPoolExecutor(len(slugs)) as crowd:
        emails = list(crowd.map(email_after_signing_in, slugs))

    assert emails == [f"{people[slug]}@{slug}.example" for slug in slugs]


def test_a_response_that_arrives_many_times_at_once_is_accepted_once(portal):
    issuer = portal.issuer("acme")
    issuer.sign_in_as("ana@acme.example")
    visitor = Visitor(portal)
    callback = visitor.come_back(visitor.begin("acme")).removeprefix(portal.base_url)
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies().items())

    with ThreadPoolExecutor(20) as copies:
        answers = list(
            copies.map(
                lambda _: portal.ask("GET", callback, headers={"Cookie": cookies}), range(20)
            )
        )

    assert sorted(answer.status for answer in answers) == [302] + [400] * 19
    assert len(issuer.requests_to("token")) == 1


def test_a_page_that_is_not_found_does_not_repeat_its_address(portal):
    answer = portal.ask("GET", "/login/contoso/callback?code=a-code&state=a-state")

    assert answer.status == 404
    assert b"a-code" not in answer.body
    assert b"a-state" not in answer.body
