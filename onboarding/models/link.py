"""The links by which people get into a set-up, and the browsers that are in one."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from onboarding.models.case import SetUpCase


class Purpose(models.TextChoices):
    """Why a link was sent: it decides the mail's words, and the step that the link opens."""

    SET_UP = "set_up", _("Set sign-in up")
    COLLEAGUE = "colleague", _("Take over from a colleague")
    SECRET = "secret", _("Replace a secret that ends")


class SetUpLink(models.Model):
    """One link, mailed to one address; ``sent_by`` is the address of whoever had it sent.

    Neither its token nor a code is here: ``token_digest`` and ``code_digest`` are digests, so that
    a stolen table opens nothing. A link that was used opens no more; the address that it was sent
    to may ask for a code again while the case is open.
    """

    case = models.ForeignKey(SetUpCase, on_delete=models.CASCADE, related_name="links")
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose)
    address = models.EmailField(_("email address"), max_length=254)
    token_digest = models.CharField(max_length=64, unique=True)
    sent_at = models.DateTimeField(_("sent"), default=timezone.now)
    sent_by = models.CharField(_("sent by"), max_length=254)
    expires_at = models.DateTimeField(_("ends"))
    used_at = models.DateTimeField(_("used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    code_digest = models.CharField(max_length=64, blank=True)
    code_expires_at = models.DateTimeField(null=True, blank=True)
    code_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("set-up link")
        verbose_name_plural = _("set-up links")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "purpose"],
                condition=Q(used_at__isnull=True, revoked_at__isnull=True)
                & ~Q(purpose=Purpose.SECRET),
                name="setup_link_one_active_per_purpose",
            ),
            models.UniqueConstraint(
                fields=["case", "address"],
                condition=Q(used_at__isnull=True, revoked_at__isnull=True, purpose=Purpose.SECRET),
                name="setup_link_one_reminder_per_address",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["address"], name="setup_link_address")]

    def __str__(self) -> str:
        """Return whom it was sent to."""
        return self.address


class SetUpSession(models.Model):
    """One browser that is in a set-up. Its cookie's value is not here, only that one's digest."""

    link = models.ForeignKey(SetUpLink, on_delete=models.CASCADE, related_name="sessions")
    key_digest = models.CharField(max_length=64, unique=True)
    started_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="setup_session_expires_at")]

    def __str__(self) -> str:
        """Return whose it is."""
        return str(self.link)
