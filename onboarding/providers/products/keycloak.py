"""Keycloak: what differs there."""

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
    kind=Kind.KEYCLOAK,
    maker="Keycloak",
    tile="Red Hat build of Keycloak",
    place=_("the Keycloak admin console"),
    role=_("You need the role manage-clients in your realm."),
    issuer=Issuer(
        template="https://{host}/realms/{realm}",
        parts=(
            Part(
                name="host",
                label=_("Keycloak’s address"),
                example="sso.contoso.example",
                pattern=rf"{HOST_NAME}(/[a-z0-9._-]+)*",
                help_text=_(
                    "As people’s browsers see it. Before version 17 with /auth at its end."
                ),
                fault=_("It is like sso.contoso.example, without /realms and what follows."),
            ),
            Part(
                name="realm",
                label="Realm",
                example="staff",
                pattern=r"[A-Za-z0-9._~%-]+",
                help_text=_("Its name in addresses: large and small letters differ."),
                fault=_("It is one word, as it stands after /realms/."),
                is_case_kept=True,
            ),
        ),
    ),
    steps=(
        Step(
            title=_("Create the client"),
            text=_(
                "In your realm’s *Clients* choose *Create client*, type *OpenID Connect*. Choose "
                "any client ID, such as `foyer`, and this name."
            ),
            copies=(Copy(value=Value.APP_NAME, label=_("Name")),),
        ),
        Step(
            title=_("Switch the right things on"),
            text=_(
                "*Client authentication: On* and *Standard flow*. Leave *Implicit flow* and "
                "*Direct access grants* off."
            ),
        ),
        Step(
            title=_("Add our addresses"),
            text=_("Paste each exactly, without a wildcard at the end."),
            copies=(
                Copy(value=Value.REDIRECT_URI, label="Valid redirect URIs"),
                Copy(value=Value.SIGNED_OUT_URI, label="Valid post logout redirect URIs"),
                Copy(value=Value.START_URI, label="Home URL"),
            ),
        ),
        Step(
            title=_("Choose how we prove who we are"),
            text=_(
                "Under *Credentials* choose *Client Authenticator: Signed JWT*. Under *Keys*, "
                "switch *Use JWKS URL* on. There is no secret then, and none that ends."
            ),
            copies=(Copy(value=Value.JWKS_URI, label="JWKS URL"),),
        ),
        Step(
            title=_("End sessions together"),
            text=_(
                "Under *Settings › Logout settings*, with *Backchannel logout session required*. "
                "Whoever signs out at your company is then signed out here too."
            ),
            copies=(Copy(value=Value.BACKCHANNEL_LOGOUT_URI, label="Backchannel logout URL"),),
        ),
    ),
    credentials=Credentials(
        client_id=_("*Clients*, the column *Client ID*"),
        client_secret=_("*Clients › your client › Credentials › Client Secret*"),
        key=_("*Credentials › Signed JWT*, then *Keys › Use JWKS URL*: paste our URL."),
    ),
    remedies={
        "OD-101": (_("Enter Keycloak’s address and the realm; the issuer is made of both."),),
        "OD-102": (_("Take the address by which Keycloak is reached from the internet."),),
        "OD-105": (_("Behind nginx, serve *fullchain.pem* and not *cert.pem*."),),
        "OD-107": (
            _("Compare the realm: large and small letters differ."),
            _("Before version 17, the address ends in */auth*."),
        ),
        "OD-109": (
            _("Set `hostname` and `proxy-headers` so that the issuer is the public https address."),
        ),
        "OD-115": (_("Under *Settings › Capability config*, switch *Standard flow* on."),),
        "OD-202": (
            _("Open *Advanced › Fine grain OpenID Connect configuration*."),
            _("Set *ID token signature algorithm* to *RS256*."),
        ),
        "OD-301": (
            _("Open *Clients › your client › Credentials*."),
            _("Copy the *Client Secret*, or *Regenerate* it and copy that."),
        ),
        "OD-303": (
            _("Compare the client ID with the list under *Clients*, and the realm with yours."),
            _("The client has to be *Enabled*."),
        ),
        "OD-305": (
            _("Switch *Client authentication* on under *Settings › Capability config*."),
            _("Under *Credentials* choose what you chose here: secret or signed JWT."),
        ),
        "OD-306": (
            _("Under *Credentials* choose *Signed JWT*."),
            _("Under *Keys*, switch *Use JWKS URL* on and paste: %(jwks_uri)s"),
        ),
        "OD-307": (
            _("Open *Clients › your client › Settings › Valid redirect URIs*."),
            _("Paste exactly, and save: %(redirect_uri)s"),
        ),
        "OD-402": (
            _("Look for a step of the authentication flow, or a role, that refuses the person."),
        ),
        "OD-406": (_("Set the clock of Keycloak’s server by NTP."),),
        "OD-407": (_("Don’t map the claim `sub`: remove the mapper that does."),),
        "OD-408": (
            _("Give the client the scope *email* under *Client scopes*, as *Default*."),
            _("Fill the address of the account."),
        ),
        "OD-409": (
            _("Set *Email verified* for the account, or"),
            _("switch *Trust Email* on at the identity provider or LDAP that it comes from."),
        ),
    },
    symptoms=(
        Symptom(says="Invalid parameter: redirect_uri", code="OD-307"),
        Symptom(says="Client not found", code="OD-303"),
        Symptom(says="Client is not allowed to initiate browser login", code="OD-115"),
        Symptom(says="Access denied, or missing role", code="OD-402"),
    ),
)
