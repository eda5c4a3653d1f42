"""One HTTP connection to a judged address, and the exchanges over it."""

import http.client
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from .addresses import are_public
from .budget import ANSWER_BYTES, BoundedSocket, Budget
from .endpoints import HTTPS_PORT, Endpoint
from .errors import (
    AddressRefusedError,
    DeadlineExceededError,
    EncodingRefusedError,
    NotTrustedError,
    RedirectRefusedError,
    UnreachableError,
)

ADDRESSES_TRIED = 4
"""Addresses of one name that are tried: a name with hundreds would have us scan a network."""


class StaleConnectionError(UnreachableError):
    """A kept connection turned out to be closed, and the request may be sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is sent to an endpoint. Both fields that are not shown may hold secrets."""

    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """What the other side has shown of itself over TLS: the protocol, its certificate's end."""

    protocol: str
    certificate_ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the other side said, complete: any status but a redirect.

    ``content_type`` is the media type in lower case without its parameters, or empty. ``date`` is
    the header of that name, as it came; ``peer`` is ``None`` without TLS.
    """

    status: int
    content_type: str
    body: bytes = field(repr=False)
    date: str = ""
    peer: Peer | None = None


class GuardedConnection(http.client.HTTPConnection):
    """A connection to *endpoint*: its name is looked up once, and what was judged is called.

    *look_up* returns the addresses of a host name within a number of seconds.
    """

    # All that http.client does with a socket is there.
    sock: BoundedSocket | None

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        look_up: Callable[[str, float], Sequence[str]],
        tls: ssl.SSLContext,
    ) -> None:
        super().__init__(endpoint.host, endpoint.port)
        self.endpoint = endpoint
        self._look_up = look_up
        self._tls = tls
        self._budget = Budget(seconds=0)
        self._peer: Peer | None = None
        if endpoint.is_tls:
            # It decides whether the Host header names the port.
            self.default_port = HTTPS_PORT

    @property
    def is_open(self) -> bool:
        """Whether another exchange may follow."""
        return self.sock is not None

    @property
    def is_stale(self) -> bool:
        """Whether the other side has closed it, or has said something unasked."""
        return self.sock is None or self.sock.has_input()

    def exchange(self, request: Request, budget: Budget) -> Answer:
        """Return the answer to *request*, connecting first where it is not open.

        Raises ``OutboundError``, and is closed then. ``StaleConnectionError`` means that the
        connection was kept from earlier and that the request may be sent again over another.
        """
        self._budget = budget
        if self.sock is not None:
            self.sock.budget = budget
        try:
            with _outbound_errors(self.host):
                return self._answer_to(request)
        except BaseException:
            self.close()
            raise

    def connect(self) -> None:
        """Connect, and have the other side prove who it is."""
        plain = self._connected_socket()
        self.sock = BoundedSocket(plain, self._budget)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.endpoint.is_tls:
            self.sock = BoundedSocket(self._secured(plain), self._budget)

    def _connected_socket(self) -> socket.socket:
        addresses = self._look_up(self.host, self._budget.seconds_left())
        if not self.endpoint.is_trusted and not are_public(addresses):
            raise AddressRefusedError(f"{self.host} leads to an address that is not public.")
        addresses = addresses[:ADDRESSES_TRIED]
        refused: OSError = socket.gaierror("no address")
        for tried, address in enumerate(addresses):
            # An address that swallows packets leaves the others their share of the time.
            seconds = self._budget.seconds_left() / (len(addresses) - tried)
            try:
                return socket.create_connection((address, self.port), timeout=seconds)
            except OSError as error:
                refused = error
        raise refused

    def _secured(self, plain: socket.socket) -> ssl.SSLSocket:
        plain.settimeout(self._budget.seconds_left())
        try:
            secured = self._tls.wrap_socket(plain, server_hostname=self.host)
        except ssl.SSLCertVerificationError as error:
            raise NotTrustedError(f"{self.host}: {error.verify_message}.") from error
        except ssl.SSLError as error:
            raise NotTrustedError(f"{self.host}: no TLS ({error.reason}).") from error
        self._peer = _peer_of(secured)
        return secured

    def _answer_to(self, request: Request) -> Answer:
        response = self._response_to(request)
        try:
            _refuse_unwanted(response)
            # The budget ends before this number: with it, a length that the other side claims
            # is not allocated in advance.
            body = response.read(ANSWER_BYTES)
            if response.length:
                raise UnreachableError(f"{self.host} broke off its answer.")
            if response.status < http.HTTPStatus.OK:
                # The answer proper is still to come, and must not be taken for the next one.
                self.close()
        finally:
            response.close()
        headers = response.headers
        return Answer(
            status=response.status,
            content_type=headers.get("Content-Type", "").partition(";")[0].strip().lower(),
            body=body,
            date=headers.get("Date", ""),
            peer=self._peer,
        )

    def _response_to(self, request: Request) -> http.client.HTTPResponse:
        was_open = self.is_open
        is_sent = False
        try:
            self.request(request.method, request.target, request.body, request.headers)
            is_sent = True
            return self.getresponse()
        except (OSError, http.client.HTTPException) as error:
            # Once sent in full, a request may have been carried out although no answer came. A
            # GET may be sent again nevertheless (RFC 9110, section 9.2.2); a token request spends
            # its code, and may not.
            is_harmless = request.method == "GET" or not is_sent
            if was_open and not self._budget.received and is_harmless:
                raise StaleConnectionError(f"{self.host} closed the connection.") from error
            raise


def _peer_of(secured: ssl.SSLSocket) -> Peer:
    ends = (secured.getpeercert() or {})["notAfter"]
    return Peer(
        protocol=secured.version() or "",
        certificate_ends_at=datetime.fromtimestamp(ssl.cert_time_to_seconds(str(ends)), UTC),
    )


def _refuse_unwanted(response: http.client.HTTPResponse) -> None:
    if http.HTTPStatus.MULTIPLE_CHOICES <= response.status < http.HTTPStatus.BAD_REQUEST:
        raise RedirectRefusedError(
            f"Answered with a redirect ({response.status}).",
            location=response.headers.get("Location", ""),
        )
    if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise EncodingRefusedError("Answered compressed, although that was not asked for.")


@contextmanager
def _outbound_errors(host: str) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise DeadlineExceededError(f"{host} did not answer within the deadline.") from error
    except socket.gaierror as error:
        raise UnreachableError(f"The name {host} cannot be resolved.") from error
    except (OSError, http.client.HTTPException) as error:
        # Not the error's own text: it may quote what was answered.
        raise UnreachableError(f"{host} gave no answer ({type(error).__name__}).") from error
