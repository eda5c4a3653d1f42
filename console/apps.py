"""The console app, and the admin site it takes the place of."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class ConsoleConfig(AppConfig):
    """Registers the app with Django."""

    name = "console"
    default = True


class ConsoleAdminConfig(admin_apps.AdminConfig):
    """Makes the owner's site the default one, so that every ModelAdmin lands on it."""

    default_site = "console.site.ConsoleSite"
    default = False
