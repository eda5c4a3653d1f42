"""The client through which the portal calls URLs that partners name."""

import os
import ssl
import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from types import MappingProxyType

from django.conf import settings

from .addresses import Resolver, system_resolver
from .budget import Budget
from .connection import Answer, GuardedConnection, Request, StaleConnectionError
from .endpoints import Endpoint, endpoint_of

KEPT_CONNECTIONS = 64
"""Connections that wait for another call, over all hosts: each holds a file descriptor."""

KEPT_SECONDS = 60.0
"""How long a connection waits: firewalls forget a silent one after some minutes, unannounced."""

LOOK_UPS = 16
"""Look-ups at a time: the system's resolver takes no time limit, so one may outlive its call."""

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Outbound:
    """The one way to a URL that a partner named. Threads share it; a fork may not.

    *trusted* endpoints, each ``host:port`` in lower case, may speak plain http and stand at any
    address. *ca_bundle* is a file of certificates to trust instead of the system's.
    """

    def __init__(
        self,
        *,
        trusted: frozenset[str] = frozenset(),
        ca_bundle: str | None = None,
        resolver: Resolver = system_resolver,
    ) -> None:
        self._trusted = trusted
        self._tls = _tls_context(ca_bundle)
        self._resolver = resolver
        self._look_ups = ThreadPoolExecutor(LOOK_UPS, thread_name_prefix="look-up")
        self._kept = _KeptConnections()
        self._finalize = weakref.finalize(self, _close, self._kept, self._look_ups)

    def fetch(
        self, url: str, *, deadline: float, headers: Mapping[str, str] = NO_HEADERS
    ) -> Answer:
        """Return what *url* answers to a GET with *headers*, within *deadline* seconds in all.

        Raises ``OutboundError``. The values of *headers* are visible ASCII.
        """
        return self._call("GET", url, headers=headers, body=None, deadline=deadline)

    def post(self, url: str, *, headers: Mapping[str, str], body: bytes, deadline: float) -> Answer:
        """Return what *url* answers to a POST of *body*, within *deadline* seconds in all.

        Raises ``OutboundError``; the other side may have acted on the body even so. It is sent
        again only when a kept connection broke before all of it was sent.
        """
        return self._call("POST", url, headers=headers, body=body, deadline=deadline)

    def close(self) -> None:
        """Close the connections that wait, as happens to a client that nobody holds any more."""
        self._finalize()

    def _call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None,
        deadline: float,
    ) -> Answer:
        endpoint = endpoint_of(url, trusted=self._trusted)
        budget = Budget(seconds=deadline)
        headers = {"User-Agent": "Foyer", "Accept": "application/json", **headers}
        request = Request(method=method, target=endpoint.target, headers=headers, body=body)
        connection = self._kept.take(endpoint)
        if connection is not None:
            try:
                return self._exchange(connection, request, budget)
            except StaleConnectionError:
                # A new connection cannot be stale: this happens once.
                pass
        connection = GuardedConnection(endpoint, look_up=self._addresses_of, tls=self._tls)
        return self._exchange(connection, request, budget)

    def _exchange(self, connection: GuardedConnection, request: Request, budget: Budget) -> Answer:
        answer = connection.exchange(request, budget)
        self._kept.put(connection)
        return answer

    def _addresses_of(self, host: str, seconds: float) -> Sequence[str]:
        look_up = self._look_ups.submit(self._resolver, host)
        try:
            return look_up.result(timeout=seconds)
        finally:
            look_up.cancel()


class _KeptConnections:
    """Open connections that wait for another call; the one that waited longest is closed first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[tuple[float, GuardedConnection]] = []

    def take(self, endpoint: Endpoint) -> GuardedConnection | None:
        """Return a connection to *endpoint* that nobody else has, or ``None``."""
        while (found := self._newest_to(endpoint)) is not None:
            since, connection = found
            if time.monotonic() - since < KEPT_SECONDS and not connection.is_stale:
                return connection
            connection.close()
        return None

    def put(self, connection: GuardedConnection) -> None:
        """Let *connection* wait, if it is still open."""
        if not connection.is_open:
            return
        with self._lock:
            self._waiting.append((time.monotonic(), connection))
            surplus = self._waiting[:-KEPT_CONNECTIONS]
            del self._waiting[:-KEPT_CONNECTIONS]
        for _, longest in surplus:
            longest.close()

    def close(self) -> None:
        """Close all that wait."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for _, connection in waiting:
            connection.close()

    def _newest_to(self, endpoint: Endpoint) -> tuple[float, GuardedConnection] | None:
        with self._lock:
            for place in reversed(range(len(self._waiting))):
                if self._waiting[place][1].endpoint.origin == endpoint.origin:
                    return self._waiting.pop(place)
        return None


def outbound() -> Outbound:
    """Return this process's client, made on first use: after the server has forked."""
    return _client(settings.FEDERATION_TRUSTED_ENDPOINTS)


@lru_cache(maxsize=1)
def _client(trusted: frozenset[str]) -> Outbound:
    return Outbound(trusted=trusted)


# Two processes that share a connection would mix up their answers.
os.register_at_fork(after_in_child=_client.cache_clear)


def _close(kept: _KeptConnections, look_ups: ThreadPoolExecutor) -> None:
    kept.close()
    look_ups.shutdown(wait=False, cancel_futures=True)


def _tls_context(ca_bundle: str | None) -> ssl.SSLContext:
    # Not create_default_context: with SSLKEYLOGFILE in the environment it writes down the keys.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    if ca_bundle:
        context.load_verify_locations(cafile=ca_bundle)
    else:
        context.load_default_certs()
    return context
