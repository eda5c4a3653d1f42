"""Who is signed in now, and in which other browsers."""

from datetime import timedelta

from django.db.models import DurationField, ExpressionWrapper, F, QuerySet, Value
from django.utils import timezone

from people.models import Session


def current_sessions() -> QuerySet[Session]:
    """Return the sessions in which somebody is signed in: neither ended nor idle for too long."""
    now = timezone.now()
    idle = ExpressionWrapper(
        F("idle_seconds") * Value(timedelta(seconds=1)), output_field=DurationField()
    )
    return Session.objects.filter(user__isnull=False, ends_at__gt=now, last_seen_at__gt=now - idle)


def others_of(session: Session) -> QuerySet[Session]:
    """Return the sessions that the same person has in other browsers, the latest seen first."""
    others = current_sessions().filter(user=session.user_id).exclude(pk=session.pk)
    return others.order_by("-last_seen_at")
