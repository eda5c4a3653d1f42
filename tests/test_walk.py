"""The walk of the README, from the address typed to the token held."""

import jwt
import pytest
import requests
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from people.models import FederatedLogin, Session, User
from tests.support.company import Browser, query_of

pytestmark = pytest.mark.django_db


def test_a_person_types_an_address_and_is_in(acme, browser):
    acme.issuer.sign_in_as("ana@acme.example")

    page = browser.post("/login/", {"email": " Ana@ACME.example", "next": "/orders/"})
    url = page.headers["Refresh"].removeprefix("0;url=")
    response = browser.get(browser.callback_path(url))

    assert page.status_code == 200
    assert query_of(url)["login_hint"] == ["ana@acme.example"]
    assert f'id="continue" href="{url.replace("&", "&amp;")}"' in page.content.decode()
    assert (response.status_code, response.headers["Location"]) == (302, "/orders/")
    assert browser.session()["email"] == "ana@acme.example"


def test_a_person_clicks_the_logo_and_is_greeted_at_home(acme, browser):
    response = browser.sign_in(acme)
    home = browser.get("/").content.decode()

    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert "<b>Ana" in home
    assert "Acme" in home
    assert "ana@acme.example" in home


def test_the_authorization_request_is_complete_and_has_nothing_twice(acme, browser):
    sent = query_of(browser.authorization_url("acme"))

    assert {name: len(values) for name, values in sent.items()} == dict.fromkeys(sent, 1)
    assert sent["response_type"] == ["code"]
    assert sent["client_id"] == ["foyer-at-acme"]
    assert sent["redirect_uri"] == ["https://testserver/login/acme/callback/"]
    assert set(sent["scope"][0].split()) == {"openid", "email", "profile"}
    assert sent["code_challenge_method"] == ["S256"]
    assert {"state", "nonce", "code_challenge"} <= set(sent)
    assert "login_hint" not in sent


def test_the_same_person_is_known_on_the_second_sign_in(acme, pool):
    first, second = Browser(), Browser()
    first.sign_in(acme)
    second.sign_in(acme)

    assert User.objects.count() == 1
    assert FederatedLogin.objects.count() == 1
    assert first.session()["subject"] == second.session()["subject"]


def test_the_developer_token_verifies_with_a_jwt_library_alone(acme, browser, pool, settings):
    settings.TOKEN_TO_BROWSER = True
    browser.sign_in(acme)

    held = browser.get("/api/token/").json()

    keys = jwt.PyJWKClient(pool.jwks_uri)
    claims = jwt.decode(
        held["token"],
        keys.get_signing_key_from_jwt(held["token"]).key,
        algorithms=["RS512"],
        issuer=pool.issuer,
        audience=pool.pool_id,
    )
    assert claims["sub"] == held["issuer_subject"]
    assert "authenticated" in claims["amr"]


def test_the_pool_learns_the_opaque_subject_and_no_address(acme, browser, pool):
    browser.sign_in(acme)

    (call,) = pool.calls
    subject = User.objects.get().subject
    assert call.parameters["Logins"] == {pool.developer_provider_name: subject}
    assert "IdentityId" not in call.parameters
    assert "ana" not in repr(call.parameters)


def test_a_warm_sign_in_is_one_call_to_the_provider_one_to_cognito_and_ten_statements(acme, pool):
    Browser().sign_in(acme)
    acme.issuer.requests.clear()
    pool.calls.clear()
    browser = Browser()

    with CaptureQueriesContext(connection) as statements:
        response = browser.sign_in(acme)

    assert response.status_code == 302
    called = [request.endpoint for request in acme.issuer.requests]
    assert called == ["authorization", "token"]
    assert len(pool.calls) == 1
    shown = "\n".join(statement["sql"] for statement in statements)
    assert len(statements) <= 10, shown


def test_every_sign_in_is_recorded_with_who_where_and_its_reference(acme, browser):
    browser.sign_in(acme)

    event = Event.objects.get(what="login.succeeded")
    assert (event.partner, event.email) == ("acme", "ana@acme.example")
    assert event.subject == User.objects.get().subject
    assert event.reference.startswith("FY-")
    assert event.address == "127.0.0.1"


def test_signing_out_ends_the_session_and_offers_the_way_out_at_the_company(acme, browser):
    browser.sign_in(acme)

    left = browser.post("/logout/")
    page = browser.get("/logout/").content.decode()

    assert (left.status_code, left.headers["Location"]) == (303, "/logout/")
    assert not Session.objects.exists()
    assert browser.session() is None
    assert f"{acme.issuer.url}/logout?" in page
    assert "id_token_hint" not in page


def test_the_way_out_at_the_company_leads_back_to_the_signed_out_page(acme, browser):
    browser.sign_in(acme)
    browser.post("/logout/")
    page = browser.get("/logout/")
    url = page.context["end_session_url"]

    sent = query_of(url)
    back = browser.get(f"/logout/?state={sent['state'][0]}")

    assert sent["client_id"] == ["foyer-at-acme"]
    assert sent["post_logout_redirect_uri"] == ["https://testserver/logout/"]
    assert back.status_code == 200
    assert back.context["end_session_url"] == ""


def test_an_id_token_goes_only_to_a_provider_that_signs_nobody_out_without_it(acme, browser):
    acme.connection.needs_id_token_hint = True
    acme.connection.save()
    browser.sign_in(acme)
    browser.post("/logout/")

    sent = query_of(browser.get("/logout/").context["end_session_url"])

    claims = jwt.decode(sent["id_token_hint"][0], options={"verify_signature": False})
    assert claims["email"] == "ana@acme.example"
    assert not any(
        sent["id_token_hint"][0] in cookie.value for cookie in browser.portal.cookies.values()
    )


def test_the_back_button_after_a_sign_in_asks_nobody_again(acme, browser, pool):
    acme.issuer.sign_in_as("ana@acme.example")
    callback = browser.callback_path(browser.authorization_url("acme"))
    browser.get(callback)
    acme.issuer.requests.clear()
    pool.calls.clear()

    again = browser.get(callback)

    assert (again.status_code, again.headers["Location"]) == (302, "/")
    assert not acme.issuer.requests
    assert not pool.calls


def test_two_tabs_each_finish_their_own_sign_in(acme, globex, browser):
    acme.issuer.sign_in_as("ana@acme.example")
    globex.issuer.sign_in_as("ben@globex.example")
    one = browser.authorization_url("acme", "?next=/one/")
    two = browser.authorization_url("globex", "?next=/two/")

    second = browser.get(browser.callback_path(two))
    first = browser.get(browser.callback_path(one))

    assert second.headers["Location"] == "/two/"
    assert first.headers["Location"] == "/one/"
    assert browser.session()["partner"]["slug"] == "acme"
    assert Session.objects.count() == 1


def test_the_keys_that_the_pool_publishes_are_what_its_discovery_names(pool):
    answer = requests.get(f"{pool.issuer}/.well-known/openid-configuration", timeout=5)

    assert answer.json()["issuer"] == pool.issuer
