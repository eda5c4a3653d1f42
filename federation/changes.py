"""A provider's documents that differ from those before: recorded, or not taken at all."""

from datetime import timedelta

import structlog
from django.utils import timezone

from audit.models import Event
from audit.trail import Happening, record
from federation.drift import change_between, hosts_of
from federation.oidc.errors import ProviderError, Reason
from federation.oidc.values import Jwks, ProviderMetadata
from partners.models import Connection

RECORDED_EVERY = timedelta(days=1)
"""The same move to the same hosts is one row a day."""

log = structlog.get_logger(__name__)


def refuse_new_hosts(
    connection: Connection, *, old: ProviderMetadata, new: ProviderMetadata
) -> None:
    """Refuse endpoints at hosts that neither the issuer nor the *old* endpoints are at.

    Whoever can change a provider's document, even for a minute, would otherwise be sent our client
    secret. Raises ``ProviderError`` with ``provider_misconfigured``.
    """
    hosts = sorted(hosts_of(new) - hosts_of(old))
    if not hosts:
        return
    refusal = Happening(
        what="provider.move_refused", partner=connection.partner.slug, detail={"hosts": hosts}
    )
    # It is met anew by every fetch until the owner accepts it.
    known = Event.objects.filter(
        what=refusal.what,
        partner=refusal.partner,
        detail=refusal.detail,
        at__gt=timezone.now() - RECORDED_EVERY,
    )
    if not known.exists():
        record(refusal)
    raise ProviderError(
        Reason.PROVIDER_MISCONFIGURED,
        f"its endpoints moved to {', '.join(hosts)}, which nobody has accepted",
    )


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
