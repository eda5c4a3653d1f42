"""What the last test sign-in has shown: OD-203 and OD-401 to OD-414."""

from collections.abc import Callable, Mapping

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from federation.models import Trial
from onboarding.doctor.case import Case
from onboarding.doctor.diagnostics import Diagnostic, finding_of
from onboarding.doctor.explanations import EXPLANATIONS
from onboarding.doctor.refusals import code_of
from onboarding.domains.proof import State
from onboarding.findings import (
    Finding,
    Text,
    Verdict,
    consider,
    needs_fixing,
    passed,
    waiting,
)
from partners.models import Connection

ORDER = (
    *("OD-401", "OD-115", "OD-116", "OD-307", "OD-402", "OD-403", "OD-404", "OD-104", "OD-112"),
    *("OD-303", "OD-304", "OD-301", "OD-302", "OD-305", "OD-306", "OD-405", "OD-202", "OD-203"),
    *("OD-406", "OD-407", "OD-411", "OD-117", "OD-413", "OD-408", "OD-409", "OD-410"),
)
"""In which order a sign-in comes past what may stop it."""

_SHOWN_BY_A_PASS: Mapping[str, Text] = {
    "OD-401": gettext_lazy("You came back from the provider’s sign-in page."),
    "OD-402": gettext_lazy("The provider let the person use the app."),
    "OD-403": gettext_lazy("No consent was missing."),
    "OD-404": gettext_lazy("No policy of the provider stopped the sign-in."),
    "OD-405": gettext_lazy("The answer was for us, from this provider, and new."),
    "OD-203": gettext_lazy("The answer was signed with one of the published keys."),
    "OD-407": gettext_lazy("The provider says by one ID who signed in."),
    "OD-408": gettext_lazy("The provider sends an email address."),
    "OD-409": gettext_lazy("The provider says that the email address is verified."),
    "OD-410": gettext_lazy("The address is inside a verified domain."),
    "OD-411": gettext_lazy("The account is one of the company’s."),
    "OD-412": gettext_lazy("The provider sends a name."),
    "OD-413": gettext_lazy("The provider says how the person signed in."),
}


def finding_of_trial(trial: Trial, connection: Connection) -> Finding:
    """Return what the refused *trial* has stopped at, with what mends it there."""
    code = code_of(trial, connection)
    explained = EXPLANATIONS[code]
    told = ("reason", "reference", "provider_error", "provider_description", "detail")
    evidence = {name: getattr(trial, name) for name in told if getattr(trial, name)}
    verdict = _of_waiting_domain(trial, connection, evidence) or needs_fixing(
        explained.statement, explained.remedy, **evidence
    )
    return finding_of(verdict, code=code, about=explained.about, connection=connection)


def _of_waiting_domain(
    trial: Trial, connection: Connection, evidence: Mapping[str, object]
) -> Verdict | None:
    """Return what to say where only the proof of the address's domain was missing, else nothing."""
    # Not above: what the doctor has found is kept in a model, which has to know the doctor first.
    from onboarding.domains import domain_states

    name = trial.facts.get("waiting_domain")
    states = domain_states(connection.partner) if name else []
    state = next((one.state for one in states if one.domain.name == name), None)
    if state is None or state is State.CONTESTED:
        return None
    if state is State.WAITING:
        remedy = _("Sign in once more when it is verified. Step 4 shows the record.")
        statement = _("Your sign-in works; %s still waits for its DNS record.") % name
    else:
        remedy = _("Sign in once more.")
        statement = _("Your sign-in works; %s was verified only after it.") % name
    return waiting(statement, remedy, for_partner=remedy, **evidence)


def with_trial(findings: list[Finding], case: Case) -> list[Finding]:
    """Return *findings* with what the last test sign-in stopped at, where that knows better."""
    trial = case.trial
    if trial is None or trial.has_passed:
        return findings
    known = finding_of_trial(trial, case.connection)
    return [
        known if finding.code == known.code and not finding.blocks else finding
        for finding in findings
    ]


def _shown_by_trial(code: str) -> Callable[[Case], Verdict]:
    def conclude(case: Case) -> Verdict:
        trial = case.trial
        if code == "OD-401" and case.is_trial_lost:
            return _lost(case)
        if trial is None:
            return _without_trial(case, code)
        if trial.has_passed:
            return _CLOSER.get(code, _plainly)(code, trial)
        stopped_at = code_of(trial, case.connection)
        if code in ORDER and ORDER.index(code) < ORDER.index(stopped_at):
            return passed(_SHOWN_BY_A_PASS[code])
        return waiting(_("Not reached yet: %(code)s comes first.") % {"code": stopped_at})

    return conclude


def _without_trial(case: Case, code: str) -> Verdict:
    at = case.last_sign_in
    if at is None or code in _CLOSER:
        return waiting(_("A test sign-in shows it."))
    when = date_format(localtime(at), "DATETIME_FORMAT")
    return passed(_("People sign in, the last one on %s.") % when)


def _lost(case: Case) -> Verdict:
    statement = _("Somebody went to the provider’s sign-in page and didn’t come back.")
    if case.connection.tested_at is not None:
        return consider(statement, _("Another test sign-in has passed."))
    return needs_fixing(
        statement,
        _("What did its page say? Look for it below, and test again."),
        is_guess=True,
    )


def _plainly(code: str, trial: Trial) -> Verdict:
    return passed(_SHOWN_BY_A_PASS[code], reference=trial.reference)


def _permanent_id(code: str, trial: Trial) -> Verdict:
    remedy = _("The claim sub has to be there, and to stay the same for a person for ever.")
    if trial.facts.get("subject_changed"):
        return needs_fixing(_("The same person came under another ID than before."), remedy)
    if trial.facts.get("subject_is_address"):
        return consider(
            _("The person’s ID is an address, and addresses change: so would the person."), remedy
        )
    return _plainly(code, trial)


def _trusted_address(code: str, trial: Trial) -> Verdict:
    if "yes" in {trial.facts.get("email_verified"), trial.facts.get("xms_edov")}:
        return _plainly(code, trial)
    return consider(
        _("The provider doesn’t say that the email address is verified."),
        _("Sign-in works: the proof of your domain stands in for it."),
    )


def _name(code: str, trial: Trial) -> Verdict:
    if trial.facts.get("has_name"):
        return _plainly(code, trial)
    return consider(
        _("The provider sends no name: people are greeted by their address."),
        _("Release the scope profile to this app."),
    )


def _way_of_signing_in(code: str, trial: Trial) -> Verdict:
    said = trial.facts.get("says_how_signed_in")
    if said:
        return passed(_SHOWN_BY_A_PASS[code], claims=said)
    return consider(
        _("The provider doesn’t say how people sign in: we can’t see a second factor."),
        _("It is needed only where a second factor is required here."),
    )


_CLOSER: Mapping[str, Callable[[str, Trial], Verdict]] = {
    "OD-407": _permanent_id,
    "OD-409": _trusted_address,
    "OD-412": _name,
    "OD-413": _way_of_signing_in,
}
"""What is looked at more closely in a trial that passed: a real sign-in keeps no such facts."""


def _about(code: str) -> Text:
    return _ABOUT[code] if code in _ABOUT else EXPLANATIONS[code].about


_ABOUT: Mapping[str, Text] = {"OD-412": gettext_lazy("A name")}

DIAGNOSTICS = tuple(
    Diagnostic(code=code, about=_about(code), needs=(), conclude=_shown_by_trial(code))
    for code in _SHOWN_BY_A_PASS
)
