"""Whether a partner's domains are proved, as the DNS was seen the last time: OD-601 to OD-605."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onboarding.doctor.case import Case
from onboarding.doctor.diagnostics import diagnostic
from onboarding.domains.proof import Seen, State
from onboarding.findings import Verdict, consider, needs_fixing, passed, waiting
from partners.domains import refusal_of_domain

if TYPE_CHECKING:
    from onboarding.domains import DomainState


@diagnostic("OD-601", gettext_lazy("The records of its domains"))
def records_there(case: Case) -> Verdict:
    """Look for domains whose record no name server has seen yet."""
    missing = [
        one
        for one in _states(case)
        if one.state is State.WAITING and one.seen not in {Seen.RECORD, Seen.OTHER_TEXT}
    ]
    if not missing:
        return passed(_("No domain waits for its record."))
    return waiting(
        _("Waiting for the DNS record of %s.") % _names(missing),
        " ".join(dict.fromkeys(str(one.seen.sentence) for one in missing)),
        wanted=_wanted(missing),
    )


@diagnostic("OD-602", gettext_lazy("What its records say"))
def records_right(case: Case) -> Verdict:
    """Look for records that have another value than the one that is wanted."""
    states = _states(case)
    wrong = [one for one in states if one.state is State.WAITING and one.seen is Seen.OTHER_TEXT]
    if not wrong:
        return passed(_("No record has a wrong value."))
    # Of several domains one may wait; without any, nobody can come.
    judge = consider if any(one.is_verified for one in states) else needs_fixing
    return judge(
        _("The DNS record of %s has another value.") % _names(wrong),
        str(Seen.OTHER_TEXT.sentence),
        wanted=_wanted(wrong),
        found={one.domain.name: list(one.found) for one in wrong},
    )


@diagnostic("OD-603", gettext_lazy("Whose its domains are"))
def uncontested(case: Case) -> Verdict:
    """Look for domains that are another partner's, whatever has been proved."""
    contested = [one for one in _states(case) if one.state is State.CONTESTED]
    if not contested:
        return passed(_("No other company claims a domain."))
    return consider(
        _("%s is claimed by another company.") % _names(contested),
        _("Nothing moves by itself: the portal’s owner decides, and has been told."),
        domains=[one.domain.name for one in contested],
    )


@diagnostic("OD-604", gettext_lazy("Domains of one company"))
def not_everybodys(case: Case) -> Verdict:
    """Look for domains under which anybody can have an address."""
    refused = {
        domain.name: refusal
        for domain in case.partner.domains.all()
        if (refusal := refusal_of_domain(domain.name))
    }
    if not refused:
        return passed(_("No domain is everybody’s."))
    return needs_fixing(
        " ".join(refused.values()), _("Remove it from the domains."), domains=list(refused)
    )


@diagnostic("OD-605", gettext_lazy("Whether the records stay"))
def records_kept(case: Case) -> Verdict:
    """Look for domains that were proved, and whose record is gone."""
    lapsing = [one for one in _states(case) if one.state is State.LAPSING]
    if not lapsing:
        return passed(_("The records of verified domains are there."))
    until = min(one.ends_at for one in lapsing if one.ends_at)
    return consider(
        _("The DNS record of %(domains)s is gone; the domain counts until %(date)s.")
        % {"domains": _names(lapsing), "date": date_format(localtime(until))},
        _("Add it again."),
        wanted=_wanted(lapsing),
    )


DIAGNOSTICS = (records_there, records_right, uncontested, not_everybodys, records_kept)


def _states(case: Case) -> list["DomainState"]:
    # Not above: what the doctor has found is kept in a model, which has to know the doctor first.
    from onboarding.domains import domain_states

    return domain_states(case.partner)


def _names(states: Iterable["DomainState"]) -> str:
    return ", ".join(one.domain.name for one in states)


def _wanted(states: Iterable["DomainState"]) -> dict[str, str]:
    return {one.record.name: one.record.value for one in states if one.record}
