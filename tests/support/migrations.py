"""Tells whether the migrations say all that the models do: ``python -m tests.support.migrations``.

On a database of its own, because Django also holds the migrations against what was applied.
"""

import os

import django
from django.core.management import call_command

from demo.postgres import running_postgres

if __name__ == "__main__":
    with running_postgres(None, durable=False) as server:
        os.environ["DATABASE_URL"] = server.url
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        django.setup()
        call_command("makemigrations", check=True, dry_run=True)
