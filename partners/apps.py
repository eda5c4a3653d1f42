"""The partners app."""

from django.apps import AppConfig


class PartnersConfig(AppConfig):
    """Registers the app with Django."""

    name = "partners"
