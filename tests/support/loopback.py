"""A server on loopback that does to its clients whatever a test tells it, byte for byte."""

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Behaviour = Callable[["Peer"], None]
"""What the server does with one connection, from its first byte to its last."""


class Peer:
    """One connection, seen from the server."""

    def __init__(self, stream: socket.socket, number: int, requests: list[bytes]) -> None:
        self.stream = stream
        self.number = number
        self._requests = requests

    def receive(self) -> bytes | None:
        """Return the next request, its body included, or None at the end."""
        request = b""
        while b"\r\n\r\n" not in request:
            received = self.stream.recv(65536)
            if not received:
                return None
            request += received
        head, _, body = request.partition(b"\r\n\r\n")
        found = re.search(rb"\r\ncontent-length: *([0-9]+)", head, re.IGNORECASE)
        length = int(found[1]) if found else 0
        while len(body) < length:
            body += self.stream.recv(65536)
        self._requests.append(head + b"\r\n\r\n" + body)
        return self._requests[-1]

    def send(self, data: bytes) -> None:
        self.stream.sendall(data)


class LoopbackServer:
    """Counts what came; *requests* are whole, *connections* are those accepted."""

    def __init__(self, behaviour: Behaviour, tls: ssl.SSLContext | None) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self._behaviour = behaviour
        self._tls = tls
        self._streams: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]

    def start(self) -> None:
        self._threads.append(threading.Thread(target=self._accept))
        self._threads[0].start()

    def stop(self) -> None:
        # A listener that is shut down ends its accept(); closing it alone would not.
        self._listener.shutdown(socket.SHUT_RDWR)
        for stream in list(self._streams):
            with suppress(OSError):
                stream.shutdown(socket.SHUT_RDWR)
        for thread in list(self._threads):
            thread.join(5)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                stream, _ = self._listener.accept()
                self.connections += 1
                self._streams.append(stream)
                thread = threading.Thread(target=self._serve, args=(stream, self.connections))
                self._threads.append(thread)
                thread.start()

    def _serve(self, plain: socket.socket, number: int) -> None:
        with suppress(OSError), plain:
            stream = self._tls.wrap_socket(plain, server_side=True) if self._tls else plain
            with stream:
                self._behaviour(Peer(stream, number, self.requests))


@contextmanager
def serving(behaviour: Behaviour, *, tls: ssl.SSLContext | None = None) -> Iterator[LoopbackServer]:
    """Serve every connection as *behaviour* says, until the end of the block."""
    server = LoopbackServer(behaviour, tls)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def answer(body: bytes = b"{}", *, status: str = "200 OK", headers: str = "") -> bytes:
    """Return an HTTP answer; *headers* are whole lines."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def answering(sent: bytes) -> Behaviour:
    """Answer each request on a connection with *sent*."""

    def behaviour(peer: Peer) -> None:
        while peer.receive() is not None:
            peer.send(sent)

    return behaviour


def dripping(start: bytes, *, pause: float = 0.05) -> Behaviour:
    """Answer with *start*, and after that with one byte a *pause*, for ever."""

    def behaviour(peer: Peer) -> None:
        peer.receive()
        peer.send(start)
        while True:
            peer.send(b"x")
            threading.Event().wait(pause)

    return behaviour


def then_silence(sent: bytes) -> Behaviour:
    """Answer one request with *sent*, and wait for what comes."""

    def behaviour(peer: Peer) -> None:
        peer.receive()
        peer.send(sent)
        peer.receive()

    return behaviour


def then_end(sent: bytes) -> Behaviour:
    """Answer one request with *sent*, and close."""

    def behaviour(peer: Peer) -> None:
        peer.receive()
        peer.send(sent)

    return behaviour
