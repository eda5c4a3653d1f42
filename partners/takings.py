"""Domains by which a partner takes people of another one, below whose domain they lie."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from partners.domains import with_parents
from partners.models import EmailDomain, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """A verified *domain*, and the *rule* of another partner that would have its people."""

    domain: EmailDomain
    rule: EmailDomain

    @property
    def sentence(self) -> str:
        """Whose people go where, and why, for whoever wrote the domain down."""
        told = (
            _(
                "Once %(partner)s is live, people at %(domain)s belong to it and no longer to "
                "%(other)s, which has %(rule)s with all its sub-domains."
            )
            if self.domain.partner.status == Status.DRAFT
            else _(
                "People at %(domain)s belong to %(partner)s now and no longer to %(other)s, which "
                "has %(rule)s with all its sub-domains."
            )
        )
        return told % {
            "partner": self.domain.partner,
            "domain": self.domain,
            "other": self.rule.partner,
            "rule": self.rule,
        }


def takings(domains: Iterable[EmailDomain]) -> list[Taking]:
    """Return which of *domains* take people of other partners; those of drafts have none yet."""
    verified = [domain for domain in domains if domain.verified_at]
    above = {name for domain in verified for name in with_parents(domain.name)[1:]}
    rules = EmailDomain.objects.filter(
        name__in=above, subdomains=True, verified_at__isnull=False
    ).exclude(partner__status=Status.DRAFT)
    by_name = {rule.name: rule for rule in rules.select_related("partner")}
    found = []
    for domain in verified:
        names = with_parents(domain.name)[1:]
        rule = next((by_name[name] for name in names if name in by_name), None)
        if rule and rule.partner_id != domain.partner_id:
            found.append(Taking(domain=domain, rule=rule))
    return found
