"""Watching the token issuer: how it last went, for readiness, and alerts, for the operator."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import structlog
from django.utils import timezone

from tokens.errors import (
    TokenIssuerRefusedError,
    TokenIssuerUnavailableError,
)
from tokens.values import DeveloperToken

if TYPE_CHECKING:
    from tokens.issuers import TokenIssuer

log = structlog.get_logger(__name__)

ALERT_EVERY_SECONDS = 300.0
"""The same trouble is one alert in five minutes, however many people it meets."""


class Outcome(StrEnum):
    """How the last attempt to get a token went, in this process."""

    UNTRIED = "untried"
    OK = "ok"
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """An outcome, its cause as the error names it, and from when until when it was the same."""

    outcome: Outcome
    cause: str
    since: datetime
    last_at: datetime


class WatchedIssuer:
    """A token issuer that remembers how it last went. Thread-safe."""

    def __init__(self, issuer: "TokenIssuer") -> None:
        self._issuer = issuer
        self._lock = threading.Lock()
        self._alerted_at: dict[str, float] = {}
        now = timezone.now()
        self.state = State(outcome=Outcome.UNTRIED, cause="", since=now, last_at=now)

    @property
    def endpoint(self) -> str:
        """The URL that is asked. Raises ``TokenIssuerRefusedError`` when there is none."""
        return self._issuer.endpoint

    def issue(
        self, subject: str, *, tags: Mapping[str, str], duration: timedelta
    ) -> DeveloperToken:
        """Return a new token: see ``issuers.TokenIssuer``."""
        try:
            developer_token = self._issuer.issue(subject, tags=tags, duration=duration)
        except TokenIssuerUnavailableError as error:
            self._note(Outcome.UNAVAILABLE, error.cause)
            raise
        except TokenIssuerRefusedError as error:
            # One person's trouble says nothing of the next person's token.
            if error.concerns_all:
                self._note(Outcome.REFUSED, error.cause)
            self._alert(error)
            raise
        self._note(Outcome.OK)
        return developer_token

    def _note(self, outcome: Outcome, cause: str = "") -> None:
        now = timezone.now()
        with self._lock:
            is_known = (self.state.outcome, self.state.cause) == (outcome, cause)
            since = self.state.since if is_known else now
            self.state = State(outcome=outcome, cause=cause, since=since, last_at=now)

    def _alert(self, error: TokenIssuerRefusedError) -> None:
        with self._lock:
            now = time.monotonic()
            last = self._alerted_at.get(error.cause)
            if last is not None and now - last < ALERT_EVERY_SECONDS:
                return
            self._alerted_at[error.cause] = now
        log.error("token_issuer.refused", cause=error.cause, advice=error.advice)
