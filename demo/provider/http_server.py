"""The HTTP/1.1 server under the issuers: threads, kept connections, and the faults of a wire."""

import socket
import sys
from collections.abc import Iterator, Mapping
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Event
from typing import Any, Protocol, cast

from demo.provider.faults import Fault
from demo.provider.messages import Answer, Request

MAX_BODY_BYTES = 64 * 1024
KEEP_ALIVE_SECONDS = 65
STOP_SECONDS = 2
HONEST_WIRE = Fault()


class Application(Protocol):
    """What answers the requests of a server."""

    def answer(self, request: Request) -> tuple[Answer, Fault | None]:
        """Return the answer to *request*, spoilt, and the fault for its way over the wire."""


class ProviderServer(ThreadingHTTPServer):
    """A server that can be stopped while connections are kept open or answers are held back."""

    # The default of 5 makes clients wait a second when more of them connect at once.
    request_queue_size = 128
    daemon_threads = True

    def __init__(self, application: Application, *, host: str, port: int) -> None:
        self.application = application
        self.stopped = Event()
        self._open: set[socket.socket] = set()
        self._changed = Condition()
        super().__init__((host, port), Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Note the connection, and answer it in a thread."""
        with self._changed:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close the connection."""
        super().shutdown_request(request)
        with self._changed:
            self._open.discard(request)
            self._changed.notify_all()

    def server_close(self) -> None:
        """Stop listening, and end every connection that is still open."""
        self.stopped.set()
        super().server_close()
        with self._changed:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # the other side was faster
            self._changed.wait_for(lambda: not self._open, timeout=STOP_SECONDS)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that hung up; anything else is a fault of ours."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """Reads requests from one connection, and writes each answer in one packet."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = KEEP_ALIVE_SECONDS

    def do_GET(self) -> None:
        """Answer one request."""
        request = self._request()
        if request is None:
            self.close_connection = True
            self._send(Answer(status=413), HONEST_WIRE)
            return
        answer, fault = self._application.answer(request)
        self._send(answer, fault or HONEST_WIRE)

    do_POST = do_HEAD = do_DELETE = do_PUT = do_OPTIONS = do_GET  # noqa: N815 - likewise

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Log nothing: requests are recorded by the issuers."""

    @property
    def _server(self) -> ProviderServer:
        return cast("ProviderServer", self.server)

    @property
    def _application(self) -> Application:
        return self._server.application

    def _request(self) -> Request | None:
        """Return the request, None when its body is too large or of unknown length."""
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > MAX_BODY_BYTES:
            return None
        if "Transfer-Encoding" in self.headers:
            return None
        path, _, query = self.path.partition("?")
        return Request(
            method=self.command,
            path=path,
            query_string=query,
            body=self.rfile.read(int(length)),
            headers={name.lower(): value for name, value in self.headers.items()},
        )

    def _send(self, answer: Answer, fault: Fault) -> None:
        if fault.delay and self._server.stopped.wait(fault.delay):
            self.close_connection = True
            return
        if fault.closes:
            self.close_connection = True
            return
        headers, body = answer.written()
        headers.setdefault("Date", formatdate(usegmt=True))  # RFC 9110, section 6.6.1
        if fault.endless:
            self.close_connection = True
        else:
            headers.setdefault("Content-Length", str(len(body)))
        head = _head(answer.status, headers, closes=self.close_connection)
        if self.command == "HEAD":
            body = b""
        for part in self._parts(head, body, fault):
            self.wfile.write(part)

    def _parts(self, head: bytes, body: bytes, fault: Fault) -> Iterator[bytes]:
        if fault.drips_head:
            yield from self._drops(head, fault.drip)
        if fault.drip:
            yield b"" if fault.drips_head else head
            yield from self._drops(body, fault.drip)
            return
        # Head and body in one packet: in two, the second waits for an acknowledgement that the
        # other side delays, 40 ms for every call on a kept connection.
        yield head + body
        while fault.endless and body and not self._server.stopped.is_set():
            yield body

    def _drops(self, content: bytes, seconds: float) -> Iterator[bytes]:
        for position in range(len(content)):
            if self._server.stopped.wait(seconds):
                return
            yield content[position : position + 1]


def _head(status: int, headers: Mapping[str, str], *, closes: bool) -> bytes:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Unknown"
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {text}" for name, text in headers.items())]
    if closes:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
