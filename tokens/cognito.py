"""Developer tokens from an Amazon Cognito identity pool: GetOpenIdTokenForDeveloperIdentity."""

import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import jwt
import structlog
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
from botocore.parsers import ResponseParserError
from django.conf import settings

from tokens.breaker import Breaker
from tokens.cognito_errors import code_of, meaning_of
from tokens.errors import TokenIssuerRefusedError, TokenIssuerUnavailableError
from tokens.values import DeveloperToken, IdentityPool

if TYPE_CHECKING:
    from mypy_boto3_cognito_identity import CognitoIdentityClient

log = structlog.get_logger(__name__)

CONNECT_SECONDS = 1.0
READ_SECONDS = 2.0
ATTEMPTS = 2
"""A pool that accepts and never answers costs 4 seconds: two attempts, each up to the time-out."""

RETRY_WITHIN_SECONDS = 1.0
"""A second request of ours follows only a quick answer, so that 5 seconds are the most in all."""

RETRIED = frozenset({"InternalErrorException", "ResourceConflictException"})
"""Codes that botocore does not retry when they come with status 400, as they do.

The second one is what two first sign-ins of one person at once may get.
"""

TAGS_BYTES = 460
"""The most that the console allows for all tags together, and that STS can be relied on to take."""

SKEW = timedelta(seconds=60)
"""From here on a clock is wrong, and tokens look older or younger than they are."""


class CognitoIssuer:
    """Issues tokens from one pool. Thread-safe; one instance per process."""

    def __init__(
        self,
        pool: IdentityPool,
        *,
        make_client: "Callable[[IdentityPool], CognitoIdentityClient] | None" = None,
    ) -> None:
        self._pool = pool
        self._make_client = make_client or cognito_client
        self._client: CognitoIdentityClient | None = None
        self._lock = threading.Lock()
        self._breaker = Breaker()

    @property
    def endpoint(self) -> str:
        """The URL that is asked; nothing is asked to find it out."""
        return self._connected().meta.endpoint_url

    def issue(
        self, subject: str, *, tags: Mapping[str, str], duration: timedelta
    ) -> DeveloperToken:
        """Return a token for the person with *subject*: see ``issuers.TokenIssuer``.

        The IdentityId is never sent: the pool knows which one it gave to the identifier, and what
        is not sent cannot link a person to another one's identity.
        """
        request = {
            "IdentityPoolId": self._pool.identity_pool_id,
            "Logins": {self._pool.developer_provider_name: subject},
            "PrincipalTags": dict(_small_enough(tags)),
            "TokenDuration": max(1, int(duration.total_seconds())),
        }
        if not self._breaker.permit():
            raise TokenIssuerUnavailableError("breaker_open")
        try:
            answer = self._answer(request)
        except TokenIssuerUnavailableError:
            self._breaker.failed()
            raise
        except TokenIssuerRefusedError:
            self._breaker.succeeded()
            raise
        self._breaker.succeeded()
        return self._read(answer)

    def _answer(self, request: dict[str, Any]) -> Mapping[str, Any]:
        began = time.monotonic()
        try:
            try:
                return self._call(request)
            except ClientError as error:
                is_quick = time.monotonic() - began < RETRY_WITHIN_SECONDS
                if not (is_quick and _is_for_us_to_retry(error)):
                    raise
            return self._call(request)
        except NoCredentialsError as error:
            # A client that found no credentials when it was made looks for none again.
            self._client = None
            raise meaning_of(error) from error
        except (ClientError, BotoCoreError, ResponseParserError) as error:
            raise meaning_of(error) from error

    def _call(self, request: dict[str, Any]) -> Mapping[str, Any]:
        client = self._connected()
        try:
            return client.get_open_id_token_for_developer_identity(**request)
        except (AttributeError, TypeError) as error:
            # botocore's parser takes it for granted that an answer in JSON is an object.
            raise _unbelievable("answer_unreadable") from error

    def _connected(self) -> "CognitoIdentityClient":
        with self._lock:
            if self._client is None:
                self._client = self._make_client(self._pool)
            return self._client

    def _read(self, answer: Mapping[str, Any]) -> DeveloperToken:
        """Return the token as a value, or raise ``TokenIssuerRefusedError``.

        Its signature is not verified. It comes from the pool itself over TLS, and nothing is
        decided by it here but when to ask for the next one; the services verify it. What is
        compared tells whether the answer is this pool's at all.
        """
        try:
            value, identity_id = answer["Token"], answer["IdentityId"]
            claims = jwt.decode(value, options={"verify_signature": False})
            issued_at = datetime.fromtimestamp(claims["iat"], UTC)
            expires_at = datetime.fromtimestamp(claims["exp"], UTC)
        except (KeyError, TypeError, ValueError, OverflowError, OSError, jwt.PyJWTError) as error:
            raise _unbelievable("answer_unreadable") from error
        if claims.get("aud") != self._pool.identity_pool_id or claims.get("sub") != identity_id:
            raise _unbelievable("token_of_another_pool")
        if abs(datetime.now(UTC) - issued_at) > SKEW:
            log.warning("clock.skewed", token_issued_at=issued_at.isoformat())
        return DeveloperToken(
            value=value, identity_id=identity_id, issued_at=issued_at, expires_at=expires_at
        )


def cognito_client(pool: IdentityPool) -> "CognitoIdentityClient":
    """Return a client for the pool's Region; endpoint and credentials are boto3's own affair.

    Raises ``TokenIssuerRefusedError`` when boto3 cannot make one from its configuration.
    """
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        tcp_keepalive=True,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        # One for each thread: with fewer, connections are thrown away and made again.
        max_pool_connections=max(10, settings.WEB_THREADS),
    )
    try:
        # A session of its own: boto3's default one is not made to be shared by threads.
        return boto3.Session().client("cognito-identity", region_name=pool.region, config=config)
    except (BotoCoreError, ValueError) as error:
        raise TokenIssuerRefusedError(
            type(error).__name__, advice="boto3 does not accept the AWS_* settings."
        ) from error


def _small_enough(tags: Mapping[str, str]) -> Mapping[str, str]:
    if sum(len(name.encode()) + len(value.encode()) for name, value in tags.items()) > TAGS_BYTES:
        raise TokenIssuerRefusedError(
            "tags_too_large", advice=f"All principal tags together take at most {TAGS_BYTES} bytes."
        )
    return tags


def _is_for_us_to_retry(error: ClientError) -> bool:
    retried_already = error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0)
    return code_of(error) in RETRIED and not retried_already


def _unbelievable(cause: str) -> TokenIssuerRefusedError:
    return TokenIssuerRefusedError(
        cause, advice="Whoever answers at the Cognito endpoint is not the identity pool."
    )
