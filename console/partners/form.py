"""The company itself, on its change page."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from console.fields import LinesField, LogoField
from console.stock import ModelForm
from partners.logos import forget_logo, remember_logo
from partners.models import Logo, Partner, Status

LOGOS = {"wide_logo": Logo.Shape.WIDE, "mark": Logo.Shape.MARK}
"""The form's fields for pictures."""

VISIBILITY_HELP = _(
    "Listed: everybody who opens the sign-in page sees the company’s logo. "
    "By email: anyone who types an address at this domain can learn that the company uses this "
    "portal. Hidden: its people get the way by mail, or use the link in their intranet; nobody "
    "else can find out."
)


class PartnerForm(ModelForm[Partner]):
    """A partner's record, without what its connection and its domains say."""

    aliases = LinesField(
        label=_("Other names"),
        required=False,
        help_text=_("Abbreviations and former names by which people search. One a line."),
    )
    wide_logo = LogoField(
        shape=Logo.Shape.WIDE,
        label=_("Wide logo"),
        help_text=_("For the company’s tile. PNG, WebP or JPEG, up to 512 KB; SVG is not taken."),
    )
    mark = LogoField(
        shape=Logo.Shape.MARK,
        label=_("Square mark"),
        help_text=_(
            "For small places: the page’s header, “Welcome back”. "
            "Without it: the wide logo, or initials."
        ),
    )
    help_url = forms.URLField(
        label=_("Web page"),
        required=False,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"class": "vURLField"}),
    )

    class Meta:
        model = Partner
        fields = (
            "name",
            "slug",
            "aliases",
            "status",
            "paused_note",
            "visibility",
            "help_name",
            "help_email",
            "help_phone",
            "session_max_age",
            "session_idle",
        )
        widgets: ClassVar = {"visibility": forms.RadioSelect, "status": forms.RadioSelect}
        error_messages: ClassVar = {"slug": {"unique": _("Another partner has this slug already.")}}
        labels: ClassVar = {
            "paused_note": _("Note for people"),
            "help_name": _("Name"),
            "help_email": _("Email"),
            "help_phone": _("Phone"),
            "session_max_age": _("Longest session"),
            "session_idle": _("Idle limit"),
        }
        help_texts: ClassVar = {
            "name": _("As people know the company: it stands beside the logo."),
            "slug": _(
                "Part of the company’s addresses here, and of the redirect URI that it registers: "
                "it can’t be changed later."
            ),
            "status": _(
                "Draft: nobody can sign in. Live: its people can. A live partner’s page has Pause, "
                "to stop it for a while."
            ),
            "paused_note": _("Shown to the company’s people while sign-in is paused."),
            "visibility": VISIBILITY_HELP,
            "help_name": _("Who helps the company’s people, as in “Contoso IT help desk”."),
            "session_max_age": _(
                "In seconds: 28800 is eight hours. It can only shorten the portal’s own limit."
            ),
            "session_idle": _(
                "In seconds: 900 is a quarter of an hour. After so long without a page opened, "
                "people sign in again."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = (
            {logo.shape: logo for logo in self.instance.logos.all()} if self.instance.pk else {}
        )
        self.initial.update({name: stored.get(shape) for name, shape in LOGOS.items()})
        if "status" in self.fields:
            # A pause has a note and ends sessions: it is a step of its own, not a choice here.
            self.fields["status"].choices = [  # type: ignore[attr-defined] # a choice field
                (value, label) for value, label in Status.choices if value != Status.PAUSED
            ]

    def keep_logos(self) -> None:
        """Keep the uploaded pictures, remove those that are to go."""
        for name, shape in LOGOS.items():
            picture = self.cleaned_data.get(name)
            if isinstance(picture, bytes):
                remember_logo(self.instance, shape, picture)
            elif picture is False:
                forget_logo(self.instance, shape)
