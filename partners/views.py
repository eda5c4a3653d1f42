"""The partners' logos, as pictures that can do nothing else."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from partners.models import Logo

FOR_EVER = "public, max-age=31536000, immutable"
"""A logo's address changes with the logo."""


@require_safe
def logo(request: HttpRequest, digest: str) -> HttpResponse:
    """Answer with one logo."""
    etag = f'"{digest}"'
    found = get_object_or_404(Logo.objects.defer(None), digest=digest)
    response: HttpResponse
    if etag in request.headers.get("If-None-Match", ""):
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(bytes(found.data), content_type=found.content_type)
    response["ETag"] = etag
    response["Cache-Control"] = FOR_EVER
    return response
