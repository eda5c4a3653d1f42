"""The codes by which people come back to a set-up."""

from typing import ClassVar

from django.db import models

from onboarding.models.link import SetUpLink


class ResumeCode(models.Model):
    """One code that was mailed to the address of a link which has been opened before.

    It is good in the browser that asked for it alone: ``browser_digest`` is of what that one holds.
    Nothing here is a code or a key, so that a stolen table opens nothing.
    """

    link = models.ForeignKey(SetUpLink, on_delete=models.CASCADE, related_name="resume_codes")
    browser_digest = models.CharField(max_length=64)
    code_digest = models.CharField(max_length=64)
    expires_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["browser_digest", "link"], name="resume_code_once_per_browser"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="resume_code_expires_at")]

    def __str__(self) -> str:
        """Return whose it is."""
        return str(self.link)
