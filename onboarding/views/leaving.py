"""Leaving a set-up, and where whoever is in none is sent."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.generic import View

from onboarding import sessions
from onboarding.views.frame import SetUpPage


class SetUp(View):
    """``GET /setup/`` is where whoever is in no set-up is sent."""

    http_method_names = ("get", "head", "options")

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return the page."""
        return render(request, "onboarding/resume.html")


class Leave(SetUpPage):
    """``POST /setup/leave/`` ends the session in this browser; the case stays open."""

    http_method_names = ("post", "options")
    is_for_closed = True

    def post(self, request: HttpRequest) -> HttpResponse:
        """End the session."""
        response = HttpResponseRedirect(reverse("setup"), status=HTTPStatus.SEE_OTHER)
        sessions.end_session(self.session, response)
        self.record("setup_session.ended")
        return response
