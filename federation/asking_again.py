"""When a provider is asked for its keys ahead of time: for an unknown key, once in a cool-down."""

from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from federation.models import ProviderDocuments
from partners.models import Connection

COOL_DOWN = timedelta(seconds=30)
"""How long one fetch for an unknown key keeps the next one away."""

PATIENCE = timedelta(seconds=1.5)
"""How long after its beginning others wait for such a fetch: a healthy provider has answered by
then, and one that hangs must not hold more threads for longer."""


def may_ask_again(connection: Connection) -> bool:
    """Return whether the cool-down is over; the next one begins then."""
    now = timezone.now()
    # Bounded on both sides: asked an hour ahead means that the clock was set back since.
    is_cooling = {"asked_again_at__gt": now - COOL_DOWN, "asked_again_at__lt": now + COOL_DOWN}
    row = ProviderDocuments.objects.filter(pk=connection.pk)
    return bool(row.exclude(**is_cooling).update(asked_again_at=now))


def is_being_asked(connection: Connection, *, known_at: datetime) -> bool:
    """Return whether another one is asking, and may get newer documents than of *known_at*."""
    asked_since = max(known_at, timezone.now() - PATIENCE)
    row = ProviderDocuments.objects.filter(pk=connection.pk, asked_again_at__gt=asked_since)
    return row.exclude(failed_at__gte=F("asked_again_at")).exists()
