"""The people app."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Registers the app with Django."""

    name = "people"
