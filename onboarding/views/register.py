"""The second step: how the portal is registered at the company's provider."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from onboarding.connecting import shown_version_of
from onboarding.progress import StepConflictError
from onboarding.providers import guide_of, marked_up, product_of, values_of
from onboarding.steps import Step
from onboarding.views.frame import StepPage


class Register(StepPage):
    """``/setup/register/`` is a guide for one product, with the values that are copied into it."""

    step = Step.REGISTER
    template_name = "onboarding/register.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return the guide; nobody gets here without having chosen a product."""
        return self._guide()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Note that all this is done."""
        try:
            with self.saving():
                pass
        except StepConflictError:
            # There is nothing to lose: somebody else has said the same.
            return HttpResponseRedirect(Step.CONNECT.url)
        return self.onward()

    def _guide(self) -> HttpResponse:
        shown = shown_version_of(self.partner)
        if not shown.pk:
            return HttpResponseRedirect(Step.PROVIDER.url)
        product = product_of(shown.provider)
        values = values_of(self.partner)
        return self.page(
            {
                "product": product,
                "role": marked_up(product.role, values),
                "guide": guide_of(product, self.partner),
            }
        )
