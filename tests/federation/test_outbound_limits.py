import gzip
import socket
import threading
import time
from contextlib import contextmanager

import pytest

from federation.outbound import (
    AddressRefusedError,
    AnswerTooLargeError,
    DeadlineExceededError,
    EncodingRefusedError,
    Outbound,
    RedirectRefusedError,
    UnreachableError,
)
from tests.support.calling import ENOUGH, HOST, SOON, calling, loopback, refusal
from tests.support.loopback import answer, answering, dripping, serving, then_end, then_silence

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@contextmanager
def black_hole(address, port):
    """Let connections to this address hang: its queue is full, and nobody accepts."""
    with socket.create_server((address, port), backlog=0):
        filling = [socket.socket() for _ in range(4)]
        for stream in filling:
            stream.setblocking(False)
            stream.connect_ex((address, port))
        yield
        for stream in filling:
            stream.close()


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_refuses_a_name_that_leads_to_an_address_that_is_not_public(address):
    outbound = Outbound(resolver=lambda _host: [address])

    with pytest.raises(AddressRefusedError) as refusal:
        outbound.fetch("https://provider.example/", deadline=ENOUGH)

    assert refusal.value.detail == "provider.example leads to an address that is not public."


def test_trust_in_a_port_is_not_trust_in_the_host():
    outbound = Outbound(trusted=frozenset({f"{HOST}:8443"}), resolver=loopback)

    with pytest.raises(AddressRefusedError):
        outbound.fetch(f"https://{HOST}/", deadline=ENOUGH)


def test_looks_nothing_up_for_a_url_that_is_not_called():
    looked_up = []
    outbound = Outbound(resolver=looked_up.append)

    with pytest.raises(AddressRefusedError):
        outbound.fetch("https://2130706433/", deadline=ENOUGH)

    assert looked_up == []


def test_calls_the_address_that_was_judged_though_the_name_moves():
    answers = iter([["127.0.0.1"], ["127.0.0.99"], ["127.0.0.99"]])
    looked_up = []

    def moving(host):
        looked_up.append(host)
        return next(answers)

    with serving(answering(answer())) as server, calling(server, resolver=moving) as (call, url):
        call.fetch(url, deadline=ENOUGH)

    assert looked_up == [HOST]


def test_tries_the_next_address_within_the_same_deadline():
    with (
        serving(answering(answer())) as server,
        black_hole("127.0.0.2", server.port),
        calling(server, resolver=lambda _: ["127.0.0.2", "127.0.0.1"]) as (outbound, url),
    ):
        answered = outbound.fetch(url, deadline=2 * SOON)

    assert answered.status == 200


def test_tries_only_the_first_addresses_of_a_name():
    addresses = [f"127.0.1.{number}" for number in range(1, 5)] + ["127.0.0.1"]

    with (
        serving(answering(answer())) as server,
        calling(server, resolver=lambda _: addresses) as (outbound, url),
        pytest.raises(UnreachableError),
    ):
        outbound.fetch(url, deadline=ENOUGH)

    assert server.connections == 0


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_does_not_follow_a_redirect(status, method):
    with serving(answering(answer())) as elsewhere:
        location = f"Location: http://127.0.0.1:{elsewhere.port}/\r\n"
        error = refusal(
            answering(answer(status=f"{status} Elsewhere", headers=location)), method=method
        )

    assert isinstance(error, RedirectRefusedError)
    assert elsewhere.connections == 0


@contextmanager
def at_most(seconds):
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


