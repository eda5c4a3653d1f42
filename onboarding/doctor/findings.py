"""What a diagnostic concludes: see ``onboarding.findings``."""

from onboarding.findings import (
    Finding,
    Outcome,
    Text,
    Verdict,
    consider,
    could_not_tell,
    needs_fixing,
    passed,
    waiting,
)

__all__ = [
    "Finding",
    "Outcome",
    "Text",
    "Verdict",
    "consider",
    "could_not_tell",
    "needs_fixing",
    "passed",
    "waiting",
]
