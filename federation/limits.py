"""How often one address may fail, or everybody at one partner, before waiting is due.

What fails is counted, and what succeeds is not: a whole company may come through one address in the
morning, and whoever gets in is nobody's attacker. The counts are shared by all workers, in an
UNLOGGED table that a crash may lose, or in Redis where CACHE_URL names one.
"""

import time
from collections.abc import Callable
from functools import lru_cache
from math import ceil
from typing import Any, TypeVar

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from limits import RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import RedisStorage, Storage
from limits.strategies import FixedWindowRateLimiter

from audit.trail import NOBODY, Caller, Happening, record
from federation.callers import caller_of, network_of
from tokens.breaker import Breaker

T = TypeVar("T")

log = structlog.get_logger(__name__)

REDIS_SECONDS = 0.5
"""How long Redis may take to connect and to answer, before the table is asked in its place."""

FORM = RateLimitItemPerMinute(60, namespace="form")
"""Addresses of no company that are typed: more a minute is somebody who looks for our partners."""

CALLBACK = RateLimitItemPerMinute(120, namespace="callback")
"""Responses that answer no attempt: a browser has five attempts at most."""

LOGOUT = RateLimitItemPerMinute(120, namespace="logout")
"""Logout tokens that do not hold, from one address. Those that hold are never limited."""

LOGOUT_AT_PARTNER = RateLimitItemPerMinute(60, namespace="logout-at-partner")
"""The same for one partner, from all addresses; past it, no unknown key makes us fetch anything."""


class CountTable(Storage):
    """Keeps the counts in ``federation_failurecount``: one statement for each that is added."""

    STORAGE_SCHEME = None

    @property
    def base_exceptions(self) -> type[Exception]:
        """What goes wrong here."""
        return DatabaseError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add *amount* to the count of *key*, which begins anew after *expiry* seconds."""
        return int(
            _asked(
                "INSERT INTO federation_failurecount AS c (key, count, ends_at)"
                " VALUES (%s, %s, now() + make_interval(secs => %s))"
                " ON CONFLICT (key) DO UPDATE SET"
                " count = CASE WHEN c.ends_at <= now() THEN 0 ELSE c.count END + excluded.count,"
                " ends_at = CASE WHEN c.ends_at <= now() THEN excluded.ends_at ELSE c.ends_at END"
                " RETURNING count",
                key,
                amount,
                expiry,
            )
        )

    def get(self, key: str) -> int:
        """Return the count of *key*."""
        sql = "SELECT count FROM federation_failurecount WHERE key = %s AND ends_at > now()"
        return int(_asked(sql, key) or 0)

    def get_expiry(self, key: str) -> float:
        """Return when the count of *key* begins anew, in seconds since 1970."""
        sql = "SELECT extract(epoch FROM ends_at) FROM federation_failurecount WHERE key = %s"
        return float(_asked(sql, key) or time.time())

    def check(self) -> bool:
        """Return whether there is a table."""
        return bool(_asked("SELECT to_regclass('federation_failurecount') IS NOT NULL"))

    def reset(self) -> int:
        """Forget every count."""
        return int(
            _asked(
                "WITH gone AS (DELETE FROM federation_failurecount RETURNING 1)"
                " SELECT count(*) FROM gone"
            )
        )

    def clear(self, key: str) -> None:
        """Forget the count of *key*."""
        _asked("DELETE FROM federation_failurecount WHERE key = %s RETURNING key", key)


def has_failed_too_often(
    request: HttpRequest, limit: RateLimitItemPerMinute, *, partner: str = ""
) -> bool:
    """Return whether this address has to wait; where *partner* is named, everybody there."""
    subscriber = _subscriber(request, partner)
    return not _counted(lambda limiter: limiter.test(limit, subscriber))


def has_to_wait(request: HttpRequest, limit: RateLimitItemPerMinute) -> bool:
    """Return whether this address has failed too often, and count that it has come all the same.

    For what is asked before it is known whether it fails: the first one too many is recorded.
    """
    return has_failed_too_often(request, limit) and count_failure(request, limit)


def count_failure(
    request: HttpRequest, limit: RateLimitItemPerMinute, *, partner: str = ""
) -> bool:
    """Count one more failure of this address, or at *partner*; return whether to wait from now on.

    The first one too many is recorded, once in a window.
    """
    subscriber = _subscriber(request, partner)
    return count_one(limit, subscriber, partner=partner, caller=caller_of(request))


def count_one(
    limit: RateLimitItemPerMinute, subscriber: str, *, partner: str = "", caller: Caller = NOBODY
) -> bool:
    """Count one more for *subscriber*, whoever that is; return whether it is too many.

    The first one too many is recorded, once in a window.
    """
    if _counted(lambda limiter: limiter.hit(limit, subscriber)):
        return False
    count = _counted(lambda limiter: limiter.storage.get(limit.key_for(subscriber)))
    if count == limit.amount + 1:
        log.warning("limit.reached", form=limit.namespace, address=subscriber)
        detail = {"form": limit.namespace, "at_most": limit.amount, "minutes": limit.multiples}
        record(Happening(what="limit.reached", partner=partner, detail=detail), caller=caller)
    return True


def subscriber_of(request: HttpRequest) -> str:
    """Return whose failures those of this request are: an address, or a subscriber's network."""
    network = network_of(request.META.get("REMOTE_ADDR"))
    if network is None:
        return "unknown"
    return str(network.network_address if network.num_addresses == 1 else network)


def seconds_to_wait(
    request: HttpRequest, limit: RateLimitItemPerMinute, *, partner: str = ""
) -> int:
    """Return in how many seconds this address, or everybody at *partner*, may try again."""
    subscriber = _subscriber(request, partner)
    window = _counted(lambda limiter: limiter.get_window_stats(limit, subscriber))
    return max(1, ceil(window.reset_time - time.time()))


def too_many(
    request: HttpRequest, limit: RateLimitItemPerMinute, *, partner: str = ""
) -> HttpResponse:
    """Return the page that says how long this address has to wait, or everybody at *partner*."""
    return wait(request, seconds=seconds_to_wait(request, limit, partner=partner))


def wait(request: HttpRequest, *, seconds: int) -> HttpResponse:
    """Return the page that says to try again in so many *seconds*."""
    response = render(request, "429.html", {"retry_after": seconds}, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response


def _counted(ask: Callable[[FixedWindowRateLimiter], T]) -> T:
    """Return what *ask* finds out from the counts, from those of the table while Redis is away."""
    if settings.CACHE_URL and _redis.permit():
        try:
            found = ask(_limiter(settings.CACHE_URL))
        except StorageError as error:
            _redis.failed()
            log.warning("limits.cache_unavailable", cause=str(error.storage_error))
        else:
            _redis.succeeded()
            return found
    return ask(_limiter(""))


_redis = Breaker()


@lru_cache(maxsize=2)
def _limiter(redis_url: str) -> FixedWindowRateLimiter:
    if not redis_url:
        return FixedWindowRateLimiter(CountTable())
    bounds: dict[str, Any] = {
        "socket_timeout": REDIS_SECONDS,
        "socket_connect_timeout": REDIS_SECONDS,
    }
    return FixedWindowRateLimiter(RedisStorage(redis_url, wrap_exceptions=True, **bounds))


def _subscriber(request: HttpRequest, partner: str) -> str:
    return f"at {partner}" if partner else subscriber_of(request)


def _asked(sql: str, *values: str | int) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row = cursor.fetchone()
        return row[0] if row else None
