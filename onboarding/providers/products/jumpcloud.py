"""JumpCloud: what differs there."""

from django.utils.translation import gettext_lazy as _

from onboarding.providers.product import (
    Copy,
    Credentials,
    Issuer,
    Product,
    Step,
    Symptom,
    Value,
)
from partners.models import Kind

_NEW_SECRET = (
    _("Open *Access › SSO Applications › %(portal)s › SSO*."),
    _("Choose *Regenerate*, and copy the secret: it is shown once."),
)

PRODUCT = Product(
    kind=Kind.JUMPCLOUD,
    maker="JumpCloud",
    place=_("the JumpCloud admin portal"),
    role=_("You need to be an administrator of SSO applications."),
    issuer=Issuer(
        template="https://oauth.id.jumpcloud.com/",
        pins={"company": "{partner}"},
    ),
    steps=(
        Step(
            title=_("Add the application"),
            text=_(
                "In *Access › SSO Applications* choose *Add New Application*, then *Custom "
                "Application*, *Manage Single Sign-On (SSO)* and *Configure SSO with OIDC*."
            ),
            copies=(Copy(value=Value.APP_NAME, label="Display Label"),),
        ),
        Step(
            title=_("Add our addresses"),
            text=_("Under *SSO*. Client authentication type: *Client Secret Basic*."),
            copies=(
                Copy(value=Value.REDIRECT_URI, label="Redirect URIs"),
                Copy(value=Value.START_URI, label="Login URL"),
            ),
        ),
        Step(
            title=_("Let the ID token carry the email"),
            text=_("Under *Attribute Mapping › Standard Scopes*, tick *Email* and *Profile*."),
        ),
        Step(
            title=_("Mark your people as yours"),
            text=_(
                "Under *Constant Attributes* add one with the name `company` and this value. All "
                "customers of JumpCloud share one address, and we compare it on every sign-in."
            ),
            copies=(Copy(value=Value.PARTNER, label=_("Value of company")),),
            warning=_("*Don’t list an attribute twice*: JumpCloud doesn’t save it then."),
        ),
        Step(
            title=_("Say who may sign in"),
            text=_("Under *User Groups* choose those of your colleagues, then *Activate*."),
            warning=_("*Client ID and secret appear once*, after *Activate*. Keep both."),
        ),
    ),
    credentials=Credentials(
        client_id=_("Shown after *Activate*, and under *SSO*."),
        client_secret=_("Shown once, after *Activate*."),
    ),
    remedies={
        "OD-109": (_("JumpCloud’s issuer ends with a slash: leave the address to us."),),
        "OD-117": (_("Under *Constant Attributes* add `company` with the value `%(partner)s`."),),
        "OD-301": _NEW_SECRET,
        "OD-302": _NEW_SECRET,
        "OD-303": (
            _("Compare the client ID with the application’s *SSO* page."),
            _("The application has to be active."),
        ),
        "OD-305": (_("Set the client authentication type to *Client Secret Basic*."),),
        "OD-307": (_("Under *SSO › Redirect URIs* paste exactly: %(redirect_uri)s"),),
        "OD-402": (_("Under *User Groups* choose a group that the person is in."),),
        "OD-405": (_("Under *Constant Attributes* add `company` with the value `%(partner)s`."),),
        "OD-408": (_("Under *Attribute Mapping › Standard Scopes*, tick *Email*."),),
    },
    symptoms=(
        Symptom(says="The 'redirect_uri' parameter does not match", code="OD-307"),
        Symptom(says="Client authentication failed", code="OD-301"),
        Symptom(says="You do not have access to this application", code="OD-402"),
    ),
)
