"""The fourth step: the company's domains, each proved by a record in its DNS."""

from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from limits import RateLimitItemPerMinute

from federation import limits
from federation.callers import caller_of
from onboarding.domains import (
    DomainError,
    add_domain,
    domain_states,
    look_at_all,
    look_now,
    remove_domain,
)
from onboarding.steps import Step
from onboarding.views.frame import StepPage
from partners.models import EmailDomain

ADDITIONS = RateLimitItemPerMinute(30, 60, namespace="setup-domain")
"""Domains in an hour that one partner's people add: a refusal may say that another one has it."""

LOOKS = RateLimitItemPerMinute(20, namespace="setup-look")
"""Looks at the DNS that one partner's people ask for: it also looks by itself."""


class Domains(StepPage):
    """``/setup/domains/`` adds domains, looks at the DNS, and shows what it found there.

    Two people who do so at once do not disturb each other: each button is about one domain.
    """

    step = Step.DOMAINS
    template_name = "onboarding/domains.html"
    asks_others = True
    draft_fields = ("domain",)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return the domains."""
        return self.states_page(typed=self.draft.get("domain", ""))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Add or remove a domain, or look at the DNS now."""
        if "look" in request.POST:
            return self.looked(request.POST["look"])
        typed = request.POST.get("domain", "")
        is_new = "remove" not in request.POST
        if is_new and limits.count_failure(request, ADDITIONS, partner=self.partner.slug):
            return limits.too_many(request, ADDITIONS, partner=self.partner.slug)
        try:
            if "remove" in request.POST:
                self.remove(request.POST["remove"])
            else:
                add_domain(self.partner, typed, by=self.address, caller=caller_of(self.request))
        except DomainError as error:
            return self.states_page(typed=typed, error=error)
        return HttpResponseRedirect(self.step.url, status=HTTPStatus.SEE_OTHER)

    def looked(self, pk: str) -> HttpResponse:
        """Look at one domain, or at all, and return what was found."""
        if limits.count_failure(self.request, LOOKS, partner=self.partner.slug):
            return limits.too_many(self.request, LOOKS, partner=self.partner.slug)
        caller = caller_of(self.request)
        if pk == "all":
            look_at_all(self.partner, by=self.address, caller=caller)
        else:
            look_now(self.own_domain(pk), by=self.address, caller=caller)
        return HttpResponseRedirect(self.step.url, status=HTTPStatus.SEE_OTHER)

    def remove(self, pk: str) -> None:
        """Give a domain up. Raises ``DomainError``."""
        remove_domain(self.own_domain(pk), by=self.address, caller=caller_of(self.request))

    def own_domain(self, pk: str) -> EmailDomain:
        """Return the partner's domain; another partner's is none: ``Http404``."""
        domain = self.partner.domains.filter(pk=pk).first() if pk.isdecimal() else None
        if domain is None:
            raise Http404
        return domain

    def states_page(self, *, typed: str = "", error: DomainError | None = None) -> HttpResponse:
        """Return the domains as they are, and what was typed."""
        states = domain_states(self.partner)
        context = {
            "states": states,
            "typed": typed,
            "error": error,
            "verified": sum(state.is_verified for state in states),
            "waits": any(state.record and not state.is_verified for state in states),
            "suggestion": "" if states else self.address.rpartition("@")[2],
        }
        return self.page(context)
