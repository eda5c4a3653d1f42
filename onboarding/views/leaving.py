"""Leaving a set-up, and coming back to it."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.generic import View
from limits import RateLimitItemPerMinute

from federation import limits
from onboarding import resuming, sessions
from onboarding.codes import Try
from onboarding.forms import AddressForm, CodeForm
from onboarding.progress import next_step
from onboarding.views.frame import SetUpPage
from onboarding.views.link import sentence_of, way_in

RESUMES = RateLimitItemPerMinute(10, namespace="setup-resume")
"""Addresses and codes that one browser types: whoever is at work on a set-up needs two."""


class Resume(View):
    """``GET /setup/`` asks for an address; ``POST`` mails a code there, and takes it.

    It answers the same for every address, and as fast: who is at work on which partner is nobody's
    business.
    """

    http_method_names = ("get", "head", "post", "options")

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return the form, with the way on for a browser that is in a set-up."""
        session = sessions.open_session(sessions.key_in(request))
        onward = next_step(session.link.case) if session else None
        return render(request, "onboarding/resume.html", {"form": AddressForm(), "onward": onward})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Mail a code, or let the browser in that sends the right one."""
        if limits.count_failure(request, RESUMES):
            return limits.too_many(request, RESUMES)
        form = AddressForm(request.POST)
        if not form.is_valid():
            return render(request, "onboarding/resume.html", {"form": form})
        address: str = form.cleaned_data["email"]
        if "code" in request.POST:
            return _tried(request, address)
        page = _code_page(request, address, CodeForm())
        resuming.ask(request, page, address=address)
        return page


class Leave(SetUpPage):
    """``POST /setup/leave/`` ends the session in this browser; the case stays open."""

    http_method_names = ("post", "options")
    is_for_closed = True
    is_for_secret = True

    def post(self, request: HttpRequest) -> HttpResponse:
        """End the session."""
        response = HttpResponseRedirect(reverse("setup"), status=HTTPStatus.SEE_OTHER)
        sessions.end_session(self.session, response)
        self.record(what="setup_session.ended")
        return response


def _tried(request: HttpRequest, address: str) -> HttpResponse:
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _code_page(request, address, form)
    link = resuming.link_resumed(request, address=address, typed=form.cleaned_data["code"])
    if link is not None:
        return way_in(link)
    # Always the same: an address that is known must not be told from one that is not.
    form.add_error("code", sentence_of(Try.WRONG))
    return _code_page(request, address, form)


def _code_page(request: HttpRequest, address: str, form: CodeForm) -> HttpResponse:
    return render(request, "onboarding/resume.html", {"code_form": form, "address": address})
