"""What a partner says of itself at the end of its set-up: these fields, and no others."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import URLValidator
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onboarding import proposals
from onboarding.models import SetUpCase
from partners.addresses import AddressError, normalised_email
from partners.logos import UPLOAD_BYTES, LogoError, picture_of
from partners.models import Logo, Visibility
from partners.rules import require_plain_text

MOST_CONTACTS = 10

HELP = ("help_name", "help_email", "help_phone", "help_url")

PICTURES = {"wide_logo": Logo.Shape.WIDE, "mark": Logo.Shape.MARK}

_INPUT = {"class": "input"}


class PictureField(forms.FileField):
    """An upload that can become a logo; cleaned it is its bytes, or ``None``."""

    def __init__(self, *, shape: Logo.Shape, **kwargs: Any) -> None:
        types = {"class": "input", "accept": "image/png,image/webp,image/jpeg"}
        super().__init__(required=False, widget=forms.FileInput(attrs=types), **kwargs)
        self.shape = shape

    def clean(self, data: Any, initial: Any = None) -> bytes | None:
        """Return the upload; raises ``ValidationError`` for what is no picture that we take."""
        upload = super().clean(data, initial)
        if not isinstance(upload, UploadedFile):
            return None
        picture: bytes = upload.read(UPLOAD_BYTES + 1)
        try:
            picture_of(picture, shape=self.shape)
        except LogoError as error:
            raise ValidationError(str(error)) from error
        return picture


class CompanyForm(forms.Form):
    """The help desk, the contacts, the logos and whether they are to be shown."""

    help_name = forms.CharField(
        label=gettext_lazy("Name of your help desk"),
        required=False,
        max_length=120,
        validators=[require_plain_text],
        widget=forms.TextInput(attrs=_INPUT),
        help_text=gettext_lazy("When somebody can’t sign in, our page names it."),
    )
    help_email = forms.EmailField(
        label=gettext_lazy("Its email address"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs=_INPUT),
    )
    help_phone = forms.CharField(
        label=gettext_lazy("Its phone number"),
        required=False,
        max_length=80,
        validators=[require_plain_text],
        widget=forms.TextInput(attrs=_INPUT),
    )
    help_url = forms.URLField(
        label=gettext_lazy("Its web page"),
        required=False,
        max_length=200,
        assume_scheme="https",
        validators=[URLValidator(schemes=["http", "https"])],
        widget=forms.URLInput(attrs=_INPUT),
    )
    contacts = forms.CharField(
        label=gettext_lazy("Whom to tell before a secret ends"),
        required=False,
        max_length=3000,
        widget=forms.Textarea(attrs={**_INPUT, "rows": 3, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "Email addresses, one a line, up to ten. At least one mailbox that several people "
            "read: colleagues leave, and secrets end a year later."
        ),
    )
    wide_logo = PictureField(
        shape=Logo.Shape.WIDE,
        label=gettext_lazy("Wide logo"),
        help_text=gettext_lazy("PNG, WebP or JPEG, up to 512 KB; SVG is not taken."),
    )
    mark = PictureField(
        shape=Logo.Shape.MARK,
        label=gettext_lazy("Square mark"),
        help_text=gettext_lazy("For small places. Without it: the wide logo, or initials."),
    )
    is_listed = forms.BooleanField(
        label=gettext_lazy("Show our logo on the sign-in page"),
        required=False,
        help_text=gettext_lazy(
            "Then everybody who opens the page can see that you work with us. Without it, your "
            "people are found by their email address."
        ),
    )

    def __init__(self, *args: Any, case: SetUpCase, **kwargs: Any) -> None:
        partner = case.partner
        wished = case.visibility_wished or partner.visibility
        saved = {
            **{name: getattr(partner, name) for name in HELP},
            "contacts": "\n".join(partner.contacts.values_list("address", flat=True)),
            "is_listed": wished == Visibility.LISTED,
        }
        super().__init__(*args, **{**kwargs, "initial": {**saved, **kwargs.get("initial", {})}})
        self.case = case

    def clean_contacts(self) -> list[str]:
        """Return the addresses, each once."""
        typed = self.cleaned_data["contacts"].replace(",", "\n").split()
        addresses: dict[str, None] = {}
        for word in typed:
            try:
                addresses[normalised_email(word)] = None
            except AddressError as error:
                raise ValidationError(_("%s is no email address.") % word) from error
        if len(addresses) > MOST_CONTACTS:
            raise ValidationError(_("Ten addresses are the most."))
        return list(addresses)

    @transaction.atomic
    def save(self, *, by: str) -> None:
        """Save everything; a picture and the wish to be shown wait for the service owner."""
        partner = self.case.partner
        for name in HELP:
            setattr(partner, name, self.cleaned_data[name])
        # These and nothing else: what a partner is called and may do is not its own to change.
        partner.save(update_fields=HELP)
        self._save_contacts()
        for name, shape in PICTURES.items():
            upload = self.cleaned_data[name]
            if upload is not None:
                proposals.propose_logo(self.case, shape, upload, by=by)
        proposals.wish_for_visibility(self.case, is_listed=self.cleaned_data["is_listed"])

    def _save_contacts(self) -> None:
        partner, wanted = self.case.partner, self.cleaned_data["contacts"]
        partner.contacts.exclude(address__in=wanted).delete()
        for address in wanted:
            partner.contacts.get_or_create(address=address)
