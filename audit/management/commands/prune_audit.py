"""``manage.py prune_audit --days N``: the one way in which events leave the trail."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from audit.models import Event
from audit.opened import trail_open
from audit.trail import Happening, record

FEWEST_DAYS = 30
"""A shorter memory would not cover the questions that the trail is there to answer."""


class Command(BaseCommand):
    help = "Deletes the trail's events that are older than a number of days, and records that."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, required=True, help="how many days are kept")

    def handle(self, *, days: int, **options: Any) -> None:
        if days < FEWEST_DAYS:
            raise CommandError(f"--days: keep at least {FEWEST_DAYS} days.")
        oldest = timezone.now() - timedelta(days=days)
        # Both or neither: what was deleted, and the event that says so.
        with transaction.atomic():
            with trail_open():
                count, _ = Event.objects.filter(at__lt=oldest).delete()
            record(
                Happening(
                    what="trail.pruned",
                    actor="command prune_audit",
                    detail={"events": count, "older_than": oldest.isoformat()},
                )
            )
        self.stdout.write(f"Deleted {count} events older than {days} days.")
