"""How a diagnostic is written down, and how a list of them is run."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from onboarding.doctor.case import Case
from onboarding.findings import Finding, Outcome, Text, Verdict, could_not_tell
from onboarding.providers import product_of, remedy_steps
from partners.models import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One thing that can be looked at in a case.

    *about* names it in a few words. It is looked at only when those it *needs*, named by their
    codes, have found nothing that needs fixing. One that *is_for_staff* is not shown to the
    partner's own IT.
    """

    code: str
    about: Text
    needs: tuple[str, ...]
    conclude: Callable[[Case], Verdict]
    is_for_staff: bool = False


def diagnostic(
    code: str, about: Text, *, needs: tuple[str, ...] = (), is_for_staff: bool = False
) -> Callable[[Callable[[Case], Verdict]], Diagnostic]:
    """Return a decorator that makes a diagnostic of a function from a case to a verdict."""

    def decorate(conclude: Callable[[Case], Verdict]) -> Diagnostic:
        return Diagnostic(
            code=code, about=about, needs=needs, conclude=conclude, is_for_staff=is_for_staff
        )

    return decorate


def findings_of(case: Case, diagnostics: Iterable[Diagnostic]) -> list[Finding]:
    """Return what each of *diagnostics*, in their order, finds in *case*."""
    findings = []
    stopped: dict[str, str] = {}
    for one in diagnostics:
        cause = next((stopped[code] for code in one.needs if code in stopped), "")
        began = time.monotonic()
        verdict = _not_looked_at(cause) if cause else one.conclude(case)
        milliseconds = round((time.monotonic() - began) * 1000)
        if verdict.outcome in {Outcome.NEEDS_FIXING, Outcome.COULD_NOT_TELL}:
            stopped[one.code] = cause or one.code
        finding = finding_of(
            verdict,
            code=one.code,
            about=one.about,
            connection=case.connection,
            took=milliseconds,
        )
        findings.append(replace(finding, is_for_staff=one.is_for_staff))
    return findings


def _not_looked_at(cause: str) -> Verdict:
    return could_not_tell(_("Not looked at: %(code)s comes first.") % {"code": cause})


def finding_of(
    verdict: Verdict, *, code: str, about: Text, connection: Connection, took: int = 0
) -> Finding:
    """Return *verdict* as a finding, with what mends it at the *connection*'s product."""
    has_remedy = verdict.outcome in {Outcome.NEEDS_FIXING, Outcome.CONSIDER}
    return Finding(
        code=code,
        about=about,
        outcome=verdict.outcome,
        statement=verdict.statement,
        remedy=verdict.remedy,
        for_partner=verdict.for_partner,
        steps=_steps(connection, code) if has_remedy else (),
        is_guess=verdict.is_guess,
        evidence=verdict.evidence,
        duration_ms=took,
    )


def _steps(connection: Connection, code: str) -> tuple[str, ...]:
    if code != "OD-401":
        return remedy_steps(connection, code)
    # The provider's page has said what is wrong, and only to the person.
    return tuple(
        f"“{symptom.says}”: {' '.join(remedy_steps(connection, symptom.code)) or symptom.code}"
        for symptom in product_of(connection.provider).symptoms
    )
