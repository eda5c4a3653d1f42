"""The partners app."""

from django.apps import AppConfig


class PartnersConfig(AppConfig):
    """Registers the app with Django."""

    name = "partners"

    def ready(self) -> None:
        """Register the app's system checks."""
        from partners import checks  # noqa: F401 -- models can be imported only now
