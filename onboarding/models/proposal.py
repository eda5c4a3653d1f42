"""What a partner would like to show on the sign-in page, until the service owner has seen it."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from onboarding.models.case import SetUpCase
from partners.models import Logo


class ProposedLogo(models.Model):
    """A picture by a partner, re-encoded by us, that nobody but the partner and staff can see.

    Anybody with a link could upload another company's logo: it is a ``Logo`` only when a member of
    staff has approved it.
    """

    case = models.ForeignKey(SetUpCase, on_delete=models.CASCADE, related_name="proposed_logos")
    shape = models.CharField(max_length=4, choices=Logo.Shape)
    data = models.BinaryField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    source_digest = models.CharField(max_length=64)
    proposed_at = models.DateTimeField(default=timezone.now)
    proposed_by = models.CharField(max_length=254)

    class Meta:
        verbose_name = _("proposed logo")
        verbose_name_plural = _("proposed logos")
        ordering: ClassVar = ["shape"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "shape"], name="proposed_logo_once_per_shape")
        ]

    def __str__(self) -> str:
        """Return which of the two pictures it is."""
        return self.shape
