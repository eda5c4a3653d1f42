"""Whom a partner wants to be told what concerns its sign-in."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.history import RecordChanges
from partners.models import Partner
from partners.models.partner import SLUG_OF_PARTNER


class Contact(models.Model):
    """An address at a partner that is told before a secret ends, or when its set-up changes hands.

    ``address`` is normalised: ``partners.addresses``.
    """

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="contacts")
    address = models.EmailField(_("email address"), max_length=254)
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["partner", "address"], name="contact_once_per_partner")
        ]
        triggers: ClassVar = [
            RecordChanges("contact", slug=SLUG_OF_PARTNER, hidden=("id", "partner_id"))
        ]

    def __str__(self) -> str:
        """Return the address."""
        return self.address
