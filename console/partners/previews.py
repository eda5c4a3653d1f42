"""Preview as a user: the portal's own pages with a partner's data, without signing anybody in."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.pages import Pages, found
from federation.forms import SignInForm
from federation.oidc.errors import AuthorizationError, FederationError, ProviderError, Reason
from federation.refusals import Refusal, refused_page
from onboarding.findings import Text
from partners.directory import directory_page
from partners.models import Kind, Partner

REFERENCE = "FY-0000-0000"
"""Stands on the preview of an error page. Nobody has ever got it, as good as certainly."""

NAME = "Ana Sousa"

PAGES: Mapping[str, Text] = {
    "sign-in": gettext_lazy("The sign-in page, the first time"),
    "coming-back": gettext_lazy("The sign-in page, coming back"),
    "taking-you": gettext_lazy("On the way to the company’s provider"),
    "home": gettext_lazy("The home page"),
    "denied": gettext_lazy("Refused by the company’s provider"),
    "unreachable": gettext_lazy("The company’s provider is not answering"),
    "wrong-account": gettext_lazy("An account of another company"),
    "paused": gettext_lazy("Sign-in is paused"),
}
"""What can be looked at, by the last word of its address."""

_ERRORS: Mapping[str, Callable[[], FederationError]] = {
    "denied": lambda: AuthorizationError(
        Reason.AUTHORIZATION_DENIED,
        provider_error="access_denied",
        provider_description="User is not assigned to the client application.",
    ),
    "unreachable": lambda: ProviderError(Reason.PROVIDER_UNREACHABLE),
    "wrong-account": lambda: FederationError(Reason.EMAIL_NOT_OF_PARTNER),
}


class Previews(Pages):
    """The pages that show what a partner's people see."""

    def choose(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Name what can be looked at."""
        partner = _partner(request, pk)
        context = {"title": _("Preview as a user"), "pages": PAGES.items()}
        return self.response(request, partner, "console/previews.html", context)

    def show(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """Show one page; nothing on it can be used, and nothing is recorded."""
        partner = _partner(request, pk)
        if name not in PAGES:
            raise Http404
        request.preview = True  # type: ignore[attr-defined] # for the templates
        if name in _ERRORS:
            refusal = Refusal(error=_ERRORS[name](), partner=partner)
            response = refused_page(request, refusal, reference=REFERENCE)
            response.status_code = 200
            return response
        template, context = _CONTEXTS[name](partner)
        return render(request, f"federation/{template}.html", context)


def _partner(request: HttpRequest, pk: int) -> Partner:
    return found(request, Partner.objects.all(), pk, permission="partners.view_partner")


def _email_at(partner: Partner) -> str:
    names = partner.domains.filter(verified_at__isnull=False).values_list("name", flat=True)
    return f"ana.sousa@{names.first() or 'company.example'}"


def _sign_in(partner: Partner, *, remembered: bool) -> tuple[str, dict[str, Any]]:
    companies = [{"partner": partner, "email": _email_at(partner)}] if remembered else []
    context = {
        "form": SignInForm(),
        "remembered": companies,
        "directory": directory_page(),
    }
    return "sign_in", context


def _taking_you(partner: Partner) -> tuple[str, dict[str, Any]]:
    return "taking_you", {"partner": partner, "authorization_url": "#continue"}


def _home(partner: Partner) -> tuple[str, dict[str, Any]]:
    connection = partner.live_connection
    product = connection.get_provider_display() if connection else ""
    is_named = connection is not None and connection.provider != Kind.OTHER
    now = timezone.now()
    longest = min(settings.SESSION_MAX_AGE, partner.session_max_age or settings.SESSION_MAX_AGE)
    idle = min(settings.SESSION_IDLE, partner.session_idle or settings.SESSION_IDLE)
    context = {
        "person": {"name": NAME, "email": _email_at(partner)},
        "partner": partner,
        "provider_label": product if is_named else "",
        "services": [],
        "services_reachable": True,
        "session_ends": now + timedelta(seconds=longest),
        "idle_minutes": idle // 60,
        "idle_ends": now + timedelta(seconds=idle),
        "elsewhere": [],
        "remembered": [{"partner": partner, "email": _email_at(partner)}],
    }
    return "home", context


_CONTEXTS: Mapping[str, Callable[[Partner], tuple[str, dict[str, Any]]]] = {
    "sign-in": lambda partner: _sign_in(partner, remembered=False),
    "coming-back": lambda partner: _sign_in(partner, remembered=True),
    "taking-you": _taking_you,
    "home": _home,
    "paused": lambda partner: ("paused", {"partner": partner}),
}
