"""Findings in the order of a page: in groups, and counted by outcome."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from onboarding.findings import Finding, Outcome, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Findings about one part of a connection, under its heading."""

    title: Text
    findings: tuple[Finding, ...]

    @property
    def urgent(self) -> tuple[Finding, ...]:
        """Those that somebody should look at."""
        return tuple(one for one in self.findings if not one.is_calm)

    @property
    def calm(self) -> tuple[Finding, ...]:
        """Those about which nobody has to do anything."""
        return tuple(one for one in self.findings if one.is_calm)

    @property
    def calm_counts(self) -> list[tuple[Outcome, Text]]:
        """How many of those there are of each outcome, in words."""
        return counted(self.calm)


_TITLES = (
    (("OD-1", "OD-2"), _("Reaching your provider")),
    (("OD-3",), _("Proving who we are")),
    (("OD-4",), _("What we learn about people")),
    (("OD-6", "OD-7"), _("Domains and lifecycle")),
)

_URGENCY = [Outcome.NEEDS_FIXING, Outcome.CONSIDER, Outcome.COULD_NOT_TELL]
_URGENCY += [Outcome.WAITING, Outcome.PASSED]


def groups_of(findings: Iterable[Finding]) -> list[Group]:
    """Return *findings* in their groups, those with findings only, the most urgent ones first."""
    ordered = sorted(findings, key=lambda finding: _URGENCY.index(finding.outcome))
    groups = (
        Group(
            title=title,
            findings=tuple(one for one in ordered if one.code.startswith(beginnings)),
        )
        for beginnings, title in _TITLES
    )
    return [group for group in groups if group.findings]


def counted(findings: Iterable[Finding]) -> list[tuple[Outcome, Text]]:
    """Return how many *findings* there are of each outcome, in words, the most urgent first."""
    counts = Counter(finding.outcome for finding in findings)
    return [(outcome, outcome.counted(counts[outcome])) for outcome in _URGENCY if counts[outcome]]
