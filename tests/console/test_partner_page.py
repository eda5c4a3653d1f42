"""Adding and changing a partner: what is kept, what is refused, what is said."""

import pytest

from partners.models import Partner


def test_shows_the_page_of_a_partner(staff, acme):
    response = staff.get("partners_partner_change", acme.partner.pk)

    assert response.status_code == 200


def test_saves_a_partner_as_it_stands(staff, acme):
    response = staff.save("partners_partner_change", acme.partner.pk, help_email="it@acme.example")

    assert response.redirect_chain, response.context["errors"]
    assert Partner.objects.get(slug="acme").help_email == "it@acme.example"
