"""Whether the portal is alive, and whether it can do its work."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from tokens import health as token_health


def live(request: HttpRequest) -> JsonResponse:
    """Answer at all: the process is alive."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when people can sign in, else 503; per dependency, without versions or secrets.

    A token issuer that is down does not make the portal unready: people sign in without it.
    """
    database = _database_state()
    issuer = token_health.state()
    ok = database == "ok" and issuer["status"] != "refused"
    body = {
        "status": "ok" if ok else "unavailable",
        "database": {"status": database},
        "token_issuer": issuer,
    }
    return JsonResponse(body, status=200 if ok else 503)


def _database_state() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "unavailable"
    return "ok"
