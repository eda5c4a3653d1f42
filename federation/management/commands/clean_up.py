"""``manage.py clean_up``: deletes what sign-ins leave behind, and retires our old keys."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from federation.leftovers import delete_leftovers


class Command(BaseCommand):
    help = (
        "Deletes ended sessions and the states of old sign-ins, and retires keys of ours that "
        "others have taken the place of. The worker does so every hour."
    )

    def handle(self, **options: Any) -> None:
        found = delete_leftovers(timezone.now(), by="command clean_up")
        self.stdout.write(f"Deleted {found.states} used states and {found.sessions} sessions.")
        self.stdout.write(f"Retired {found.retired_keys} keys.")
