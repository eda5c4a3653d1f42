"""The partners' logos, as pictures that can do nothing else."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import etag, require_safe

from partners.models import Logo

FOR_EVER = "public, max-age=31536000, immutable"
"""Seconds: a year. A logo's address changes with the logo."""


def _etag_of(_request: HttpRequest, digest: str) -> str | None:
    return f'"{digest}"' if Logo.objects.filter(digest=digest).exists() else None


@require_safe
@etag(_etag_of)
def logo(_request: HttpRequest, digest: str) -> HttpResponse:
    """Answer with one logo."""
    found = get_object_or_404(Logo.objects.defer(None), digest=digest)
    response = HttpResponse(bytes(found.data), content_type=found.content_type)
    response["Cache-Control"] = FOR_EVER
    response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    return response
