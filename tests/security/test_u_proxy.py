"""Group U, proxies: forged names and addresses, smuggled headers, tricks with paths, probes."""

import json
import re
import socket
from importlib.metadata import version
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.portal import TRUSTED_PROXY

pytestmark = pytest.mark.portal

EVIL = "evil.example"

# --- U01, U02: names and addresses ---------------------------------------------------------------

FORGED = {
    "forwarded": {"Forwarded": f"for=203.0.113.7;host={EVIL};proto=https"},
    "host": {"X-Forwarded-Host": EVIL},
    "hosts": {"X-Forwarded-Host": f"{EVIL}, 127.0.0.1"},
    "server": {"X-Forwarded-Server": EVIL},
    "proto": {"X-Forwarded-Proto": "https", "X-Forwarded-Port": "443", "X-Forwarded-Ssl": "on"},
    "prefix": {"X-Forwarded-Prefix": "/evil", "X-Script-Name": "/evil", "Script-Name": "/evil"},
    "uri": {"X-Forwarded-Uri": "/admin/", "X-Original-Url": "/admin/", "X-Rewrite-Url": "/admin/"},
    "method": {"X-HTTP-Method-Override": "POST", "X-Forwarded-Method": "POST"},
    "address": {"X-Forwarded-For": "203.0.113.7", "X-Real-IP": "203.0.113.7"},
    "client": {
        "X-Client-IP": "203.0.113.7",
        "True-Client-IP": "203.0.113.7",
        "CF-Connecting-IP": "203.0.113.7",
    },
    "user": {"Remote-User": "admin", "X-Remote-User": "admin", "X-Foyer-Email": "ana@evil.example"},
    "underscores": {
        "X_Forwarded_For": "203.0.113.7",
        "X_Forwarded_Proto": "https",
        "Remote_User": "a",
    },
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"U01-{name}") for name in FORGED])
def test_u01_u02_what_a_browser_says_of_proxies_changes_nothing(case, name):
    """Neither the redirect URI, nor a link, nor the address in the trail, nor who it is."""
    asked = case.browser.ask_exactly("GET", f"/login/{case.adversary.slug}/", **FORGED[name])

    sent = parse_qs(urlsplit(asked.headers["Location"]).query)
    own = f"{case.portal.base_url}/login/{case.adversary.slug}/callback/"
    assert sent["redirect_uri"] == [own]
    for path, status in (("/api/session/", 401), ("/", 302), ("/login/", 200), ("/admin/", 302)):
        answer = case.browser.ask_exactly("GET", path, **FORGED[name])
        assert answer.status_code == status
        assert EVIL not in str(answer.headers) + answer.text
        assert "/evil" not in str(answer.headers) + answer.text
        assert "https" not in answer.headers.get("Location", "")
    refused = case.browser.ask_exactly(
        "GET", f"/login/{case.adversary.slug}/callback/?state=x&code=y", **FORGED[name]
    )
    # The verdict looks for the row at the browser's own address.
    case.refused(refused, "attempt_unknown")


@pytest.mark.parametrize("name", [pytest.param(name, id=f"U01-{name}") for name in FORGED])
def test_u01_a_sign_in_with_forged_headers_is_an_ordinary_one(case, name):
    callback = case.callback()

    answer = case.browser.get(callback, **FORGED[name])

    case.let_in(answer, case.adversary.email("ana"))


HOSTS = [
    EVIL,
    f"{EVIL}:80",
    "localhost",
    "127.0.0.1",
    "127.0.0.1:1",
    "[::1]",
    "a@b",
    "a b",
    "..",
    "",
]


@pytest.mark.parametrize("host", [pytest.param(host, id=f"U01-{host or 'none'}") for host in HOSTS])
def test_u01_another_host_name_starts_and_ends_nothing(case, host):
    callback = case.callback()

    begun = case.browser.ask_exactly("GET", f"/login/{case.adversary.slug}/", Host=host)
    back = case.browser.ask_exactly("GET", path_of(callback), Host=host)
    posted = case.browser.ask_exactly("POST", "/login/", Host=host)

    case.nothing_happened(begun, status=301)
    case.nothing_happened(back, status=301)
    case.nothing_happened(posted, status=400)
    assert begun.headers["Location"] == f"{case.portal.base_url}/login/{case.adversary.slug}/"
    assert back.headers["Location"] == callback
    assert "Set-Cookie" not in str(begun.headers) + str(back.headers)
    case.let_in(case.browser.get(callback), case.adversary.email("ana"))


GET, POST = (
    b"GET /login/ HTTP/1.1\r\nHost: {host}\r\n",
    b"POST /login/ HTTP/1.1\r\nHost: {host}\r\n",
)
LINES = {
    "absolute": b"GET http://evil.example/login/ HTTP/1.1\r\nHost: {host}\r\n",
    "absolute-own": b"GET http://{host}/login/ HTTP/1.1\r\nHost: evil.example\r\n",
    "two-hosts": GET + b"Host: evil.example\r\n",
    "no-host": b"GET /login/ HTTP/1.1\r\n",
    "host-in-two-lines": b"GET /login/ HTTP/1.1\r\nHost: {host}\r\n evil.example\r\n",
    "http-1.0": b"GET /login/ HTTP/1.0\r\nHost: evil.example\r\n",
    "connect": b"CONNECT evil.example:443 HTTP/1.1\r\nHost: {host}\r\n",
    "two-lengths": POST + b"Content-Length: 0\r\nContent-Length: 5\r\n",
    "smuggled": POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
    "smuggled-tab": POST + b"Transfer-Encoding:\tchunked\r\nContent-Length: 4\r\n",
    "signed-length": POST + b"Content-Length: +0\r\n",
    "upgrade": GET + b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"U01-{name}") for name in LINES])
