"""Group P, headers: what every answer carries, whoever gives it, and what it tells to others."""

import re
import socket

import pytest

from demo.names import ADMIN_EMAIL
from tests.support.portal import ADMIN_PASSWORD, TRUSTED_PROXY

pytestmark = pytest.mark.portal

EVIL = "https://evil.example"

# --- P11: headers of every answer ----------------------------------------------------------------

PATHS = [
    "/",
    "/login/",
    "/login/?q=a",
    "/login/adversary/",
    "/login/adversary/callback/",
    "/login/nobody/",
    "/login/initiate/",
    "/login/help/",
    "/login/timed-out/",
    "/login/forget/",
    "/logout/",
    "/nowhere/",
    "/nowhere.css",
    "/static/nowhere.css",
    "/logos/" + 64 * "0",
    "/favicon.ico",
    "/robots.txt",
    "/i18n/setlang/",
    "/admin/",
    "/admin/login/",
    "/admin/partners/partner/",
    "/api/session/",
    "/api/token/",
    "/api/authorize/",
    "/.well-known/foyer/adversary/jwks.json",
    "/health/live/",
    "/health/ready/",
]


def assert_headers(answer):
    headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-" not in policy
    assert "*" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] in {"same-origin", "no-referrer"}
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in headers
    assert not re.search(r"\d", headers.get("Server", ""))


def assert_kept_nowhere(answer):
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", [pytest.param(p, id=f"P11-{p[:40]}") for p in PATHS])
def test_p11_every_answer_has_the_headers_for_somebody_signed_out(case, path):
    answer = case.browser.ask("GET", path)

    case.nothing_happened(answer, status=answer.status_code) if "callback" not in path else (
        case.refused(answer, "attempt_unknown")
    )
    assert_headers(answer)
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]
    if "jwks" not in path or answer.status_code != 200:
        assert_kept_nowhere(answer)


def test_p11_every_answer_has_the_headers_for_somebody_signed_in(case):
    case.let_in(case.attack(), case.adversary.email("ana"))

    answers = [case.browser.get(path) for path in PATHS if "callback" not in path]

    for answer in answers:
        assert_headers(answer)
        if "jwks" not in answer.url or answer.status_code != 200:
            assert_kept_nowhere(answer)


def test_p11_the_owners_pages_have_the_headers_too(case):
    case.nothing_happened(case.browser.get("/admin/"), status=302)
    case.cpu_seconds *= 4
    form = {"username": ADMIN_EMAIL, "password": ADMIN_PASSWORD}
    signed_in = case.browser.post("/admin/login/?next=/admin/", form, page="/admin/login/")
    assert signed_in.status_code == 302
    paths = ["/admin/", "/admin/partners/partner/", "/admin/partners/partner/add/"]
    paths += ["/admin/audit/event/", "/admin/people/session/", "/admin/nowhere/"]

    answers = [case.browser.get(path) for path in paths]

    assert [answer.status_code for answer in answers] == [200] * 5 + [404]
    for answer in answers:
        assert_headers(answer)
        assert_kept_nowhere(answer)
        assert "<script>" not in answer.text
        assert " style=" not in answer.text


@pytest.mark.parametrize("host", ["evil.example", "localhost:1", "127.0.0.1", "a.b:c", ""])
@pytest.mark.parametrize(("method", "status"), [("GET", 301), ("HEAD", 301), ("POST", 400)])
def test_p11_an_answer_under_another_host_name_has_the_headers(case, host, method, status):
    answer = case.browser.ask_exactly(method, "/login/", Host=host)

    case.nothing_happened(answer, status=status)
    assert_headers(answer)
    assert_kept_nowhere(answer)
    assert "Set-Cookie" not in answer.headers


FILES = re.compile(r'(?:href|src)="(/(?:static|logos)/[^"]+)"')


def test_p11_files_have_the_headers_and_no_cookie_and_are_for_this_origin_alone(case):
    pages = [case.browser.get("/login/").text, case.browser.get("/admin/login/").text]
    paths = {path for page in pages for path in FILES.findall(page)}
    assert len(paths) > 3

    answers = [case.new_browser().get(path, Origin=EVIL) for path in sorted(paths)]

    case.nothing_happened(answers[0], status=200)
    case.cpu_seconds *= 2
    for answer in answers:
        assert answer.status_code == 200
        assert_headers(answer)
        assert "immutable" in answer.headers["Cache-Control"]
        assert "Set-Cookie" not in answer.headers


UNREADABLE = {
    "413": b"POST /login/ HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n",
    "411": b"POST /login/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "431": b"GET / HTTP/1.1\r\nHost: a\r\nX: " + 70_000 * b"a",
    "431 too": b"GET / HTTP/1.1\r\nHost: a\r\nX: " + 9_000 * b"a" + b"\r\n\r\n",
    "414": b"GET /" + 9_000 * b"a" + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "400": b"GET /login/x/callback/?code=a-code-in-a-line of its own HTTP/1.1\r\nHost: a\r\n\r\n",
    "400 header": b"GET / HTTP/1.1\r\nHost: a\r\nCookie: a-cookie\0in-a-line\r\n\r\n",
    "400 name": b"GET / HTTP/1.1\r\nHost: a\r\na-name in-a-line: a\r\n\r\n",
    "400 version": b"GET / HTTP/a-version-in-a-line\r\nHost: a\r\n\r\n",
    "400 length": b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: in-a-line\r\n\r\n",
}
"""By their status: requests that the server refuses before the portal is asked."""


