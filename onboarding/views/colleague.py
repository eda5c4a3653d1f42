"""Handing a set-up over to a colleague."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from limits import RateLimitItemPerMinute

from federation import limits
from federation.callers import caller_of
from onboarding.forms import AddressForm
from onboarding.invitations import ClosedError, PausedError, send_link
from onboarding.models import Purpose
from onboarding.views.frame import SetUpPage

COLLEAGUES = RateLimitItemPerMinute(5, 60, namespace="setup-colleague")
"""Links that one partner's people send in an hour: it is no way to mail strangers."""


class Colleague(SetUpPage):
    """``/setup/colleague/`` sends a link of its own to whoever is to go on."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return the form."""
        return self.form_page(AddressForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Send the link, and say so."""
        form = AddressForm(request.POST)
        if form.is_valid() and form.cleaned_data["email"] == self.address:
            form.add_error("email", _("This is your own address: you are here already."))
        if not form.is_valid():
            return self.form_page(form)
        if limits.count_failure(request, COLLEAGUES, partner=self.partner.slug):
            return limits.too_many(request, COLLEAGUES, partner=self.partner.slug)
        return self.sent(form.cleaned_data["email"])

    def sent(self, address: str) -> HttpResponse:
        """Send the link to *address*, and return the page that says so."""
        try:
            send_link(
                self.partner,
                address,
                purpose=Purpose.COLLEAGUE,
                sent_by=self.address,
                session=self.session,
                caller=caller_of(self.request),
            )
        except (ClosedError, PausedError):
            return self.over()
        return self.form_page(AddressForm(), sent_to=address)

    def form_page(self, form: AddressForm, *, sent_to: str = "") -> HttpResponse:
        """Return the form, and whom a link was sent to."""
        return self.page_of("onboarding/colleague.html", {"form": form, "sent_to": sent_to})
