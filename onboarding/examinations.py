"""Examining a connection, and keeping what was found for the set-up, the owner and the night."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import override

from federation.models import Trial
from onboarding.doctor import Case, Finding, findings_here, findings_of_case
from onboarding.doctor.groups import counted, groups_of
from onboarding.doctor.trying import with_trial
from onboarding.findings import Outcome
from onboarding.models import Examination
from partners.models import Connection
from partners.tested import settings_digest

KEPT = timedelta(days=90)
"""How long an examination is kept: as long as somebody may ask since when something is wrong."""

PROBED_EVERY = timedelta(days=7)
"""How often the token endpoint is asked without anybody having asked for it."""


def examine(connection: Connection, *, by: str, probes: bool = False) -> Examination:
    """Ask the provider of the saved *connection*, and return what was found, kept.

    *by* says who wanted it. It takes some seconds, at most a quarter of a minute. With *probes* the
    token and authorization endpoints are asked too, with a code that nobody issued.
    """
    examination = unkept_examination(connection, by=by, probes=probes)
    examination.save()
    return examination


def unkept_examination(connection: Connection, *, by: str, probes: bool) -> Examination:
    """Return what ``examine`` finds, for whoever keeps it together with something else."""
    case = Case(connection, probes=probes)
    # The provider is asked once: the case keeps its answers for the other languages.
    findings = _in_every_language(lambda: findings_of_case(case))
    return _examination(connection, findings, by=by, probed=probes)


def last_examination_of(connection: Connection) -> Examination | None:
    """Return the last examination of the *connection* as it is now, ``None`` if there is none."""
    digest = settings_digest(connection)
    return Examination.objects.filter(connection=connection, settings_digest=digest).first()


def note_trial(connection: Connection, *, by: str) -> None:
    """Keep what a test sign-in has shown beside what was found before; asks nobody.

    There is nothing to be kept where the connection as it is has not been examined.
    """
    last = last_examination_of(connection)
    if last is None:
        return
    case = Case(connection)

    def renewed() -> list[Finding]:
        fresh = {finding.code: finding for finding in findings_here(case)}
        return with_trial([fresh.get(one.code, one) for one in last.shown], case)

    findings = _in_every_language(renewed)
    _examination(connection, findings, by=by, probed=last.probed).save()


def is_due_to_be_probed(connection: Connection) -> bool:
    """Return whether the token endpoint has not been asked for a week, settings as they are."""
    recent = Examination.objects.filter(
        connection=connection,
        settings_digest=settings_digest(connection),
        probed=True,
        at__gt=timezone.now() - PROBED_EVERY,
    )
    return not recent.exists()


def forget_old_examinations(now: datetime) -> int:
    """Delete examinations and test sign-ins that are too old; return how many there were."""
    examinations = Examination.objects.filter(at__lt=now - KEPT).delete()[0]
    return examinations + Trial.objects.filter(began_at__lt=now - KEPT).delete()[0]


def context_of(examination: Examination) -> dict[str, object]:
    """Return what ``onboarding/findings.html`` shows of an examination."""
    findings = examination.shown_to_partner
    told = [finding for finding in findings if finding.outcome is not Outcome.WAITING]
    return {
        "examination": examination,
        "number": len(told),
        "groups": groups_of(findings),
        "counts": counted(findings),
    }


def _in_every_language(find: Callable[[], list[Finding]]) -> dict[str, list[dict[str, Any]]]:
    findings = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            findings[language] = [finding.as_json() for finding in find()]
    return findings


def _examination(
    connection: Connection, findings: dict[str, Any], *, by: str, probed: bool
) -> Examination:
    return Examination(
        connection=connection,
        settings_digest=settings_digest(connection),
        by=by,
        probed=probed,
        findings=findings,
    )
