"""Google Workspace: what differs there."""

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
    _("Open *Google Auth Platform › Clients › %(portal)s*."),
    _("Choose *Add secret*, and copy it at once: Google shows it only when it is made."),
)

PRODUCT = Product(
    kind=Kind.GOOGLE,
    maker="Google",
    tile=_("Gmail for companies"),
    place=_("the Google Cloud console"),
    role=_("You need to be an owner or editor of a project in your organization."),
    issuer=Issuer(
        template="https://accounts.google.com",
        parts=(
            Part(
                name="workspace",
                label=_("Workspace domain"),
                example="contoso.example",
                pattern=HOST_NAME,
                help_text=_(
                    "All customers of Google share one address. We compare this domain on every "
                    "sign-in, so that only your people come in."
                ),
                fault=_("It is a domain like contoso.example, your Workspace’s primary one."),
            ),
        ),
        pins={"hd": "{workspace}"},
    ),
    steps=(
        Step(
            title=_("Keep it inside your organization"),
            text=_("In *Google Auth Platform › Audience* choose *Internal*."),
            warning=_("With *External*, any Google account can reach the sign-in."),
        ),
        Step(
            title=_("Create the client"),
            text=_(
                "In *Google Auth Platform › Clients* choose *Create client*, *Web application*."
            ),
            copies=(Copy(value=Value.APP_NAME, label=_("Name")),),
        ),
        Step(
            title=_("Add our redirect URI"),
            text=_("Paste this exactly, with the slash at the end."),
            copies=(Copy(value=Value.REDIRECT_URI, label="Authorized redirect URIs"),),
        ),
        Step(
            title=_("Keep client ID and secret"),
            text=_("Both are shown when the client has been created."),
            warning=_("*The secret is shown only now.* A lost one can’t be shown again."),
        ),
    ),
    credentials=Credentials(
        client_id=_("*Clients › %(portal)s*. It ends in .apps.googleusercontent.com."),
        client_secret=_("Shown once, when the client or a further secret is made."),
    ),
    remedies={
        "OD-117": (
            _("Enter your *Workspace domain*: we compare it on every sign-in."),
            _("In *Google Auth Platform › Audience* choose *Internal*."),
        ),
        "OD-301": _NEW_SECRET,
        "OD-302": _NEW_SECRET,
        "OD-303": (
            _("Compare the client ID with *Google Auth Platform › Clients*."),
            _("Google deletes clients that nobody uses for a long time: create it anew."),
        ),
        "OD-307": (
            _("Open *Google Auth Platform › Clients › %(portal)s*."),
            _("Under *Authorized redirect URIs* paste exactly: %(redirect_uri)s"),
            _("Google may take some minutes until it knows."),
        ),
        "OD-402": (
            _("In the Google Admin console open *Security › API controls › App access control*."),
            _("Trust the app for your colleagues."),
        ),
        "OD-403": (
            _("In *Google Auth Platform › Audience* choose *Internal*: nobody is asked then."),
        ),
        "OD-410": (_("Add the domain on the page *Your domains*."),),
        "OD-411": (
            _("In *Google Auth Platform › Audience* choose *Internal*."),
            _("Sign in with the account of the company, not with a personal one."),
            _("People of a secondary domain have another Workspace domain: ask us for them."),
        ),
    },
    symptoms=(
        Symptom(says="Error 400: redirect_uri_mismatch", code="OD-307"),
        Symptom(says="Error 401: invalid_client, deleted_client", code="OD-303"),
        Symptom(says="Error 403: org_internal", code="OD-411"),
        Symptom(says="Error 400: admin_policy_enforced", code="OD-402"),
    ),
    mail_hosts=("google.com", "googlemail.com"),
    has_endpoints_elsewhere=True,
    has_sign_out=False,
)
