"""The one form that a person fills in here."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from partners.addresses import AddressError, domain_of, normalised_email
from partners.domains import is_public_mail_domain

_MAILTO = re.compile(r"mailto:", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"[^<>]*<([^<>]+)>")


class SignInForm(forms.Form):
    """An e-mail address, by which the person's company is found.

    The widgets are never rendered: templates/federation/sign_in_form.html writes them.
    """

    email = forms.CharField(required=False, strip=True)
    next = forms.CharField(required=False)
    remember = forms.BooleanField(required=False)

    def clean_email(self) -> str:
        """Return the address normalised; what was pasted around it is cut away."""
        typed: str = self.cleaned_data["email"]
        if not typed:
            raise forms.ValidationError(_("Enter your work email"), code="empty")
        try:
            email = normalised_email(_without_trimmings(typed))
        except AddressError as error:
            raise forms.ValidationError(
                _("Enter an email address in the correct format, like name@company.com"),
                code="format",
            ) from error
        domain = domain_of(email)
        if is_public_mail_domain(domain):
            raise forms.ValidationError(
                _("Use your work email. Personal addresses such as %(domain)s can’t be used here."),
                code="personal",
                params={"domain": domain},
            )
        return email


def _without_trimmings(typed: str) -> str:
    text = _MAILTO.sub("", typed, count=1) if _MAILTO.match(typed) else typed
    # Pasted from a mail program: Ana Sousa <ana@contoso.example>. Of several none is picked.
    pasted = _IN_BRACKETS.fullmatch(text)
    return (pasted[1] if pasted else text).removesuffix(".")
