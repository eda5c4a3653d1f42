"""The audit app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Registers the app with Django."""

    name = "audit"
