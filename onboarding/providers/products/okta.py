"""Okta: what differs there."""

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

_NEW_SECRET = (
    _("In the Okta admin console open *Applications › %(portal)s › General*."),
    _("Under *Client Credentials* choose *Generate new secret*, and copy it."),
)

PRODUCT = Product(
    kind=Kind.OKTA,
    maker="Okta",
    tile="Workforce Identity",
    place=_("the Okta admin console"),
    role=_("You need the Super, Organization or Application Administrator role."),
    issuer=Issuer(
        template="https://{domain}[/oauth2/{server}]",
        parts=(
            Part(
                name="domain",
                label=_("Okta domain"),
                example="contoso.okta.com",
                pattern=rf"(?!.*-admin\.){HOST_NAME}",
                help_text=_("Below your name at the top right of the admin console."),
                fault=_("It is like contoso.okta.com, without *-admin* and without a path."),
            ),
            Part(
                name="server",
                label=_("Authorization server"),
                example="default",
                pattern=r"[A-Za-z0-9_-]+",
                help_text=_(
                    "Leave empty for the organization’s own, which is nearly always right."
                ),
                fault=_("It is the last part of the server’s issuer, after /oauth2/."),
                is_optional=True,
                is_case_kept=True,
            ),
        ),
    ),
    steps=(
        Step(
            title=_("Create the app integration"),
            text=_(
                "In *Applications › Applications* choose *Create App Integration*, then *OIDC – "
                "OpenID Connect* and *Web Application*. Grant type: *Authorization Code*."
            ),
            copies=(Copy(value=Value.APP_NAME, label="App integration name"),),
        ),
        Step(
            title=_("Add our addresses"),
            text=_("Paste each exactly, with the slash at the end, and without a wildcard."),
            copies=(
                Copy(value=Value.REDIRECT_URI, label="Sign-in redirect URIs"),
                Copy(value=Value.SIGNED_OUT_URI, label="Sign-out redirect URIs"),
            ),
        ),
        Step(
            title=_("Assign people"),
            text=_("Under *Assignments* add your colleagues or their groups."),
            warning=_("*Nobody who isn’t assigned can sign in*, and you are no exception."),
        ),
        Step(
            title=_("Give your colleagues a tile"),
            text=_(
                "Under *General › Login* choose *Login initiated by: Either Okta or App* and "
                "*Redirect to app to initiate login (OIDC Compliant)*."
            ),
            copies=(Copy(value=Value.INITIATE_LOGIN_URI, label="Initiate login URI"),),
            warning=_(
                "Not *Send ID token directly to app*: we accept no token that we didn’t ask for."
            ),
        ),
        Step(
            title=_("Choose how we prove who we are"),
            text=_(
                "Under *General › Client Credentials* choose *Public key / Private key*, then *Use "
                "a URL to fetch keys dynamically*. There is no secret then, and none that ends."
            ),
            copies=(Copy(value=Value.JWKS_URI, label=_("URL of our keys")),),
        ),
    ),
    credentials=Credentials(
        client_id="*General › Client Credentials › Client ID*",
        client_secret=_("*General › Client Credentials › Client secrets*"),
        key=_("*Public key / Private key › Use a URL to fetch keys dynamically*: paste our URL."),
    ),
    remedies={
        "OD-101": (_("Enter your Okta domain, as in contoso.okta.com, without *-admin*."),),
        "OD-107": (
            _("Leave *Authorization server* empty: */oauth2/default* may not exist at your Okta."),
            _("Compare the Okta domain with the one at the top right of the admin console."),
        ),
        "OD-109": (
            _("With a custom domain, enter the one that *Security › API* shows as the issuer."),
        ),
        "OD-115": (_("Under *General*, tick *Authorization Code* below *Grant type*."),),
        "OD-203": (_("The app uses another authorization server: enter the one it uses."),),
        "OD-301": _NEW_SECRET,
        "OD-302": _NEW_SECRET,
        "OD-303": (
            _("Compare the client ID with *General › Client Credentials*."),
            _("The app has to be *Active*."),
        ),
        "OD-305": (
            _("Under *General › Client Credentials* choose what you chose here: secret or key."),
        ),
        "OD-306": (
            _("Under *General › Client Credentials* choose *Public key / Private key*."),
            _("Choose *Use a URL to fetch keys dynamically*, and paste: %(jwks_uri)s"),
        ),
        "OD-307": (
            _("Open *Applications › %(portal)s › General › Login*."),
            _("Under *Sign-in redirect URIs* paste exactly, with no wildcard: %(redirect_uri)s"),
        ),
        "OD-402": (
            _("Open *Applications › %(portal)s › Assignments*."),
            _("Add the person, or a group the person is in."),
        ),
        "OD-404": (
            _("Look at the *System Log* for the authentication policy that refused it."),
            _("Under *Sign On*, give the app a policy that lets your colleagues in."),
        ),
        "OD-408": (_("Fill the *Primary email* of the person’s profile: we read it there."),),
        "OD-410": (
            _("Add the domain on the page *Your domains*, or"),
            _("correct the *Primary email* of the person’s profile."),
        ),
    },
    symptoms=(
        Symptom(says="400 Bad Request: the 'redirect_uri' parameter", code="OD-307"),
        Symptom(says="User is not assigned to the client application", code="OD-402"),
        Symptom(says="400 Bad Request: invalid client_id", code="OD-303"),
        Symptom(says="Access denied by a policy", code="OD-404"),
    ),
)
