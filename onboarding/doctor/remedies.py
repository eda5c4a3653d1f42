"""What to do at a particular product, in addition to what is said to everybody."""

from django.utils.translation import gettext_lazy as _

from onboarding.doctor.findings import Text
from partners.models import Kind

_AT: dict[tuple[str, str], Text] = {
    ("OD-101", Kind.ENTRA): _(
        "Microsoft Entra ID: https://login.microsoftonline.com/<Directory (tenant) ID>/v2.0, "
        "with the ID from the app’s Overview."
    ),
    ("OD-101", Kind.OKTA): _("Okta: the address of the organization, https://<name>.okta.com."),
    ("OD-101", Kind.AUTH0): _("Auth0: https://<tenant>.<region>.auth0.com/, with the slash."),
    ("OD-101", Kind.GOOGLE): _("Google: https://accounts.google.com."),
    ("OD-101", Kind.COGNITO): _(
        "Amazon Cognito: https://cognito-idp.<region>.amazonaws.com/<pool ID>."
    ),
    ("OD-101", Kind.KEYCLOAK): _("Keycloak: https://<host>/realms/<realm>."),
    ("OD-105", Kind.KEYCLOAK): _("Keycloak behind nginx: use fullchain.pem, not cert.pem."),
    ("OD-107", Kind.OKTA): _(
        "Okta: /oauth2/default may not exist in this organization; then the issuer is "
        "https://<name>.okta.com."
    ),
    ("OD-107", Kind.KEYCLOAK): _("Keycloak before version 17: try /auth before /realms."),
    ("OD-107", Kind.COGNITO): _(
        "Amazon Cognito: cognito-idp.<region>.amazonaws.com/<pool ID>, not the login domain."
    ),
    ("OD-107", Kind.ENTRA): _("Microsoft Entra ID: check the Directory (tenant) ID."),
    ("OD-109", Kind.KEYCLOAK): _(
        "Keycloak: set hostname and proxy so that the issuer is the public https address."
    ),
    ("OD-109", Kind.AUTH0): _("Auth0: with a custom domain, that domain is the issuer."),
    ("OD-112", Kind.COGNITO): _(
        "Amazon Cognito: the user pool needs a domain; Branding, Domain, create one."
    ),
    ("OD-115", Kind.OKTA): _("Okta: tick Authorization Code under Grant type."),
    ("OD-115", Kind.KEYCLOAK): _("Keycloak: switch on Standard flow."),
    ("OD-116", Kind.COGNITO): _("Amazon Cognito: enable openid, email and profile."),
    ("OD-117", Kind.GOOGLE): _(
        'Google: pin "hd" to the company’s Workspace domain, and set the audience to Internal.'
    ),
    ("OD-117", Kind.ENTRA): _('Microsoft Entra ID: pin "tid" to the Directory (tenant) ID.'),
    ("OD-202", Kind.AUTH0): _("Auth0: Advanced, OAuth, JsonWebToken Signature Algorithm: RS256."),
    ("OD-202", Kind.KEYCLOAK): _("Keycloak: ID token signature algorithm: RS256."),
    ("OD-302", Kind.ENTRA): _(
        "Microsoft Entra ID: Certificates & secrets, new client secret, copy its Value, not its "
        "Secret ID."
    ),
    ("OD-302", Kind.GOOGLE): _("Google: add a new secret; old ones cannot be shown again."),
}


def remedy_at(kind: str, code: str) -> Text:
    """Return what to do at a provider of this *kind* about what *code* looks at, or nothing."""
    return _AT.get((code, kind), "")
