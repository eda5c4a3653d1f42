"""The way to a partner's provider."""

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.generic import View
from mozilla_django_oidc.views import OIDCAuthenticationRequestView

from federation import attempts, remembered
from federation.oidc.errors import FederationError
from federation.refusals import Refusal, refuse
from federation.registration import live_connection_of
from federation.return_to import safe_return_to
from federation.starts import Wish, is_navigation, start_attempt
from partners.addresses import AddressError, normalised_email
from partners.home_realm import owns_email
from partners.models import Connection, Partner, Status


class Begin(OIDCAuthenticationRequestView):
    """Sends the browser to the partner's authorization endpoint: ``GET /login/<slug>/``."""

    http_method_names = ("get", "head", "options")

    # The frame reads one provider from the settings here.
    def __init__(self, **initkwargs: object) -> None:
        super(OIDCAuthenticationRequestView, self).__init__(**initkwargs)

    def get(self, request: HttpRequest, slug: str) -> HttpResponseBase:
        """Answer with a redirect to the provider, and the attempt in a cookie of its own."""
        if not is_navigation(request):
            return HttpResponse(status=204)
        if slug != slug.lower():
            return canonical(request, slug)
        connection = begun_connection(slug)
        if connection.partner.status == Status.PAUSED:
            return paused(request, connection.partner)
        wish = Wish(
            return_to=safe_return_to(request.GET.get("next")),
            login_hint=own_hint(connection.partner, request.GET.get("login_hint", "")),
            prompt=request.GET.get("prompt", ""),
            remember=remembered.is_wished(request),
        )
        return begun(request, connection, wish)


class BeginWithoutSlash(View):
    """``GET /login/<slug>``: as people remember the address, and paste it into an intranet."""

    http_method_names = ("get", "head", "options")

    def get(self, request: HttpRequest, slug: str) -> HttpResponseBase:
        """Redirect to the partner's address; raises ``Http404`` where there is no such partner."""
        return canonical(request, slug)


def canonical(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return a redirect to the one spelling of a partner's address; raises ``Http404``."""
    partner = begun_connection(slug.lower()).partner
    address, query = reverse("begin", args=[partner.slug]), request.META.get("QUERY_STRING", "")
    return HttpResponseRedirect(f"{address}?{query}" if query else address)


def begun_connection(slug: str) -> Connection:
    """Return the live connection of a partner that is more than a draft; raises ``Http404``."""
    connection = live_connection_of(slug)
    if connection is None or connection.partner.status == Status.DRAFT:
        raise Http404
    return connection


def begun(request: HttpRequest, connection: Connection, wish: Wish) -> HttpResponseBase:
    """Start an attempt and redirect to the provider, or refuse."""
    try:
        attempt, url = start_attempt(connection, wish)
    except FederationError as error:
        return refuse(request, Refusal(error=error, partner=connection.partner))
    response = HttpResponseRedirect(url)
    attempts.remember(attempt, request=request, response=response)
    return response


def paused(request: HttpRequest, partner: Partner) -> HttpResponseBase:
    """Return the page that says that sign-in is paused for this partner."""
    return render(request, "federation/paused.html", {"partner": partner}, status=503)


def own_hint(partner: Partner, raw: str) -> str:
    """Return *raw* as an address if it is inside the partner's domains, else nothing.

    Whoever writes the link writes the hint: a foreign address is no business of this provider's.
    """
    try:
        email = normalised_email(raw.strip())
    except AddressError:
        return ""
    return email if owns_email(partner, email) else ""
