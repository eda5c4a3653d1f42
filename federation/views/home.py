"""Where people arrive, and two pages beside the way."""

from datetime import datetime, timedelta
from math import ceil

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView, View

from federation import endings, remembered
from federation.return_to import safe_return_to
from federation.sessions import signed_in_session
from federation.templatetags.pages import link
from federation.views.elsewhere import sessions_elsewhere
from partners.models import Kind
from people.models import Session
from tokens import store


class Home(View):
    """``GET /``: who is signed in, with which company, until when."""

    http_method_names = ("get", "head", "options")

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Return the home page; who is not signed in goes to the sign-in page."""
        session = signed_in_session(request)
        if session is None:
            if request.user.is_authenticated and request.user.is_staff:
                return HttpResponseRedirect(reverse("admin:index"))
            away = redirect_to_login(request.get_full_path(), reverse("sign_in"))
            endings.note(request, away)
            return away
        response = render(request, "federation/home.html", _context(request, session))
        # Without JavaScript nobody would see that the session is over before the next click.
        seconds = ceil((_idle_end(session) - timezone.now()).total_seconds()) + 1
        response.headers["Refresh"] = f"{seconds};url={link('timed_out', next=request.path)}"
        return response


class TimedOut(View):
    """``GET /login/timed-out/``: the session ended while nobody did anything."""

    http_method_names = ("get", "head", "options")

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Return the page; who is still signed in goes on."""
        return_to = safe_return_to(request.GET.get("next"))
        if signed_in_session(request):
            return HttpResponseRedirect(return_to)
        over = endings.ended_session(request)
        context = {"return_to": return_to, "idle_minutes": over and over.idle_seconds // 60}
        return render(request, "federation/timed_out.html", context)


class HelpPage(TemplateView):
    """``GET /login/help/``: what this page is, and whom to ask."""

    template_name = "federation/help.html"


def _context(request: HttpRequest, session: Session) -> dict[str, object]:
    return {
        "person": session.user,
        "partner": session.partner,
        "provider_label": _provider_label(session),
        "services": [],
        "services_reachable": store.services_reachable(request),
        "session_ends": session.ends_at,
        "idle_minutes": session.idle_seconds // 60,
        "idle_ends": _idle_end(session),
        "elsewhere": sessions_elsewhere(session),
        "remembered": remembered.remembered(request),
    }


def _idle_end(session: Session) -> datetime:
    return min(session.ends_at, session.last_seen_at + timedelta(seconds=session.idle_seconds))


def _provider_label(session: Session) -> str:
    connection = session.connection
    if connection is None or connection.provider == Kind.OTHER:
        return ""
    return str(connection.get_provider_display())
