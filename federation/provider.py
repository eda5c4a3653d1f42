"""Speaking to a partner's OpenID Provider: its documents, the token request, UserInfo."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from http import HTTPStatus

import structlog
from django.conf import settings
from django.db import connections
from django.utils import timezone

from federation.capacity import AtCapacityError, Capacity
from federation.documents import (
    are_due,
    documents_for_unknown_key,
    documents_of,
    fetched_anew,
    fetched_now,
)
from federation.drift import hosts_of
from federation.last_good import Documents
from federation.oidc.errors import FederationError, ProviderError, Reason, require_able
from federation.oidc.token import read_token_response
from federation.oidc.userinfo import read_userinfo, userinfo_request
from federation.oidc.values import Claims, Jwks, ProviderMetadata, TokenRequest, TokenResponse
from federation.outbound import Answer, OutboundError, as_provider_error, outbound
from partners.models import Connection
from tokens.breaker import Breaker

log = structlog.get_logger(__name__)

DEADLINE_SECONDS = 10.0
"""What one sign-in may wait for its provider, over all calls: people give up soon after."""

CALLS_AT_ONCE = max(2, settings.WEB_THREADS - 2)
"""Calls to one provider that may be under way in a process: two threads stay free for others."""


class Provider:
    """A partner's provider during one sign-in, whose calls share one deadline.

    Every method that calls it raises ``ProviderError`` when it cannot.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._ends = time.monotonic() + DEADLINE_SECONDS
        self._documents: Documents | None = None

    def metadata(self) -> ProviderMetadata:
        """Return the provider's metadata, fetched only when there is none that may be used."""
        return self._current().metadata

    def jwks(self, *, again: bool = False) -> Jwks:
        """Return the provider's keys; *again* asks for newer ones, as often as that is allowed."""
        if again:
            self._documents = documents_for_unknown_key(
                self.connection, self.document, known=self._current()
            )
        return self._current().jwks

    def redeem(self, request: TokenRequest) -> TokenResponse:
        """Return what the token endpoint gives for the authorization code in *request*.

        Never tried twice: a code is good for one request, and whether the first one arrived is
        unknown once it has been sent.
        """
        answer = self._guarded(
            lambda: outbound().post(
                request.url,
                headers=request.headers,
                body=request.body,
                deadline=self._seconds_left(),
            )
        )
        return read_token_response(answer.status, answer.body)

    def userinfo(self, access_token: str, *, subject: str) -> Claims:
        """Return the UserInfo claims of the person with this provider's *subject*.

        They are empty where the provider has no UserInfo endpoint. Raises ``IdTokenError`` when
        they are somebody else's.
        """
        request = userinfo_request(self.metadata(), access_token)
        if request is None:
            return {}
        answer = self._guarded(
            lambda: outbound().fetch(
                request.url, headers=request.headers, deadline=self._seconds_left()
            )
        )
        return read_userinfo(answer.status, answer.content_type, answer.body, subject=subject)

    def _current(self) -> Documents:
        if self._documents is None:
            self._documents = documents_of(self.connection, self.document)
            if are_due(self._documents):
                refresh_soon(self.connection)
        return self._documents

    def document(self, url: str) -> bytes:
        """Return the document that the provider publishes at *url*."""
        answer = self._guarded(lambda: outbound().fetch(url, deadline=self._seconds_left()))
        require_able(answer.status, whose="the address of a document")
        if answer.status != HTTPStatus.OK:
            raise ProviderError(
                Reason.PROVIDER_MISCONFIGURED, f"a document is answered with status {answer.status}"
            )
        return answer.body

    def _guarded(self, call: Callable[[], Answer]) -> Answer:
        breaker = _breaker_of(self.connection.pk)
        if not breaker.permit():
            raise ProviderError(Reason.PROVIDER_UNREACHABLE, "it has failed too often just now")
        try:
            with _capacity.of(self.connection.pk):
                answer = call()
        except AtCapacityError as error:
            raise ProviderError(
                Reason.PROVIDER_UNREACHABLE, "earlier calls to it hang", timed_out=True
            ) from error
        except OutboundError as error:
            breaker.failed()
            raise as_provider_error(error) from error
        breaker.succeeded()
        return answer

    def _seconds_left(self) -> float:
        return max(0.0, self._ends - time.monotonic())


_capacity = Capacity(CALLS_AT_ONCE)
_refreshing: set[int] = set()
_refreshing_lock = threading.Lock()


@lru_cache(maxsize=4096)
def _breaker_of(connection_id: int) -> Breaker:
    return Breaker()


@lru_cache(maxsize=1)
def _refresher() -> ThreadPoolExecutor:
    # Made on first use, after the server has forked: threads do not survive a fork.
    return ThreadPoolExecutor(max_workers=2, thread_name_prefix="refresh")


def accept_hosts(connection: Connection) -> list[str]:
    """Take the hosts at which the provider is now for those that the owner means; return them.

    There are none while it is away: then nothing is accepted, and what was known stays.
    """
    try:
        documents = fetched_anew(connection, Provider(connection).document, accepts_hosts=True)
    except FederationError as error:
        log.info("documents.not_fetched", reason=error.reason, detail=error.detail)
        return []
    return sorted(hosts_of(documents.metadata))


def fetch_again(connection: Connection) -> None:
    """Fetch the provider's documents now, however young those are that are known.

    Nobody signs in by a version that is being prepared: who tries it need not wait for others.
    Raises ``ProviderError``; what was known stays then.
    """
    fetch = Provider(connection).document
    if connection.is_live:
        known = getattr(connection, "documents", None)
        fetched_now(connection, fetch, known_at=known.fetched_at if known else timezone.now())
    else:
        fetched_anew(connection, fetch)


def refresh_soon(connection: Connection) -> None:
    """Fetch the provider's documents in the background, unless that is under way here."""
    with _refreshing_lock:
        if connection.pk in _refreshing:
            return
        _refreshing.add(connection.pk)
    _refresher().submit(_refresh, connection).add_done_callback(_tell)


def _tell(refresh: Future[None]) -> None:
    # Nobody waits for the result, and what nobody reads is lost without a line.
    if error := refresh.exception():
        log.error("documents.refresh_failed", exc_info=error)


def _refresh(connection: Connection) -> None:
    try:
        fetched_now(
            connection,
            Provider(connection).document,
            known_at=connection.documents.fetched_at,
        )
    except FederationError as error:
        log.warning("documents.refresh_failed", reason=error.reason, detail=error.detail)
    finally:
        with _refreshing_lock:
            _refreshing.discard(connection.pk)
        connections.close_all()
