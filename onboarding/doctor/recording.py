"""What the portal itself has recorded of the partner: OD-301, OD-606, OD-706."""

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.models import Event
from federation.oidc.errors import Reason
from onboarding.doctor.case import Case
from onboarding.doctor.diagnostics import diagnostic
from onboarding.doctor.findings import Verdict, consider, could_not_tell, needs_fixing, passed
from partners.models import Status

PROVES_US = ["issuer", "client_id", "client_secret_sealed", "client_keys_changed_at"]
PROVES_US += ["token_endpoint_auth_method"]
"""Columns of a connection after whose change an earlier sign-in tells nothing any more."""


@diagnostic("OD-301", gettext_lazy("Whether the provider knows us"), needs=("OD-308",))
def accepted_by_provider(case: Case) -> Verdict:
    """Look what the provider said the last time: nothing but a sign-in shows it our secret."""
    accepted, refused = Q(what="login.succeeded"), Q(reason=Reason.CLIENT_REJECTED)
    changed = Q(what="connection.changed", detail__after__has_any_keys=PROVES_US)
    events = Event.objects.filter(accepted | refused | changed, partner=case.partner.slug)
    last = events.order_by("-id").first()
    if last is None or last.what == "connection.changed":
        return could_not_tell(
            _("Only a sign-in shows whether the provider takes our client ID and secret."),
            _("Sign in once, in a private window."),
        )
    at = date_format(localtime(last.at), "DATETIME_FORMAT")
    if last.what == "login.succeeded":
        return passed(_("The provider knew us at the last sign-in (%s).") % at)
    return needs_fixing(
        _("The provider refused our client ID and secret (%s).") % at,
        _("Ask the partner for both, enter them, and sign in once, in a private window."),
        reference=last.reference,
    )


@diagnostic("OD-606", gettext_lazy("Its e-mail domains"))
def verified_domains(case: Case) -> Verdict:
    """Look whether there are addresses with which people may come."""
    domains = {domain.name: domain.verified_at for domain in case.partner.domains.all()}
    unverified = [name for name, verified_at in domains.items() if verified_at is None]
    if len(unverified) == len(domains):
        return needs_fixing(
            _("No domain is verified: nobody’s address is accepted."),
            _("Add a domain, and confirm that it is the company’s."),
            domains=list(domains),
        )
    if unverified:
        return consider(
            _("Not verified yet: %s.") % ", ".join(unverified),
            _("People with addresses there are refused."),
            domains=list(domains),
        )
    return passed(_("All domains are verified: %s.") % ", ".join(domains))


@diagnostic("OD-706", gettext_lazy("Its status"))
def status(case: Case) -> Verdict:
    """Look whether people are let in at all."""
    match case.partner.status:
        case Status.LIVE:
            return passed(_("The partner is live."))
        case Status.PAUSED:
            return consider(_("The partner is paused: nobody can sign in."), _("Resume it."))
    return consider(
        _("The partner is a draft: nobody can sign in."),
        _("Set it live when everything else has passed."),
    )


DIAGNOSTICS = (accepted_by_provider, verified_domains, status)