@pytest.mark.parametrize("name", [pytest.param(name, id=f"P11-{name}") for name in UNREADABLE])
def test_p11_a_request_that_is_not_even_read_is_answered_with_the_headers(case, name):
    case.secrets |= {"a-code-in-a-line", "a-cookie", "in-a-line"}

    with socket.create_connection(("127.0.0.1", case.portal.port), timeout=10) as stream:
        stream.sendall(UNREADABLE[name])
        answer = b"".join(iter(lambda: stream.recv(65536), b"")).decode()

    head, _, body = answer.partition("\r\n\r\n")
    lines = head.lower().split("\r\n")
    assert lines[0].startswith(f"http/1.1 {name[:3]} ")
    assert "content-security-policy: default-src 'none'; frame-ancestors 'none'" in lines
    assert "cache-control: no-store" in lines
    assert "referrer-policy: no-referrer" in lines
    assert "x-content-type-options: nosniff" in lines
    assert "x-frame-options: deny" in lines
    assert "<" not in body
    assert "in-a-line" not in answer
    case.nothing_happened(case.browser.get("/login/"), status=200)


def test_p11_an_address_that_leads_nowhere_sets_no_cookie(case):
    answer = case.browser.get("/nowhere/")

    case.nothing_happened(answer, status=404)
    assert "Set-Cookie" not in answer.headers


def test_p11_with_https_browsers_are_told_so_in_every_answer_that_came_by_it(case):
    name = "portal.example"
    with case.portal.another_process(BASE_URL=f"https://{name}") as secure:
        answers = [
            secure.ask(method, path, headers={"Host": host})
            for method, path, host in [
                ("GET", "/login/", name),
                ("GET", "/nowhere/", name),
                ("GET", "/health/live/", "10.0.0.1"),
                ("GET", "/login/", "evil.example"),
                ("POST", "/login/", "evil.example"),
                ("GET", "/login/adversary/", name),
            ]
        ]
        clear = {"Host": name, "X-Forwarded-Proto": "http", "X-Forwarded-For": "203.0.113.7"}
        in_the_clear = secure.ask("GET", "/login/", headers=clear, source=TRUSTED_PROXY)

    case.nothing_happened(case.browser.get("/login/"), status=200)
    assert [answer.status for answer in answers] == [200, 404, 200, 301, 400, 302]
    for answer in answers:
        seconds = re.match(r"max-age=(\d+)", answer.headers["Strict-Transport-Security"])[1]
        assert int(seconds) >= 365 * 86400
        assert_headers(answer)
        for cookie in answer.headers.get_all("Set-Cookie", []):
            assert cookie.startswith("__Host-foyer-")
            assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert in_the_clear.status == 301
    assert in_the_clear.headers["Location"] == f"https://{name}/login/"
    # RFC 6797, section 7.2: never over plain http.
    assert "Strict-Transport-Security" not in in_the_clear.headers


# --- P14 to P16: caches, other origins, probes ---------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/x.css",
        "/login/x.css",
        "/logout/x.css",
        "/;x.css",
        "/%2fx.css",
        "/api/session/x.css",
        "/api/session.css",
        "/api/session/;x.js",
        "/api/session/%00.css",
        "/api/token/x.png",
        "/static/../api/session/",
        "/static/..%2fapi/session/",
        "/static/%2e%2e/",
    ],
)
def test_p14_an_address_that_looks_like_a_file_shows_nothing_of_whoever_is_signed_in(case, path):
    case.let_in(case.attack(), case.adversary.email("ana"))

    answer = case.browser.ask_exactly("GET", path)

    assert answer.status_code == 404
    assert_kept_nowhere(answer)
    assert case.adversary.email("ana") not in answer.text


INTERFACES = ("session", "token", "authorize")


@pytest.mark.parametrize("origin", [EVIL, "null", "http://127.0.0.1.evil.example", "file://"])
@pytest.mark.parametrize(
    "path", ["/api/session/", "/api/token/", "/api/authorize/", "/", "/login/"]
)
def test_p15_no_other_origin_may_read_anything(case, path, origin):
    case.let_in(case.attack(), case.adversary.email("ana"))
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "x-a"}

    preflight = case.browser.ask("OPTIONS", path, Origin=origin, **asked)
    answer = case.browser.get(path, Origin=origin)

    for each in (preflight, answer):
        assert not [name for name in each.headers if name.lower().startswith("access-control-")]
        assert each.headers["Cross-Origin-Resource-Policy"] == "same-origin"


PROBES = [
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
    {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"},
    {"Origin": EVIL},
]


@pytest.mark.parametrize("headers", PROBES)
@pytest.mark.parametrize("path", ["/api/token/", "/login/adversary/"])
def test_p16_a_probe_cannot_tell_whether_somebody_is_signed_in(case, path, headers):
    """A browser that sends cookies with such a request is an old one: they are SameSite=Lax."""
    stranger = case.new_browser().get(path, **headers)
    case.let_in(case.attack(), case.adversary.email("ana"))

    answer = case.browser.get(path, **headers)

    assert answer.status_code == stranger.status_code
    assert len(answer.content) == len(stranger.content)
    assert set(answer.headers) == set(stranger.headers)
