"""Auth0: what differs there."""

from django.utils.translation import gettext_lazy as _

from onboarding.providers.product import (
    HOST_NAME,
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
    kind=Kind.AUTH0,
    maker="Auth0",
    place=_("the Auth0 dashboard"),
    role=_("You need to be an admin or editor of the tenant’s applications."),
    issuer=Issuer(
        template="https://{domain}/",
        parts=(
            Part(
                name="domain",
                label="Domain",
                example="contoso.eu.auth0.com",
                pattern=HOST_NAME,
                help_text=_(
                    "The application’s *Settings › Domain*, or your custom domain if it’s in use."
                ),
                fault=_("It is a name like contoso.eu.auth0.com, without a path."),
            ),
        ),
    ),
    steps=(
        Step(
            title=_("Create the application"),
            text=_(
                "In *Applications › Applications* choose *Create Application*, then *Regular Web "
                "Applications*."
            ),
            copies=(Copy(value=Value.APP_NAME, label=_("Name")),),
        ),
        Step(
            title=_("Add our addresses"),
            text=_("Under *Settings › Application URIs*. Paste each exactly."),
            copies=(
                Copy(value=Value.REDIRECT_URI, label="Allowed Callback URLs"),
                Copy(value=Value.SIGNED_OUT_URI, label="Allowed Logout URLs"),
                Copy(value=Value.INITIATE_LOGIN_URI, label="Application Login URI"),
            ),
        ),
        Step(
            title=_("Sign with RS256"),
            text=_("Under *Settings › Advanced Settings › OAuth*."),
            warning=_("*JsonWebToken Signature Algorithm* has to be *RS256*, not HS256."),
        ),
        Step(
            title=_("End sessions together"),
            text=_(
                "On plans that have it: *Settings › OpenID Connect Back-Channel Logout*. Whoever "
                "signs out at your company is then signed out here too."
            ),
            copies=(Copy(value=Value.BACKCHANNEL_LOGOUT_URI, label="Back-Channel Logout URI"),),
        ),
    ),
    credentials=Credentials(
        client_id="*Settings › Basic Information › Client ID*",
        client_secret=_("*Settings › Basic Information › Client Secret*"),
    ),
    remedies={
        "OD-101": (_("Enter the *Domain* from the application’s *Settings*."),),
        "OD-107": (_("Compare the *Domain* with the application’s *Settings*, ending included."),),
        "OD-109": (
            _("With a custom domain, that domain is the issuer: enter it as *Domain*."),
            _("Auth0’s issuers end with a slash."),
        ),
        "OD-115": (_("Under *Advanced Settings › Grant Types*, tick *Authorization Code*."),),
        "OD-202": (
            _("Open *Settings › Advanced Settings › OAuth*."),
            _("Set *JsonWebToken Signature Algorithm* to *RS256*."),
        ),
        "OD-301": (
            _("Copy the *Client Secret* once more from *Settings › Basic Information*."),
            _("Take the button beside it: selected by hand, a character is easily lost."),
        ),
        "OD-303": (_("Compare the client ID with *Settings › Basic Information*."),),
        "OD-305": (
            _("Under *Credentials* choose *Client Secret (Basic)* or *Client Secret (Post)*."),
            _("The application’s type has to be *Regular Web Application*."),
        ),
        "OD-307": (
            _("Open *Settings › Application URIs › Allowed Callback URLs*."),
            _("Paste exactly, and save: %(redirect_uri)s"),
        ),
        "OD-402": (
            _("Under *Connections*, switch on the one with which your colleagues sign in."),
            _("Look for an Action of the tenant that refuses this application."),
        ),
        "OD-408": (_("Fill the address of the account: a user without one has no `email`."),),
        "OD-409": (_("Have the person confirm the address by the mail that Auth0 sends."),),
    },
    symptoms=(
        Symptom(says="Callback URL mismatch", code="OD-307"),
        Symptom(says="Unknown client", code="OD-303"),
        Symptom(says="no connections enabled for the client", code="OD-402"),
    ),
)
