"""The pages for what goes wrong outside of a sign-in."""

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from audit.trail import new_reference

log = structlog.get_logger(__name__)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the page for a request that makes no sense."""
    return render(request, "400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the page for what somebody may not see."""
    return render(request, "403.html", status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the page for an address that leads nowhere."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Return the page for a fault of ours, with a reference that the log has too.

    Nothing is asked of the database: it may be what is down. The traceback is in the log already.
    """
    reference = new_reference()
    log.error("server_error", reference=reference, path=request.path)
    return render(request, "500.html", {"reference": reference}, status=500)
