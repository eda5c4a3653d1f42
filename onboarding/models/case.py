"""What a partner's IT department is at work on, and how far it has come."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from onboarding.steps import Step
from partners.models import Partner, Visibility


class SetUpCase(models.Model):
    """One partner's way to its sign-in, from the first link until it is switched on.

    It may take weeks and several people, and a partner has one at a time. What it leads to is not
    kept here: the version of the connection that is being prepared, the domains, the contacts.
    ``visibility_wished`` is what the partner asks for and the service owner decides on.
    """

    partner = models.ForeignKey(
        Partner, on_delete=models.CASCADE, related_name="set_up_cases", verbose_name=_("partner")
    )
    opened_at = models.DateTimeField(_("opened"), default=timezone.now)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.CharField(_("closed by"), max_length=254, blank=True)
    switched_on_at = models.DateTimeField(_("switched on"), null=True, blank=True)
    approval_asked_at = models.DateTimeField(_("approval asked for"), null=True, blank=True)
    visibility_wished = models.CharField(max_length=8, choices=Visibility, blank=True)

    class Meta:
        verbose_name = _("set-up")
        verbose_name_plural = _("set-ups")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partner"],
                condition=Q(closed_at__isnull=True),
                name="setup_case_one_open_per_partner",
            )
        ]

    def __str__(self) -> str:
        """Return whose it is."""
        return str(self.partner)

    @property
    def is_open(self) -> bool:
        """Whether the partner is still at work on it."""
        return self.closed_at is None


class SetUpStep(models.Model):
    """One step of a case: who saved it last, and what somebody typed there and could not save.

    ``revision`` grows with every saving, so that of two people who save the same step the second
    one is told. ``draft`` holds, by the address of whoever typed them, fields of the step's form
    by their names, and never a secret.
    """

    case = models.ForeignKey(SetUpCase, on_delete=models.CASCADE, related_name="steps")
    name = models.CharField(max_length=10, choices=Step)
    revision = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(null=True)
    saved_by = models.CharField(max_length=254, blank=True)
    is_done = models.BooleanField(default=False)
    draft = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "name"], name="setup_step_once_per_case")
        ]

    def __str__(self) -> str:
        """Return the step's name."""
        return self.name
