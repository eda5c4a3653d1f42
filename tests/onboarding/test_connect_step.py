"""The third step: what is typed is saved at once in the prepared version, and tried."""

from dataclasses import replace
from datetime import date

import pytest
from django.utils import timezone

from audit.models import Event
from demo.provider import Fault, ProviderConfig
from onboarding.connect_form import ConnectForm, months_from
from onboarding.providers import product_of
from onboarding.steps import Step
from partners.models import Connection
from partners.secrets import client_secret_of
from tests.onboarding.conftest import opened

SECRET = "a secret of theirs"
TENANT = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490"


@pytest.fixture
def issuer(provider):
    return provider.register(
        "brightwater",
        client_id="foyer",
        client_secret=SECRET,
        redirect_uri="https://testserver/login/brightwater/callback/",
        config=ProviderConfig(name="Brightwater"),
    )


def version_of(set_up):
    return Connection.objects.get(partner=set_up.partner, is_live=False, retired_at=None)


def connect(set_up, kind="other", **typed):
    """Choose the product, and send the form of the third step."""
    set_up.save(Step.PROVIDER, provider=kind)
    return set_up.save(Step.CONNECT, **{"client_id": "foyer", "ends": "never", **typed})


def text_of(page):
    return page.content.decode()


def test_saves_what_was_typed_and_goes_on_when_the_provider_answers(set_up, issuer):
    answer = connect(set_up, address=issuer.issuer, client_secret=SECRET, ends="12")

    version = version_of(set_up)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/setup/domains/")
    assert (version.issuer, version.client_id) == (issuer.issuer, "foyer")
    assert client_secret_of(version) == SECRET
    assert version.client_secret_expires == months_from(timezone.localdate(), 12)
    assert set_up.case.steps.get(name=Step.CONNECT).is_done


def test_there_is_nothing_red_before_something_was_tried(set_up):
    set_up.save(Step.PROVIDER, provider="entra")

    html = text_of(set_up.get("/setup/connect/"))

    assert "note--danger" not in html
    assert 'class="error"' not in html
    assert html.count('class="btn"') == 1


def test_builds_the_issuer_of_its_parts_and_pins_whose_people_come(partner):
    typed = {"part_tenant": TENANT.upper(), "client_id": "foyer", "client_secret": SECRET}

    form = ConnectForm(
        {**typed, "ends": "12"},
        product=product_of("entra"),
        connection=Connection(partner=partner, provider="entra"),
    )

    assert form.is_valid(), form.errors
    assert form.settings.issuer == f"https://login.microsoftonline.com/{TENANT}/v2.0"
    assert form.settings.pinned_claims == {"tid": TENANT}


def test_takes_the_address_of_the_discovery_document(set_up, issuer):
    address = f"{issuer.issuer}/.well-known/openid-configuration"

    connect(set_up, address=address, client_secret=SECRET)

    assert version_of(set_up).issuer == issuer.issuer


def test_an_address_counts_instead_of_the_parts_which_still_say_whose_people_it_is(set_up, issuer):
    connect(set_up, "entra", address=issuer.issuer, part_tenant=TENANT, client_secret=SECRET)

    version = version_of(set_up)
    assert (version.issuer, version.pinned_claims) == (issuer.issuer, {"tid": TENANT})


@pytest.mark.parametrize(
    ("kind", "typed", "field"),
    [
        ("entra", {"part_tenant": "contoso.example"}, "part_tenant"),
        ("entra", {"part_tenant": ""}, "part_tenant"),
        ("entra", {"address": "https://login.microsoftonline.com/common/v2.0"}, "address"),
        ("okta", {"part_domain": "acme-admin.okta.com"}, "part_domain"),
        ("google", {"part_workspace": ""}, "part_workspace"),
        ("google", {"address": "https://accounts.google.com"}, "address"),
        ("other", {"address": ""}, "address"),
        ("other", {"address": "http://sso.brightwater.example"}, "address"),
        ("other", {"address": "https://sso.brightwater.example/?x=1"}, "address"),
        ("other", {"address": "https://sso.brightwater.example", "client_id": ""}, "client_id"),
        ("other", {"address": "https://x.example", "client_secret": ""}, "client_secret"),
        ("other", {"address": "https://x.example", "ends": ""}, "ends"),
        ("other", {"address": "https://x.example", "ends": "on"}, "ends_on"),
        (
            "other",
            {"address": "https://x.example", "ends": "on", "ends_on": "2020-01-01"},
            "ends_on",
        ),
    ],
)
def test_what_cannot_be_so_is_said_at_its_field_and_nothing_else_is_lost(
    set_up, kind, typed, field
):
    page = connect(set_up, kind, **{"client_secret": SECRET, **typed})

    html = text_of(page)
    assert page.status_code == 200
    assert f'id="{field}-error"' in html
    assert version_of(set_up).issuer == ""
    assert all(f'value="{value}"' in html for value in typed.values() if "://" in value)


