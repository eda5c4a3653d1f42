"""authentik: what differs there."""

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
    kind=Kind.AUTHENTIK,
    maker="authentik",
    place=_("the authentik admin interface"),
    role=_("You need to be an authentik administrator."),
    issuer=Issuer(
        template="https://{host}/application/o/{application}/",
        parts=(
            Part(
                name="host",
                label=_("authentik’s address"),
                example="id.contoso.example",
                pattern=HOST_NAME,
                help_text=_("As people’s browsers see it."),
                fault=_("It is like id.contoso.example, without a path."),
            ),
            Part(
                name="application",
                label=_("Application’s slug"),
                example="foyer",
                pattern=r"[A-Za-z0-9_-]+",
                help_text=_("*Applications › your application › Slug*."),
                fault=_("It is one word, as it stands after /application/o/."),
                is_case_kept=True,
            ),
        ),
    ),
    steps=(
        Step(
            title=_("Create application and provider"),
            text=_(
                "In *Applications › Applications* choose *Create with Provider*, then "
                "*OAuth2/OpenID Provider*. Client type: *Confidential*."
            ),
            copies=(Copy(value=Value.APP_NAME, label=_("Name")),),
        ),
        Step(
            title=_("Add our redirect URI"),
            text=_("Mode *Strict*. Paste this exactly, with the slash at the end."),
            copies=(Copy(value=Value.REDIRECT_URI, label="Redirect URIs"),),
        ),
        Step(
            title=_("Choose a signing key"),
            text=_("Under *Protocol settings*."),
            warning=_("*Without a signing key*, authentik signs with the secret, which we refuse."),
        ),
        Step(
            title=_("Say that addresses are verified"),
            text=_(
                "authentik sends `email_verified` as false. Under *Customization › Property "
                "Mappings* create a scope mapping for `email` that returns `True` for it, and "
                "choose it in the provider instead of the standard one."
            ),
            warning=_("*Do so only where you know the addresses*: where people can’t choose them."),
        ),
        Step(
            title=_("Add start and sign-out"),
            text=_(
                "*Launch URL* is in the application’s settings; *Logout URI*, since 2025.8, in the "
                "provider’s, with the method *Back-channel*."
            ),
            copies=(
                Copy(value=Value.START_URI, label="Launch URL"),
                Copy(value=Value.BACKCHANNEL_LOGOUT_URI, label="Logout URI"),
            ),
        ),
    ),
    credentials=Credentials(
        client_id="*Applications › Providers › your provider › Client ID*",
        client_secret=_("*Applications › Providers › your provider › Edit › Client Secret*"),
    ),
    remedies={
        "OD-101": (_("Enter authentik’s address and the application’s slug."),),
        "OD-105": (_("Behind nginx, serve *fullchain.pem* and not *cert.pem*."),),
        "OD-107": (_("Compare the slug with *Applications › your application*."),),
        "OD-109": (
            _("authentik’s issuers end with a slash."),
            _("Issuer mode: *Each provider has a different issuer*."),
        ),
        "OD-202": (_("Under *Protocol settings* choose a *Signing Key*."),),
        "OD-301": (_("Copy the *Client Secret* once more from the provider’s *Edit*."),),
        "OD-303": (_("Compare the client ID with the provider’s page."),),
        "OD-305": (_("Client type: *Confidential*."),),
        "OD-307": (
            _("Open the provider’s *Edit › Redirect URIs*, mode *Strict*."),
            _("Paste exactly, and save: %(redirect_uri)s"),
        ),
        "OD-402": (_("Look at the application’s *Policy / Group / User Bindings*: who passes?"),),
        "OD-406": (_("Set the clock of authentik’s server by NTP."),),
        "OD-408": (
            _("The provider needs a scope mapping for `email`."),
            _("Fill the address of the account."),
        ),
        "OD-409": (
            _("Create a scope mapping for `email` that returns `email_verified` as `True`."),
            _("Choose it in the provider instead of the standard one."),
        ),
    },
    symptoms=(
        Symptom(says="Redirect URI Error", code="OD-307"),
        Symptom(says="The client identifier (client_id) is missing or invalid", code="OD-303"),
        Symptom(says="Permission denied: request has been denied", code="OD-402"),
    ),
)
