"""The first step: which product the company's provider is."""

from typing import ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from limits import RateLimitItemPerMinute

from federation import limits
from onboarding.connecting import choose_product, shown_version_of
from onboarding.domains.dns import mail_hosts_of
from onboarding.forms import AddressForm
from onboarding.progress import StepConflictError, not_done
from onboarding.providers import all_products, product_of
from onboarding.providers.guessing import product_guessed
from onboarding.steps import Step
from onboarding.views.frame import StepPage
from partners.addresses import domain_of
from partners.models import Kind

GUESSES = RateLimitItemPerMinute(20, namespace="setup-guess")
"""In a minute, by the people of one partner: each asks name servers, and perhaps Microsoft."""


class ProviderForm(forms.Form):
    """One product of all."""

    provider = forms.ChoiceField(
        choices=Kind.choices,
        error_messages={"required": _("Choose your provider."), "invalid_choice": _("Choose one.")},
    )


class Provider(StepPage):
    """``/setup/provider/`` has a tile for each product, and guesses it for whoever is not sure."""

    step = Step.PROVIDER
    template_name = "onboarding/provider.html"
    draft_fields: ClassVar = ("provider",)
    asks_others = True

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return the page, with the tile of what is saved."""
        return self._page(chosen=self.draft.get("provider", self._saved()))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Save the product that was chosen, or guess one."""
        if "email" in request.POST:
            return self._guess(request)
        form = ProviderForm(request.POST)
        if not form.is_valid():
            return self._page(chosen=self._saved(), error=form.errors["provider"][0])
        kind = form.cleaned_data["provider"]
        try:
            with self.saving():
                if choose_product(self.partner, kind):
                    not_done(self.case, Step.REGISTER, Step.CONNECT)
        except StepConflictError as conflict:
            return self._page(chosen=kind, conflict=conflict)
        return self.onward()

    def _guess(self, request: HttpRequest) -> HttpResponse:
        form = AddressForm(request.POST)
        if not form.is_valid():
            return self._page(chosen=self._saved(), email=form)
        if limits.count_failure(request, GUESSES, partner=self.partner.slug):
            return limits.too_many(request, GUESSES, partner=self.partner.slug)
        domain = domain_of(form.cleaned_data["email"])
        product = product_guessed(domain, mail_hosts=mail_hosts_of)
        return self._page(
            chosen=product.kind if product else self._saved(),
            email=form,
            domain=domain,
            guess=product,
        )

    def _saved(self) -> str:
        """Return the kind that is saved, empty where nobody has chosen one."""
        shown = shown_version_of(self.partner)
        return shown.provider if shown.pk else ""

    def _page(
        self, *, chosen: str, conflict: StepConflictError | None = None, **context: object
    ) -> HttpResponse:
        shown = shown_version_of(self.partner)
        connected_to = product_of(shown.provider) if shown.issuer else None
        known = {"products": all_products(), "chosen": chosen, "connected_to": connected_to}
        return self.page({**known, **context}, conflict=conflict)
