"""The providers' and the emulator's own addresses say what is there."""

from collections.abc import Iterator

import pytest
import requests

from demo.cognito import running_emulator
from demo.provider import DemoProvider, running_provider
from demo.provider.companies import SPARE, read_partners, register_companies
from tests.demo.relying_party import RelyingParty

PORTAL = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def provider() -> Iterator[DemoProvider]:
    with running_provider() as provider:
        register_companies(provider, portal=PORTAL)
        register_companies(provider, SPARE, portal=PORTAL)
        yield provider


def test_the_providers_page_lists_them_all(provider):
    page = requests.get(provider.base_url, timeout=5)

    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    for issuer in provider.issuers.values():
        assert f"<code>{issuer.issuer}</code>" in page.text


def test_shows_what_to_enter_for_a_partner_by_hand_and_no_other_secret(provider):
    page = requests.get(provider.base_url, timeout=5).text

    (record,) = read_partners(SPARE)
    connection = record["connection"]
    for value in (record["name"], record["slug"], connection["client_id"], *record["domains"]):
        assert f"<code>{value}</code>" in page
    assert connection["client_secret"] in page
    assert "demo-secret-of-contoso" not in page


def test_what_it_shows_signs_somebody_in(provider):
    issuer = provider.issuer("spare")
    (client,) = issuer.clients.values()
    party = RelyingParty(issuer, client_id=client.client_id)
    issuer.sign_in_as("ana@spare.example")

    answered = party.redeem(party.code(), credentials=(client.client_id, client.client_secret))

    assert party.claims(answered.json()["id_token"])["email"] == "ana@spare.example"
    assert client.redirect_uri == f"{PORTAL}/login/spare/callback/"


def test_no_spare_provider_is_spoken_of_where_there_is_none():
    with running_provider() as provider:
        page = requests.get(provider.base_url, timeout=5)

    assert page.status_code == 200
    assert "by hand" not in page.text


def test_the_emulators_page_says_what_it_is():
    with running_emulator() as emulator:
        page = requests.get(emulator.base_url, timeout=5)

    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "The Cognito emulator" in page.text
    assert emulator.pool_id in page.text
