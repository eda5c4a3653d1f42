"""What the doctor has found, kept so that everybody sees the same."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import get_language

from onboarding.findings import Finding, Outcome, finding_from_json
from partners.models import Connection


class Examination(models.Model):
    """One examination of a connection: when, by whom, and all that was found.

    ``findings`` maps each language of the portal to what was found, in its words.
    ``settings_digest`` names the settings that were examined: of others it says nothing. With
    ``probed`` the token and authorization endpoints were asked too.
    """

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="examinations"
    )
    settings_digest = models.CharField(max_length=32)
    at = models.DateTimeField(default=timezone.now, db_index=True)
    by = models.CharField(max_length=254)
    probed = models.BooleanField(default=False)
    findings = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        """Return when it was."""
        return self.at.isoformat(timespec="seconds")

    @property
    def shown(self) -> list[Finding]:
        """What was found, in the language that is active, or in the portal's own."""
        known: dict[str, list[dict[str, Any]]] = self.findings
        stored = known.get(get_language() or "") or known.get(settings.LANGUAGE_CODE, [])
        return [finding_from_json(one) for one in stored]

    @property
    def shown_to_partner(self) -> list[Finding]:
        """What was found, without what only the portal's staff can do anything about."""
        return [finding for finding in self.shown if not finding.is_for_staff]

    @property
    def outcomes(self) -> dict[str, Outcome]:
        """The outcome of each diagnostic, by its code."""
        return {finding.code: finding.outcome for finding in self.shown}

    @property
    def blocks(self) -> bool:
        """Whether something was found with which nobody may go live."""
        return any(finding.blocks for finding in self.shown)
