"""The link that was mailed: what it shows, and how its code opens the set-up.

Only a form does anything here. Scanners of mails and previews in chats open every link they see.
"""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.generic import View
from limits import RateLimitItemPerMinute

from federation import limits
from federation.callers import caller_of
from onboarding import codes, sessions
from onboarding.codes import Try
from onboarding.forms import CodeForm
from onboarding.invitations import can_be_opened, link_of_token, report
from onboarding.models import Purpose, SetUpLink
from onboarding.progress import next_step
from onboarding.steps import Step
from onboarding.switching_on import owners_of

LINKS = RateLimitItemPerMinute(20, namespace="setup-link")
"""Links that there are not, and codes that are wrong, from one address."""

CODES = RateLimitItemPerMinute(10, 60, namespace="setup-code")
"""Codes that are mailed in an hour to those whom one partner's links were sent to."""


class Link(View):
    """``GET /setup/<token>/`` shows what the link is for; ``POST`` mails a code or takes it."""

    http_method_names = ("get", "head", "post", "options")
    link: SetUpLink

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer for a link that still opens something, and carry its address nowhere."""
        answer = self.refusal(request, str(kwargs["token"])) or super().dispatch(request)
        answer.headers["Referrer-Policy"] = "no-referrer"
        return answer

    def refusal(self, request: HttpRequest, token: str) -> HttpResponse | None:
        """Return the answer for a token that opens nothing, and ``None`` for one that does."""
        if limits.has_failed_too_often(request, LINKS):
            return limits.too_many(request, LINKS)
        link = link_of_token(token)
        if link is None:
            limits.count_failure(request, LINKS)
            return render(request, "404.html", status=HTTPStatus.NOT_FOUND)
        if not can_be_opened(link):
            # Nothing of the partner: whoever comes second may be anybody.
            context = {"was_used": link.used_at is not None}
            return render(request, "onboarding/link_over.html", context, status=HTTPStatus.GONE)
        self.link = link
        return None

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return what the link is for, and change nothing."""
        return _page(request, self.link)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Mail a code, take it, or take the link away from whoever did not expect it."""
        if "unexpected" in request.POST:
            return _reported(request, self.link)
        if "code" in request.POST:
            return _tried(request, self.link)
        return _code_sent(request, self.link)


def way_in(link: SetUpLink) -> HttpResponse:
    """Return the way into the set-up for the browser that has sent the right code."""
    step = Step.WELCOME
    if link.purpose == Purpose.SECRET:
        step = Step.CONNECT
    elif link.used_at is not None:
        step = next_step(link.case)
    # To an address that names neither the link nor the partner.
    response = HttpResponseRedirect(step.url, status=HTTPStatus.SEE_OTHER)
    sessions.begin_session(link, response)
    return response


def _page(request: HttpRequest, link: SetUpLink, **context: object) -> HttpResponse:
    local, _at, domain = link.address.rpartition("@")
    shown = {"link": link, "partner": link.case.partner, "masked": f"{local[:1]}…@{domain}"}
    return render(request, "onboarding/link.html", {**shown, **context})


def _code_sent(request: HttpRequest, link: SetUpLink) -> HttpResponse:
    if limits.count_failure(request, CODES, partner=link.case.partner.slug):
        return limits.too_many(request, CODES, partner=link.case.partner.slug)
    codes.mail_code(link, caller=caller_of(request))
    return _page(request, link, form=CodeForm())


def _tried(request: HttpRequest, link: SetUpLink) -> HttpResponse:
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _page(request, link, form=form)
    outcome = codes.try_code(link, form.cleaned_data["code"], caller=caller_of(request))
    if outcome is Try.RIGHT:
        return way_in(link)
    limits.count_failure(request, LINKS)
    form.add_error("code", sentence_of(outcome))
    return _page(request, link, form=form)


def sentence_of(outcome: Try) -> str:
    """Return what is said of a code that opens nothing."""
    if outcome is Try.OVER:
        return _("This code opens nothing any more. Have a new one sent.")
    return _("This is not the code. Look at the latest mail, and type it again.")


def _reported(request: HttpRequest, link: SetUpLink) -> HttpResponse:
    report(link, to=owners_of(link.case), caller=caller_of(request))
    return render(request, "onboarding/link_reported.html")
