"""The mails app."""

from django.apps import AppConfig


class MailsConfig(AppConfig):
    """Registers the app with Django."""

    name = "mails"

    def ready(self) -> None:
        """Register the app's system checks."""
        from mails import checks  # noqa: F401 -- importing registers them
