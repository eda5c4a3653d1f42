"""Writing mails, and queueing them for the worker."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.template import Context, Engine
from django.utils import timezone
from django.utils.translation import get_language, override

from mails.models import QueuedMail
from mails.queueing import queue_task
from mails.server import NO_SERVER
from partners.secrets import seal

GOOD_FOR = timedelta(days=1)
"""How long a mail server may be away: what comes later is of no use to anybody."""

SEND_TASK = "mails.send"
"""The name of the task in ``tasks``, which knows ``delivery``, which knows this module."""

QUEUE = "mails"
"""The queue of what people wait for: a worker may be kept for it alone."""

_SUBJECT = "Subject: "
_SPARE_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail to one address, as it is sealed. *good_until* is in seconds since 1970."""

    name: str
    to: str
    partner: str
    good_until: float
    subject: str = field(repr=False)
    body: str = field(repr=False)


def queue_mail(
    name: str,
    *,
    to: str,
    context: Mapping[str, object],
    language: str = "",
    partner: str = "",
    good_for: timedelta = GOOD_FOR,
) -> None:
    """Write ``templates/mails/<name>.txt`` for *to*, and queue it if the transaction commits.

    The template knows what every page knows of the portal, and ``base_url``: links are built from
    that and never from a request. *language* is that of the mail, else the active one; *partner*
    is the slug under which the trail has it. What the server has not taken after *good_for* is
    given up. Raises ``ValueError`` when the text does not begin with a line ``Subject: …`` and an
    empty one.
    """
    subject, body = _written(name, context, language or get_language() or settings.LANGUAGE_CODE)
    mail = Mail(
        name=name,
        to=to,
        partner=partner,
        good_until=(timezone.now() + good_for).timestamp(),
        subject=subject,
        body=body,
    )
    queued = QueuedMail()
    queued.sealed = seal(json.dumps(asdict(mail)).encode(), context=context_of(queued.pk))
    with transaction.atomic():
        queued.save(force_insert=True)
        queue_task(SEND_TASK, {"mail": str(queued.pk)}, queue=QUEUE)


def can_be_sent() -> bool:
    """Return whether there is a mail server, so that pages need not promise what cannot come."""
    return settings.EMAIL_BACKEND != NO_SERVER


def context_of(mail_id: UUID) -> str:
    """Return what a mail is sealed for: its own row."""
    return f"queued mail {mail_id}"


def _written(name: str, context: Mapping[str, object], language: str) -> tuple[str, str]:
    template = Engine.get_default().get_template(f"mails/{name}.txt")
    portal = {
        "base_url": settings.BASE_URL,
        "portal_name": settings.PORTAL_NAME,
        "support_email": settings.PORTAL_SUPPORT_EMAIL,
    }
    with override(language):
        # Plain text: an ampersand in a company's name is one.
        text = template.render(Context({**portal, **context}, autoescape=False))
    head, _, body = _SPARE_LINES.sub("\n\n", text.strip()).partition("\n\n")
    if not head.startswith(_SUBJECT) or "\n" in head or not body:
        raise ValueError(f"mails/{name}.txt: expected a line 'Subject: …', an empty one, a text.")
    return head.removeprefix(_SUBJECT), f"{body}\n"
