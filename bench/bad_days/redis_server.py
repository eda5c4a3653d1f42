"""As much of Redis as counting failures needs, which can go away and come back: RESP3.

It knows no scripts: the only one that it is told to run adds to a count and lets it end.
"""

import socketserver
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Self

HELLO = b"%1\r\n$5\r\nproto\r\n:3\r\n"
"""A map that says which version of the protocol is spoken."""


class Counts:
    """Counts with their ends, as the commands of Redis see them."""

    def __init__(self) -> None:
        self.by_key: dict[bytes, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def answer(self, command: list[bytes]) -> bytes:
        """Return what Redis answers to *command*, as it is sent."""
        answers: dict[bytes, Callable[[list[bytes]], bytes]] = {
            b"GET": self._get,
            b"TTL": self._ttl,
            b"EVALSHA": self._add,
            b"EVAL": self._add,
        }
        name = command[0].upper()
        if name in answers:
            with self._lock:
                return answers[name](command[1:])
        if name == b"HELLO":
            return HELLO
        return b"+OK\r\n" if name in {b"CLIENT", b"SELECT"} else b"-ERR unknown command\r\n"

    def _get(self, arguments: list[bytes]) -> bytes:
        count = str(self._living(arguments[0])[0]).encode()
        return b"$%d\r\n%s\r\n" % (len(count), count) if count != b"0" else b"$-1\r\n"

    def _ttl(self, arguments: list[bytes]) -> bytes:
        count, ends = self._living(arguments[0])
        return b":%d\r\n" % (max(1, ends - time.monotonic()) if count else -2)

    def _add(self, arguments: list[bytes]) -> bytes:
        _script, _keys, key, seconds, amount = arguments
        count, ends = self._living(key)
        self.by_key[key] = (
            count + int(amount),
            ends if count else time.monotonic() + int(seconds),
        )
        return b":%d\r\n" % self.by_key[key][0]

    def _living(self, key: bytes) -> tuple[int, float]:
        count, ends = self.by_key.get(key, (0, 0.0))
        return (count, ends) if ends > time.monotonic() else (0, 0.0)


class RedisServer(socketserver.ThreadingTCPServer):
    """A server on loopback; while it ``is_gone`` it hangs up on everybody."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        self.counts = Counts()
        self.is_gone = threading.Event()
        super().__init__(("127.0.0.1", 0), _Talk)

    @property
    def url(self) -> str:
        """What CACHE_URL says."""
        return f"redis://127.0.0.1:{self.server_address[1]}/0"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_gone.set()
        self.shutdown()
        self.server_close()


class _Talk(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True
    timeout = 300
    server: RedisServer

    def handle(self) -> None:
        with suppress(OSError):
            while not self.server.is_gone.is_set() and (first := self.rfile.readline()):
                command = [self._word() for _ in range(int(first[1:]))]
                if self.server.is_gone.is_set():
                    return
                self.wfile.write(self.server.counts.answer(command))

    def _word(self) -> bytes:
        length = int(self.rfile.readline()[1:])
        return self.rfile.read(length + 2)[:-2]
