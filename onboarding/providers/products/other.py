"""Any other provider: what differs there."""

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

PRODUCT = Product(
    kind=Kind.OTHER,
    maker="",
    tile="PingFederate, AD FS, …",
    place=_("your provider’s administration"),
    role=_("You need to be allowed to register an application there."),
    issuer=Issuer(),
    steps=(
        Step(
            title=_("Register a web application"),
            text=_(
                "A *confidential* OpenID Connect client with the *authorization code* flow. PKCE "
                "is always used; the implicit flow never."
            ),
            copies=(Copy(value=Value.APP_NAME, label=_("Name")),),
        ),
        Step(
            title=_("Add our addresses"),
            text=_(
                "Paste each exactly, with the slash at the end. All but the first may be absent."
            ),
            copies=(
                Copy(value=Value.REDIRECT_URI, label=_("Redirect URI")),
                Copy(value=Value.SIGNED_OUT_URI, label=_("Post-logout redirect URI")),
                Copy(value=Value.INITIATE_LOGIN_URI, label=_("Initiate login URI")),
                Copy(value=Value.BACKCHANNEL_LOGOUT_URI, label=_("Back-channel logout URI")),
            ),
        ),
        Step(
            title=_("Let us know who signs in"),
            text=_(
                "Release the claims `sub`, `email` and `name`, with the scopes `openid`, `email` "
                "and `profile`. `sub` has to stay the same for a person."
            ),
        ),
        Step(
            title=_("Choose how we prove who we are"),
            text=_(
                "Best by `private_key_jwt`, with the address of our keys: there is no secret then, "
                "and none that ends. Else by a client secret."
            ),
            copies=(Copy(value=Value.JWKS_URI, label=_("JWKS URL")),),
        ),
        Step(
            title=_("Say who may sign in"),
            text=_("Assign the application to your colleagues, where your provider asks for that."),
        ),
    ),
    credentials=Credentials(
        client_id=_("Where your provider shows the application."),
        client_secret=_("Where your provider shows the application, often only once."),
        key=_("Where your provider asks for a JWKS URL or a key: `private_key_jwt`."),
    ),
    symptoms=(
        Symptom(says=_("Something about the redirect URI"), code="OD-307"),
        Symptom(says=_("Something about the client or application"), code="OD-303"),
        Symptom(says=_("No access, or not assigned"), code="OD-402"),
        Symptom(says=_("Consent or approval is needed"), code="OD-403"),
    ),
)
