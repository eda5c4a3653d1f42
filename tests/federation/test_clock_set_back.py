"""The portal's clock is set back an hour: what it wrote before is from the future then.

What becomes of an attempt is in ``test_attempts``.
"""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from demo.provider import Fault
from federation import provider as provider_module
from federation.oidc.errors import ProviderError
from federation.provider import Provider
from federation.registration import live_connection_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def set_back():
    return time_machine.travel(timezone.now() - timedelta(hours=1))


@pytest.fixture(autouse=True)
def refreshed(monkeypatch):
    """Return for which connections documents were to be fetched in the background."""
    connections = []
    monkeypatch.setattr(provider_module, "refresh_soon", connections.append)
    return connections


def provider_of(company):
    """Return the company's provider as the next request meets it."""
    return Provider(live_connection_of(company.slug))


def test_a_new_key_is_asked_for_although_one_was_asked_for_an_hour_ahead(acme, set_back):
    provider_of(acme).jwks(again=True)
    new_key = acme.issuer.rotate()

    with set_back:
        keys = provider_of(acme).jwks(again=True).keys

    assert [key.kid for key in keys] == [new_key.kid]


def test_a_provider_that_failed_an_hour_ahead_is_asked_again(acme, set_back):
    acme.issuer.misbehave(discovery=Fault(status=503, times=1))
    with pytest.raises(ProviderError):
        provider_of(acme).metadata()

    with set_back:
        assert provider_of(acme).metadata().issuer == acme.issuer.issuer


def test_documents_of_an_hour_ahead_serve_while_new_ones_are_fetched(acme, set_back, refreshed):
    provider_of(acme).metadata()

    with set_back:
        provider_of(acme).metadata()

    assert refreshed == [acme.connection]


def test_whoever_is_signed_in_stays_so_and_new_people_come_in(acme, browser, set_back):
    browser.sign_in(acme)

    with set_back:
        assert browser.session()
        assert browser.sign_in(acme, "ben").headers["Location"] == "/"