def test_a_secret_beside_a_mistake_is_kept_and_never_shown(set_up):
    page = connect(set_up, "entra", part_tenant="wrong", client_secret=SECRET, ends="12")

    html = text_of(page)
    assert client_secret_of(version_of(set_up)) == SECRET
    assert SECRET not in html
    assert "•••• set" in html


def test_the_secrets_id_instead_of_its_value_is_told_at_once(set_up):
    page = connect(set_up, "entra", part_tenant=TENANT, client_secret=TENANT, ends="12")

    html = text_of(page)
    assert "This is the <strong>Secret ID</strong>. Copy the <strong>Value</strong>" in html
    assert not version_of(set_up).client_secret_sealed


def test_blanks_that_were_copied_along_are_no_part_of_a_secret(set_up, issuer):
    connect(set_up, address=issuer.issuer, client_secret=f" {SECRET} ")

    assert client_secret_of(version_of(set_up)) == SECRET


@pytest.mark.parametrize("has_slash", [True, False], ids=["with", "without"])
def test_a_slash_is_adopted_from_the_provider_and_said(set_up, provider, has_slash):
    issuer = provider.register(
        "slashed",
        client_id="foyer",
        client_secret=SECRET,
        redirect_uri="https://testserver/login/brightwater/callback/",
        config=ProviderConfig(issuer_has_trailing_slash=has_slash),
    )
    typed = "" if has_slash else "/"
    address = issuer.issuer.rstrip("/") + typed

    page = connect(set_up, address=address, client_secret=SECRET)

    html = text_of(page)
    assert version_of(set_up).issuer == issuer.issuer
    assert f'Your provider calls itself <code class="mono">{issuer.issuer}</code>' in html
    assert 'href="/setup/domains/"' in html


def test_a_wrong_address_is_saved_and_said_with_what_mends_it(set_up, issuer):
    page = connect(set_up, address=f"{issuer.issuer}-wrong", client_secret=SECRET)

    html = text_of(page)
    assert "OD-107" in html
    assert version_of(set_up).issuer == f"{issuer.issuer}-wrong"
    assert not set_up.case.steps.get(name=Step.CONNECT).is_done


def test_says_what_mends_it_at_this_product(set_up, issuer):
    page = connect(set_up, "keycloak", address=f"{issuer.issuer}-wrong", client_secret=SECRET)

    assert "Compare the realm" in text_of(page)


def test_our_key_is_recommended_where_the_product_takes_it(set_up):
    set_up.save(Step.PROVIDER, provider="okta")

    html = text_of(set_up.get("/setup/connect/"))

    assert 'name="proof" value="key" checked' in html
    assert "https://testserver/.well-known/foyer/brightwater/jwks.json" in html


def test_with_our_key_there_is_no_secret(set_up, issuer):
    (registered,) = issuer.clients.values()
    issuer.add_client(replace(registered, token_endpoint_auth_method="private_key_jwt"))

    answer = connect(set_up, "okta", address=issuer.issuer, proof="key", ends="")

    version = version_of(set_up)
    assert answer.status_code == 303
    assert version.is_keyed
    assert version.client_keys.filter(retired_at=None).count() == 1


def test_back_to_a_secret_from_our_key(set_up, issuer):
    connect(set_up, "okta", address=issuer.issuer, proof="key")

    set_up.save(
        Step.CONNECT,
        address=issuer.issuer,
        client_id="foyer",
        proof="secret",
        client_secret=SECRET,
        ends="never",
    )

    assert not version_of(set_up).is_keyed


def test_the_secret_of_the_live_version_stays_beside_a_new_one(acme):
    set_up = opened(acme.partner)
    live_secret = client_secret_of(acme.connection)

    set_up.save(
        Step.CONNECT,
        address=acme.connection.issuer,
        client_id=acme.connection.client_id,
        client_secret="the new one",
        ends="6",
    )

    acme.connection.refresh_from_db()
    assert client_secret_of(acme.connection) == live_secret
    assert client_secret_of(version_of(set_up)) == "the new one"


def test_a_secret_that_is_kept_keeps_its_end(acme):
    set_up = opened(acme.partner)
    Connection.objects.update(client_secret_expires=date(2030, 1, 2))
    typed = {"address": acme.connection.issuer, "client_id": acme.connection.client_id}

    set_up.save(Step.CONNECT, **typed, client_secret="", ends="kept")

    version = version_of(set_up)
    assert version.client_secret_expires == date(2030, 1, 2)
    assert client_secret_of(version) == client_secret_of(acme.connection)


def test_another_secret_cannot_have_the_end_of_the_one_before(acme):
    set_up = opened(acme.partner)
    typed = {"address": acme.connection.issuer, "client_id": acme.connection.client_id}

    page = set_up.save(Step.CONNECT, **typed, client_secret="new", ends="kept")

    assert 'id="ends-error"' in text_of(page)


