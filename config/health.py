"""Whether the portal is alive, and whether it can do its work."""

from functools import cache

from django.db import DatabaseError, ProgrammingError, connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, JsonResponse

from tokens import health as token_health


def live(request: HttpRequest) -> JsonResponse:
    """Answer at all: the process is alive."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when people can sign in, else 503; per dependency, without versions or secrets.

    A database that has more migrations than this code knows is ready: servers are replaced one by
    one, after ``migrate``. That one is away is told when the pool has been waited for: two seconds.
    A token issuer that is down does not make the portal unready: people sign in without it. One
    that refuses our settings does, for as long as that is news.
    """
    database = _database_state()
    issuer = token_health.state()
    ok = database == "ok" and not token_health.is_refused()
    body = {
        "status": "ok" if ok else "unavailable",
        "database": {"status": database},
        "token_issuer": issuer,
    }
    return JsonResponse(body, status=200 if ok else 503)


def _database_state() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT app, name FROM django_migrations")
            applied = set(cursor.fetchall())
    except ProgrammingError:
        # A new database: there is no such table yet.
        return "not_migrated"
    except DatabaseError:
        return "unavailable"
    return "ok" if _latest_migrations() <= applied else "not_migrated"


@cache
def _latest_migrations() -> frozenset[tuple[str, str]]:
    """Return the last migration of each app, as this code knows them."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())
