"""Sign-in that begins in the partner's own portal: OpenID Connect Core 1.0, section 4."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View

from federation import remembered
from federation.registration import live_connection_of, only_connection_at
from federation.return_to import safe_return_to
from federation.starts import Wish, is_navigation
from federation.views.begin import begun, own_hint, paused
from partners.models import Connection, Status

PARAMETERS = ("iss", "login_hint", "target_link_uri")
"""What the standard has; everything else is ignored."""

PARAMETER_CHARACTERS = 512
"""What is carried over from a POST of each: more is nothing that we would use."""


# A form of the provider's own page comes without our token. It starts nothing: it is sent to its
# GET, which a person's browser follows as a navigation.
@method_decorator(csrf_exempt, name="dispatch")
class InitiateAnywhere(View):
    """``/login/initiate/``: the issuer alone says which partner's people this is about."""

    http_method_names = ("get", "post", "options")

    def post(self, request: HttpRequest, **kwargs: str) -> HttpResponseBase:
        """Redirect to this view's GET; nothing is stored before."""
        wanted = {
            name: request.POST[name][:PARAMETER_CHARACTERS]
            for name in PARAMETERS
            if name in request.POST
        }
        return HttpResponseRedirect(f"{request.path}?{urlencode(wanted)}", status=303)

    def get(self, request: HttpRequest, **kwargs: str) -> HttpResponseBase:
        """Redirect to the partner's provider, or show the one page for what we do not know."""
        connection = self.connection_at(request.GET.get("iss", ""), **kwargs)
        if connection is None:
            return render(request, "federation/initiate_unknown.html", status=400)
        if not is_navigation(request):
            return HttpResponse(status=204)
        if connection.partner.status == Status.PAUSED:
            return paused(request, connection.partner)
        wish = Wish(
            return_to=safe_return_to(request.GET.get("target_link_uri")),
            login_hint=own_hint(connection.partner, request.GET.get("login_hint", "")),
            remember=remembered.is_usual(request),
        )
        return begun(request, connection, wish)

    def connection_at(self, issuer: str, **kwargs: str) -> Connection | None:
        """Return the one connection with this issuer, ``None`` when it is shared or unknown.

        Nothing is fetched from an issuer that we do not know.
        """
        return only_connection_at(issuer)


class Initiate(InitiateAnywhere):
    """``/login/<slug>/initiate/``: the issuer has to be this partner's."""

    def connection_at(self, issuer: str, **kwargs: str) -> Connection | None:
        """Return the partner's connection if *issuer* is its issuer."""
        connection = live_connection_of(kwargs["slug"])
        if connection is None or connection.partner.status == Status.DRAFT:
            return None
        return connection if connection.issuer == issuer else None
