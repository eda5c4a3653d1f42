"""The fifth step: what the doctor finds, and a sign-in that lets nobody in."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase

from federation import limits
from federation.trials import start_trial
from onboarding.connecting import EXAMINATIONS, is_connected, shown_version_of
from onboarding.doctor.explanations import EXPLANATIONS
from onboarding.examinations import context_of, examine, last_examination_of
from onboarding.findings import Finding, Outcome
from onboarding.providers import product_of, remedy_steps
from onboarding.providers.product import Product
from onboarding.steps import Step
from onboarding.views.frame import StepPage
from partners.models import Connection
from partners.tested import settings_digest

SHOWN_BY_A_SIGN_IN = ("OD-203", "OD-4")
"""Beginnings of codes that only another test sign-in can clear."""


class Test(StepPage):
    """``/setup/test/`` shows what was found, examines again, and begins a test sign-in."""

    step = Step.TEST
    template_name = "onboarding/test.html"
    is_for_secret = True
    asks_others = True

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return what was found the last time; a test sign-in of the meantime is among it."""
        version = shown_version_of(self.partner)
        if not is_connected(version):
            return self.page({"is_connected": False})
        return self.page({"is_connected": True, **self._found(request, version)})

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Examine the connection, or send this browser to its provider to sign in as a test."""
        version = shown_version_of(self.partner)
        if not is_connected(version):
            return HttpResponseRedirect(Step.CONNECT.url, status=HTTPStatus.SEE_OTHER)
        if limits.count_failure(request, EXAMINATIONS, partner=self.partner.slug):
            return limits.too_many(request, EXAMINATIONS, partner=self.partner.slug)
        if request.POST.get("do") == "sign-in":
            return start_trial(request, version, by=self.address, return_to=self.step.url)
        examine(version, by=self.address, probes=True)
        return HttpResponseRedirect(self.step.url, status=HTTPStatus.SEE_OTHER)

    def _found(self, request: HttpRequest, version: Connection) -> dict[str, Any]:
        examination = last_examination_of(version)
        findings = examination.shown_to_partner if examination else []
        product = product_of(version.provider)
        trial = version.trials.filter(settings_digest=settings_digest(version)).first()
        shown = context_of(examination) if examination else {}
        return {
            **shown,
            "product": product,
            "version": version,
            "next": _what_is_next(findings, version),
            "is_out": trial is not None and trial.ended_at is None,
            "symptoms": list(enumerate(product.symptoms)),
            "said": _said(request, product, version),
        }


def _what_is_next(findings: list[Finding], version: Connection) -> str:
    """Return which of the page's buttons is the main one: examine, sign-in or continue."""
    if not findings:
        return "examine"
    blocking = [finding for finding in findings if finding.blocks]
    if version.tested_at is not None and not blocking:
        return "continue"
    # What a probe guesses keeps nobody from signing in, and is mended first all the same.
    wrong = [finding for finding in findings if finding.outcome is Outcome.NEEDS_FIXING]
    if all(finding.code.startswith(SHOWN_BY_A_SIGN_IN) for finding in wrong):
        return "sign-in"
    return "examine"


def _said(request: HttpRequest, product: Product, version: Connection) -> dict[str, Any] | None:
    """Return what mends what the provider's page said, where one of its sayings was chosen."""
    chosen = request.GET.get("said", "")
    if not chosen.isdecimal() or len(chosen) > 2 or int(chosen) >= len(product.symptoms):  # noqa: PLR2004 -- two digits are more than any product has
        return None
    symptom = product.symptoms[int(chosen)]
    explained = EXPLANATIONS[symptom.code]
    return {
        "number": int(chosen),
        "code": symptom.code,
        "explained": explained,
        "steps": remedy_steps(version, symptom.code),
    }
