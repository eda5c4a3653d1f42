"""A provider's documents that differ from those before: recorded, or not taken at all."""

from datetime import timedelta

import structlog
from django.utils import timezone

from audit.models import Event
from audit.trail import Happening, record
from federation.drift import change_between
from federation.models import ProviderDocuments
from federation.oidc.errors import ProviderError, Reason
from federation.oidc.values import Jwks, ProviderMetadata
from partners.models import Connection

RECORDED_EVERY = timedelta(days=1)
"""The same move to the same hosts is one row a day, as long as it lasts."""

log = structlog.get_logger(__name__)


def refuse_hosts(connection: Connection, hosts: list[str]) -> None:
    """Refuse endpoints at *hosts* that nobody has accepted, if there are any.

    Whoever can change a provider's document, even for a minute, would otherwise be sent our client
    secret. Raises ``ProviderError`` with ``provider_misconfigured``.
    """
    if not hosts:
        return
    refusal = Happening(
        what="provider.move_refused", partner=connection.partner.slug, detail={"hosts": hosts}
    )
    if not _is_known(connection, refusal):
        record(refusal)
    raise ProviderError(
        Reason.PROVIDER_MISCONFIGURED,
        f"its endpoints moved to {', '.join(hosts)}, which nobody has accepted",
    )


def _is_known(connection: Connection, refusal: Happening) -> bool:
    """Return whether this has been refused before, and no fetch has been good since.

    It is met anew by every fetch until the owner accepts it.
    """
    fails = ProviderDocuments.objects.filter(pk=connection.pk, failed_at__isnull=False)
    same = Event.objects.filter(
        what=refusal.what,
        partner=refusal.partner,
        detail=refusal.detail,
        at__gt=timezone.now() - RECORDED_EVERY,
    )
    return fails.exists() and same.exists()


def record_change(
    connection: Connection,
    *,
    old: tuple[ProviderMetadata, Jwks],
    new: tuple[ProviderMetadata, Jwks],
) -> None:
    """Record what differs between *old* and *new*, if anything does."""
    change = change_between(old, new)
    if change:
        slug = connection.partner.slug
        log.info("provider.changed", partner=slug, members=sorted(change["after"]))
        record(Happening(what="provider.changed", partner=slug, detail=dict(change)))
