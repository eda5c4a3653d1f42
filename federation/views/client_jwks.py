"""The public keys with which the portal proves who it is at a partner's provider."""

from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from partners.client_keys import published_keys
from partners.models import Partner, Status

CACHEABLE = "public, max-age=300"
"""Seconds: a key is published for much longer before it signs."""


@require_safe
def client_jwks(_request: HttpRequest, slug: str) -> JsonResponse:
    """Answer with the key set of ``/.well-known/foyer/<slug>/jwks.json``: RFC 7517, section 5."""
    keys = published_keys(slug)
    # While a partner is being set up, its provider needs the keys before there is a sign-in.
    if not keys and not Partner.objects.filter(slug=slug).exclude(status=Status.DRAFT).exists():
        raise Http404
    return JsonResponse({"keys": keys}, headers={"Cache-Control": CACHEABLE})
