"""The e-mail domains of a partner."""

from contextlib import suppress
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.history import RecordChanges
from partners.addresses import AddressError, normalised_domain
from partners.domains import require_domain
from partners.models.partner import SLUG_OF_PARTNER, Partner


class EmailDomain(models.Model):
    """A domain whose addresses belong to a partner, once that is verified.

    ``name`` is the A-label in lower case, so that equal means the same domain.
    """

    class Proof(models.TextChoices):
        """How it is known that the domain is the partner's."""

        NONE = "", _("Not verified")
        OPERATOR = "operator", _("Confirmed by us")
        DNS = "dns", _("DNS record")

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="domains")
    name = models.CharField(max_length=253, validators=[require_domain])
    subdomains = models.BooleanField(default=False)
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_how = models.CharField(max_length=8, choices=Proof, blank=True, default=Proof.NONE)
    # What whoever confirmed the domain has gone by, in their own words; empty for a DNS record.
    verified_why = models.CharField(max_length=300, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("email domain")
        verbose_name_plural = _("email domains")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(verified_at__isnull=False),
                name="domain_verified_once",
                violation_error_message=_("This domain belongs to another partner."),
            ),
            models.UniqueConstraint(
                fields=["partner", "name"],
                name="domain_once_per_partner",
                violation_error_message=_("This domain is listed twice."),
            ),
            models.CheckConstraint(
                condition=Q(name__regex=r"^([a-z0-9_]([a-z0-9_-]*[a-z0-9])?\.)+[a-z0-9-]+$"),
                name="domain_is_a_label",
            ),
        ]
        triggers: ClassVar = [
            RecordChanges("domain", slug=SLUG_OF_PARTNER, hidden=("id", "partner_id"))
        ]

    def __str__(self) -> str:
        """Return the domain's A-label."""
        return self.name

    def clean(self) -> None:
        """Write the domain as it is compared; that it can be one is for its validator to say."""
        with suppress(AddressError):
            self.name = normalised_domain(self.name)
