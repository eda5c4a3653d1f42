"""``manage.py rotate_secrets``: seals every stored secret with the newest key."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.trail import acting_as
from partners.secrets import reseal_all


class Command(BaseCommand):
    help = "Seals every stored secret with the newest key of SECRETS_KEYS."

    def handle(self, *_args: Any, **_options: Any) -> None:
        with acting_as("command rotate_secrets"):
            resealing = reseal_all()
        self.stdout.write(f"{resealing.resealed} sealed with the newest key.")
        if resealing.unreadable:
            named = "\n".join(resealing.unreadable)
            raise CommandError(f"no key in SECRETS_KEYS opens what is sealed for\n{named}")
