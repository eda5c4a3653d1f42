"""Making and changing members of staff."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from console.stock import BaseUserCreationForm, ModelForm
from partners.addresses import AddressError, normalised_email
from people.models import User

_NO_ADDRESS = _("Enter an email address in the correct format, like name@company.com")


class StaffForm(ModelForm[User]):
    """What a superuser sets for a member of staff."""

    class Meta:
        model = User
        fields = (
            "email",
            "name",
            "is_active",
            "is_staff",
            "is_superuser",
            "groups",
            "user_permissions",
        )

    def clean_email(self) -> str:
        """Return the address in the form by which people are told apart."""
        return _normalised(self.cleaned_data["email"])


class StaffCreationForm(BaseUserCreationForm[User]):
    """A new member of staff, with a password."""

    class Meta:
        model = User
        fields = ("email", "name", "is_superuser")

    def clean_email(self) -> str:
        """Return the address in the form by which people are told apart."""
        return _normalised(self.cleaned_data["email"])

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002 -- Django's own
        """Save the member of staff."""
        self.instance.is_staff = True
        user: User = super().save(commit)
        return user


def _normalised(typed: Any) -> str:
    try:
        return normalised_email(typed)
    except AddressError as error:
        raise forms.ValidationError(_NO_ADDRESS) from error
