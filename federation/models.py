"""The rows a sign-in needs: used states, providers' documents, test sign-ins, counts."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from partners.models import Connection, Partner


class UsedState(models.Model):
    """A ``state`` or a logout token that came once: it is good for no second use, in no race.

    ``digest`` is the SHA-256 of its name. Rows older than either can live are cleaned away.
    """

    digest = models.BinaryField(primary_key=True, max_length=32)
    used_at = models.DateTimeField(default=timezone.now, db_index=True)


class ProviderDocuments(models.Model):
    """What a provider publishes of itself, as last fetched, for all workers.

    ``metadata`` and ``jwks`` are the documents as received, already found to be good, and
    ``issuer`` the one they were fetched for. ``asked_again_at`` is when an unknown key last made us
    fetch ahead of time; ``failed_at`` and ``failure`` tell of a fetch since then that failed.
    """

    connection = models.OneToOneField(
        Connection, on_delete=models.CASCADE, primary_key=True, related_name="documents"
    )
    issuer = models.CharField(max_length=255)
    metadata = models.BinaryField(default=bytes)
    jwks = models.BinaryField(default=bytes)
    fetched_at = models.DateTimeField(null=True)
    asked_again_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        verbose_name_plural = "provider documents"


class Trial(models.Model):
    """A test sign-in: who began it, which settings it tried, and how it ended.

    It has passed when it has ended without a ``reason``. Of the person nothing is kept but
    ``facts``: which claims there were, and not what they said. ``person_digest`` and
    ``subject_digest`` are keyed and one-way: they tell whether the same person came under another
    subject the next time.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="trials")
    reference = models.CharField(max_length=16, unique=True)
    by = models.CharField(max_length=254)
    settings_digest = models.CharField(max_length=32)
    began_at = models.DateTimeField(default=timezone.now, db_index=True)
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=64, blank=True, default="")
    detail = models.CharField(max_length=300, blank=True, default="")
    provider_error = models.CharField(max_length=120, blank=True, default="")
    provider_description = models.CharField(max_length=120, blank=True, default="")
    facts = models.JSONField(default=dict)
    person_digest = models.CharField(max_length=32, blank=True, default="")
    subject_digest = models.CharField(max_length=32, blank=True, default="")

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        """Return the reference."""
        return self.reference

    @property
    def has_passed(self) -> bool:
        """Whether it ended with somebody whom the portal would let in."""
        return self.ended_at is not None and not self.reason


class SignInLink(models.Model):
    """A link that was mailed to an address of a hidden partner, until it is used or over.

    ``digest`` is the SHA-256 of its token, ``browser_digest`` that of what the browser holds which
    asked for it: whoever reads the table has neither.
    """

    digest = models.BinaryField(primary_key=True, max_length=32)
    browser_digest = models.BinaryField(max_length=32)
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="+")
    email = models.CharField(max_length=254)
    return_to = models.CharField(max_length=256)
    remember = models.BooleanField()
    sent_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)


class FailureCount(models.Model):
    """How often something failed in the present window; see ``limits``.

    The table is UNLOGGED: it is written often, and losing it in a crash costs nothing.
    """

    key = models.CharField(max_length=200, primary_key=True)
    count = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)
