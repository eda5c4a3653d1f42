"""One issuer: its accounts and client, its keys, its grants, its faults, what it was asked."""

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock

from demo.provider import grants
from demo.provider.faults import HONEST, Fault, IdTokenFault
from demo.provider.grants import AccessGrant, CodeGrant, Grants, Session, SpentCodes
from demo.provider.keys import KeyStore, SigningKey
from demo.provider.messages import Request
from demo.provider.values import Account, Client, ProviderConfig

MAX_RECORDED_REQUESTS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRequest:
    """One request an issuer was sent; *parameters* are those of the query and of the form."""

    endpoint: str
    method: str
    path: str
    parameters: Mapping[str, list[str]]
    headers: Mapping[str, str]


class Issuer:
    """One OpenID Provider among those of this process.

    ``sign_in_as`` and ``misbehave`` are for tests: the first answers every authorization request
    as that account without asking, the second spoils what an endpoint answers until ``reset``.
    """

    def __init__(
        self,
        *,
        slug: str,
        base_url: str,
        config: ProviderConfig,
        accounts: Sequence[Account],
        keys: KeyStore,
        is_automatic: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Make an issuer below *base_url*; its key is generated when it is first needed.

        One that *is_automatic* asks nobody whose ``login_hint`` it knows.
        """
        self.slug = slug
        self.is_automatic = is_automatic
        self.cookie_name = f"provider-{slug}"
        self.config = config
        self.name = config.name or slug.replace("-", " ").capitalize()
        self.url = f"{base_url}/{slug}"
        self.issuer = f"{self.url}/" if config.issuer_has_trailing_slash else self.url
        self.accounts = {account.email.lower(): account for account in accounts}
        self.clients: dict[str, Client] = {}
        self.clock = clock
        self.sessions: Grants[Session] = Grants(grants.SESSION_LIFETIME_SECONDS, clock)
        self.codes: Grants[CodeGrant] = Grants(grants.CODE_LIFETIME_SECONDS, clock)
        self.access: Grants[AccessGrant] = Grants(grants.ACCESS_TOKEN_LIFETIME_SECONDS, clock)
        self.spent_codes = SpentCodes()
        self.used_assertions: set[str] = set()
        self.requests: deque[RecordedRequest] = deque(maxlen=MAX_RECORDED_REQUESTS)
        self.signs_in: str | None = None
        self._key_store = keys
        self._keys: list[SigningKey] = []
        self._lock = Lock()
        self._faults: dict[str, Fault] = {}
        self._id_token_fault = HONEST

    @property
    def key(self) -> SigningKey:
        """The key that signs now."""
        return self.published_keys()[0]

    def published_keys(self) -> list[SigningKey]:
        """Return the published keys, the signing one first."""
        with self._lock:
            if not self._keys:
                self._keys = [self._key_store.key(self.slug, self.config.id_token_alg)]
            return list(self._keys)

    def rotate(self, *, keeps_old: bool = False) -> SigningKey:
        """Sign with a new key from now on and return it; publish the old ones if *keeps_old*."""
        old = self.published_keys() if keeps_old else []
        new = self._key_store.replace(self.slug, self.config.id_token_alg)
        with self._lock:
            self._keys = [new, *old]
        return new

    def account(self, email: str | None) -> Account | None:
        """Return the account with that e-mail address, in any case, None when there is none."""
        return self.accounts.get(email.lower()) if email else None

    def sign_in_as(self, email: str | None) -> None:
        """Answer every authorization request as that account; None asks people again."""
        if email is not None and self.account(email) is None:
            raise ValueError(f"{self.slug} has no account {email}")
        self.signs_in = email

    def add_account(self, account: Account) -> None:
        """Add an account, or replace the one with its e-mail address."""
        self.accounts[account.email.lower()] = account

    def add_client(self, client: Client) -> None:
        """Register a client, or replace the one with its client id."""
        self.clients[client.client_id] = client

    def misbehave(
        self,
        *,
        discovery: Fault | None = None,
        jwks: Fault | None = None,
        authorization: Fault | None = None,
        token: Fault | None = None,
        userinfo: Fault | None = None,
        logout: Fault | None = None,
        id_token: IdTokenFault | None = None,
    ) -> None:
        """Spoil what these endpoints answer, and the ID Tokens, from now on."""
        named = {
            "discovery": discovery,
            "jwks": jwks,
            "authorization": authorization,
            "token": token,
            "userinfo": userinfo,
            "logout": logout,
        }
        with self._lock:
            self._faults.update({name: fault for name, fault in named.items() if fault})
            if id_token is not None:
                self._id_token_fault = id_token

    def reset(self) -> None:
        """Behave again, ask people again, and forget what was asked."""
        with self._lock:
            self._faults.clear()
            self._id_token_fault = HONEST
        self.signs_in = None
        self.requests.clear()

    def take_fault(self, endpoint: str) -> Fault | None:
        """Return the fault of *endpoint*, counting it down where it is for some answers only."""
        with self._lock:
            fault = self._faults.get(endpoint)
            if fault is None or fault.times is None:
                return fault
            if fault.times < 1:
                return None
            self._faults[endpoint] = replace(fault, times=fault.times - 1)
            return fault

    def take_id_token_fault(self) -> IdTokenFault:
        """Return the fault of the next ID Token, counting it down likewise."""
        with self._lock:
            fault = self._id_token_fault
            if fault.times is None:
                return fault
            if fault.times < 1:
                return HONEST
            self._id_token_fault = replace(fault, times=fault.times - 1)
            return fault

    def record(self, endpoint: str, request: Request) -> None:
        """Note *request* in ``requests``."""
        self.requests.append(
            RecordedRequest(
                endpoint=endpoint,
                method=request.method,
                path=request.path,
                parameters={**request.query.all(), **request.form.all()},
                headers=request.headers,
            )
        )

    def requests_to(self, *endpoints: str) -> list[RecordedRequest]:
        """Return what these endpoints were asked, oldest first; all of it when none is named."""
        # A copy first: the server's threads may append while we look.
        asked = list(self.requests)
        return [request for request in asked if not endpoints or request.endpoint in endpoints]