def test_u01_a_request_that_two_readers_could_understand_differently(case, name):
    head = LINES[name].replace(b"{host}", case.portal.base_url.removeprefix("http://").encode())

    with socket.create_connection(("127.0.0.1", case.portal.port), timeout=10) as stream:
        body = b"0\r\n\r\n" if head.startswith(b"POST") else b""
        stream.sendall(head + b"Connection: close\r\n\r\n" + body)
        answer = b"".join(iter(lambda: stream.recv(65536), b"")).decode()

    case.nothing_happened(case.browser.get("/login/"), status=200)
    status = int(answer[9:12])
    assert len(re.findall(r"^HTTP/1\.[01] ", answer, re.MULTILINE)) == 1
    assert status != 101
    assert status < 500
    assert EVIL not in answer
    if status < 300:
        assert name in {"upgrade", "http-1.0", "two-hosts", "absolute"}


def test_u01_a_trusted_proxy_is_believed_of_the_address_and_of_nothing_else(case):
    forged = {name: value for headers in FORGED.values() for name, value in headers.items()}

    answer = case.portal.ask(
        "GET", f"/login/{case.adversary.slug}/", headers=forged, source=TRUSTED_PROXY
    )

    case.nothing_happened(case.browser.get("/login/"), status=200)
    sent = parse_qs(urlsplit(answer.headers["Location"]).query)
    own = f"{case.portal.base_url}/login/{case.adversary.slug}/callback/"
    assert sent["redirect_uri"] == [own]
    assert EVIL not in str(answer.headers)


# --- U08: paths ----------------------------------------------------------------------------------

PATHS = [
    "/login/accomplice/../adversary/callback/",
    "/login/adversary/../accomplice/callback/",
    "/login/adversary/callback/../callback/",
    "/login/adversary/./callback/",
    "/login//adversary/callback/",
    "//login/adversary/callback/",
    "/login/adversary//callback/",
    "/login/adversary/callback//",
    "/login/adversary/callback",
    "/login/adversary/callback/;x",
    "/login/adversary;x/callback/",
    "/login/adversary%2fcallback/",
    "/login/%61dversary/callback/",
    "/%6Cogin/adversary/callback/",
    "/login/adversary%2Fcallback%2F",
    "/login/adversary%252fcallback/",
    "/login/accomplice%2f..%2fadversary/callback/",
    "/login/adversary/%2e%2e/adversary/callback/",
    "/login/adversary/callback/%00",
    "/login/adversary%00/callback/",
    "/login/adversary%20/callback/",
    "/login/Adversary/callback/",
    "/LOGIN/adversary/callback/",
    "/login/adversary/callback/%0d%0aSet-Cookie:%20a=b",
    "/login/adversary\\callback/",
    "/login/adversary/callback/.json",
    "/api/../login/adversary/callback/",
    "/static/../login/adversary/callback/",
    "/login/\u0430dversary/callback/",
]


@pytest.mark.parametrize("path", [pytest.param(path, id=f"U08-{path}") for path in PATHS])
def test_u08_a_path_that_only_resembles_the_callback_is_nowhere(case, path):
    callback = case.callback()

    answer = case.browser.ask_exactly("GET", f"{path}?{urlsplit(callback).query}")

    case.nothing_happened(answer, status=404)
    assert "Set-Cookie" not in answer.headers
    case.let_in(case.browser.get(callback), case.adversary.email("ana"))


# --- U10, U11: packages, probes ------------------------------------------------------------------

LEAST = {
    "PyJWT": (2, 12),
    "urllib3": (2, 7),
    "Django": (5, 2, 8),
    "cryptography": (46,),
    "requests": (2, 32, 4),
}
"""The first versions without the faults that are published: threat model, U10."""


@pytest.mark.parametrize("package", [pytest.param(name, id=f"U10-{name}") for name in LEAST])
def test_u10_no_package_has_a_fault_that_is_known(package):
    installed = tuple(int(part) for part in version(package).split(".")[:3])

    assert installed >= LEAST[package]


def test_u11_probes_tell_neither_versions_nor_secrets(case):
    case.let_in(case.attack(), case.adversary.email("ana"))

    answers = [case.browser.get(f"/health/{name}/") for name in ("live", "ready")]

    for answer in answers:
        assert answer.status_code == 200
        assert not re.search(r"(?<![\d.])\d+\.\d+\.\d+(?![\d.])", answer.text)
        for value in case.portal.environment.values():
            hidden = len(value) > 12 and value != case.portal.pool.base_url
            assert not (hidden and value in answer.text)
    assert set(answers[1].json()) == {"status", "database", "token_issuer"}
    assert json.loads(answers[0].text) == {"status": "ok"}


def path_of(address):
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"
