"""``manage.py clean_up``: deletes what sign-ins leave behind, and retires our old keys."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from audit.trail import acting_as
from federation import attempts
from federation.models import FailureCount
from partners.client_keys import retire_superseded
from people.session_store import SessionStore


class Command(BaseCommand):
    help = (
        "Deletes ended sessions and the states of old sign-ins, and retires keys of ours that "
        "others have taken the place of. Run it every hour."
    )

    def handle(self, **options: Any) -> None:
        states = attempts.clean_up(timezone.now())
        FailureCount.objects.filter(ends_at__lt=timezone.now()).delete()
        SessionStore.clear_expired()
        with acting_as("command clean_up"):
            keys = retire_superseded(timezone.now())
        self.stdout.write(f"Deleted {states} used states, and the sessions that have ended.")
        self.stdout.write(f"Retired {keys} keys.")
