"""The forms by which people get into a set-up, and ask others in."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from partners.addresses import AddressError, normalised_email


class EmailField(forms.CharField):
    """An e-mail address, as it is compared and stored."""

    widget = forms.EmailInput

    def clean(self, value: object) -> str:
        """Return the address normalised; raises ``ValidationError`` for what is none."""
        typed: str = super().clean(value)
        if not typed:
            return ""
        try:
            return normalised_email(typed)
        except AddressError as error:
            raise ValidationError(
                _("Enter an email address in the correct format, like name@company.com")
            ) from error


class AddressForm(forms.Form):
    """One address that a mail is to be sent to."""

    email = EmailField(
        label=_("Work email address"),
        max_length=254,
        widget=forms.EmailInput(
            attrs={"class": "input", "autocomplete": "email", "spellcheck": "false"}
        ),
    )


class CodeForm(forms.Form):
    """The code from a mail."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={
                "class": "input",
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "spellcheck": "false",
            }
        ),
    )
