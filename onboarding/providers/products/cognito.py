"""Amazon Cognito: what differs there."""

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

PRODUCT = Product(
    kind=Kind.COGNITO,
    maker="Amazon",
    tile="User pools",
    place=_("the AWS console"),
    role=_("You need rights to change the user pool."),
    issuer=Issuer(
        template="https://cognito-idp.{region}.amazonaws.com/{pool}",
        parts=(
            Part(
                name="pool",
                label="User pool ID",
                example="eu-west-1_AbCdEf123",
                pattern=r"(?P<region>[a-z]{2}(-[a-z]+)+-[0-9])_[A-Za-z0-9]+",
                help_text=_("The user pool’s *Overview*."),
                fault=_(
                    "It is like eu-west-1_AbCdEf123: the region, _ and nine letters or digits."
                ),
                is_case_kept=True,
            ),
        ),
    ),
    steps=(
        Step(
            title=_("Give the user pool a domain"),
            text=_("Under *Branding › Domain*, unless there is one."),
            warning=_("*Without a domain there is no page to sign in at*, and we are refused."),
        ),
        Step(
            title=_("Create the app client"),
            text=_(
                "Under *Applications › App clients* choose *Create app client*, then *Traditional "
                "web application*, so that it has a secret."
            ),
            copies=(Copy(value=Value.APP_NAME, label=_("Name")),),
        ),
        Step(
            title=_("Add our addresses"),
            text=_("Under *Login pages › Edit*. Paste each exactly, with the slash at the end."),
            copies=(
                Copy(value=Value.REDIRECT_URI, label="Allowed callback URLs"),
                Copy(value=Value.SIGNED_OUT_URI, label="Allowed sign-out URLs"),
            ),
        ),
        Step(
            title=_("Choose grant type and scopes"),
            text=_(
                "On the same page: *Authorization code grant*, and the scopes *OpenID*, *Email* "
                "and *Profile*. Under *Attribute permissions*, the app may read *email*."
            ),
        ),
    ),
    credentials=Credentials(
        client_id="*App clients › %(portal)s › Client ID*",
        client_secret=_("*App clients › %(portal)s › Client secret*"),
    ),
    remedies={
        "OD-101": (_("Enter the *User pool ID* from the pool’s *Overview*."),),
        "OD-107": (
            _("Compare the *User pool ID*: large and small letters differ."),
            _("The login domain is another address, and not the issuer."),
        ),
        "OD-112": (_("Open *Branding › Domain*, and create one."),),
        "OD-115": (_("Under *Login pages › Edit* choose *Authorization code grant*."),),
        "OD-116": (_("Under *Login pages › Edit* choose *OpenID*, *Email* and *Profile*."),),
        "OD-301": (
            _("Copy the *Client secret* once more from the app client’s page."),
            _("An app client made without a secret can’t have one: create another."),
        ),
        "OD-303": (_("Compare the client ID with the app client’s page, and the pool’s ID."),),
        "OD-305": (_("Create the app client as *Traditional web application*, with a secret."),),
        "OD-307": (
            _("Open *App clients › %(portal)s › Login pages › Edit*."),
            _("Under *Allowed callback URLs* paste exactly: %(redirect_uri)s"),
        ),
        "OD-402": (_("The person has to be in the user pool, confirmed and enabled."),),
        "OD-408": (
            _("Under *Attribute permissions*, let the app read *email*."),
            _("Fill the address of the account."),
        ),
        "OD-409": (_("Mark the account’s address as verified."),),
    },
    symptoms=(
        Symptom(says="redirect_mismatch", code="OD-307"),
        Symptom(says="Client does not exist, or invalid_client", code="OD-303"),
        Symptom(says="invalid_scope", code="OD-116"),
        Symptom(says="unauthorized_client", code="OD-115"),
    ),
    has_endpoints_elsewhere=True,
    is_silent_on_pkce=True,
    has_sign_out=False,
)
