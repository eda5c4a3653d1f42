"""The first two steps: which product it is, and how the portal is registered there."""

from urllib.parse import urlsplit

import pytest
from django.conf import settings as portal_settings

from onboarding.domains.dns import mail_hosts_of
from onboarding.providers import all_products, product_of
from onboarding.providers.guessing import product_guessed
from onboarding.steps import Step
from partners.models import Connection, Kind
from partners.secrets import remember_client_secret
from tests.onboarding.conftest import opened


def version_of(set_up):
    return Connection.objects.get(partner=set_up.partner, is_live=False)


def is_done(set_up, step):
    return set_up.case.steps.filter(name=step, is_done=True).exists()


def test_has_a_tile_for_each_product_and_none_is_chosen_yet(set_up):
    html = set_up.get("/setup/provider/").content.decode()

    assert all(f'value="{product.kind}"' in html for product in all_products())
    assert " checked" not in html
    assert "role=alert" not in html


def test_saves_the_product_at_once_and_goes_on_to_its_guide(set_up):
    answer = set_up.save(Step.PROVIDER, provider="okta")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/setup/register/")
    assert version_of(set_up).provider == Kind.OKTA
    assert is_done(set_up, Step.PROVIDER)
    assert 'value="okta" checked' in set_up.get("/setup/provider/").content.decode()


@pytest.mark.parametrize("typed", [{}, {"provider": "adfs"}])
def test_asks_again_when_no_product_was_chosen(set_up, typed):
    page = set_up.save(Step.PROVIDER, **typed)

    assert page.status_code == 200
    assert 'class="error"' in page.content.decode()
    assert not Connection.objects.exists()


def test_forgets_what_was_said_of_another_product(set_up):
    set_up.save(Step.PROVIDER, provider="okta")
    version = version_of(set_up)
    version.issuer, version.client_id = "https://acme.okta.com", "foyer"
    version.save()
    remember_client_secret(version, "secret")

    set_up.save(Step.PROVIDER, provider="entra")

    version.refresh_from_db()
    assert (version.provider, version.issuer, version.client_id) == ("entra", "", "")
    assert version.client_secret_sealed == ""


@pytest.mark.parametrize("kind", ["okta", "other"])
def test_keeps_an_issuer_that_could_be_one_of_the_product(set_up, kind):
    set_up.save(Step.PROVIDER, provider="keycloak")
    Connection.objects.update(issuer="https://acme.okta.com", client_id="foyer")

    set_up.save(Step.PROVIDER, provider=kind)

    assert version_of(set_up).issuer == "https://acme.okta.com"


def test_a_change_of_the_product_asks_for_the_later_steps_again(set_up):
    set_up.save(Step.PROVIDER, provider="okta")
    for step in (Step.REGISTER, Step.CONNECT, Step.DOMAINS):
        set_up.case.steps.create(name=step, is_done=True)

    set_up.save(Step.PROVIDER, provider="entra")

    done = set(set_up.case.steps.filter(is_done=True).values_list("name", flat=True))
    assert done == {Step.PROVIDER, Step.DOMAINS}


def test_the_live_connection_is_never_touched(acme):
    set_up = opened(acme.partner)

    set_up.save(Step.PROVIDER, provider="okta")

    acme.connection.refresh_from_db()
    assert (acme.connection.provider, acme.connection.is_live) == ("other", True)
    assert version_of(set_up).provider == Kind.OKTA


def test_a_product_that_takes_our_key_finds_one_published_before_it_is_registered(set_up, client):
    set_up.save(Step.PROVIDER, provider="okta")

    answer = client.get("/.well-known/foyer/brightwater/jwks.json", secure=True)

    assert [key["kty"] for key in answer.json()["keys"]] == ["EC"]


@pytest.mark.parametrize("product", all_products(), ids=lambda product: product.kind)
def test_m24_the_guide_shows_each_value_exactly_and_by_its_partner(set_up, product):
    set_up.save(Step.PROVIDER, provider=product.kind)

    page = set_up.get("/setup/register/")

    html = page.content.decode()
    callback = f"{portal_settings.BASE_URL}/login/brightwater/callback/"
    assert f'dir="ltr">{callback}</code>' in html
    assert html.count('class="btn"') == 1
    assert "%(" not in html


