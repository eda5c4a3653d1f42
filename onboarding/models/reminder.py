"""Which reminders have been sent, so that nobody gets one twice."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from partners.models import Partner


class SecretReminder(models.Model):
    """One reminder that a partner's client secret ends on a day, so many days before it."""

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="secret_reminders")
    ends_on = models.DateField()
    days = models.PositiveSmallIntegerField()
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partner", "ends_on", "days"], name="secret_reminder_once"
            )
        ]

    def __str__(self) -> str:
        """Return whose secret ends, and when."""
        return f"{self.partner}: {self.ends_on}"
