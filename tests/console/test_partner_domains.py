"""Whose people a domain takes is said by name, when it is saved."""

import pytest
from django.utils import timezone

from partners.home_realm import partner_of_email
from partners.models import EmailDomain, Partner
from tests.console.conftest import messages_of

TAKEN = "People at labs.acme.example belong to Labs now and no longer to Acme, which has acme.exam"
WOULD_BE = "Once Labs is live, people at labs.acme.example belong to it and no longer to Acme"


@pytest.fixture
def labs(acme):
    """Give a draft below whose domain nobody is yet."""
    EmailDomain.objects.update(subdomains=True)
    return Partner.objects.create(slug="labs", name="Labs")


def saved(staff, partner, **changes):
    return " ".join(messages_of(staff.save("partners_partner_change", partner.pk, **changes)))


def test_a_draft_says_whom_it_would_take_and_takes_nobody(staff, acme, labs):
    typed = {
        "domains-0-name": "labs.acme.example",
        "domains-0-confirmed": "on",
        "domains-0-verified_why": "Acme agrees",
    }

    assert WOULD_BE in saved(staff, labs, **typed)
    assert partner_of_email("ana@labs.acme.example") == acme.partner


def test_a_partner_that_goes_live_says_whom_it_takes(staff, provider, acme, labs):
    EmailDomain.objects.create(partner=labs, name="labs.acme.example", verified_at=timezone.now())
    issuer = provider.register(
        "labs", client_id="foyer", client_secret="s", redirect_uri="https://testserver/"
    )
    typed = {
        "connections-0-issuer": issuer.issuer,
        "connections-0-client_id": "foyer",
        "connections-0-client_secret": "s",
    }

    assert TAKEN in saved(staff, labs, status="live", **typed)
    assert partner_of_email("ana@labs.acme.example") == labs


def test_says_nothing_when_something_else_is_saved(staff, acme, labs):
    EmailDomain.objects.create(partner=labs, name="labs.acme.example", verified_at=timezone.now())

    assert "no longer" not in saved(staff, labs, help_name="Labs help")
