"""What a partner is to put into the DNS, so that a domain is known to be its own."""

import secrets
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone

from partners.models import EmailDomain

TOKEN_BYTES = 32
"""256 random bits, of which a guess or another partner's token tells nothing."""

CLAIM_LASTS = timedelta(days=30)
"""How long a partner may take to add the record: change windows are monthly in some houses."""

GRACE = timedelta(days=14)
"""How long the record of a proved domain may be gone before the domain is given up."""


def new_token() -> str:
    """Return a random token of 43 characters that any DNS editor takes."""
    return secrets.token_urlsafe(TOKEN_BYTES)


class DomainChallenge(models.Model):
    """The record that proves one domain of one partner, and what name servers said of it.

    It goes with its domain: one that is added again has another ``token``. ``asked_by`` is the
    contact who is told of the proof, empty where the service owner wrote the domain down.
    ``seen`` and ``found`` are what the last look found; ``missing_since`` is set while the record
    of a domain that was proved is gone, and ``notices`` counts the mails about that.
    """

    domain = models.OneToOneField(EmailDomain, on_delete=models.CASCADE, related_name="challenge")
    token = models.CharField(max_length=43, default=new_token, unique=True)
    asked_by = models.EmailField(max_length=254, blank=True, default="")
    started_at = models.DateTimeField(default=timezone.now)
    looked_at = models.DateTimeField(null=True, blank=True)
    look_again_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    looks = models.PositiveIntegerField(default=0)
    seen = models.CharField(max_length=16, blank=True, default="")
    found = models.JSONField(default=list, blank=True)
    contested_at = models.DateTimeField(null=True, blank=True)
    missing_since = models.DateTimeField(null=True, blank=True)
    notices = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["look_again_at"], name="challenge_look_again_at"),
        ]

    def __str__(self) -> str:
        """Return the domain."""
        return str(self.domain)

    @property
    def ends_at(self) -> datetime:
        """When a claim that nobody has proved is forgotten."""
        return self.started_at + CLAIM_LASTS

    @property
    def gives_up_at(self) -> datetime | None:
        """When a proved domain whose record is gone is given up; ``None`` while it is there."""
        return self.missing_since + GRACE if self.missing_since else None