def test_m24_the_redirect_uri_never_comes_from_the_host_header(set_up, settings):
    settings.ALLOWED_HOSTS = ["*"]
    set_up.save(Step.PROVIDER, provider="entra")

    page = set_up.client.get(
        "/setup/register/", secure=True, headers={"X-Forwarded-Host": "evil.example"}
    )

    assert urlsplit(settings.BASE_URL).hostname in page.content.decode()
    assert "evil.example" not in page.content.decode()


def test_the_guide_comes_after_the_product(set_up):
    answer = set_up.get("/setup/register/")

    assert answer.headers["Location"] == "/setup/provider/"


def test_what_was_done_at_the_provider_is_noted(set_up):
    set_up.save(Step.PROVIDER, provider="entra")

    answer = set_up.save(Step.REGISTER)

    assert answer.headers["Location"] == "/setup/connect/"
    assert is_done(set_up, Step.REGISTER)


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("brightwater-example.mail.protection.outlook.com", Kind.ENTRA),
        ("ASPMX.L.GOOGLE.COM", Kind.GOOGLE),
    ],
)
def test_suggests_the_product_that_takes_the_mail(set_up, name_server, host, kind):
    name_server.mail_hosts["brightwater.example"] = [host]

    page = set_up.post("/setup/provider/", {"email": "Ana@Brightwater.example"})

    html = page.content.decode()
    assert f'value="{kind}" checked' in html
    assert product_of(kind).name in html
    assert not Connection.objects.exists()


def test_says_that_it_could_not_tell_where_no_name_server_answers(set_up):
    page = set_up.post("/setup/provider/", {"email": "ana@brightwater.example"})

    html = page.content.decode()
    assert "couldn’t tell which provider brightwater.example has" in html
    assert " checked" not in html


def test_what_is_no_address_is_said_at_the_field(set_up):
    page = set_up.post("/setup/provider/", {"email": "brightwater"})

    assert 'aria-describedby="email-error"' in page.content.decode()


def test_other_hosts_and_names_that_only_end_like_it_suggest_nothing():
    hosts = ["mx.brightwater.example", "notgoogle.com"]

    assert product_guessed("brightwater.example", mail_hosts=lambda _domain: hosts) is None


def test_asks_microsoft_whether_it_knows_the_domain(provider, settings):
    provider.register("tenant", client_id="x", client_secret="y", redirect_uri="https://x.example/")
    settings.MICROSOFT_DIRECTORY = provider.base_url + "/{domain}"

    known = product_guessed("tenant", mail_hosts=lambda _domain: [])
    unknown = product_guessed("nobody", mail_hosts=lambda _domain: [])

    assert known is product_of(Kind.ENTRA)
    assert unknown is None


def test_mail_hosts_are_those_of_the_first_name_server_that_answers(name_server):
    name_server.mail_hosts["acme.example"] = ["mx1.acme.example", "mx2.acme.example"]
    name_server.faults[name_server.ports[0]] = "garbage"

    assert mail_hosts_of("acme.example") == ["mx1.acme.example", "mx2.acme.example"]
    assert mail_hosts_of("other.example") == []


def test_m11_of_two_people_who_choose_at_once_the_second_is_told(set_up):
    first = {"provider": "okta", "revision": "0"}
    set_up.post("/setup/provider/", first)

    page = set_up.post("/setup/provider/", {"provider": "entra", "revision": "0"})

    assert page.status_code == 200
    assert version_of(set_up).provider == Kind.OKTA
    assert 'value="entra" checked' in page.content.decode()


def test_m14_a_form_of_another_site_saves_nothing(set_up):
    set_up.client.handler.enforce_csrf_checks = True

    answer = set_up.save(Step.PROVIDER, provider="okta")

    assert answer.status_code == 403
    assert not Connection.objects.exists()
