import datetime as dt
import socket
import ssl
import struct
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from federation.outbound import (
    NotTrustedError,
    Outbound,
    RedirectRefusedError,
    UnreachableError,
    client,
    outbound,
)
from federation.outbound.connection import GuardedConnection
from federation.outbound.endpoints import endpoint_of
from tests.support.calling import ENOUGH, HOST, calling
from tests.support.certificates import DAY, Authority
from tests.support.loopback import answer, answering, serving


def first_then(behaviour):
    """Answer one request; meet a second on the same, first connection with *behaviour*."""

    def serve(peer):
        peer.receive()
        peer.send(answer(b"1"))
        if peer.number == 1:
            behaviour(peer)
        else:
            answering(answer(b"2"))(peer)

    return serve


def test_calls_one_after_the_other_share_a_connection():
    with serving(answering(answer())) as server, calling(server) as (outbound, url):
        outbound.fetch(url, deadline=ENOUGH)
        outbound.post(f"{url}token", headers={}, body=b"code=1", deadline=ENOUGH)
        outbound.fetch(f"{url}userinfo", deadline=ENOUGH)

    assert (server.connections, len(server.requests)) == (1, 3)


def test_calls_over_tls_share_a_connection(authority):
    tls = authority.server_context(HOST)

    with (
        serving(answering(answer()), tls=tls) as server,
        calling(server, is_tls=True, ca_bundle=authority.bundle) as (outbound, url),
    ):
        answers = [outbound.fetch(url, deadline=ENOUGH).body for _ in range(3)]

    assert (answers, server.connections) == ([b"{}"] * 3, 1)


def test_says_what_the_other_side_has_shown_of_itself(authority):
    tls = authority.server_context(HOST, ends_in=DAY)
    sent = answer(headers="Date: Wed, 25 Nov 2026 10:00:00 GMT\r\n")

    with (
        serving(answering(sent), tls=tls) as server,
        calling(server, is_tls=True, ca_bundle=authority.bundle) as (outbound, url),
    ):
        answers = [outbound.fetch(url, deadline=ENOUGH) for _ in range(2)]

    for one in answers:
        assert one.date == "Wed, 25 Nov 2026 10:00:00 GMT"
        assert one.peer is not None
        assert one.peer.protocol == "TLSv1.3"
        left = one.peer.certificate_ends_at - dt.datetime.now(dt.UTC)
        assert dt.timedelta() < left < DAY


def test_says_where_a_redirect_leads_and_nothing_of_it_in_words():
    sent = answer(status="302 Found", headers="Location: https://inside.example/secret\r\n")

    with (
        serving(answering(sent)) as server,
        calling(server) as (outbound, url),
        pytest.raises(RedirectRefusedError) as refusal,
    ):
        outbound.fetch(url, deadline=ENOUGH)

    assert refusal.value.location == "https://inside.example/secret"
    assert "inside" not in refusal.value.detail


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(answer(headers="Connection: close\r\n"), id="said-to-close"),
        pytest.param(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", id="http-1.0"),
        pytest.param(b"HTTP/1.1 103 Early Hints\r\n\r\n", id="informational"),
    ],
)
def test_keeps_no_connection_that_may_not_carry_another_call(sent):
    with serving(answering(sent)) as server, calling(server) as (outbound, url):
        for _ in range(2):
            outbound.fetch(url, deadline=ENOUGH)
        kept = outbound._kept._waiting

    assert server.connections == 2
    assert kept == []


def test_keeps_no_connection_that_waited_too_long(monkeypatch):
    monkeypatch.setattr(client, "KEPT_SECONDS", 0.0)

    with serving(answering(answer())) as server, calling(server) as (outbound, url):
        for _ in range(2):
            outbound.fetch(url, deadline=ENOUGH)

    assert server.connections == 2


def test_an_error_closes_the_connection():
    with serving(answering(answer(status="302 Found"))) as server, calling(server) as (call, url):
        for _ in range(2):
            with pytest.raises(Exception, match="redirect"):
                call.fetch(url, deadline=ENOUGH)

    assert server.connections == 2


