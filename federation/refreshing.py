"""Providers' documents, fetched by the worker ahead of the end of their soft lifetime."""

from datetime import datetime, timedelta

import structlog
from django.db.models import Q, QuerySet
from django.utils import timezone

from audit.trail import Happening, record
from federation.documents import SOFT_LIFETIME, fetched_now
from federation.oidc.errors import FederationError
from federation.provider import Provider
from partners.models import Connection, Status

AHEAD = timedelta(minutes=2)
"""How long before the end documents are due: room for a queue, and for a second try."""

FAILURE_PAUSE = timedelta(minutes=5)
"""How long a provider that did not answer is left alone. Sign-ins ask it all the same."""

log = structlog.get_logger(__name__)


def connections_due(now: datetime) -> QuerySet[Connection]:
    """Return the connections of live partners whose documents nobody has, or soon will not do."""
    live = Connection.objects.filter(is_live=True, partner__status=Status.LIVE)
    due = Q(documents=None) | Q(documents__fetched_at=None)
    due |= Q(documents__fetched_at__lte=now - SOFT_LIFETIME + AHEAD)
    # Fetched an hour ahead means that the clock was set back since.
    due |= Q(documents__fetched_at__gt=now + AHEAD)
    recently = (now - FAILURE_PAUSE, now + FAILURE_PAUSE)
    return live.filter(due).exclude(documents__failed_at__range=recently)


def refresh(connection_id: int) -> None:
    """Fetch the documents of a connection, if that is still due.

    The first failure after a fetch that was good is recorded; what was known stays.
    """
    due = connections_due(timezone.now()).select_related("partner", "documents")
    connection = due.filter(pk=connection_id).first()
    if connection is None:
        return
    known = getattr(connection, "documents", None)
    try:
        fetched_now(
            connection,
            Provider(connection).document,
            known_at=known.fetched_at if known else None,
        )
    except FederationError as error:
        slug = connection.partner.slug
        log.warning(
            "documents.refresh_failed", partner=slug, reason=error.reason, detail=error.detail
        )
        if known is None or known.failed_at is None:
            record(Happening(what="provider.refresh_failed", partner=slug, reason=error.reason))
