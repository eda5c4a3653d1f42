"""The federation app."""

from django.apps import AppConfig


class FederationConfig(AppConfig):
    """Registers the app with Django."""

    name = "federation"

    def ready(self) -> None:
        """Register the app's system checks."""
        from federation import checks  # noqa: F401 -- importing registers them
