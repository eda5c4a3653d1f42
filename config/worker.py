"""The production server's worker: a request gets a thread when all of it has arrived.

gunicorn's own threaded worker reads in the thread, without a time limit, and waits in its main
loop for a client to close: as many slow clients as there are threads, or one that does not hang
up, would stop it.
"""

import re
import selectors
import socket
import struct
import time
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any

from gunicorn.http import get_parser
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException
from gunicorn.workers.gthread import ThreadWorker

HEAD_BYTES = 64 * 1024
"""Bytes of a request line with its headers: gunicorn's own limits lie below."""

BODY_BYTES = 1024 * 1024
"""Bytes of a body: more than any form has that has no file in it."""

UPLOAD_BODY_BYTES = 8 * 1024 * 1024
"""The same for forms that take a logo, the owner's and a partner's. A logo may have half a
megabyte: whoever picks a photo is told so by the form, which keeps what was typed, and not by an
empty page."""

UPLOADED_TO = (b"POST /admin/partners/", b"POST /setup/switch-on/")

RECEIVED_AT_ONCE_BYTES = 64 * 1024

SENT_UNREAD_BYTES = 256 * 1024
"""Bytes that the system takes from a thread before the client reads: more than any page has."""

HEADERS = (
    "Cache-Control: no-store\r\n"
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
)
"""What every answer has: these are given before the application is asked, which adds its own."""

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,18})[ \t]*(?=\r\n)", re.IGNORECASE)
_ENCODING = re.compile(rb"\r\ntransfer-encoding[ \t]*:", re.IGNORECASE)


class RequestRefusedError(Exception):
    """A request that is not read to its end."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status)
        is_a_persons = status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        text = "This is too large. Go back, and choose a smaller file.\n" if is_a_persons else ""
        self.answer = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\n{HEADERS}"
            "Content-Type: text/plain; charset=utf-8\r\n"
            f"Connection: close\r\nContent-Length: {len(text)}\r\n\r\n{text}"
        ).encode()


_STATUS_OF = {
    LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
}
"""What gunicorn's parser refuses otherwise than with 400."""


def request_length(arrived: bytes | bytearray) -> int | None:
    """Return how many bytes the first request in *arrived* has, or ``None`` if it is open.

    Raises ``RequestRefusedError`` for one that is too large or does not say how large it is.
    What is malformed counts as complete: gunicorn's parser refuses it.
    """
    end = arrived.find(b"\r\n\r\n")
    if end < 0:
        if len(arrived) > HEAD_BYTES:
            raise RequestRefusedError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        return None
    head = bytes(arrived[: end + 2])
    if _ENCODING.search(head):
        # RFC 9112, section 6.3: browsers and buffering proxies always tell the length.
        raise RequestRefusedError(HTTPStatus.LENGTH_REQUIRED)
    length = max((int(length) for length in _LENGTH.findall(head)), default=0)
    most = UPLOAD_BODY_BYTES if arrived.startswith(UPLOADED_TO) else BODY_BYTES
    if length > most:
        raise RequestRefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return end + 4 + length


