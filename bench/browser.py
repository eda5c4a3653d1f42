"""A browser that costs little: it signs in as people do, and asks whether each answer is right.

It speaks the HTTP/1.1 of our own servers, whose bodies have a length, and nothing besides.
"""

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

TIMEOUT_SECONDS = 30
RECEIVED_AT_ONCE_BYTES = 64 * 1024


class WalkError(Exception):
    """An answer was not what a sign-in needs."""


class HungUpError(WalkError):
    """The connection ended without a whole answer."""


class UnexpectedAnswerError(WalkError):
    """The portal gave *answer*, with a status that was not expected."""

    def __init__(self, path: str, answer: "Answer") -> None:
        super().__init__(f"{path} answered {answer.status}: {answer.body[:2000]!r}")
        self.answer = answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who signs in, and the partner through whose provider."""

    partner: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer; *location* is empty where there is none, a deleted cookie's value too."""

    status: int
    location: str
    cookies: Mapping[str, str]
    body: bytes = field(repr=False)


class Wire:
    """A connection to one server, opened when it is first needed and kept."""

    def __init__(self, origin: str) -> None:
        parts = urlsplit(origin)
        self.origin = origin
        self._host = parts.netloc
        self._address = (parts.hostname, parts.port)
        self._socket: socket.socket | None = None

    def get(self, target: str, cookies: Mapping[str, str]) -> Answer:
        """Return the answer to a GET of *target*, a path with its query."""
        lines = [f"GET {target} HTTP/1.1", f"Host: {self._host}", "User-Agent: bench"]
        if cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={cookies[name]}" for name in cookies))
        connection = self._connected()
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        received = bytearray()
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._more(connection)
        head = received[:end].decode("latin-1").split("\r\n")
        headers = [(name.lower(), value.strip()) for name, _, value in map(_split, head[1:])]
        length = int(dict(headers).get("content-length", "0"))
        body = received[end + 4 :]
        while len(body) < length:
            body += self._more(connection)
        if dict(headers).get("connection") == "close":
            self.close()
        return Answer(
            status=int(head[0].split()[1]),
            location=dict(headers).get("location", ""),
            cookies=dict(_cookie(value) for name, value in headers if name == "set-cookie"),
            body=bytes(body),
        )

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _connected(self) -> socket.socket:
        if self._socket is None:
            self._socket = socket.create_connection(self._address, TIMEOUT_SECONDS)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._socket

    def _more(self, connection: socket.socket) -> bytes:
        received = connection.recv(RECEIVED_AT_ONCE_BYTES)
        if not received:
            self.close()
            raise HungUpError(f"{self.origin} hung up")
        return received


class Browser:
    """One browser, without cookies at first, with a connection of its own to the portal.

    *providers* is shared by the browsers that one thread runs after each other: what connecting to
    a provider costs is no business of the portal's.
    """

    def __init__(self, portal: str | Wire, *, providers: Wire) -> None:
        self.portal = portal if isinstance(portal, Wire) else Wire(portal)
        self.cookies: dict[str, str] = {}
        self._providers = providers

    def sign_in(self, person: Person) -> None:
        """Walk from the company's logo to where the portal lets the person in.

        Raises ``WalkError`` when it does not.
        """
        query = urlencode({"login_hint": person.email})
        begun = self.get(f"/login/{person.partner}/?{query}", expected=302)
        target = _target(begun.location, origin=self._providers.origin)
        authorized = self._providers.get(target, {})
        target = _target(authorized.location, origin=self.portal.origin)
        admitted = self.get(target, expected=302)
        if admitted.location != "/":
            raise WalkError(f"let in at {admitted.location!r}")

    def get(self, target: str, *, expected: int) -> Answer:
        """Return the portal's answer; raises ``WalkError`` when its status is not *expected*."""
        answer = self.portal.get(target, self.cookies)
        if answer.status != expected:
            raise UnexpectedAnswerError(target.partition("?")[0], answer)
        self.cookies.update(answer.cookies)
        self.cookies = {name: value for name, value in self.cookies.items() if value}
        return answer


def _split(line: str) -> tuple[str, str, str]:
    return line.partition(":")


def _cookie(text: str) -> tuple[str, str]:
    name, _, value = text.partition(";")[0].partition("=")
    return name, value.strip('"')


def _target(url: str, *, origin: str) -> str:
    if not url.startswith(f"{origin}/"):
        raise WalkError(f"sent to {url!r} and not to {origin}")
    return url.removeprefix(origin)
