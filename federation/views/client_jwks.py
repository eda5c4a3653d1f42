"""The public keys with which the portal proves who it is at a partner's provider."""

from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from federation.registration import live_connection_of
from partners.client_keys import published_keys
from partners.models import Status

CACHEABLE = "public, max-age=300"
"""Seconds: a key is published for much longer before it signs."""


@require_safe
def client_jwks(_request: HttpRequest, slug: str) -> JsonResponse:
    """Answer with the key set of ``/.well-known/foyer/<slug>/jwks.json``: RFC 7517, section 5."""
    connection = live_connection_of(slug)
    if connection is None or connection.partner.status == Status.DRAFT:
        raise Http404
    return JsonResponse({"keys": published_keys(connection)}, headers={"Cache-Control": CACHEABLE})