class BoundedWorker(ThreadWorker):  # type: ignore[misc] # gunicorn has no types
    """Reads requests in its main loop, and gives each to a thread when it is complete.

    A connection that waits for the rest of a request, for its client to hang up, or for nothing at
    all, is one of gunicorn's *pending* ones. Whatever it does, it ends *request_seconds* later;
    when there are too many, the one that has waited longest ends.
    """

    request_seconds = 15.0
    answer_seconds = 10
    """Seconds for which a thread waits for a client that has stopped reading."""

    arriving_bytes = 64 * 1024 * 1024
    """Bytes of incomplete requests that are held in all."""

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection, if need be in the place of the one that has waited longest."""
        if self.nr_conns + 1 >= self.worker_connections:
            waiting = [queue[0] for queue in (self.pending_conns, self.keepalived_conns) if queue]
            if waiting:
                self._end(min(waiting, key=lambda conn: conn.timeout))
        super().accept(listener)

    def enqueue_req(self, conn: Any) -> None:
        """Give the next request on *conn* to a thread, now or when it has arrived."""
        if conn.parser is None:
            _prepare(conn, answer_seconds=self.answer_seconds)
        self._wait(conn, arrived=bytearray(conn.parser.unreader.take_buffered()))
        self.on_pending_socket_readable(conn, conn.sock)

    def on_pending_socket_readable(self, conn: Any, client: socket.socket) -> None:
        """Take what has arrived on a pending connection."""
        try:
            received = client.recv(RECEIVED_AT_ONCE_BYTES)
        except BlockingIOError:
            received = None
        except OSError:
            received = b""
        if conn.arrived is None:
            if received == b"":
                self._end(conn)
            return
        conn.arrived += received or b""
        try:
            length = request_length(conn.arrived)
        except RequestRefusedError as refusal:
            with suppress(OSError):
                client.send(refusal.answer)
            self._hang_up(conn)
            return
        if length is not None and len(conn.arrived) >= length:
            self._stop_waiting(conn)
            conn.parser.unreader.unread(bytes(conn.arrived))
            super().enqueue_req(conn)
        elif received == b"":
            self._end(conn)
        elif len(conn.arrived) > RECEIVED_AT_ONCE_BYTES:
            self._bound_arriving()

    def finish_request(self, conn: Any, fs: "Future[bool]") -> None:
        """Keep *conn* for another request, or hang up without waiting for the client to."""
        if fs.cancelled() or fs.exception() or not fs.result():
            self._wait(conn, arrived=None)
            self._hang_up(conn)
        else:
            super().finish_request(conn, fs)

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Answer what cannot be read, or is a fault of ours, without a word of what was asked.

        gunicorn's own page and log line repeat it, and it may have a code or a cookie in it.
        """
        if isinstance(exc, ParseException):
            status = _STATUS_OF.get(type(exc), HTTPStatus.BAD_REQUEST)
            self.log.warning("Unreadable request: %s", type(exc).__name__)
        else:
            status = HTTPStatus.INTERNAL_SERVER_ERROR
            self.log.error("Fault while answering", exc_info=exc)
        with suppress(OSError):
            client.sendall(RequestRefusedError(status).answer)

    def murder_pending(self) -> None:
        """End what has waited too long; when the worker stops, whatever has not begun to ask."""
        if not self.alive:
            for conn in [conn for conn in self.pending_conns if not conn.arrived]:
                self._end(conn)
        super().murder_pending()

    def _wait(self, conn: Any, *, arrived: bytearray | None) -> None:
        conn.arrived = arrived
        conn.timeout = time.monotonic() + self.request_seconds
        conn.sock.setblocking(False)
        self.pending_conns.append(conn)
        self.poller.register(
            conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn)
        )

    def _stop_waiting(self, conn: Any) -> None:
        queue = self.pending_conns if conn in self.pending_conns else self.keepalived_conns
        queue.remove(conn)
        self.poller.unregister(conn.sock)

    def _end(self, conn: Any) -> None:
        self._stop_waiting(conn)
        self.nr_conns -= 1
        conn.close()

    def _hang_up(self, conn: Any) -> None:
        # Closed at once with bytes unread, a connection is reset, and the client may lose the
        # answer: RFC 9112, section 9.6.
        conn.arrived = None
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._end(conn)

    def _bound_arriving(self) -> None:
        arriving = [conn for conn in self.pending_conns if conn.arrived]
        if sum(len(conn.arrived) for conn in arriving) > self.arriving_bytes:
            self._end(max(arriving, key=lambda conn: len(conn.arrived)))


def _prepare(conn: Any, *, answer_seconds: int) -> None:
    # Without a socket to read from, the parser takes the end of what has arrived for the end of
    # the connection: a thread never waits for a client's bytes.
    conn.parser = get_parser(conn.cfg, (), conn.client)
    conn.initialized = conn.data_ready = True
    conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SENT_UNREAD_BYTES)
    conn.sock.setsockopt(
        socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", answer_seconds, 0)
    )
