"""What the portal itself has recorded of the partner: OD-606, OD-706."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from onboarding.doctor.case import Case
from onboarding.doctor.diagnostics import diagnostic
from onboarding.findings import Verdict, consider, needs_fixing, passed, waiting
from partners.models import Status


@diagnostic("OD-606", gettext_lazy("Its email domains"))
def verified_domains(case: Case) -> Verdict:
    """Look whether there are addresses with which people may come."""
    domains = {domain.name: domain.verified_at for domain in case.partner.domains.all()}
    unverified = [name for name, verified_at in domains.items() if verified_at is None]
    if not domains:
        return needs_fixing(
            _("There is no domain yet: nobody’s address is accepted."),
            _("Add a domain, and confirm that it is the company’s."),
            for_partner=_("Add your domain in step 4."),
        )
    if len(unverified) == len(domains):
        return waiting(
            ngettext(
                "%(domains)s is waiting for its DNS record.",
                "%(domains)s are waiting for their DNS records.",
                len(unverified),
            )
            % {"domains": ", ".join(unverified)},
            _("Until then nobody’s address is accepted."),
            for_partner=_("Until then nobody’s address is accepted. Step 4 shows the record."),
            domains=unverified,
        )
    if unverified:
        return consider(
            _("Not verified yet: %s.") % ", ".join(unverified),
            _("People with addresses there are refused."),
            domains=list(domains),
        )
    return passed(_("All domains are verified: %s.") % ", ".join(domains))


@diagnostic("OD-706", gettext_lazy("Its status"), is_for_staff=True)
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


DIAGNOSTICS = (verified_domains, status)
