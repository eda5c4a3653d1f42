"""What a diagnostic concludes, and what is kept of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

Text = str | Promise
"""A sentence for people, translated where it is shown."""


class Outcome(StrEnum):
    """How something that was looked at is."""

    PASSED = "passed"
    NEEDS_FIXING = "needs_fixing"
    CONSIDER = "consider"
    WAITING = "waiting"
    COULD_NOT_TELL = "could_not_tell"

    @property
    def label(self) -> Text:
        """The outcome in words."""
        return _LABELS[self]

    def counted(self, number: int) -> Text:
        """How many things there are of this outcome, in words."""
        return _COUNTED[self] % {"number": number}


_LABELS = {
    Outcome.PASSED: _("Passed"),
    Outcome.NEEDS_FIXING: _("Needs fixing"),
    Outcome.CONSIDER: _("To consider"),
    Outcome.WAITING: _("Waiting"),
    Outcome.COULD_NOT_TELL: _("Could not tell"),
}

_COUNTED = {
    Outcome.PASSED: ngettext_lazy("%(number)d passed", "%(number)d passed", "number"),
    Outcome.NEEDS_FIXING: ngettext_lazy("%(number)d to fix", "%(number)d to fix", "number"),
    Outcome.CONSIDER: ngettext_lazy("%(number)d to consider", "%(number)d to consider", "number"),
    Outcome.WAITING: ngettext_lazy("%(number)d waiting", "%(number)d waiting", "number"),
    Outcome.COULD_NOT_TELL: ngettext_lazy("%(number)d unclear", "%(number)d unclear", "number"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one diagnostic concludes.

    *statement* says how it is, *remedy* what to do about it, to the portal's staff; *for_partner*
    says that to the partner's own IT, where it is something else. *evidence* may be shown to both:
    host names, algorithms, dates; never a secret, nor what an answer held that
    is no such thing. A *guess* is what a probe tells: a sign-in that passes knows better, so it
    alone keeps nobody from going live.
    """

    outcome: Outcome
    statement: Text
    remedy: Text = ""
    for_partner: Text = ""
    is_guess: bool = False
    evidence: Mapping[str, object] = field(default_factory=dict)


def passed(statement: Text, **evidence: object) -> Verdict:
    """Return that all is well."""
    return Verdict(outcome=Outcome.PASSED, statement=statement, evidence=evidence)


def needs_fixing(
    statement: Text,
    remedy: Text = "",
    *,
    for_partner: Text = "",
    is_guess: bool = False,
    **evidence: object,
) -> Verdict:
    """Return that people cannot sign in as long as this is so."""
    return Verdict(
        outcome=Outcome.NEEDS_FIXING,
        statement=statement,
        remedy=remedy,
        for_partner=for_partner,
        is_guess=is_guess,
        evidence=evidence,
    )


def consider(
    statement: Text, remedy: Text = "", *, for_partner: Text = "", **evidence: object
) -> Verdict:
    """Return that somebody should look at it, while people can sign in."""
    return Verdict(
        outcome=Outcome.CONSIDER,
        statement=statement,
        remedy=remedy,
        for_partner=for_partner,
        evidence=evidence,
    )


def waiting(
    statement: Text, remedy: Text = "", *, for_partner: Text = "", **evidence: object
) -> Verdict:
    """Return that something else has to happen first, which nobody has to mend."""
    return Verdict(
        outcome=Outcome.WAITING,
        statement=statement,
        remedy=remedy,
        for_partner=for_partner,
        evidence=evidence,
    )


def could_not_tell(
    statement: Text, remedy: Text = "", *, for_partner: Text = "", **evidence: object
) -> Verdict:
    """Return that it could not be looked at."""
    return Verdict(
        outcome=Outcome.COULD_NOT_TELL,
        statement=statement,
        remedy=remedy,
        for_partner=for_partner,
        evidence=evidence,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A verdict with its code, what it is about, and how long it took, in milliseconds.

    *steps* are what to do at this very product, one after the other, in the form of its file. One
    that *is_for_staff* is nothing that the partner's own IT could do anything about.
    """

    code: str
    about: Text
    outcome: Outcome
    statement: Text
    remedy: Text
    evidence: Mapping[str, object]
    duration_ms: int
    for_partner: Text = ""
    steps: tuple[str, ...] = ()
    is_guess: bool = False
    is_for_staff: bool = False

    @property
    def remedy_for_partner(self) -> Text:
        """What to do about it, as it is said to the partner's own IT."""
        return self.for_partner or self.remedy

    @property
    def is_calm(self) -> bool:
        """Whether nobody at the partner has to do anything about it."""
        is_open = self.outcome is Outcome.WAITING and bool(self.for_partner)
        return self.outcome in {Outcome.PASSED, Outcome.WAITING} and not is_open

    @property
    def sentence(self) -> str:
        """What is wrong and what to do, in one paragraph without marks."""
        steps = (step.replace("*", "").replace("`", "") for step in self.steps)
        return " ".join(part for part in (str(self.statement), str(self.remedy), *steps) if part)

    @property
    def blocks(self) -> bool:
        """Whether nobody may go live with it."""
        return self.outcome is Outcome.NEEDS_FIXING and not self.is_guess

    def as_json(self) -> dict[str, object]:
        """Return the finding as JSON has it."""
        return {
            "code": self.code,
            "about": str(self.about),
            "outcome": str(self.outcome),
            "statement": str(self.statement),
            "remedy": str(self.remedy),
            "for_partner": str(self.for_partner),
            "steps": list(self.steps),
            "is_guess": self.is_guess,
            "is_for_staff": self.is_for_staff,
            "evidence": dict(self.evidence),
            "duration_ms": self.duration_ms,
        }


def finding_from_json(stored: Mapping[str, Any]) -> Finding:
    """Return the finding that ``as_json`` has written."""
    return Finding(
        **{
            **stored,
            "outcome": Outcome(stored["outcome"]),
            "steps": tuple(stored["steps"]),
        }
    )
