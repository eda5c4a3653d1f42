"""Filling the portal's database with partners. It needs Django's settings before it is imported."""

import hashlib
import io
from pathlib import Path

from django.core.management import call_command
from django.db import connection as database
from django.utils import timezone

from bench.companies import BUSY, FRESH, name_of, slug_of
from partners.models import Connection, EmailDomain, Logo, Partner, Status, Visibility

LISTED = 1184
"""Partners on the sign-in page; the others are found by an address."""

BATCH = 2000
"""Partners that are added by one statement a table."""


def import_partners(file: Path) -> None:
    """Import the partner *file*, as an operator does."""
    call_command("import_partners", str(file), stdout=io.StringIO())


def fill_up(total: int, *, providers: str) -> None:
    """Add partners until there are *total*: with a domain, a connection, a logo if listed."""
    # Numbers that the imported partners do not have.
    first = BUSY + FRESH + Partner.objects.count()
    missing = range(first, first + total - Partner.objects.count())
    listed = LISTED - Partner.objects.filter(visibility=Visibility.LISTED).count()
    for start in range(0, len(missing), BATCH):
        _add(missing[start : start + BATCH], listed=max(0, listed - start), providers=providers)
    with database.cursor() as cursor:
        # What the filling left to be done must not be counted as the cost of a sign-in.
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def _add(numbers: range, *, listed: int, providers: str) -> None:
    partners = [
        Partner(
            slug=slug_of(number),
            name=name_of(number),
            status=Status.LIVE,
            visibility=Visibility.LISTED if place < listed else Visibility.BY_EMAIL,
        )
        for place, number in enumerate(numbers)
    ]
    for partner in partners:
        partner.refile()
    Partner.objects.bulk_create(partners)
    EmailDomain.objects.bulk_create(
        EmailDomain(
            partner=partner,
            name=f"{partner.slug}.example",
            verified_at=timezone.now(),
            verified_how=EmailDomain.Proof.OPERATOR,
        )
        for partner in partners
    )
    Connection.objects.bulk_create(
        Connection(partner=partner, issuer=f"{providers}/{partner.slug}", client_id="foyer")
        for partner in partners
    )
    Logo.objects.bulk_create(_logo_of(partner) for partner in partners[:listed])


def _logo_of(partner: Partner) -> Logo:
    digest = hashlib.sha256(partner.slug.encode()).hexdigest()
    return Logo(
        partner=partner,
        shape=Logo.Shape.WIDE,
        data=b"",  # the page names the picture; nobody asks for it here
        content_type="image/png",
        digest=digest,
        width=1,
        height=1,
        source_digest=digest,
        data_digest=digest,
    )