def test_m13_a_form_sets_nothing_that_it_does_not_show(set_up, issuer):
    connect(
        set_up,
        address=issuer.issuer,
        client_secret=SECRET,
        is_live="1",
        tested_at="2026-01-01",
        require_email_verified="",
        email_claim="upn",
        scopes="openid",
        pinned_claims="{}",
        partner="1",
    )

    version = version_of(set_up)
    assert (version.is_live, version.tested_at, version.email_claim) == (False, None, "email")


def test_pins_that_the_owner_has_set_stay(acme):
    set_up = opened(acme.partner)
    Connection.objects.update(pinned_claims={"department": "it"})
    typed = {"address": acme.connection.issuer, "client_id": acme.connection.client_id}

    set_up.save(Step.CONNECT, **typed, ends="kept")

    assert version_of(set_up).pinned_claims == {"department": "it"}


def test_a_change_asks_for_another_test_sign_in(set_up, issuer):
    connect(set_up, address=issuer.issuer, client_secret=SECRET)
    Connection.objects.update(tested_at=timezone.now())

    set_up.save(Step.CONNECT, address=issuer.issuer, client_id="another", ends="never")

    assert version_of(set_up).tested_at is None


def test_leaving_and_coming_back_shows_what_is_saved(set_up, issuer):
    connect(set_up, address=issuer.issuer, client_secret=SECRET, ends="12")

    html = text_of(set_up.get("/setup/connect/"))

    assert f'value="{issuer.issuer}"' in html
    assert 'value="foyer"' in html
    assert "•••• set" in html
    assert 'value="kept" checked' in html


def test_the_step_comes_after_the_product(set_up):
    assert set_up.get("/setup/connect/").headers["Location"] == "/setup/provider/"
    assert set_up.save(Step.CONNECT).headers["Location"] == "/setup/provider/"


def test_what_the_contact_has_done_is_in_the_trail_without_the_secret(set_up, issuer):
    connect(set_up, address=issuer.issuer, client_secret=SECRET)

    events = Event.objects.filter(what="connection.changed", partner=set_up.partner.slug)
    assert {event.actor for event in events} == {set_up.link.address}
    assert SECRET not in str(list(events.values()))


def test_m11_of_two_people_who_connect_at_once_the_second_is_told(set_up, issuer):
    connect(set_up, address=issuer.issuer, client_secret=SECRET)
    typed = {"address": issuer.issuer, "client_id": "mine", "ends": "never"}

    page = set_up.post("/setup/connect/", {"revision": "0", **typed})

    assert page.status_code == 200
    assert 'value="mine"' in text_of(page)
    assert version_of(set_up).client_id == "foyer"


def test_a_provider_that_hangs_takes_nothing_of_what_was_typed(set_up, issuer):
    issuer.misbehave(discovery=Fault(closes=True))

    page = connect(set_up, address=issuer.issuer, client_secret=SECRET)

    assert "OD-104" in text_of(page)
    assert version_of(set_up).issuer == issuer.issuer


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 11, 25), 12, date(2027, 11, 25)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 1), 24, date(2028, 12, 1)),
    ],
)
def test_months_are_those_of_the_calendar(day, months, later):
    assert months_from(day, months) == later


def test_a_key_is_made_anew_when_the_provider_takes_only_another_kind(set_up, issuer):
    (registered,) = issuer.clients.values()
    issuer.add_client(replace(registered, token_endpoint_auth_method="private_key_jwt"))
    only_rsa = {"token_endpoint_auth_signing_alg_values_supported": ["RS256"]}
    issuer.misbehave(discovery=Fault(members=only_rsa))

    connect(set_up, "okta", address=issuer.issuer, proof="key")

    keys = version_of(set_up).client_keys.filter(retired_at=None)
    assert [key.algorithm for key in keys] == ["RS256"]


def test_takes_a_whole_address_that_was_pasted_for_a_part_of_it(partner):
    typed = {"part_host": "https://sso.contoso.example/auth/realms/staff/", "part_realm": "staff"}

    form = ConnectForm(
        {**typed, "client_id": "foyer", "proof": "key"},
        product=product_of("keycloak"),
        connection=Connection(partner=partner, provider="keycloak"),
    )

    assert form.is_valid(), form.errors
    assert form.settings.issuer == "https://sso.contoso.example/auth/realms/staff"


def test_what_a_former_product_pinned_holds_nobody_up_at_another(set_up, issuer):
    set_up.save(Step.PROVIDER, provider="entra")
    set_up.save(
        Step.CONNECT, part_tenant=TENANT, client_id="foyer", client_secret=SECRET, ends="12"
    )
    assert version_of(set_up).pinned_claims == {"tid": TENANT}

    connect(set_up, address=issuer.issuer, client_secret=SECRET)

    assert version_of(set_up).pinned_claims == {}
