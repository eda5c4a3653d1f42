"""The doctor's round of the night: every live partner, and word of what has become worse."""

from collections.abc import Mapping

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from audit.trail import WORKER, Happening, record
from mails.sending import queue_mail
from onboarding.contacts import addresses_of
from onboarding.doctor import Finding, Outcome
from onboarding.examinations import is_due_to_be_probed, last_examination_of, unkept_examination
from onboarding.models import Examination
from partners.models import Connection, Partner, Status

_TOLD = frozenset({Outcome.PASSED, Outcome.NEEDS_FIXING, Outcome.CONSIDER})
"""Outcomes that say something of the connection: that nothing could be told says nothing."""


def connections_in_use() -> QuerySet[Connection]:
    """Return the connections by which people sign in."""
    return Connection.objects.filter(is_live=True, partner__status=Status.LIVE).order_by("pk")


def examine_by_night(connection_id: int) -> None:
    """Examine a connection that is in use, and tell its contacts and us of new faults, once.

    Run twice, it finds nothing new the second time: what was found is kept together with the
    mails about it, or neither is.
    """
    connection = connections_in_use().select_related("partner").filter(pk=connection_id).first()
    if connection is None:
        return
    before = last_examination_of(connection)
    examination = unkept_examination(connection, by=WORKER, probes=is_due_to_be_probed(connection))
    with transaction.atomic():
        examination.save()
        _record_changes(connection.partner, before, examination)
        faults = new_faults(before, examination)
        if faults:
            _tell(connection.partner, examination, codes={finding.code for finding in faults})


def new_faults(before: Examination | None, after: Examination) -> list[Finding]:
    """Return what needs fixing in *after* and did not in *before*."""
    known = before.outcomes if before else {}
    return [
        finding
        for finding in after.shown
        if finding.outcome is Outcome.NEEDS_FIXING
        and known.get(finding.code) is not Outcome.NEEDS_FIXING
    ]


def _record_changes(partner: Partner, before: Examination | None, after: Examination) -> None:
    if before is None:
        return
    old, new = _told(before.outcomes), _told(after.outcomes)
    changed = sorted(code for code in old.keys() & new.keys() if old[code] != new[code])
    if changed:
        detail = {
            "before": {code: old[code] for code in changed},
            "after": {code: new[code] for code in changed},
        }
        record(
            Happening(what="examination.changed", partner=partner.slug, actor=WORKER, detail=detail)
        )


def _told(outcomes: Mapping[str, Outcome]) -> dict[str, str]:
    return {code: str(outcome) for code, outcome in outcomes.items() if outcome in _TOLD}


def _tell(partner: Partner, examination: Examination, *, codes: set[str]) -> None:
    addresses = addresses_of(partner) | {settings.PORTAL_SUPPORT_EMAIL}
    findings = [finding for finding in examination.shown if finding.code in codes]
    for address in sorted(addresses - {""}):
        queue_mail(
            "new_faults",
            to=address,
            context={"partner": partner, "findings": findings},
            partner=partner.slug,
        )
