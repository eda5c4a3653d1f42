"""OneLogin: what differs there."""

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
    _("Open the app’s *SSO* page."),
    _("Choose *Regenerate client secret*, and copy it."),
)

PRODUCT = Product(
    kind=Kind.ONELOGIN,
    maker="OneLogin",
    place=_("the OneLogin administration"),
    role=_("You need to be a super user or an administrator of apps."),
    issuer=Issuer(
        template="https://{subdomain}.onelogin.com/oidc/2",
        parts=(
            Part(
                name="subdomain",
                label="Subdomain",
                example="contoso",
                pattern=r"[a-z0-9-]+",
                help_text=_("The first part of your OneLogin’s address, before .onelogin.com."),
                fault=_("It is one word, as in contoso for contoso.onelogin.com."),
            ),
        ),
    ),
    steps=(
        Step(
            title=_("Add the app"),
            text=_("In *Applications* choose *Add App*, then *OpenId Connect (OIDC)*."),
            copies=(Copy(value=Value.APP_NAME, label="Display Name"),),
        ),
        Step(
            title=_("Add our addresses"),
            text=_("Under *Configuration*. Paste each exactly."),
            copies=(
                Copy(value=Value.REDIRECT_URI, label="Redirect URIs"),
                Copy(value=Value.SIGNED_OUT_URI, label="Post Logout Redirect URIs"),
                Copy(value=Value.START_URI, label="Login Url"),
            ),
            warning=_("*Changes take up to ten minutes* until OneLogin uses them."),
        ),
        Step(
            title=_("Choose how we prove who we are"),
            text=_(
                "Under *SSO*: application type *Web*, token endpoint authentication method *Basic*."
            ),
        ),
        Step(
            title=_("Say who may sign in"),
            text=_("Under *Access* choose the roles of your colleagues, and *Save*."),
        ),
    ),
    credentials=Credentials(
        client_id="*SSO › Client ID*",
        client_secret=_("*SSO › Client Secret*"),
    ),
    remedies={
        "OD-107": (_("Compare the subdomain with the address of your OneLogin."),),
        "OD-301": _NEW_SECRET,
        "OD-302": _NEW_SECRET,
        "OD-303": (_("Compare the client ID with the app’s *SSO* page."),),
        "OD-305": (
            _("Under *SSO*, set the token endpoint’s authentication method to *Basic*."),
            _("The application type has to be *Web*."),
        ),
        "OD-307": (
            _("Under *Configuration › Redirect URIs* paste exactly: %(redirect_uri)s"),
            _("Wait ten minutes after saving: OneLogin needs them."),
        ),
        "OD-402": (_("Under *Access* choose a role that the person has."),),
        "OD-408": (_("Fill the address of the account."),),
    },
    symptoms=(
        Symptom(
            says="redirect_uri did not match any client's registered redirect_uris",
            code="OD-307",
        ),
        Symptom(says="invalid_client: client is invalid", code="OD-303"),
        Symptom(says="You do not have access to this application", code="OD-402"),
    ),
)
