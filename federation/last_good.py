"""What providers published when it was last good, and at which of its hosts the owner means it."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from federation.drift import hosts_of
from federation.models import ProviderDocuments
from federation.oidc.discovery import parse_jwks, parse_metadata
from federation.oidc.errors import ProviderError
from federation.oidc.values import Jwks, ProviderMetadata
from partners.models import Connection
from partners.secrets import is_same_issuer

KEPT = 4096
"""Connections whose parsed documents a process keeps: some 20 kB each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """A provider's documents, parsed, and when they were fetched."""

    issuer: str
    metadata: ProviderMetadata
    jwks: Jwks
    fetched_at: datetime


_parsed: OrderedDict[int, Documents] = OrderedDict()
_parsed_lock = threading.Lock()


def last_good(connection: Connection) -> Documents | None:
    """Return what the issuer published when its documents were last good, however long ago."""
    row = stored(connection)
    if row is None or row.issuer != connection.issuer or row.fetched_at is None:
        return None
    return read(row)


def accepted_documents_of(connection: Connection) -> Documents | None:
    """Return the documents at whose hosts the owner means the provider, ``None`` without any.

    Those of the live connection. They count for a version of the same issuer as well: what people
    sign in with is not to move by way of a version that is only prepared.
    """
    if connection.is_live:
        return last_good(connection)
    live = Connection.objects.filter(partner_id=connection.partner_id, is_live=True).first()
    if live is None or not is_same_issuer(live.issuer, connection.issuer):
        return None
    return last_good(live)


def unaccepted_hosts(connection: Connection, metadata: ProviderMetadata | None = None) -> list[str]:
    """Return the hosts of *metadata* that nobody has accepted, sorted.

    Without *metadata*, it is what is known of the *connection*'s provider.
    """
    accepted = accepted_documents_of(connection)
    known = last_good(connection) if metadata is None else None
    described = known.metadata if known else metadata
    if accepted is None or described is None:
        return []
    return sorted(hosts_of(described) - hosts_of(accepted.metadata))


def stored(connection: Connection) -> ProviderDocuments | None:
    """Return the row without its documents, ``None`` where nothing has ever been fetched."""
    return ProviderDocuments.objects.filter(pk=connection.pk).defer("metadata", "jwks").first()


def read(row: ProviderDocuments) -> Documents | None:
    """Return the documents of *row*, ``None`` where this release does not find them good."""
    try:
        return parsed_row(row)
    except ProviderError:
        # An earlier release found them good, and this one does not: as if there were none.
        return None


def parsed_row(row: ProviderDocuments) -> Documents:
    """Return the documents of *row*, parsed once in a process; raises ``ProviderError``."""
    with _parsed_lock:
        known = _parsed.get(row.pk)
    if known and known.issuer == row.issuer and known.fetched_at == row.fetched_at:
        return known
    documents = Documents(
        issuer=row.issuer,
        metadata=parse_metadata(
            bytes(row.metadata),
            issuer=row.issuer,
            insecure_endpoints=settings.FEDERATION_TRUSTED_ENDPOINTS,
        ),
        jwks=parse_jwks(bytes(row.jwks)),
        fetched_at=row.fetched_at or timezone.now(),
    )
    return keep(row.pk, documents)


def keep(connection_id: int, documents: Documents) -> Documents:
    """Return *documents*, kept parsed in this process as the connection's."""
    with _parsed_lock:
        _parsed[connection_id] = documents
        _parsed.move_to_end(connection_id)
        if len(_parsed) > KEPT:
            _parsed.popitem(last=False)
    return documents
