"""PingOne: what differs there."""

from django.utils.translation import gettext_lazy as _

from onboarding.providers.product import (
    Copy,
    Credentials,
    Issuer,
    Part,
    Product,
    Step,
    Symptom,
    Value,
)
from partners.models import Kind

_NEW_SECRET = (
    _("Open *Applications › %(portal)s › Overview*."),
    _("Choose *Generate New Secret*, and copy it."),
)

PRODUCT = Product(
    kind=Kind.PINGONE,
    maker="PingOne",
    tile="Ping Identity",
    place=_("the PingOne console"),
    role=_("You need the Client Application Developer or Environment Admin role."),
    issuer=Issuer(
        template="https://auth.pingone.{region}/{environment}/as",
        parts=(
            Part(
                name="environment",
                label="Environment ID",
                example="3f0f7b5c-2f0a-4f4b-9a59-5f2f5b8a2c11",
                pattern=r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
                help_text=_("*Settings › Environment Properties*."),
                fault=_("It has 32 digits and letters from a to f, with four hyphens."),
            ),
            Part(
                name="region",
                label="Region",
                example="eu",
                pattern=r"com|eu|ca|asia|sg|com\.au",
                help_text=_("How your PingOne’s addresses end: com, eu, ca, asia, sg or com.au."),
                fault=_("It is com, eu, ca, asia, sg or com.au."),
            ),
        ),
    ),
    steps=(
        Step(
            title=_("Create the application"),
            text=_("In *Applications › Applications* choose *+*, then *OIDC Web App*."),
            copies=(Copy(value=Value.APP_NAME, label="Application Name"),),
        ),
        Step(
            title=_("Add our addresses"),
            text=_(
                "Under *Configuration*: response type *Code*, grant type *Authorization Code*. "
                "Paste each exactly."
            ),
            copies=(
                Copy(value=Value.REDIRECT_URI, label="Redirect URIs"),
                Copy(value=Value.SIGNED_OUT_URI, label="Signoff URLs"),
                Copy(value=Value.INITIATE_LOGIN_URI, label="Initiate Login URI"),
            ),
        ),
        Step(
            title=_("Choose how we prove who we are"),
            text=_(
                "Under *Configuration*, set *Token Endpoint Authentication Method* to *Private Key "
                "JWT* and enter our keys’ address. There is no secret then, and none that ends."
            ),
            copies=(Copy(value=Value.JWKS_URI, label="JWKS URL"),),
        ),
        Step(
            title=_("Add the scopes"),
            text=_("Under *Resource Access* add *email* and *profile*."),
        ),
        Step(
            title=_("Switch it on"),
            text=_("With the slider at the top right. Under *Access*, choose who may sign in."),
            warning=_("*A new application is off*, and refuses everybody."),
        ),
    ),
    credentials=Credentials(
        client_id="*Overview › Client ID*",
        client_secret=_("*Overview › Client Secret*"),
        key=_("*Token Endpoint Authentication Method: Private Key JWT*, then *JWKS URL*."),
    ),
    remedies={
        "OD-101": (_("Enter the *Environment ID* and the region of your PingOne."),),
        "OD-107": (
            _("Compare the *Environment ID* with *Settings › Environment Properties*."),
            _("Compare the region with the ending of your PingOne’s addresses."),
            _("A pasted issuer ends in */as*."),
        ),
        "OD-115": (
            _("Under *Configuration*: response type *Code*, grant type *Authorization Code*."),
        ),
        "OD-116": (_("Under *Resource Access* add *email* and *profile*."),),
        "OD-301": _NEW_SECRET,
        "OD-302": _NEW_SECRET,
        "OD-303": (
            _("Compare the client ID with *Overview › Client ID*."),
            _("Switch the application on, with the slider at the top right."),
        ),
        "OD-305": (
            _("Under *Configuration › Token Endpoint Authentication Method* choose as here."),
        ),
        "OD-306": (
            _("Set *Token Endpoint Authentication Method* to *Private Key JWT*."),
            _("As *JWKS URL* paste: %(jwks_uri)s"),
        ),
        "OD-307": (
            _("Open *Applications › %(portal)s › Configuration › Redirect URIs*."),
            _("Paste exactly, and save: %(redirect_uri)s"),
        ),
        "OD-402": (
            _("Open *Applications › %(portal)s › Access*."),
            _("Add a group that the person is in, or let everybody in."),
        ),
        "OD-407": (_("Under *Attribute Mappings*, map `sub` to the *User ID*."),),
        "OD-408": (
            _("Under *Resource Access* add *email*."),
            _("Under *Attribute Mappings*, map `email` to the *Email Address*."),
        ),
    },
    symptoms=(
        Symptom(says="Redirect URI mismatch", code="OD-307"),
        Symptom(says="Application is disabled", code="OD-303"),
        Symptom(says="The user does not have access to this application", code="OD-402"),
    ),
)
