"""The pictures of a partner."""

from typing import ClassVar

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from audit.history import RecordChanges
from partners.models.partner import SLUG_OF_PARTNER, Partner


class LogoManager(models.Manager["Logo"]):
    """Leaves the pictures themselves in the database: a page needs only their addresses."""

    def get_queryset(self) -> models.QuerySet["Logo"]:
        """Return the logos, their data deferred."""
        return super().get_queryset().defer("data")


class Logo(models.Model):
    """A picture of a partner, re-encoded by us: nothing that was uploaded is ever served.

    ``digest`` is its address and its ETag: random enough that no address can be guessed from a
    company's name.
    """

    class Shape(models.TextChoices):
        """Which of the two pictures."""

        WIDE = "wide", _("Wide logo")
        MARK = "mark", _("Square mark")

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="logos")
    shape = models.CharField(max_length=4, choices=Shape)
    data = models.BinaryField()
    content_type = models.CharField(max_length=20)
    digest = models.CharField(max_length=64, unique=True)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    # SHA-256 of what was uploaded and of what was made of it, by which both are recognised when
    # they are uploaded again. No address is made of these: they can be worked out.
    source_digest = models.CharField(max_length=64)
    data_digest = models.CharField(max_length=64)

    objects = LogoManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["partner", "shape"], name="logo_one_of_each_shape")
        ]
        triggers: ClassVar = [
            RecordChanges(
                "logo", slug=SLUG_OF_PARTNER, hidden=("id", "data", "data_digest", "partner_id")
            )
        ]

    def __str__(self) -> str:
        """Return which of the two it is."""
        return self.shape

    @property
    def url(self) -> str:
        """The address of the picture: another one after every change."""
        return reverse("logo", args=[self.digest])
