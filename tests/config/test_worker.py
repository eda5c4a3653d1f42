import http.client
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from config.worker import BODY_BYTES, UPLOAD_BODY_BYTES, RequestRefusedError, request_length

ROOT = Path(__file__).parents[2]
THREADS = 2
CONNECTIONS = 40
SECONDS = 1.5
"""What a request may take to arrive, and an answer to be read, at the server of these tests."""

SLOW = 12
"""Slow clients at a time: six times as many as there are threads."""

OPEN_FILES = b"GET /open HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

SERVER = """
import os
from config.worker import BoundedWorker

class Worker(BoundedWorker):
    request_seconds = float(os.environ["REQUEST_SECONDS"])
    answer_seconds = 1
    arriving_bytes = 3_000_000

def application(environ, start_response):
    body = environ["wsgi.input"].read()
    answer = environ["PATH_INFO"].encode() + b" %d" % len(body)
    if environ["PATH_INFO"].startswith("/bytes/"):
        answer = bytes(int(environ["PATH_INFO"][7:]))
    if environ["PATH_INFO"] == "/a-fault":
        raise LookupError
    if environ["PATH_INFO"] == "/open":
        answer = b"%d" % len(os.listdir("/dev/fd"))
    start_response("200 OK", [("Content-Length", str(len(answer)))])
    return [answer]
"""


