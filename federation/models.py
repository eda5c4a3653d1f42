"""The rows a sign-in needs: states that are used up, and providers' documents."""

from django.db import models
from django.utils import timezone

from partners.models import Connection


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


class FailureCount(models.Model):
    """How often something failed in the present window; see ``limits``.

    The table is UNLOGGED: it is written often, and losing it in a crash costs nothing.
    """

    key = models.CharField(max_length=200, primary_key=True)
    count = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)
