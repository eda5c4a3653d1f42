"""What an issuer has handed out and remembers: sessions, authorization codes, access tokens."""

import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

from demo.provider.values import Account, Client

CODE_LIFETIME_SECONDS = 60
ACCESS_TOKEN_LIFETIME_SECONDS = 600
SESSION_LIFETIME_SECONDS = 8 * 60 * 60
MAX_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Someone signed in at the provider; *auth_time* is seconds since the epoch.

    *sid* names the session to clients; *clients* are the ids of those it has signed in at.
    """

    account: Account
    auth_time: int
    sid: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    clients: set[str] = field(default_factory=set, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeGrant:
    """What an authorization code stands for: all that the token request must match."""

    client: Client
    redirect_uri: str
    code_challenge: str
    scopes: frozenset[str]
    nonce: str | None
    session: Session
    states_auth_time: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessGrant:
    """What an access token lets its bearer read."""

    account: Account
    scopes: frozenset[str]


Grant = TypeVar("Grant")


class Grants(Generic[Grant]):
    """Random names for grants of one kind, each for a limited time; safe among threads."""

    def __init__(self, lifetime: float, clock: Callable[[], float]) -> None:
        """Keep each grant for *lifetime* seconds."""
        self._lifetime = lifetime
        self._clock = clock
        self._lock = Lock()
        self._grants: dict[str, tuple[float, Grant]] = {}

    def issue(self, grant: Grant) -> str:
        """Return a new name for *grant*."""
        name = secrets.token_urlsafe(32)
        with self._lock:
            self._drop_expired()
            self._grants[name] = (self._clock() + self._lifetime, grant)
        return name

    def find(self, name: str) -> Grant | None:
        """Return the grant of that name, None when unknown or expired."""
        return self._current(self._grants.get(name))

    def take(self, name: str) -> Grant | None:
        """Return the grant of that name and forget it, None when unknown or expired."""
        with self._lock:
            return self._current(self._grants.pop(name, None))

    def _current(self, kept: tuple[float, Grant] | None) -> Grant | None:
        return kept[1] if kept and self._clock() < kept[0] else None

    def _drop_expired(self) -> None:
        # Insertion order is order of expiry, because every grant here lives equally long.
        while self._grants:
            oldest = next(iter(self._grants))
            if self._clock() < self._grants[oldest][0] and len(self._grants) < MAX_REMEMBERED:
                return
            del self._grants[oldest]


class SpentCodes:
    """Which access token came of which code, so that a second use can revoke it."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._order: deque[str] = deque()
        self._access_tokens: dict[str, str] = {}

    def remember(self, code: str, access_token: str) -> None:
        """Note that *code* has been redeemed for *access_token*."""
        self._order.append(code)
        self._access_tokens[code] = access_token
        if len(self._order) > MAX_REMEMBERED:
            self._access_tokens.pop(self._order.popleft(), None)

    def access_token(self, code: str) -> str | None:
        """Return the access token that *code* was redeemed for, None for an unspent code."""
        return self._access_tokens.get(code)
