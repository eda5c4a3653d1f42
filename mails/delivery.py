"""Handing a queued mail to the mail server, and saying in the trail what became of it."""

import json
import logging
from datetime import UTC, datetime
from smtplib import SMTPDataError, SMTPRecipientsRefused
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone

from audit.trail import Happening, record
from mails.models import QueuedMail
from mails.sending import Mail, context_of
from partners.secrets import SealError, unseal

log = structlog.get_logger(__name__)

FOR_GOOD = 500
"""Replies from here on are final: RFC 5321, section 4.2.1."""


def deliver(mail_id: UUID) -> None:
    """Send a queued mail, and nothing when that has been done already.

    Raises ``OSError`` when the mail server does not take it now, and may later; the mail stays
    queued then. A server that took a mail while we died may get it again, under the same
    Message-ID.
    """
    with transaction.atomic():
        # Whom another worker is sending to is not waited for.
        rows = QueuedMail.objects.select_for_update(skip_locked=True)
        queued = rows.filter(pk=mail_id).first()
        if queued is None:
            return
        try:
            mail = Mail(**json.loads(unseal(queued.sealed, context=context_of(mail_id))))
        except SealError:
            _record(None, cause="no key opens it")
        except TypeError:
            _record(None, cause="it is of another release")
        else:
            _record(mail, cause=_why_not_sent(mail, mail_id))
        queued.delete()


def _why_not_sent(mail: Mail, mail_id: UUID) -> str:
    """Return nothing when the server took the mail, or why it never will; raises ``OSError``."""
    if timezone.now() >= datetime.fromtimestamp(mail.good_until, tz=UTC):
        return "no server took it in time"
    try:
        _message(mail, mail_id).send()
    except SMTPRecipientsRefused as error:
        if all(code >= FOR_GOOD for code, _ in error.recipients.values()):
            return "the address was refused"
        raise
    except SMTPDataError as error:
        if error.smtp_code >= FOR_GOOD:
            return "the mail was refused"
        raise
    return ""


def _message(mail: Mail, mail_id: UUID) -> EmailMessage:
    host = urlsplit(settings.BASE_URL).hostname
    headers = {
        "Message-ID": f"<{mail_id}@{host}>",
        # Nobody's holiday answer, and no list's: RFC 3834, section 5.
        "Auto-Submitted": "auto-generated",
    }
    return EmailMessage(subject=mail.subject, body=mail.body, to=[mail.to], headers=headers)


def _record(mail: Mail | None, *, cause: str) -> None:
    what = "mail.failed" if cause else "mail.sent"
    name = mail.name if mail else ""
    log.log(logging.ERROR if cause else logging.INFO, what, mail=name, cause=cause)
    record(
        Happening(
            what=what,
            partner=mail.partner if mail else "",
            email=mail.to if mail else "",
            detail={"mail": name, **({"cause": cause} if cause else {})},
        )
    )
