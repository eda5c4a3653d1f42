"""What the provider says of itself: OD-109, OD-112 to OD-117, OD-414."""

from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from federation.last_good import unaccepted_hosts
from federation.oidc.errors import ProviderError
from federation.outbound import why_not_outbound
from federation.registration import DEFAULT_SCOPES
from onboarding.doctor.case import Case
from onboarding.doctor.diagnostics import diagnostic
from onboarding.findings import Verdict, consider, could_not_tell, needs_fixing, passed, waiting
from onboarding.providers import product_of
from partners.domains import registrable_domain
from partners.models import Connection
from partners.rules import PINS_OF_SHARED_ISSUERS, require_pin_of_shared_issuer, tell_apart

REQUIRED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
"""Discovery 1.0, section 3, as far as a sign-in by authorization code needs it."""


@diagnostic("OD-109", gettext_lazy("The issuer’s own name"), needs=("OD-107",))
def own_name(case: Case) -> Verdict:
    """Compare the issuer with what the provider calls itself, character by character."""
    named = case.known_members.get("issuer")
    if not isinstance(named, str):
        return could_not_tell(_("The provider doesn’t say what it calls itself."))
    if named == case.issuer:
        return passed(_("The provider calls itself by this issuer."), issuer=named)
    if named.rstrip("/") == case.issuer.rstrip("/"):
        difference = _("with a slash at the end") if named.endswith("/") else _("without a slash")
        statement = _("The provider calls itself %(issuer)s (%(difference)s).")
        return needs_fixing(
            statement % {"issuer": named, "difference": difference},
            _("Issuers are compared to the letter: enter exactly that."),
            issuer=named,
        )
    return needs_fixing(
        _("The provider calls itself %(issuer)s, which is another issuer.") % {"issuer": named},
        _(
            "If that address is the company’s own, enter it; if not, the provider has to be set "
            "to its public address."
        ),
        issuer=named,
    )


@diagnostic("OD-112", gettext_lazy("What a sign-in needs"), needs=("OD-107",))
def required_metadata(case: Case) -> Verdict:
    """Look whether the document has what a sign-in needs, as the sign-in itself reads it."""
    missing = [name for name in REQUIRED if name not in case.known_members]
    if missing:
        return needs_fixing(
            _("The discovery document lacks %s.") % ", ".join(missing), missing=missing
        )
    if isinstance(case.metadata, ProviderError):
        return needs_fixing(_("The discovery document is refused: %s.") % case.metadata.detail)
    return passed(_("The discovery document has all that a sign-in needs."))


@diagnostic("OD-113", gettext_lazy("Where its endpoints are"), needs=("OD-112",))
def endpoint_hosts(case: Case) -> Verdict:
    """Look whether we call the endpoints, and whether they are at the issuer's own domain."""
    metadata = case.known_metadata
    called = [metadata.token_endpoint, metadata.jwks_uri, metadata.userinfo_endpoint or ""]
    for endpoint in filter(None, called):
        fault = why_not_outbound(endpoint, trusted=case.trusted)
        if fault:
            return needs_fixing(
                _("An endpoint is at an address that the portal doesn’t call. %s") % fault,
                _("Publish it on the internet, at the https port."),
                endpoint=endpoint,
            )
    moved = unaccepted_hosts(case.connection, metadata) if case.connection.pk else []
    if moved:
        return _not_accepted(case, moved)
    endpoints = filter(None, [metadata.authorization_endpoint, *called])
    hosts = sorted({urlsplit(endpoint).hostname or "" for endpoint in endpoints} - {case.host})
    foreign = [host for host in hosts if registrable_domain(host) != registrable_domain(case.host)]
    if foreign and not product_of(case.connection.provider).has_endpoints_elsewhere:
        return consider(
            _("Some endpoints are at other domains: %s.") % ", ".join(foreign),
            _("Ask the partner whether that is right: the client secret is sent there."),
            for_partner=_("Look whether that is right: your client secret is sent there."),
            hosts=hosts,
        )
    if hosts:
        return passed(_("The endpoints are at %s.") % ", ".join(hosts), hosts=hosts)
    return passed(_("The endpoints are at the issuer’s own host."))


