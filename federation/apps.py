"""The federation app."""

from django.apps import AppConfig


class FederationConfig(AppConfig):
    """Registers the app with Django."""

    name = "federation"