def test_keeps_a_bounded_number_of_connections():
    ended = []

    def behaviour(peer):
        answering(answer())(peer)
        ended.append(peer.number)

    with serving(behaviour) as server:
        hosts = [f"host-{number}" for number in range(client.KEPT_CONNECTIONS + 6)]
        outbound = Outbound(
            trusted=frozenset(f"{host}:{server.port}" for host in hosts),
            resolver=lambda _host: ["127.0.0.1"],
        )
        for host in hosts:
            outbound.fetch(f"http://{host}:{server.port}/", deadline=ENOUGH)
        outbound.fetch(f"http://{hosts[-1]}:{server.port}/", deadline=ENOUGH)
        wait_until(lambda: len(ended) == 6)
        connections = server.connections
        kept = len(outbound._kept._waiting)
        outbound.close()

    assert (connections, kept) == (len(hosts), client.KEPT_CONNECTIONS)
    assert sorted(ended[:6]) == [1, 2, 3, 4, 5, 6]


def test_hosts_do_not_share_connections():
    with serving(answering(answer())) as server:
        outbound = Outbound(
            trusted=frozenset({f"a.example:{server.port}", f"b.example:{server.port}"}),
            resolver=lambda _host: ["127.0.0.1"],
        )
        for host in ("a", "b", "a", "b"):
            outbound.fetch(f"http://{host}.example:{server.port}/", deadline=ENOUGH)
        outbound.close()

    assert server.connections == 2


# Stale connections


@pytest.mark.parametrize(
    "unasked", [pytest.param(b"", id="closed"), pytest.param(answer(b"forged"), id="spoke-unasked")]
)
def test_a_connection_on_which_something_happened_meanwhile_is_replaced(unasked):
    happened = threading.Event()

    def behaviour(peer):
        peer.receive()
        peer.send(answer())
        asked_for.wait(5)
        peer.send(unasked)
        peer.stream.shutdown(socket.SHUT_WR)
        happened.set()
        peer.receive()

    asked_for = threading.Event()
    with serving(behaviour) as server, calling(server) as (outbound, url):
        outbound.fetch(url, deadline=ENOUGH)
        asked_for.set()
        happened.wait(5)
        answered = outbound.post(url, headers={}, body=b"code=1", deadline=ENOUGH)

    assert answered.body == b"{}"
    assert (server.connections, len(server.requests)) == (2, 2)


def test_a_get_that_met_a_closing_connection_is_sent_once_more():
    with serving(first_then(lambda peer: peer.receive())) as server, calling(server) as (call, url):
        bodies = [call.fetch(url, deadline=ENOUGH).body for _ in range(2)]

    assert (bodies, server.connections, len(server.requests)) == ([b"1", b"1"], 2, 3)


def test_a_token_request_that_was_sent_in_full_is_never_repeated():
    with (
        serving(first_then(lambda peer: peer.receive())) as server,
        calling(server) as (outbound, url),
    ):
        outbound.fetch(url, deadline=ENOUGH)
        with pytest.raises(UnreachableError):
            outbound.post(url, headers={}, body=b"code=1", deadline=ENOUGH)

    assert sum(request.endswith(b"code=1") for request in server.requests) == 1


def test_a_token_request_that_could_not_be_sent_in_full_is_sent_again():
    def reset(peer):
        # Closed with bytes unread and no lingering: the sender meets a reset in mid-sending.
        peer.stream.recv(10)
        peer.stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    body = bytes(16_000_000)
    with serving(first_then(reset)) as server, calling(server) as (outbound, url):
        outbound.fetch(url, deadline=ENOUGH)
        answered = outbound.post(url, headers={}, body=body, deadline=ENOUGH)

    assert (answered.body, server.connections) == (b"1", 2)


def test_a_new_connection_that_closes_is_not_tried_twice():
    with (
        serving(lambda peer: peer.receive()) as server,
        calling(server) as (outbound, url),
        pytest.raises(UnreachableError),
    ):
        outbound.fetch(url, deadline=ENOUGH)

    assert server.connections == 1


def test_an_answer_that_broke_off_is_not_asked_for_again():
    with (
        serving(first_then(lambda peer: (peer.receive(), peer.send(b"HTTP/1.1")))) as server,
        calling(server) as (outbound, url),
    ):
        outbound.fetch(url, deadline=ENOUGH)
        with pytest.raises(UnreachableError):
            outbound.fetch(url, deadline=ENOUGH)

    assert len(server.requests) == 2


# TLS


ORDINARY = answering(answer())


def why_not_trusted(tls, bundle, *, behaviour=ORDINARY):
    with (
        serving(behaviour, tls=tls) as server,
        calling(server, is_tls=True, ca_bundle=bundle) as (outbound, url),
        pytest.raises(NotTrustedError) as refusal,
    ):
        outbound.fetch(url, deadline=ENOUGH)
    assert server.requests == []
    return refusal.value.detail