@diagnostic("OD-114", gettext_lazy("PKCE"), needs=("OD-107",))
def pkce(case: Case) -> Verdict:
    """Look whether the provider says that it supports what we always send."""
    methods = case.offered("code_challenge_methods_supported")
    if methods and "S256" in methods:
        return passed(_("The provider supports PKCE with S256."), methods=methods)
    if methods:
        return consider(
            _("The provider says that it supports PKCE, but not with S256."),
            _("We send S256 all the same; ask the partner to switch it on."),
            for_partner=_("We send S256 all the same; switch it on if you can."),
            methods=methods,
        )
    if product_of(case.connection.provider).is_silent_on_pkce:
        return passed(_("The provider supports PKCE, as we know of this product."))
    return consider(
        _("The provider doesn’t say that it supports PKCE."),
        _("We use it all the same: one that doesn’t know it ignores it."),
    )


@diagnostic("OD-115", gettext_lazy("Sign-in by authorization code"), needs=("OD-107",))
def authorization_code(case: Case) -> Verdict:
    """Look whether the one flow that we use is offered."""
    responses = case.offered("response_types_supported")
    grants = case.offered("grant_types_supported")
    no_code = responses is not None and "code" not in responses
    if no_code or (grants is not None and "authorization_code" not in grants):
        return needs_fixing(
            _("The provider doesn’t offer the authorization code flow."),
            _("It has to be switched on for this app; the implicit flow is not used."),
            response_types=responses,
            grant_types=grants,
        )
    return passed(_("The authorization code flow is offered."))


@diagnostic("OD-116", gettext_lazy("Scopes"), needs=("OD-107",))
def scopes(case: Case) -> Verdict:
    """Look whether the scopes that we ask for are offered."""
    offered = case.offered("scopes_supported")
    asked = case.connection.scopes or list(DEFAULT_SCOPES)
    if offered is None:
        return could_not_tell(_("The provider doesn’t say which scopes it offers."), asked=asked)
    missing = [scope for scope in asked if scope not in offered]
    if "openid" in missing or "offline_access" in missing:
        return needs_fixing(
            _("The provider refuses the scope %s.") % missing[0],
            _("Ask for what it offers: %s.") % ", ".join(offered),
            offered=offered,
        )
    if missing:
        return consider(
            _("The provider doesn’t list the scope %s.") % ", ".join(missing),
            _("Some offer more than they list: the first sign-in will show."),
            offered=offered,
        )
    return passed(_("All scopes are offered: %s.") % ", ".join(asked))


@diagnostic("OD-117", gettext_lazy("Shared with nobody"), needs=("OD-101",))
def unshared_issuer(case: Case) -> Verdict:
    """Look whether the people of one customer are told apart from those of another."""
    pins = case.connection.pinned_claims
    # What another partner merely prepares is what somebody has typed.
    others = Connection.objects.filter(issuer=case.issuer, is_live=True).exclude(
        partner=case.connection.partner_id
    )
    try:
        require_pin_of_shared_issuer(case.issuer, pins)
    except ValidationError as error:
        return needs_fixing(error.messages[0], pins=pins)
    if not case.connection.is_live and case.connection.tested_at is None:
        # Else whoever is setting up a company could ask about every other one, by its issuer.
        return waiting(_("A test sign-in shows it."))
    for other in others:
        if not tell_apart(pins, other.pinned_claims):
            return needs_fixing(
                # Whose they are is nothing for a partner to know, who sees this too.
                _("Another company’s people come from this issuer too."),
                _("Pin a claim, here and there, that only one company’s people have."),
                for_partner=_("Tell us by which claim your people differ from those of others."),
                pins=pins,
            )
    if case.issuer in PINS_OF_SHARED_ISSUERS or others:
        return passed(_("The issuer is shared; pinned claims tell the people apart."), pins=pins)
    return passed(_("No other partner has this issuer."))


@diagnostic("OD-414", gettext_lazy("Sign-out"), needs=("OD-112",))
def sign_out(case: Case) -> Verdict:
    """Look whether people can sign out at the provider too."""
    if case.known_metadata.end_session_endpoint:
        return passed(_("People can sign out at the provider too."))
    if not product_of(case.connection.provider).has_sign_out:
        return passed(_("This product has no address to sign out at: people sign out here alone."))
    return consider(
        _("The provider names no address to sign out at."),
        _("People sign out here alone, which may do."),
    )


def _not_accepted(case: Case, moved: list[str]) -> Verdict:
    if case.connection.is_live:
        remedy = _("Ask the partner; if it is right, tick that you accept it, and save.")
    else:
        remedy = _("We have to accept that before it can be tested: ask us.")
    return consider(
        _("Its endpoints have moved to %s, and are not used there.") % ", ".join(moved),
        remedy,
        hosts=moved,
    )


DIAGNOSTICS = (
    own_name,
    required_metadata,
    endpoint_hosts,
    pkce,
    authorization_code,
    scopes,
    unshared_issuer,
    sign_out,
)
