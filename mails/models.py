"""The mails that wait to be sent."""

import uuid

from django.db import models
from django.utils import timezone


class QueuedMail(models.Model):
    """A mail that waits for the worker; it goes when the mail has been sent or given up.

    ``sealed`` has all of it, address and template included: mails hold links, and whoever reads a
    link in a stolen database could use it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sealed = models.TextField()
    queued_at = models.DateTimeField(default=timezone.now)
