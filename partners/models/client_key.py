"""The keys with which the portal authenticates at partners' providers."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from audit.history import RecordChanges
from partners.models.connection import Connection

SLUG_OF_CONNECTION = (
    "(SELECT p.slug FROM partners_connection c JOIN partners_partner p ON p.id = c.partner_id"
    " WHERE c.id = coalesce(after ->> 'connection_id', before ->> 'connection_id')::bigint)"
)
"""SQL that names the partner of a row which points to a connection."""


class ClientKey(models.Model):
    """A key of ours at one provider, for ``private_key_jwt``: Core 1.0, section 9.

    ``kid`` is the thumbprint of the public half, RFC 7638, which ``jwk`` is. The private half is
    sealed for this connection and this ``kid``, and forgotten when the key is retired.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="client_keys")
    kid = models.CharField(max_length=43, unique=True)
    algorithm = models.CharField(max_length=10)
    jwk = models.JSONField()
    private_key_sealed = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]
        triggers: ClassVar = [
            RecordChanges(
                "client_key",
                slug=SLUG_OF_CONNECTION,
                sealed=("private_key_sealed",),
                hidden=("id", "connection_id", "jwk"),
            )
        ]

    def __str__(self) -> str:
        """Return the key's name."""
        return self.kid
