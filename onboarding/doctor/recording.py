"""What the portal itself has recorded of the partner: OD-301, OD-606, OD-706."""

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onboarding.doctor.case import Case
from onboarding.doctor.diagnostics import diagnostic
from onboarding.doctor.findings import Verdict, consider, could_not_tell, needs_fixing, passed
from partners.models import Status


@diagnostic("OD-301", gettext_lazy("Whether the provider knows us"), needs=("OD-308",))
def accepted_by_provider(case: Case) -> Verdict:
    """Look what the provider said the last time, when somebody signed in or tested it."""
    trial, word = case.trial, case.last_word
    if trial is not None and trial.has_passed and (word is None or word.at < trial.began_at):
        return passed(_("The provider knew us at the last test sign-in."), at=str(trial.ended_at))
    if word is None:
        return could_not_tell(
            _("Only a sign-in shows whether the provider takes our client ID and secret."),
            _("Sign in once, in a private window."),
        )
    at = date_format(localtime(word.at), "DATETIME_FORMAT")
    if word.what == "login.succeeded":
        return passed(_("The provider knew us at the last sign-in (%s).") % at)
    return needs_fixing(
        _("The provider refused our client ID and secret (%s).") % at,
        _("Ask the partner for both, enter them, and sign in once, in a private window."),
        reference=word.reference,
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