def test_refuses_a_certificate_by_an_unknown_authority(authority, tmp_path):
    detail = why_not_trusted(Authority(tmp_path).server_context(HOST), authority.bundle)

    assert detail == f"{HOST}: unable to get local issuer certificate."


def test_refuses_a_certificate_by_an_authority_that_the_system_does_not_know(authority):
    assert why_not_trusted(authority.server_context(HOST), None)


def test_refuses_a_certificate_for_another_host(authority):
    detail = why_not_trusted(authority.server_context("other.example"), authority.bundle)

    assert "Hostname mismatch" in detail


def test_refuses_an_expired_certificate(authority):
    tls = authority.server_context(HOST, ends_in=dt.timedelta(minutes=-1))

    assert why_not_trusted(tls, authority.bundle) == f"{HOST}: certificate has expired."


def test_refuses_a_certificate_that_is_not_valid_yet(authority):
    assert why_not_trusted(authority.server_context(HOST, ends_in=3 * DAY), authority.bundle)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_refuses_tls_older_than_1_2(authority):
    tls = authority.server_context(HOST)
    tls.minimum_version = ssl.TLSVersion.TLSv1
    tls.maximum_version = ssl.TLSVersion.TLSv1_1
    tls.set_ciphers("ALL:@SECLEVEL=0")

    assert why_not_trusted(tls, authority.bundle)


def test_refuses_a_server_without_tls(authority):
    detail = why_not_trusted(
        None, authority.bundle, behaviour=lambda peer: peer.send(answer(b"secret"))
    )

    assert detail == f"{HOST}: no TLS (WRONG_VERSION_NUMBER)."


def test_names_the_host_and_not_its_address_to_the_server(authority):
    named = []
    tls = authority.server_context(HOST)
    tls.sni_callback = lambda _socket, name, _context: named.append(name)

    with (
        serving(answering(answer()), tls=tls) as server,
        calling(server, is_tls=True, ca_bundle=authority.bundle) as (outbound, url),
    ):
        outbound.fetch(url, deadline=ENOUGH)

    assert named == [HOST]
    assert f"\r\nHost: {HOST}:{server.port}\r\n".encode() in server.requests[0]


def test_does_not_name_the_port_that_https_has(authority):
    endpoint = endpoint_of(f"https://{HOST}/", trusted=frozenset())
    connection = GuardedConnection(endpoint, look_up=None, tls=None)

    connection.putrequest("GET", "/")

    assert f"Host: {HOST}".encode() in connection._buffer


def test_writes_no_session_keys_down(authority, monkeypatch, tmp_path):
    keys = tmp_path / "keys"
    monkeypatch.setenv("SSLKEYLOGFILE", str(keys))

    with (
        serving(answering(answer()), tls=authority.server_context(HOST)) as server,
        calling(server, is_tls=True, ca_bundle=authority.bundle) as (outbound, url),
    ):
        outbound.fetch(url, deadline=ENOUGH)

    assert not keys.exists()


# Threads and processes


def test_threads_get_their_own_answers():
    def echo(peer):
        while (request := peer.receive()) is not None:
            peer.send(answer(request.partition(b"\r\n\r\n")[2]))

    def call(number):
        sent = f"code={number}".encode()
        return outbound.post(url, headers={}, body=sent, deadline=ENOUGH).body == sent

    with (
        serving(echo) as server,
        calling(server) as (outbound, url),
        ThreadPoolExecutor(20) as threads,
    ):
        is_own = list(threads.map(call, range(400)))

    assert all(is_own)
    assert server.connections <= 20


def test_a_process_has_one_client_for_its_settings(settings):
    settings.FEDERATION_TRUSTED_ENDPOINTS = frozenset({"127.0.0.1:9001"})
    first = outbound()
    again = outbound()
    settings.FEDERATION_TRUSTED_ENDPOINTS = frozenset()

    other = outbound()

    assert first is again
    assert other is not first


def test_a_forked_process_makes_a_client_of_its_own():
    program = """
import os
from django.conf import settings
settings.configure(FEDERATION_TRUSTED_ENDPOINTS=frozenset())
from federation.outbound import outbound
before = outbound()
child = os.fork()
if child == 0:
    os._exit(outbound() is before)
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) or outbound() is not before)
"""

    ended = subprocess.run([sys.executable, "-c", program], check=False, timeout=30)

    assert ended.returncode == 0


def wait_until(is_true):
    for _ in range(500):
        if is_true():
            return
        threading.Event().wait(0.01)
    pytest.fail("It never came true.")
