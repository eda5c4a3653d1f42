"""Two partners, Acme and Globex, and the ways to make more of them."""

import pytest
from django.utils import timezone

from partners.models import Connection, EmailDomain, Partner
from tests.partners.files import PartnerFile


def partner_named(name, **fields):
    slug = fields.pop("slug", name.lower().replace(" ", "-"))
    return Partner.objects.create(slug=slug, name=name, **fields)


def domain_of_partner(partner, name, *, verified=True, subdomains=False):
    return EmailDomain.objects.create(
        partner=partner,
        name=name,
        subdomains=subdomains,
        verified_at=timezone.now() if verified else None,
        verified_how="operator" if verified else "",
    )


def connection_of_partner(partner, **fields):
    return Connection.objects.create(
        **{
            "partner": partner,
            "issuer": f"https://login.{partner.slug}.example",
            "client_id": "foyer",
            **fields,
        }
    )


@pytest.fixture
def acme(db):
    partner = partner_named("Acme", status="live", visibility="listed")
    domain_of_partner(partner, "acme.example")
    connection_of_partner(partner)
    return partner


@pytest.fixture
def globex(db):
    partner = partner_named("Globex", status="live", visibility="listed")
    domain_of_partner(partner, "globex.example")
    connection_of_partner(partner)
    return partner


@pytest.fixture
def partner_file(tmp_path, db):
    return PartnerFile(tmp_path)
