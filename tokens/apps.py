"""The tokens app."""

from django.apps import AppConfig


class TokensConfig(AppConfig):
    """Registers the app with Django."""

    name = "tokens"