ENDLESS = [
    pytest.param(lambda peer: peer.receive() and peer.receive(), id="nothing"),
    pytest.param(dripping(b""), id="status-line"),
    pytest.param(dripping(b"HTTP/1.1 200 OK\r\nX-Long: "), id="headers"),
    pytest.param(dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"), id="body"),
    pytest.param(dripping(b"HTTP/1.1 200 OK\r\n\r\n"), id="body-until-the-end"),
    pytest.param(dripping(CHUNKED + b"fff\r\n"), id="chunk"),
    pytest.param(then_silence(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"), id="no-body"),
]


@pytest.mark.parametrize("behaviour", ENDLESS)
def test_a_call_ends_at_its_deadline(behaviour):
    with at_most(SOON + 1.2):
        error = refusal(behaviour, deadline=SOON)

    assert isinstance(error, DeadlineExceededError)


def test_a_deadline_that_has_passed_allows_no_call():
    with (
        serving(answering(answer())) as server,
        calling(server) as (outbound, url),
        pytest.raises(DeadlineExceededError),
    ):
        outbound.fetch(url, deadline=0.0)

    assert server.connections == 0


@pytest.mark.parametrize("is_tls", [False, True])
def test_the_deadline_holds_while_sending(is_tls, authority):
    def reads_in_drops(peer):
        for _ in range(100):
            peer.stream.recv(16_384)
            threading.Event().wait(0.02)

    tls = authority.server_context(HOST) if is_tls else None
    with (
        serving(reads_in_drops, tls=tls) as server,
        calling(server, ca_bundle=authority.bundle, is_tls=is_tls) as (outbound, url),
        at_most(SOON + 1.2),
        pytest.raises(DeadlineExceededError),
    ):
        outbound.post(url, headers={}, body=bytes(16_000_000), deadline=SOON)


def test_the_deadline_holds_while_connecting():
    with (
        serving(answering(answer())) as server,
        black_hole("127.0.0.2", server.port),
        calling(server, resolver=lambda _: ["127.0.0.2"]) as (outbound, url),
        at_most(SOON + 1.2),
        pytest.raises(DeadlineExceededError),
    ):
        outbound.fetch(url, deadline=SOON)


def test_the_deadline_holds_while_tls_is_agreed(authority):
    def mute(peer):
        peer.receive()

    with (
        serving(mute) as server,
        calling(server, ca_bundle=authority.bundle, is_tls=True) as (outbound, url),
        at_most(SOON + 1.2),
        pytest.raises(DeadlineExceededError),
    ):
        outbound.fetch(url, deadline=SOON)


def test_the_deadline_holds_while_a_name_is_looked_up():
    released = threading.Event()

    def hanging(_host):
        released.wait(30)
        return ["127.0.0.1"]

    with (
        serving(answering(answer())) as server,
        calling(server, resolver=hanging) as (outbound, url),
        at_most(SOON + 1.2),
        pytest.raises(DeadlineExceededError) as refusal,
    ):
        outbound.fetch(url, deadline=SOON)
    released.set()

    assert refusal.value.timed_out


MEGABYTES = b"x" * 10_000_000
TOO_LARGE = [
    pytest.param(answer(MEGABYTES), id="body"),
    pytest.param(b"HTTP/1.1 200 OK\r\n\r\n" + MEGABYTES, id="body-without-length"),
    pytest.param(
        b"HTTP/1.1 200 OK\r\nX-Long: "
        + MEGABYTES[:60_000]
        + b"\r\n"
        + (b"X-Long: " + MEGABYTES[:60_000] + b"\r\n") * 9,
        id="headers",
    ),
    pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" * 40_000, id="continue-for-ever"),
    pytest.param(
        CHUNKED + b"1\r\nx\r\n" * 60_000,
        id="chunks",
    ),
    pytest.param(
        CHUNKED + b"0\r\n" + b"X: y\r\n" * 60_000,
        id="trailers",
    ),
]


@pytest.mark.parametrize("sent", TOO_LARGE)
def test_refuses_an_answer_that_is_too_large(sent):
    error = refusal(then_end(sent))

    assert isinstance(error, AnswerTooLargeError)


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"Content-Length: 999999999999999\r\n\r\n", id="length"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\nfffffffffffff\r\n", id="chunk"),
    ],
)
def test_sets_no_memory_aside_for_a_claimed_length(head):
    error = refusal(then_end(b"HTTP/1.1 200 OK\r\n" + head + b"short"))

    assert isinstance(error, UnreachableError)


def test_accepts_an_answer_of_nearly_the_limit():
    body = b"x" * (255 * 1024)

    with serving(answering(answer(body))) as server, calling(server) as (outbound, url):
        answered = outbound.fetch(url, deadline=ENOUGH)

    assert answered.body == body


def test_refuses_a_compressed_answer():
    bomb = gzip.compress(bytes(20_000_000))

    error = refusal(answering(answer(bomb, headers="Content-Encoding: gzip\r\n")))

    assert isinstance(error, EncodingRefusedError)
