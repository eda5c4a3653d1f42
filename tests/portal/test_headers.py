"""The headers of every kind of answer, as they leave the production server."""

import pytest

from tests.support.portal_visitor import Visitor

pytestmark = pytest.mark.portal

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
}

PAGES = {
    "sign-in": ("/login/", 200),
    "home": ("/", 302),
    "begin": ("/login/contoso/", 302),
    "paused": ("/login/dunmore/", 503),
    "draft-or-unknown": ("/login/nobody/", 404),
    "callback": ("/login/contoso/callback/?state=x&code=y", 400),
    "initiate": ("/login/initiate/", 400),
    "signed-out": ("/logout/", 200),
    "help": ("/login/help/", 200),
    "timed-out": ("/login/timed-out/", 200),
    "not-found": ("/nowhere/", 404),
    "admin": ("/admin/", 302),
    "admin-sign-in": ("/admin/login/", 200),
    "no-method": ("/login/forget/", 405),
    "api-session": ("/api/session/", 401),
    "api-token": ("/api/token/", 401),
    "api-authorize": ("/api/authorize/", 401),
    "live": ("/health/live/", 200),
    "ready": ("/health/ready/", 200),
}
"""By name: an address, and the status with which it is answered to somebody signed out."""


@pytest.mark.parametrize("name", PAGES)
def test_every_answer_has_the_portals_headers_and_is_kept_nowhere(portal, name):
    address, status = PAGES[name]

    answer = portal.ask("GET", address, headers={"Host": portal.base_url.removeprefix("http://")})

    assert answer.status == status
    assert set(answer.headers["Content-Security-Policy"].split("; ")) == POLICY
    assert answer.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert "no-store" in answer.headers["Cache-Control"]
    assert "X-Powered-By" not in answer.headers
    assert "/" not in answer.headers.get("Server", "")


def test_an_address_that_holds_the_providers_answer_is_told_to_nobody(portal):
    answer = portal.ask("GET", "/login/contoso/callback/?state=x&code=y")

    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_pages_of_somebody_signed_in_are_kept_nowhere(portal):
    portal.issuer("contoso").sign_in_as("ana@contoso.example")
    visitor = Visitor(portal)
    back = visitor.sign_in("contoso")

    answers = [back, *map(visitor.get, ("/", "/login/", "/logout/", "/api/session/"))]
    answers += map(visitor.get, ("/api/token/", "/api/authorize/"))

    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}


def test_static_files_are_kept_for_ever_under_names_that_change_with_them(portal):
    page = portal.ask("GET", "/login/").text
    address = page.partition('rel="stylesheet" href="')[2].partition('"')[0]

    answer = portal.ask("GET", address)

    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/css")
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "Set-Cookie" not in answer.headers


def test_logos_are_known_by_their_etag_and_show_nothing_else(portal):
    page = portal.ask("GET", "/login/").text
    address = page.partition('<img src="')[2].partition('"')[0]
    answer = portal.ask("GET", address)

    again = portal.ask("GET", address, headers={"If-None-Match": answer.headers["ETag"]})

    assert answer.headers["Content-Type"].startswith("image/")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert (again.status, again.body) == (304, b"")


def test_no_cookie_can_be_read_by_a_script(portal):
    portal.issuer("contoso").sign_in_as("ana@contoso.example")
    visitor = Visitor(portal)

    answers = [visitor.get("/login/"), visitor.get("/login/contoso/"), visitor.sign_in("contoso")]

    cookies = [answer.headers.get("Set-Cookie", "") for answer in answers]
    assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in cookies)
    assert not any("Domain=" in cookie for cookie in cookies)
