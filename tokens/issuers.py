"""The one interface to whoever issues tokens, and which one that is."""

import os
import threading
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Protocol

from django.conf import settings

from tokens.cognito import CognitoIssuer
from tokens.errors import TokenIssuerRefusedError
from tokens.values import (
    DEVELOPER_PROVIDER_NAME,
    IDENTITY_POOL_ID,
    DeveloperToken,
    IdentityPool,
)
from tokens.watched import WatchedIssuer


class TokenIssuer(Protocol):
    """Whoever issues developer tokens."""

    @property
    def endpoint(self) -> str:
        """The URL that is asked. Raises ``TokenIssuerRefusedError`` when there is none."""
        ...

    def issue(
        self, subject: str, *, tags: Mapping[str, str], duration: timedelta
    ) -> DeveloperToken:
        """Return a new token for the person with the portal's *subject*, valid for *duration*.

        *tags* travel inside the token, at most 460 bytes in all. Raises
        ``TokenIssuerUnavailableError`` or ``TokenIssuerRefusedError``, within about five seconds.
        """
        ...


class UnconfiguredIssuer:
    """Stands in where no identity pool is set: people sign in, and get no token."""

    @property
    def endpoint(self) -> str:
        """There is none."""
        raise self._error()

    def issue(
        self, subject: str, *, tags: Mapping[str, str], duration: timedelta
    ) -> DeveloperToken:
        """Raise ``TokenIssuerRefusedError``."""
        del subject, tags, duration
        raise self._error()

    def _error(self) -> TokenIssuerRefusedError:
        return TokenIssuerRefusedError(
            "not_configured",
            advice="Set COGNITO_IDENTITY_POOL_ID and COGNITO_DEVELOPER_PROVIDER_NAME.",
        )


_lock = threading.Lock()


def token_issuer() -> WatchedIssuer:
    """Return this process's issuer, made when it is first asked for.

    After the fork and not before: connections and locks do not survive being shared.
    """
    pool = IdentityPool(
        identity_pool_id=settings.COGNITO_IDENTITY_POOL_ID,
        developer_provider_name=settings.COGNITO_DEVELOPER_PROVIDER_NAME,
    )
    with _lock:
        return _issuer_of(os.getpid(), settings.TOKEN_ISSUER, pool)


@lru_cache(maxsize=1)
def _issuer_of(process: int, kind: str, pool: IdentityPool) -> WatchedIssuer:
    del process
    # ``cognito`` is the only kind so far; config.settings refuses every other word.
    issuers: dict[str, TokenIssuer] = {
        "cognito": CognitoIssuer(pool) if is_well_formed(pool) else UnconfiguredIssuer()
    }
    return WatchedIssuer(issuers[kind])


def is_well_formed(pool: IdentityPool) -> bool:
    """Return whether the pool's id and the developer provider's name can be such at all."""
    return (
        IDENTITY_POOL_ID.fullmatch(pool.identity_pool_id) is not None
        and DEVELOPER_PROVIDER_NAME.fullmatch(pool.developer_provider_name) is not None
    )
