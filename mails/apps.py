"""The mails app."""

from django.apps import AppConfig


class MailsConfig(AppConfig):
    """Registers the app with Django."""

    name = "mails"
