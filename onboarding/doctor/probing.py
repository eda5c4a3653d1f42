"""Whether the provider knows us, our secret or key, and our redirect URI: OD-301 to OD-307.

What a test sign-in has shown counts more than a probe, and a probe more than nothing.
"""

from collections.abc import Callable

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onboarding.doctor.case import Case
from onboarding.doctor.diagnostics import Diagnostic
from onboarding.doctor.explanations import EXPLANATIONS
from onboarding.doctor.probes import Known, Told
from onboarding.findings import (
    Text,
    Verdict,
    could_not_tell,
    needs_fixing,
    passed,
    waiting,
)

_KNOWN: dict[str, Text] = {
    "OD-301": gettext_lazy("The provider accepts our client secret."),
    "OD-303": gettext_lazy("The provider knows our app."),
    "OD-304": gettext_lazy("The provider knows the directory."),
    "OD-306": gettext_lazy("The provider accepts our key."),
    "OD-307": gettext_lazy("The provider knows our redirect URI."),
}


def _conclude(code: str) -> Callable[[Case], Verdict]:
    def conclude(case: Case) -> Verdict:
        if code == "OD-306" and not case.connection.is_keyed:
            return passed(_("We prove who we are by a secret."))
        if code == "OD-301" and case.connection.is_keyed:
            return passed(_("We prove who we are by a key."))
        us = case.told_of_us
        if code == "OD-307" and us and us.code in {"OD-303", "OD-304"}:
            return waiting(_("Not looked at: %(code)s comes first.") % {"code": us.code})
        told = case.told_of_redirect_uri if code == "OD-307" else us
        verdict = _by_probe(code, told) if told else None
        return verdict or _by_sign_ins(code, case)

    return conclude


def _by_probe(code: str, told: Told) -> Verdict | None:
    if told.known is Known.YES:
        return passed(_KNOWN[code], probed=True)
    if told.known is Known.NO and told.code == code:
        explained = EXPLANATIONS[code]
        words = {"provider_error": told.error, "provider_description": told.description}
        return needs_fixing(
            explained.statement,
            explained.remedy,
            is_guess=True,
            **{name: word for name, word in words.items() if word},
        )
    return None


def _by_sign_ins(code: str, case: Case) -> Verdict:
    if case.trial is not None and case.trial.has_passed:
        return passed(_KNOWN[code], reference=case.trial.reference)
    word = case.last_word
    if word is not None:
        at = date_format(localtime(word.at), "DATETIME_FORMAT")
        if word.what == "login.succeeded":
            return passed(_("The provider knew us at the last sign-in (%s).") % at)
        if code in {"OD-301", "OD-306"}:
            return needs_fixing(
                _("The provider refused our client ID and secret (%s).") % at,
                _("Ask the partner for both, enter them, and sign in once, in a private window."),
                for_partner=_("Compare both with your provider, enter them, and test once more."),
                reference=word.reference,
            )
    if code == "OD-301":
        return could_not_tell(
            _("Only a sign-in shows whether the provider takes our client ID and secret."),
            _("Sign in once, in a private window."),
            for_partner=_("Sign in as yourself, at the end of this page."),
        )
    return waiting(_("A test sign-in shows it."))


DIAGNOSTICS = tuple(
    Diagnostic(
        code=code,
        about=EXPLANATIONS[code].about,
        needs=("OD-308",) if code in {"OD-301", "OD-306"} else (),
        conclude=_conclude(code),
    )
    for code in _KNOWN
)
