"""A version that is pointed elsewhere: no secret of ours goes along."""

from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from demo.provider import Fault, ProviderConfig
from federation.last_good import last_good, unaccepted_hosts
from federation.models import Trial
from federation.oidc.errors import Reason
from federation.provider import Provider, accept_hosts, fetch_again
from onboarding.connect_form import ConnectForm
from onboarding.connecting import Settings, choose_product, save_settings
from onboarding.doctor import Case, findings_of_case
from onboarding.providers import product_of
from onboarding.steps import Step
from onboarding.versions import (
    NeedsApprovalError,
    draft_version_of,
    needs_approval,
    prepared_version_of,
    switch_to,
)
from partners.models import Connection
from partners.secrets import client_secret_of
from people.models import User
from tests.federation.test_trials import begun
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
    said = Settings(
        issuer="https://elsewhere.example", client_id="foyer", pinned_claims={}, uses_key=True
    )

    saved = save_settings(acme.partner, said)

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


TOKEN_ELSEWHERE = "https://elsewhere.example/token"
MOVED = Fault(members={"token_endpoint": TOKEN_ELSEWHERE})


def test_m17_a_version_of_the_live_issuer_is_not_tried_at_hosts_that_nobody_accepted(acme, browser):
    Provider(acme.connection).metadata()
    version = draft_version_of(acme.partner)
    acme.issuer.misbehave(discovery=MOVED)

    begun(browser, version)

    trial = Trial.objects.get()
    assert trial.reason == Reason.PROVIDER_MISCONFIGURED
    assert "elsewhere.example" in trial.detail


def test_m17_a_version_is_not_tried_there_by_way_of_a_slash(acme):
    Provider(acme.connection).metadata()
    version = draft_version_of(acme.partner)
    version.issuer += "/"

    known = replace(last_good(acme.connection).metadata, token_endpoint=TOKEN_ELSEWHERE)

    assert unaccepted_hosts(version, known) == ["elsewhere.example"]


def test_m19_no_probe_sends_the_secret_to_hosts_that_nobody_accepted(acme):
    Provider(acme.connection).metadata()
    version = draft_version_of(acme.partner)
    moved = acme.issuer.url.replace("127.0.0.1", "localhost")
    trusted = settings.FEDERATION_TRUSTED_ENDPOINTS | {urlsplit(moved).netloc}
    acme.issuer.misbehave(discovery=Fault(members={"token_endpoint": f"{moved}/token"}))
    acme.issuer.requests.clear()

    with override_settings(FEDERATION_TRUSTED_ENDPOINTS=trusted):
        findings = {one.code: one for one in findings_of_case(Case(version, probes=True))}

    assert not acme.issuer.requests_to("token")
    assert "have moved to localhost" in findings["OD-113"].sentence


def test_a_version_is_tried_where_the_owner_has_accepted_it(acme, browser):
    Provider(acme.connection).metadata()
    version = draft_version_of(acme.partner)
    acme.issuer.misbehave(discovery=MOVED)

    accept_hosts(acme.connection)
    begun(browser, version)

    assert Trial.objects.get().reason == ""


def test_a_version_of_another_issuer_may_be_wherever_it_is(acme, globex, browser):
    Provider(acme.connection).metadata()
    version = draft_version_of(acme.partner)
    version.issuer = globex.issuer.issuer
    version.save()
    globex.issuer.misbehave(discovery=MOVED)

    begun(browser, version)

    assert Trial.objects.get().reason == ""


def test_m17_hosts_that_nobody_accepted_are_the_owners_to_approve(acme):
    version = moved_version(acme)

    assert needs_approval(version) == ("hosts",)
    with pytest.raises(NeedsApprovalError):
        switch_to(version, by="it@acme.example")


def test_what_the_owner_approves_is_accepted(acme):
    version = moved_version(acme)
    owner = User.objects.create_superuser("staff@northlake.example", "a long password of staff")

    switch_to(version, by=owner.email, approved_by=owner)

    assert unaccepted_hosts(acme.partner.connections.get(is_live=True)) == []


def moved_version(company):
    """Return a tested version whose provider was elsewhere before people's came to be known."""
    version = draft_version_of(company.partner)
    company.issuer.misbehave(discovery=MOVED)
    fetch_again(version)
    company.issuer.reset()
    Provider(company.connection).metadata()
    Connection.objects.filter(pk=version.pk).update(tested_at=timezone.now())
    version.refresh_from_db()
    return version
