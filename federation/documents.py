"""What providers publish of themselves, kept for all workers: metadata and keys, with their age.

Up to the soft lifetime documents are used as they are. After that they are still used, while a
refresh runs in the background. Past the hard lifetime a sign-in depends on the provider's answer.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from federation.asking_again import is_being_asked, may_ask_again
from federation.changes import record_change, refuse_hosts
from federation.last_good import (
    Documents,
    keep,
    last_good,
    parsed_row,
    read,
    stored,
    unaccepted_hosts,
)
from federation.models import ProviderDocuments
from federation.oidc.discovery import configuration_url, parse_jwks, parse_metadata
from federation.oidc.errors import ProviderError, Reason
from federation.oidc.values import ProviderMetadata
from federation.single_flight import POLL_SECONDS, TakenError, turn
from partners.models import Connection

SOFT_LIFETIME = timedelta(minutes=10)
"""How long documents are used without asking: a key that its provider withdrew lives this long."""

HARD_LIFETIME = timedelta(hours=24)
"""How long people of a provider that is down can sign in by what it said last."""

FAILURE_PAUSE = timedelta(seconds=5)
"""How long a failed fetch answers for those that come after it."""

Fetch = Callable[[str], bytes]
"""Gets the document at an address, or raises ``ProviderError``."""


def documents_of(connection: Connection, fetch: Fetch) -> Documents:
    """Return the provider's documents, fetched first when there are none that may be used.

    Raises ``ProviderError`` when they have to be fetched and cannot be.
    """
    row = getattr(connection, "documents", None)
    if row is not None and _is_usable(row, connection):
        documents = read(row)
        if documents:
            return documents
    return fetched_now(connection, fetch, known_at=row.fetched_at if row is not None else None)


def known_metadata(connection: Connection) -> ProviderMetadata | None:
    """Return the provider's metadata if there are any that may be used; asks nobody."""
    row = getattr(connection, "documents", None)
    documents = read(row) if row is not None and _is_usable(row, connection) else None
    return documents.metadata if documents else None


def are_due(documents: Documents) -> bool:
    """Return whether documents are past their soft lifetime."""
    # In either direction: fetched an hour ahead means that the clock was set back since.
    return abs(timezone.now() - documents.fetched_at) >= SOFT_LIFETIME


def documents_for_unknown_key(
    connection: Connection, fetch: Fetch, *, known: Documents
) -> Documents:
    """Return documents newer than *known*, if the cool-down lets us ask; else *known*.

    Of many that meet an unknown key at once, one asks the provider; the others take what it got.
    """
    stored = _other_than(known, connection)
    if stored is None and may_ask_again(connection):
        return fetched_now(connection, fetch, known_at=known.fetched_at)
    while stored is None and is_being_asked(connection, known_at=known.fetched_at):
        time.sleep(POLL_SECONDS)
        stored = _other_than(known, connection)
    return stored or known


def fetched_now(
    connection: Connection, fetch: Fetch, *, known_at: datetime | None = None
) -> Documents:
    """Return both documents as they are at the provider now, stored for all workers.

    *known_at* is when those were fetched that the caller has: newer ones, by whomever they were
    fetched, will do. Who comes while another fetches waits for what that one gets. Raises
    ``ProviderError``.
    """
    since = timezone.now()

    def outcome() -> Documents | None:
        return _outcome(connection, known_at=known_at, since=since)

    try:
        with turn(connection.pk, is_over=lambda: outcome() is not None):
            return outcome() or _fetched_and_stored(connection, fetch)
    except TakenError as error:
        documents = outcome()
        if documents is None:
            raise ProviderError(
                Reason.PROVIDER_UNREACHABLE, "an earlier fetch still hangs", timed_out=True
            ) from error
        return documents


def fetched_anew(connection: Connection, fetch: Fetch, *, accepts_hosts: bool = False) -> Documents:
    """Return both documents as they are now, stored, whatever others have fetched meanwhile.

    With *accepts_hosts*, at whatever hosts the endpoints are by now. Raises ``ProviderError``;
    what was known stays then.
    """
    return _fetched_and_stored(connection, fetch, accepts_hosts=accepts_hosts)


def _outcome(
    connection: Connection, *, known_at: datetime | None, since: datetime
) -> Documents | None:
    row = stored(connection)
    if row is None or row.issuer != connection.issuer:
        return None
    if row.failed_at and since - FAILURE_PAUSE < row.failed_at < timezone.now() + FAILURE_PAUSE:
        raise ProviderError(Reason(row.failure), "a fetch failed a moment ago")
    if row.fetched_at and (known_at is None or row.fetched_at > known_at):
        return parsed_row(row)
    return None


def _fetched_and_stored(
    connection: Connection, fetch: Fetch, *, accepts_hosts: bool = False
) -> Documents:
    trusted: frozenset[str] = settings.FEDERATION_TRUSTED_ENDPOINTS
    old = last_good(connection)
    try:
        raw_metadata = fetch(configuration_url(connection.issuer))
        metadata = parse_metadata(
            raw_metadata, issuer=connection.issuer, insecure_endpoints=trusted
        )
        if not accepts_hosts:
            refuse_hosts(connection, unaccepted_hosts(connection, metadata))
        raw_jwks = fetch(metadata.jwks_uri)
        jwks = parse_jwks(raw_jwks)
    except ProviderError as error:
        # What was good stays: one bad answer must not take away the keys of yesterday.
        _store(connection, failed_at=timezone.now(), failure=error.reason)
        raise
    documents = Documents(
        issuer=connection.issuer, metadata=metadata, jwks=jwks, fetched_at=timezone.now()
    )
    if old:
        record_change(connection, old=(old.metadata, old.jwks), new=(metadata, jwks))
    _store(
        connection,
        metadata=raw_metadata,
        jwks=raw_jwks,
        fetched_at=documents.fetched_at,
        failed_at=None,
        failure="",
    )
    return keep(connection.pk, documents)


def _store(connection: Connection, **values: object) -> None:
    stored = ProviderDocuments.objects.filter(pk=connection.pk)
    if stored.filter(issuer=connection.issuer).update(**values):
        return
    # The documents of another issuer go with it, and nobody else's that has been quicker.
    stored.exclude(issuer=connection.issuer).delete()
    ProviderDocuments.objects.bulk_create(
        [ProviderDocuments(connection=connection, issuer=connection.issuer, **values)],
        ignore_conflicts=True,
    )


def _other_than(known: Documents, connection: Connection) -> Documents | None:
    row = stored(connection)
    if row is None or not _is_usable(row, connection) or row.fetched_at == known.fetched_at:
        return None
    return read(row)


def _is_usable(row: ProviderDocuments, connection: Connection) -> bool:
    return (
        row.issuer == connection.issuer
        and row.fetched_at is not None
        and timezone.now() - row.fetched_at < HARD_LIFETIME
    )
