"""The people app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    """Registers the app with Django."""

    name = "people"
    verbose_name = _("People")
