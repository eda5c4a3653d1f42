"""Collects the static files for ``make serve``: settings are read, no database is asked."""

import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        # The server's own settings too: it would say a wrong one in thirty lines.
        from config import gunicorn  # noqa: F401 -- read for what it refuses

        django.setup()
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    call_command("collectstatic", interactive=False, verbosity=0)
