"""The record of which Cognito identity a person has."""

from typing import ClassVar

from django.db import models

from people.models import User


class DeveloperIdentity(models.Model):
    """The identity ID that an identity pool gave to a person, once and for ever.

    A pool that answers with another one later is not believed.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="developer_identities")
    identity_pool_id = models.CharField(max_length=55)
    identity_id = models.CharField(max_length=55)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "identity_pool_id"], name="identity_once_per_pool"
            ),
            # Services tell people apart by it.
            models.UniqueConstraint(
                fields=["identity_pool_id", "identity_id"], name="identity_of_one_person"
            ),
        ]
        verbose_name_plural = "developer identities"

    def __str__(self) -> str:
        """Return the identity ID."""
        return self.identity_id