class Server:
    def __init__(self, port, process, log):
        self.port = port
        self.process = process
        self.log = log

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def ask(self, request=b"GET /quick HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"):
        """Return the whole answer to *request*, and the seconds it took."""
        began = time.monotonic()
        with self.connect() as stream:
            stream.sendall(request)
            return everything(stream), time.monotonic() - began


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Give a production server with two threads."""
    directory = tmp_path_factory.mktemp("server")
    with started(directory) as server:
        yield server


@contextmanager
def started(directory, *, request_seconds=SECONDS):
    (directory / "bounded.py").write_text(textwrap.dedent(SERVER))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    command += ["--threads", str(THREADS), "--worker-class", "bounded.Worker", "--keep-alive", "1"]
    command += ["--worker-connections", str(CONNECTIONS), "--no-sendfile", "bounded"]
    written = directory / "log"
    with written.open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=directory,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "REQUEST_SECONDS": str(request_seconds),
            },
            stdout=log,
            stderr=log,
        )
    server = Server(port, process, written)
    try:
        until_it_answers(server)
        yield server
    finally:
        process.terminate()
        process.wait(30)


def until_it_answers(server):
    for _ in range(200):
        try:
            server.ask()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("The server did not start.")


def everything(stream):
    """Return what *stream* gives until it ends."""
    received = b""
    try:
        while data := stream.recv(65536):
            received += data
    except ConnectionResetError:
        pass
    return received


def body_of(answer):
    return answer.partition(b"\r\n\r\n")[2]


def next_body(stream):
    """Return the body of one answer on a *stream* that stays open."""
    answer = http.client.HTTPResponse(stream)
    answer.begin()
    return answer.read()


# Ordinary requests


def test_answers_a_request(server):
    answer, _ = server.ask()

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert body_of(answer) == b"/quick 0"


def test_answers_requests_one_after_the_other_on_a_connection(server):
    with server.connect() as stream:
        answers = []
        for name in (b"/a", b"/b", b"/c"):
            stream.sendall(b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n" % name)
            answers.append(next_body(stream))

    assert answers == [b"/a 0", b"/b 0", b"/c 0"]


def test_answers_requests_that_were_sent_together(server):
    answer, _ = server.ask(
        b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nxyz"
        b"GET /b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    )

    assert b"/a 3" in answer
    assert answer.endswith(b"/b 0")


def test_puts_a_request_together_that_arrives_in_pieces(server):
    with server.connect() as stream:
        for piece in (
            b"POST /in-pieces HT",
            b"TP/1.1\r\nHost: a\r\nContent-",
            b"Length: 4\r\n\r",
            b"\n",
            b"ab",
            b"cd",
        ):
            stream.sendall(piece)
            time.sleep(0.02)
        body = next_body(stream)

    assert body == b"/in-pieces 4"


def test_takes_a_body_of_the_largest_size(server):
    head = b"POST /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"

    answer, _ = server.ask(head % BODY_BYTES + bytes(BODY_BYTES))

    assert body_of(answer) == b"/large %d" % BODY_BYTES


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        pytest.param(b"GET /a-code of its own HTTP/1.1\r\n\r\n", b"400 Bad Request", id="line"),
        pytest.param(b"GET / HTTP/1.1\r\nX: a-code\0\r\n\r\n", b"400 Bad Request", id="header"),
        pytest.param(b"GET /?a-code" + 9000 * b"a" + b" HTTP/1.1\r\n\r\n", b"414 ", id="long"),
        pytest.param(b"GET /a-fault HTTP/1.1\r\nHost: a-code\r\n\r\n", b"500 ", id="fault"),
    ],
)
def test_says_no_word_of_what_it_cannot_answer(server, request_, status):
    answer, _ = server.ask(request_)

    assert answer.startswith(b"HTTP/1.1 " + status)
    assert b"X-Content-Type-Options: nosniff\r\n" in answer
    assert not body_of(answer)
    assert "a-code" not in server.log.read_text()


# Slow clients


@pytest.mark.parametrize(
    "beginning",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ", id="headers"),
        pytest.param(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n", id="body"),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 00000000000000000099\r\n\r\n",
            id="body-of-unusual-length",
        ),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", id="hanging-up"),
        pytest.param(b"GET / HTTP/1.1\r\n: \r\n\r\n", id="hanging-up-after-a-refusal"),
        pytest.param(b"GET /bytes/200000 HTTP/1.1\r\nHost: a\r\n\r\n", id="reading-a-page"),
    ],
)
def test_slow_clients_hold_nobody_up(server, beginning):
    with ExitStack() as clients:
        for _ in range(SLOW):
            clients.enter_context(server.connect()).sendall(beginning)
        time.sleep(0.2)

        answer, seconds = server.ask()

    assert body_of(answer) == b"/quick 0"
    assert seconds < 0.5


@pytest.mark.parametrize(
    "beginning",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"GET / HTTP/1.1\r\nX-Slow: ", id="headers"),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: 9999\r\n\r\n", id="body"),
    ],
)
def test_a_request_that_drips_ends_at_its_deadline(server, beginning):
    began = time.monotonic()
    with server.connect() as stream:
        stream.sendall(beginning)
        stream.settimeout(0.1)
        while time.monotonic() - began < 10:
            try:
                if beginning:
                    stream.sendall(b"x")
                if stream.recv(100) == b"":
                    break
            except TimeoutError:
                continue
            except OSError:
                break

    assert SECONDS - 0.2 < time.monotonic() - began < SECONDS + 2.5


def test_a_client_that_reads_nothing_gives_its_thread_back(server):
    with ExitStack() as clients:
        for _ in range(THREADS):
            stream = clients.enter_context(server.connect())
            stream.sendall(b"GET /bytes/50000000 HTTP/1.1\r\nHost: a\r\n\r\n")

        answer, seconds = server.ask()

    assert body_of(answer) == b"/quick 0"
    assert seconds < 4


def test_the_one_that_waited_longest_ends_when_there_are_too_many(server):
    with ExitStack() as clients:
        idle = [clients.enter_context(server.connect()) for _ in range(CONNECTIONS + 5)]
        time.sleep(0.2)

        answer, seconds = server.ask()
        idle[0].settimeout(0.3)
        idle[-1].settimeout(0.3)

        assert body_of(answer) == b"/quick 0"
        assert seconds < 0.5
        assert idle[0].recv(1) == b""
        with pytest.raises(TimeoutError):
            idle[-1].recv(1)


def test_connections_kept_from_earlier_end_before_a_request_that_is_arriving(server):
    with ExitStack() as clients:
        for _ in range(CONNECTIONS - 4):
            stream = clients.enter_context(server.connect())
            stream.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            next_body(stream)
        arriving = clients.enter_context(server.connect())
        arriving.sendall(b"GET /arriving HTTP/1.1\r\n")
        for _ in range(6):
            clients.enter_context(server.connect())
        time.sleep(0.1)

        arriving.sendall(b"Host: a\r\n\r\n")

        assert next_body(arriving) == b"/arriving 0"


def test_a_connection_ends_when_its_client_hangs_up(server):
    before, _ = server.ask(OPEN_FILES)

    for _ in range(10):
        server.ask()
    with server.connect() as stream:
        stream.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        next_body(stream)
    time.sleep(0.1)

    after, _ = server.ask(OPEN_FILES)
    assert int(body_of(after)) <= int(body_of(before))


def test_incomplete_requests_are_held_up_to_a_number_of_bytes(tmp_path):
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"

    # No deadline ends them meanwhile, however slow the machine is.
    with ExitStack() as clients:
        server = clients.enter_context(started(tmp_path, request_seconds=60))
        streams = [clients.enter_context(server.connect()) for _ in range(8)]
        for stream in streams:
            with suppress(OSError):
                stream.sendall(head + bytes(900_000))
        time.sleep(0.3)
        ended = 0
        for stream in streams:
            stream.settimeout(0.02)
            try:
                ended += stream.recv(1) == b""
            except TimeoutError:
                pass
            except ConnectionResetError:
                ended += 1

    assert ended == 5


def test_stops_at_once_though_idle_clients_are_connected(tmp_path):
    with started(tmp_path) as server, server.connect(), server.connect() as asked:
        asked.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        everything(asked)
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(20)

        assert time.monotonic() - began < SECONDS


# Refusals


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n", b"413", id="body"),
        pytest.param(b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000, b"431", id="endless-head"),
        pytest.param(
            b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", b"431", id="large-head"
        ),
        pytest.param(
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"411", id="chunked"
        ),
        pytest.param(
            b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy",
            b"400",
            id="two-lengths",
        ),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"400", id="negative"),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length : 9\r\n\r\n", b"400", id="space"),
        pytest.param(b"\x16\x03\x01\x02\r\n\r\n", b"400", id="not-http"),
    ],
)
def test_refuses_a_request(server, request_, status):
    answer, seconds = server.ask(request_)

    assert answer.startswith(b"HTTP/1.1 " + status + b" ")
    assert b"\r\nConnection: close\r\n" in answer
    assert seconds < 0.5


def test_a_client_that_is_refused_in_mid_sending_learns_why(server):
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n"

    answer, _ = server.ask(head + bytes(20_000_000))

    assert answer.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("arrived", "length"),
    [
        (b"", None),
        (b"GET / HTTP/1.1\r\nHost: a\r\n", None),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", 27),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /", 27),
        (b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n", 43),
        (b"POST / HTTP/1.1\r\nCONTENT-LENGTH:5 \r\n\r\n", 43),
        (b"POST / HTTP/1.1\r\nContent-Length: 5\r\ncontent-length: 7\r\n\r\n", 64),
        (b"POST / HTTP/1.1\r\nX-Content-Length: 5\r\n\r\nContent-Length: 5\r\n\r\n", 40),
    ],
)
def test_knows_where_a_request_ends(arrived, length):
    assert request_length(arrived) == length


def test_a_request_may_have_the_largest_body_and_no_larger():
    head = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n"

    assert request_length(head % BODY_BYTES)
    with pytest.raises(RequestRefusedError):
        request_length(head % (BODY_BYTES + 1))


@pytest.mark.parametrize("path", [b"/admin/partners/partner/add/", b"/setup/switch-on/"])
def test_forms_for_logos_take_a_photo_so_that_they_can_say_that_it_is_too_large(path):
    head = b"POST " + path + b" HTTP/1.1\r\nContent-Length: %d\r\n\r\n"

    assert request_length(head % UPLOAD_BODY_BYTES)
    with pytest.raises(RequestRefusedError) as refusal:
        request_length(head % (UPLOAD_BODY_BYTES + 1))
    assert refusal.value.answer.endswith(b"Go back, and choose a smaller file.\n")
