"""``manage.py clean_up``: deletes what sign-ins leave behind and nobody can use any more."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from federation import attempts
from federation.models import FailureCount
from people.session_store import SessionStore


class Command(BaseCommand):
    help = "Deletes ended sessions and the states of old sign-ins. Run it every hour."

    def handle(self, **options: Any) -> None:
        states = attempts.clean_up(timezone.now())
        FailureCount.objects.filter(ends_at__lt=timezone.now()).delete()
        SessionStore.clear_expired()
        self.stdout.write(f"Deleted {states} used states, and the sessions that have ended.")
