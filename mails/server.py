"""The mail server of a portal that has none."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

NO_SERVER = "mails.server.NoServer"
"""What EMAIL_BACKEND is where EMAIL_URL is not set."""


class NoServerError(OSError):
    """There is no mail server: EMAIL_URL is not set."""


class NoServer(BaseEmailBackend):
    """Refuses every mail, so that none is thought to have been sent."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Raise ``NoServerError``."""
        raise NoServerError("EMAIL_URL is not set")
