"""Microsoft Entra ID: what differs there."""

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

_GUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

_NEW_SECRET = (
    _("In the Entra admin center open *App registrations › %(portal)s › Certificates & secrets*."),
    _("Choose *New client secret*, an expiry of 12 months or less, then *Add*."),
    _("Copy the *Value* column now, not the *Secret ID*. It is hidden once you leave the page."),
)

PRODUCT = Product(
    kind=Kind.ENTRA,
    maker="Microsoft",
    tile="Microsoft 365, Azure AD",
    place=_("the Entra admin center"),
    role=_("You need the Application Administrator or Cloud Application Administrator role."),
    issuer=Issuer(
        template="https://login.microsoftonline.com/{tenant}/v2.0",
        parts=(
            Part(
                name="tenant",
                label="Directory (tenant) ID",
                example="8eaef023-2b34-4da1-9baa-8bc8c9d6a490",
                pattern=_GUID,
                help_text=_("On the app’s *Overview*, below the Application (client) ID."),
                fault=_("A tenant ID has 32 digits and letters from a to f, with four hyphens."),
            ),
        ),
        pins={"tid": "{tenant}"},
    ),
    steps=(
        Step(
            title=_("Create the app registration"),
            text=_(
                "In *Entra ID › App registrations* choose *New registration*. Name it "
                "*%(portal)s*. Under supported account types choose *Accounts in this "
                "organizational directory only*."
            ),
            copies=(Copy(value=Value.APP_NAME, label=_("Name")),),
            warning=_(
                "*Do not choose “multitenant”.* It would let people from other companies through "
                "your door, and we will refuse the connection."
            ),
        ),
        Step(
            title=_("Add our redirect URI"),
            text=_("Platform: *Web*. Paste this exactly, with the slash at the end."),
            copies=(Copy(value=Value.REDIRECT_URI, label="Redirect URI"),),
            warning=_("Leave *ID tokens* under *Implicit grant* unticked: we don’t use it."),
        ),
        Step(
            title=_("Add the start page"),
            text=_(
                "Under *Branding & properties*. It is where the tile in your colleagues’ My Apps "
                "leads. Leave the *Front-channel logout URL* empty."
            ),
            copies=(Copy(value=Value.START_URI, label="Home page URL"),),
        ),
        Step(
            title=_("Let the ID token carry the email"),
            text=_(
                "Under *Token configuration* choose *Add optional claim › ID › email*. To let us "
                "see whether the address belongs to you, also add `xms_edov` in the *Manifest*. "
                "The portal may show a warning next to it, which you can ignore."
            ),
            warning=_(
                "`email` is the account’s *Mail* attribute: fill it for all who are to sign in."
            ),
        ),
        Step(
            title=_("Say who may sign in"),
            text=_(
                "Under *Enterprise applications › %(portal)s › Users and groups* add your "
                "colleagues, or set *Assignment required* to *No* under *Properties*. Then choose "
                "*Grant admin consent* under *API permissions*."
            ),
        ),
        Step(
            title=_("Create a client secret"),
            text=_(
                "Under *Certificates & secrets* choose *New client secret*, 12 months or less. "
                "Keep its *Value* for the next page."
            ),
            warning=_(
                "*Copy the Value, not the Secret ID.* It is shown once and hidden when you leave "
                "the page."
            ),
        ),
    ),
    credentials=Credentials(
        client_id=_("*Overview › Application (client) ID*. Not the Object ID."),
        client_secret=_("*Certificates & secrets*, the column *Value*. Not the Secret ID."),
        secret_months=12,
        most_months=24,
        not_secret=_GUID,
        slip=_(
            "This is the *Secret ID*. Copy the *Value* beside it; where it is hidden by now, "
            "choose *New client secret* and copy that one’s *Value*."
        ),
    ),
    remedies={
        "OD-101": (_("Enter the *Directory (tenant) ID* from the app’s *Overview*."),),
        "OD-107": (
            _("Compare the *Directory (tenant) ID* with the one on the app’s *Overview*."),
            _("Use the ID, not the name of a domain."),
        ),
        "OD-110": (
            _("Enter your own *Directory (tenant) ID*, from the app’s *Overview*."),
            _(
                "Under *Authentication › Supported account types* choose *Accounts in this "
                "organizational directory only*."
            ),
        ),
        "OD-111": (_("Enter the *Directory (tenant) ID* alone: we add */v2.0* ourselves."),),
        "OD-115": (_("Nothing has to be ticked. Leave *ID tokens* unticked."),),
        "OD-117": (_("Enter the *Directory (tenant) ID*: we compare it on every sign-in."),),
        "OD-301": _NEW_SECRET,
        "OD-302": _NEW_SECRET,
        "OD-303": (
            _("Compare the client ID with *Overview › Application (client) ID*."),
            _("The *Object ID* beside it is another number, and not the one."),
            _("Compare the *Directory (tenant) ID*: the app has to be in that directory."),
        ),
        "OD-304": (_("Paste the *Directory (tenant) ID* from the app’s *Overview*."),),
        "OD-305": (
            _(
                "Under *Authentication* the redirect URI has to be below *Web*, not below "
                "*Single-page application* or *Mobile and desktop*."
            ),
        ),
        "OD-307": (
            _("Open *App registrations › %(portal)s › Authentication*."),
            _("Below *Web*, paste exactly: %(redirect_uri)s"),
            _("*Save*, and wait a minute."),
        ),
        "OD-402": (
            _("Open *Enterprise applications › %(portal)s › Users and groups*."),
            _("Add the person or a group, or set *Assignment required* to *No*."),
        ),
        "OD-403": (
            _("Open *App registrations › %(portal)s › API permissions*."),
            _("Choose *Grant admin consent*."),
        ),
        "OD-404": (
            _("Look at *Sign-in logs* for the policy that refused it."),
            _("Include the app %(portal)s in that Conditional Access policy, or exempt it."),
        ),
        "OD-407": (_("Leave the scope `profile` on. Don’t map the claim `sub`."),),
        "OD-408": (
            _("Open *Token configuration* and choose *Add optional claim › ID › email*."),
            _("Fill the *Mail* attribute of the account: an empty one is not sent."),
        ),
        "OD-409": (
            _(
                "Entra ID never sends `email_verified`. The proof of your domain stands in for "
                "it; `xms_edov`, added in the *Manifest*, says it besides."
            ),
        ),
        "OD-410": (
            _("Add the domain on the page *Your domains*, or"),
            _("correct the account’s *Mail* attribute. A guest’s is the address at home."),
        ),
    },
    symptoms=(
        Symptom(says=_("AADSTS50011: the redirect URI does not match"), code="OD-307"),
        Symptom(says=_("AADSTS50105: not assigned to a role for the application"), code="OD-402"),
        Symptom(
            says=_("AADSTS65001 or AADSTS90094: consent, “Need admin approval”"), code="OD-403"
        ),
        Symptom(says=_("AADSTS700016: application not found in the directory"), code="OD-303"),
        Symptom(says=_("AADSTS90002: tenant not found"), code="OD-304"),
        Symptom(says=_("AADSTS53003 or AADSTS50076: blocked by Conditional Access"), code="OD-404"),
    ),
    mail_hosts=("mail.protection.outlook.com", "mx.microsoft"),
    has_endpoints_elsewhere=True,
    is_silent_on_pkce=True,
    reads_code_first=True,
)
