"""A version that is pointed elsewhere: no secret of ours goes along."""

import pytest
from django.utils import timezone

from demo.provider import ProviderConfig
from onboarding.connect_form import ConnectForm
from onboarding.connecting import Settings, choose_product, save_settings
from onboarding.providers import product_of
from onboarding.steps import Step
from onboarding.versions import draft_version_of, prepared_version_of
from partners.models import Connection
from partners.secrets import client_secret_of
from tests.onboarding.conftest import opened

ELSEWHERE = "Enter the secret of the app at this issuer."


@pytest.fixture
def thief(provider):
    """Give an issuer that takes whatever secret it is sent."""
    return provider.register(
        "thief",
        client_id="foyer-at-acme",
        client_secret="its own",
        redirect_uri="https://testserver/login/acme/callback/",
        config=ProviderConfig(name="Thief"),
    )


def typed(company, **changes):
    """Return what the form of the third step says of a company's connection, secret kept."""
    known = {"address": company.connection.issuer, "client_id": company.connection.client_id}
    return {**known, "proof": "secret", "client_secret": "", "ends": "kept", **changes}


def test_m17_the_secret_that_is_stored_goes_to_no_other_issuer(acme, thief):
    set_up = opened(acme.partner)

    page = set_up.save(Step.CONNECT, **typed(acme, address=thief.issuer))
    set_up.post("/setup/test/", {"do": "examine"})

    assert ELSEWHERE in page.content.decode()
    assert not thief.requests_to("token")


def test_m17_saving_another_issuer_forgets_the_secret_and_its_end(acme):
    Connection.objects.update(client_secret_expires=timezone.localdate())
    settings = Settings(
        issuer="https://elsewhere.example", client_id="foyer", pinned_claims={}, uses_key=True
    )

    saved = save_settings(acme.partner, settings)

    saved.refresh_from_db()
    assert (saved.client_secret_sealed, saved.client_secret_expires) == ("", None)
    assert saved.client_secret_set_at is None


def test_m17_another_product_keeps_the_secret_for_the_same_issuer_alone(acme):
    Connection.objects.update(provider="keycloak")
    choose_product(acme.partner, "other")
    version = prepared_version_of(acme.partner)

    form = ConnectForm(
        typed(acme, address="https://elsewhere.example"),
        product=product_of("other"),
        connection=version,
    )

    assert form.errors["client_secret"] == [ELSEWHERE]


def test_a_slash_at_the_end_makes_no_other_provider(acme):
    issuer = f"{acme.connection.issuer}/"
    form = ConnectForm(
        typed(acme, address=issuer),
        product=product_of("other"),
        connection=draft_version_of(acme.partner),
    )

    assert form.is_valid(), form.errors
    saved = save_settings(acme.partner, form.settings)
    assert client_secret_of(saved) == client_secret_of(acme.connection)


def test_a_secret_beside_a_mistake_is_not_kept_for_the_issuer_of_before(acme):
    set_up = opened(acme.partner)
    other = "https://elsewhere.example"

    set_up.save(
        Step.CONNECT, **typed(acme, address=other, client_id="", client_secret="new", ends="6")
    )

    version = prepared_version_of(acme.partner)
    assert client_secret_of(version) == client_secret_of(acme.connection)
