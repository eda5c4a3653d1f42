import logging
import socket

import pytest

from federation.oidc.errors import Reason
from federation.outbound import (
    AddressRefusedError,
    AnswerTooLargeError,
    DeadlineExceededError,
    EncodingRefusedError,
    Outbound,
    RedirectRefusedError,
    UnreachableError,
    as_provider_error,
)
from tests.support.calling import ENOUGH, HOST, calling, refusal
from tests.support.loopback import answer, answering, serving, then_end

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_fetches_a_document():
    sent = answer(b'{"a": 1}', headers="Cache-Control: max-age=60\r\nX-Other: x\r\n")

    with serving(answering(sent)) as server, calling(server) as (outbound, url):
        answered = outbound.fetch(f"{url}jwks?v=1", deadline=ENOUGH)

    assert answered.status == 200
    assert answered.content_type == "application/json"
    assert answered.body == b'{"a": 1}'
    assert server.requests[0].startswith(b"GET /jwks?v=1 HTTP/1.1\r\n")


def test_says_nothing_of_itself_but_its_name():
    with serving(answering(answer())) as server, calling(server) as (outbound, url):
        outbound.fetch(url, deadline=ENOUGH)

    assert sorted(server.requests[0].decode().splitlines()) == [
        "",
        "Accept-Encoding: identity",
        "Accept: application/json",
        "GET / HTTP/1.1",
        f"Host: {HOST}:{server.port}",
        "User-Agent: Foyer",
    ]


def test_posts_a_body_and_returns_an_error_status_as_an_answer():
    sent = answer(b'{"error": "invalid_grant"}', status="400 Bad Request")

    with serving(answering(sent)) as server, calling(server) as (outbound, url):
        answered = outbound.post(
            url, headers={"Authorization": "Basic eA=="}, body=b"code=1", deadline=ENOUGH
        )

    assert (answered.status, answered.body) == (400, b'{"error": "invalid_grant"}')
    assert server.requests[0].startswith(b"POST / HTTP/1.1\r\n")
    assert b"\r\nAuthorization: Basic eA==\r\n" in server.requests[0]
    assert server.requests[0].endswith(b"\r\n\r\ncode=1")


def test_reads_a_content_type_without_its_parameters():
    sent = (
        b"HTTP/1.1 200 OK\r\nContent-Type: Application/JWT ; charset=x\r\nContent-Length: 0\r\n\r\n"
    )

    with serving(answering(sent)) as server, calling(server) as (outbound, url):
        answered = outbound.fetch(url, deadline=ENOUGH)

    assert answered.content_type == "application/jwt"


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(
            CHUNKED + b"2\r\n{}\r\n0\r\n\r\n",
            id="chunked",
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}", id="until-the-end"),
        pytest.param(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", id="http-1.0"),
        pytest.param(
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
            id="continue",
        ),
        pytest.param(answer(headers="Content-Encoding: identity\r\n"), id="identity"),
    ],
)
def test_reads_every_framing(sent):
    with serving(then_end(sent)) as server, calling(server) as (outbound, url):
        answered = outbound.fetch(url, deadline=ENOUGH)

    assert answered.body == b"{}"


def test_ignores_proxies_netrc_and_cookies(monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine {HOST} login someone password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    sent = answer(headers="Set-Cookie: id=1; Path=/\r\n")

    with serving(answering(answer(b"proxied"))) as proxy, serving(answering(sent)) as server:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        with calling(server) as (outbound, url):
            bodies = [outbound.fetch(url, deadline=ENOUGH).body for _ in range(2)]

    assert bodies == [b"{}", b"{}"]
    assert proxy.connections == 0
    assert not any(
        word in request.lower()
        for request in server.requests
        for word in (b"cookie", b"authorization", b"proxy")
    )


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2 secret\r\n", id="ssh"),
        pytest.param(b"HTTP/1.1 abc secret\r\n\r\n", id="no-status"),
        pytest.param(b"HTTP/9.9 200 secret\r\n\r\n", id="version"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nsecret", id="short-body"),
        pytest.param(CHUNKED + b"secret\r\n", id="bad-chunk"),
        pytest.param(CHUNKED + b"9\r\nsecret", id="short-chunk"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"X: secret\r\n" * 200 + b"\r\n", id="many-headers"),
    ],
)
def test_an_answer_that_is_none_is_told_without_quoting_it(sent, caplog):
    caplog.set_level(logging.DEBUG)

    error = refusal(then_end(sent))

    assert isinstance(error, UnreachableError)
    assert HOST in error.detail
    assert "secret" not in error.detail + caplog.text


def test_a_refused_connection_is_unreachable():
    with serving(answering(answer())) as server:
        pass

    with calling(server) as (outbound, url), pytest.raises(UnreachableError) as refusal:
        outbound.fetch(url, deadline=ENOUGH)

    assert refusal.value.detail == f"{HOST} gave no answer (ConnectionRefusedError)."


def test_an_unknown_name_is_unreachable():
    def unknown(_host):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    outbound = Outbound(resolver=unknown)

    with pytest.raises(UnreachableError) as refusal:
        outbound.fetch("https://provider.example/", deadline=ENOUGH)

    assert refusal.value.detail == "The name provider.example cannot be resolved."
    assert not refusal.value.timed_out


def test_a_name_without_addresses_is_unreachable():
    outbound = Outbound(resolver=lambda _host: [])

    with pytest.raises(UnreachableError):
        outbound.fetch("https://provider.example/", deadline=ENOUGH)


@pytest.mark.parametrize(
    ("error", "reason", "timed_out"),
    [
        (AddressRefusedError("x"), Reason.PROVIDER_MISCONFIGURED, False),
        (RedirectRefusedError("x"), Reason.PROVIDER_MISCONFIGURED, False),
        (AnswerTooLargeError("x"), Reason.PROVIDER_MISCONFIGURED, False),
        (EncodingRefusedError("x"), Reason.PROVIDER_MISCONFIGURED, False),
        (UnreachableError("x"), Reason.PROVIDER_UNREACHABLE, False),
        (DeadlineExceededError("x"), Reason.PROVIDER_UNREACHABLE, True),
    ],
)
def test_each_error_is_a_refusal_of_the_sign_in(error, reason, timed_out):
    refused = as_provider_error(error)

    assert (refused.reason, refused.detail, refused.timed_out) == (reason, "x", timed_out)
