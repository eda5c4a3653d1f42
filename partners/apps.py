"""The partners app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartnersConfig(AppConfig):
    """Registers the app with Django."""

    name = "partners"
    verbose_name = _("Partners")

    def ready(self) -> None:
        """Register the app's system checks."""
        from partners import checks  # noqa: F401 -- models can be imported only now
