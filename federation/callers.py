"""Who is calling, for the trail."""

import structlog
from django.http import HttpRequest

from audit.trail import Caller


def caller_of(request: HttpRequest) -> Caller:
    """Return the caller of this request: address, User-Agent and the request's id."""
    return Caller(
        address=request.META.get("REMOTE_ADDR") or None,
        agent=request.META.get("HTTP_USER_AGENT", ""),
        request_id=str(structlog.contextvars.get_contextvars().get("request_id", "")),
    )
