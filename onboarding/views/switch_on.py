"""The last step: what people see of the company, whom to tell, and the switch."""

from collections.abc import Sequence
from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from limits import RateLimitItemPerMinute

from federation import limits
from federation.callers import caller_of
from onboarding import proposals
from onboarding.company_form import CompanyForm
from onboarding.doctor import Finding
from onboarding.examinations import examine
from onboarding.progress import StepConflictError, version_to_switch_on
from onboarding.steps import Step
from onboarding.switching_on import (
    NotReadyError,
    SetUpOverError,
    ask_for_approval,
    is_to_be_approved,
    obstacles_of,
    switch_on,
)
from onboarding.versions import NeedsApprovalError, VersionError
from onboarding.views.frame import SetUpPage, StepPage
from partners.models import Logo

UPLOADS = RateLimitItemPerMinute(30, 60, namespace="setup-upload")
"""Pictures that one partner's people upload in an hour: each of them is drawn anew."""


class SwitchOn(StepPage):
    """``/setup/switch-on/`` takes what people see of the company, and switches its sign-in on."""

    step = Step.SWITCH_ON
    template_name = "onboarding/switch_on.html"
    asks_others = True
    draft_fields = ("help_name", "help_email", "help_phone", "help_url", "is_listed")
    is_for_closed = True
    is_for_secret = True

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return the page, or how it went."""
        if not self.case.is_open:
            deep_link = settings.BASE_URL + reverse("begin", args=[self.partner.slug])
            context = {"step": self.step, "deep_link": deep_link}
            return self.page_of("onboarding/switched_on.html", context)
        return self.form_page(CompanyForm(case=self.case, initial=self.draft))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Save what was typed; then switch on, where that was asked for."""
        if not self.case.is_open:
            return self.again()
        if request.FILES and limits.count_failure(request, UPLOADS, partner=self.partner.slug):
            return limits.too_many(request, UPLOADS, partner=self.partner.slug)
        form = CompanyForm(request.POST, request.FILES, case=self.case)
        if not form.is_valid():
            return self.form_page(form)
        try:
            with self.saving(is_done=False):
                form.save(by=self.address)
        except StepConflictError as conflict:
            return self.form_page(form, conflict=conflict)
        return self.switched_on(form) if request.POST.get("then") == "switch-on" else self.again()

    def switched_on(self, form: CompanyForm) -> HttpResponse:
        """Switch on, or return the page that says why not."""
        obstacles = obstacles_of(self.partner)
        if obstacles:
            return self.form_page(form)
        failing = self.failing()
        if failing:
            return self.form_page(form, findings=failing)
        caller = caller_of(self.request)
        try:
            switch_on(self.case, by=self.address, session=self.session, caller=caller)
        except NotReadyError:
            return self.form_page(form)
        except NeedsApprovalError:
            ask_for_approval(self.case, by=self.address, caller=caller)
        except SetUpOverError:
            return self.over()
        except VersionError as error:
            return self.form_page(form, error=error)
        return self.again()

    def failing(self) -> list[Finding]:
        """Return what the doctor finds that has to be mended, asked anew and kept."""
        version = version_to_switch_on(self.partner)
        if version is None:
            return []
        return [one for one in examine(version, by=self.address).shown if one.blocks]

    def again(self) -> HttpResponse:
        """Return to the page itself, as everything is now."""
        return HttpResponseRedirect(self.step.url, status=HTTPStatus.SEE_OTHER)

    def form_page(
        self,
        form: CompanyForm,
        *,
        findings: Sequence[Finding] = (),
        error: VersionError | None = None,
        conflict: StepConflictError | None = None,
    ) -> HttpResponse:
        """Return the form, with what keeps the set-up from being switched on."""
        context = {
            "form": form,
            "findings": findings,
            "error": error,
            "obstacles": obstacles_of(self.partner),
            "is_to_be_approved": is_to_be_approved(self.partner),
            "version": version_to_switch_on(self.partner),
            "domains": self.partner.domains.filter(verified_at__isnull=False),
            "proposed": {logo.shape: logo for logo in self.case.proposed_logos.defer("data")},
        }
        return self.page(context, conflict=conflict)


class Proposed(SetUpPage):
    """``GET /setup/logos/<shape>/``: a picture that waits to be approved, for its partner alone."""

    http_method_names = ("get", "head", "options")

    def get(self, request: HttpRequest, shape: str) -> HttpResponse:
        """Return the picture."""
        proposed = self.case.proposed_logos.filter(shape=shape).first()
        if proposed is None:
            raise Http404
        return HttpResponse(bytes(proposed.data), content_type="image/webp")


class WithdrawLogo(SetUpPage):
    """``POST /setup/logos/<shape>/withdraw/`` forgets a picture that waits to be approved."""

    http_method_names = ("post", "options")

    def post(self, request: HttpRequest, shape: str) -> HttpResponse:
        """Forget it."""
        if shape not in Logo.Shape.values:
            raise Http404
        with self.acting():
            proposals.withdraw_logo(self.case, shape)
        return HttpResponseRedirect(Step.SWITCH_ON.url, status=HTTPStatus.SEE_OTHER)
