"""The trail's one table."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """Something that happened, as it was known then.

    Nothing here points to another table: a partner or a person that is gone leaves its story
    behind. The database refuses to change or to delete a row; ``manage.py prune_audit`` alone may
    delete, by naming the trigger in a transaction-local setting.
    """

    at = models.DateTimeField(_("at"), db_default=Now(), editable=False)
    what = models.CharField(_("what"), max_length=64)
    reason = models.CharField(_("reason"), max_length=64, blank=True)
    reference = models.CharField(_("reference"), max_length=16, blank=True)
    partner = models.CharField(_("partner"), max_length=63, blank=True)
    subject = models.CharField(_("person"), max_length=64, blank=True)
    email = models.CharField(_("email address"), max_length=254, blank=True)
    actor = models.CharField(_("who did it"), max_length=254, blank=True)
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)
    agent = models.CharField(_("browser"), max_length=300, blank=True)
    request_id = models.CharField(_("request"), max_length=64, blank=True)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["reference"], name="audit_event_reference"),
            models.Index(fields=["partner", "-id"], name="audit_event_partner"),
            models.Index(fields=["what", "-id"], name="audit_event_what"),
            models.Index(fields=["at"], name="audit_event_at"),
            models.Index(
                fields=["subject", "-id"], condition=~Q(subject=""), name="audit_event_subject"
            ),
            # Holds all that is counted of sign-ins, so that nothing else is read: decision 31.
            models.Index(
                fields=["what", "partner", "at"],
                include=["reason"],
                condition=Q(what__in=["login.succeeded", "login.refused"]),
                name="audit_event_sign_ins",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="never_emptied",
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                level=pgtrigger.Statement,
                func="RAISE EXCEPTION 'pgtrigger: the trail is never emptied';",
            ),
        ]

    def __str__(self) -> str:
        """Return what happened, and the reason where there is one."""
        return f"{self.what} {self.reason}".strip()
