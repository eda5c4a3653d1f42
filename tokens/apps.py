"""The tokens app."""

from django.apps import AppConfig


class TokensConfig(AppConfig):
    """Registers the app and its checks with Django."""

    name = "tokens"

    def ready(self) -> None:
        """Register the checks."""
        # Django knows of settings and models only once it has loaded the apps.
        from tokens import checks  # noqa: F401 -- importing registers them
