"""What a company's IT is given to register the portal at its provider."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from federation.registration import client_jwks_uri_of, redirect_uri_of
from onboarding.findings import Text

PLACE = "SLUG"
"""Stands for the slug of a partner that has none yet: reserved words aside, any would do."""

SHOWN_PLACE = "‹slug›"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An address of ours, what it is called and where it goes; *key* names it in the page."""

    key: str
    label: Text
    use: Text
    address: str

    @property
    def shown(self) -> str:
        """The address as it is read."""
        return self.address.replace(PLACE, SHOWN_PLACE)

    @property
    def form(self) -> str:
        """The address into which the page writes the slug as it is typed, or nothing."""
        return self.address if PLACE in self.address else ""


def shown_given(slug: str) -> str:
    """Return all that is given, to be copied; an empty *slug* is filled in by the page."""
    return render_to_string("console/given.html", {"given": list(_given(slug or PLACE))})


def _given(slug: str) -> Iterator[Given]:
    yield Given(
        key="redirect-uri",
        label=_("Redirect URI"),
        use=_("Among the application’s redirect URIs, exactly, with the slash at the end."),
        address=redirect_uri_of(slug),
    )
    yield Given(
        key="sign-out-return",
        label=_("Sign-out address"),
        use=_("Where the provider asks to where people may come back after signing out."),
        address=settings.BASE_URL + reverse("sign_out"),
    )
    yield Given(
        key="start-address",
        label=_("Start address"),
        use=_("Initiate login URI, where the provider has a tile for the portal."),
        address=settings.BASE_URL + reverse("initiate", args=[slug]),
    )
    yield Given(
        key="back-channel",
        label=_("Address for sign-outs"),
        use=_("Back-channel logout URL, where the provider has one."),
        address=settings.BASE_URL + reverse("backchannel_logout", args=[slug]),
    )
    yield Given(
        key="client-jwks",
        label=_("Address of our keys"),
        use=_("JWKS URL, where the provider takes private_key_jwt; then there is no secret."),
        address=client_jwks_uri_of(slug),
    )
    yield Given(
        key="deep-link",
        label=_("Link for its intranet"),
        use=_("Leads straight to the company’s provider."),
        address=settings.BASE_URL + reverse("begin", args=[slug]),
    )
