"""A key instead of a secret: Core 1.0, section 9, at a provider that is strict about it."""

from base64 import urlsafe_b64decode
from dataclasses import replace
from datetime import timedelta

import jwt
import pytest
import time_machine
from django.core.management import call_command
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import Event
from demo.provider import Fault
from partners import client_keys
from partners.client_keys import make_key, published_keys, signing_key_of
from partners.models import ClientKey, Connection, Partner
from partners.secrets import SealError, private_key_of, remember_client_secret, reseal_all
from tests.support.company import Browser

pytestmark = pytest.mark.django_db

KEY = "private_key_jwt"
JWKS = "/.well-known/foyer/acme/jwks.json"


@pytest.fixture(autouse=True)
def new_process():
    client_keys._opened.clear()


@pytest.fixture
def keyed(acme):
    """Let Acme know the portal by its keys, and by no secret."""
    remember_client_secret(acme.connection, "")
    acme.connection.token_endpoint_auth_method = KEY
    acme.connection.save()
    make_key(acme.connection)
    register_at_provider(acme)
    return acme


def register_at_provider(company, method=KEY):
    """Have the provider fetch our key set, as one does that keeps it for a while."""
    (client,) = company.issuer.clients.values()
    company.issuer.add_client(
        replace(
            client,
            client_secret="" if method == KEY else client.client_secret,
            token_endpoint_auth_method=method,
            jwks={"keys": published(Browser())},
        )
    )


def published(browser):
    return browser.get(JWKS).json()["keys"]


def signing_kid(company, *, after=timedelta(0)):
    connection = Connection.objects.get(pk=company.connection.pk)
    return signing_key_of(connection, now=timezone.now() + after).kid


def sent_to_token_endpoint(company):
    (request,) = company.issuer.requests_to("token")
    return request


def test_signs_in_with_an_assertion_and_without_a_secret(keyed, browser):
    response = browser.sign_in(keyed)

    assert response.status_code == 302
    request = sent_to_token_endpoint(keyed)
    assert "authorization" not in request.headers
    assert "client_secret" not in request.parameters
    claims = jwt.decode(
        request.parameters["client_assertion"][0], options={"verify_signature": False}
    )
    assert claims["aud"] == keyed.issuer.issuer


def test_an_unreadable_secret_from_before_is_nobodys_trouble(keyed, browser):
    Connection.objects.update(client_secret_sealed="of a key that was lost")

    assert browser.sign_in(keyed).status_code == 302


def test_an_unreadable_key_from_before_is_not_either(acme, browser):
    make_key(acme.connection)
    ClientKey.objects.update(private_key_sealed="of a key that was lost")

    assert browser.sign_in(acme).status_code == 302


def test_no_two_assertions_have_the_same_name(keyed):
    for _ in range(3):
        Browser().sign_in(keyed)

    sent = [
        jwt.decode(request.parameters["client_assertion"][0], options={"verify_signature": False})
        for request in keyed.issuer.requests_to("token")
    ]
    names = {claims["jti"] for claims in sent}
    assert len(names) == 3
    assert all(len(name) >= 22 for name in names)


def test_a_warm_sign_in_costs_no_statement_more_than_with_a_secret(keyed):
    Browser().sign_in(keyed)
    browser = Browser()

    with CaptureQueriesContext(database) as statements:
        response = browser.sign_in(keyed)

    assert response.status_code == 302
    assert len(statements) <= 10
    assert not any("clientkey" in statement["sql"] for statement in statements)


def test_a_key_that_the_partner_has_not_registered_is_a_rejected_client(keyed, browser):
    make_key(keyed.connection, at_once=True)

    response = browser.sign_in(keyed)

    assert response.status_code == 502
    assert "client_rejected" in response.content.decode()


def test_a_provider_that_knows_only_rsa_gets_rsa(keyed, browser):
    keyed.issuer.misbehave(
        discovery=Fault(members={"token_endpoint_auth_signing_alg_values_supported": ["RS256"]})
    )
    refused = browser.sign_in(keyed)
    make_key(keyed.connection, algorithm="RS256", at_once=True)
    register_at_provider(keyed)

    response = browser.sign_in(keyed)

    assert (refused.status_code, response.status_code) == (502, 302)
    assert "provider_misconfigured" in refused.content.decode()


def test_the_key_set_is_public_and_holds_no_private_member(keyed, browser):
    make_key(keyed.connection, algorithm="RS256")

    response = browser.get(JWKS)

    assert response.headers["Cache-Control"] == "public, max-age=300"
    assert response.headers["Content-Type"] == "application/json"
    assert "Cookie" not in response.headers.get("Vary", "")
    elliptic, rsa = response.json()["keys"]
    assert set(elliptic) == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    assert set(rsa) == {"kty", "n", "e", "kid", "alg", "use"}
    assert (elliptic["alg"], rsa["alg"]) == ("ES256", "RS256")


def test_keys_are_named_by_their_thumbprint(keyed):
    (key,) = published_keys(keyed.slug)

    assert len(urlsafe_b64decode(f"{key['kid']}=")) == 32
    assert key["kid"] == ClientKey.objects.get().kid


@pytest.mark.parametrize("slug", ["nobody", "acme"])
def test_the_keys_of_nobody_and_of_a_draft_without_any_are_not_found(acme, browser, slug):
    Partner.objects.update(status="draft")

    assert browser.get(f"/.well-known/foyer/{slug}/jwks.json").status_code == 404


def test_the_provider_of_a_partner_that_is_being_set_up_finds_our_keys(keyed, browser):
    Partner.objects.update(status="draft")
    Connection.objects.update(is_live=False)

    assert len(published(browser)) == 1


def test_a_paused_partners_keys_stay_published(keyed, browser):
    Partner.objects.update(status="paused")

    assert len(published(browser)) == 1


def test_each_partner_has_keys_of_its_own(keyed, globex, browser):
    make_key(globex.connection)

    (ours,) = published(browser)
    (theirs,) = browser.get("/.well-known/foyer/globex/jwks.json").json()["keys"]

    assert ours["kid"] != theirs["kid"]


def test_the_first_key_signs_at_once_and_the_next_when_it_has_been_published_for_an_hour(keyed):
    first = ClientKey.objects.get()
    second = make_key(keyed.connection)

    assert signing_kid(keyed) == first.kid
    assert signing_kid(keyed, after=timedelta(minutes=59)) == first.kid
    assert signing_kid(keyed, after=timedelta(minutes=61)) == second.kid
    assert [key["kid"] for key in published_keys(keyed.slug)] == [first.kid, second.kid]


def test_people_sign_in_all_through_a_rotation(keyed):
    assert Browser().sign_in(keyed).status_code == 302
    make_key(keyed.connection)
    register_at_provider(keyed)
    assert Browser().sign_in(keyed).status_code == 302

    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        keyed.issuer.requests.clear()
        response = Browser().sign_in(keyed)

    assert response.status_code == 302
    (assertion,) = sent_to_token_endpoint(keyed).parameters["client_assertion"]
    assert jwt.get_unverified_header(assertion)["kid"] == ClientKey.objects.last().kid


def test_a_key_is_retired_a_day_after_its_successor_has_begun_to_sign(keyed):
    make_key(keyed.connection)
    first, second = ClientKey.objects.all()

    for hours, retired in ((0, 0), (24, 0), (26, 1), (26, 0)):
        with time_machine.travel(timezone.now() + timedelta(hours=hours), tick=False):
            assert client_keys.retire_superseded(timezone.now()) == retired

    first.refresh_from_db()
    second.refresh_from_db()
    assert first.retired_at is not None
    assert first.private_key_sealed == ""
    assert second.retired_at is None
    assert [key["kid"] for key in published_keys(keyed.slug)] == [second.kid]


def test_cleaning_up_retires_keys_and_the_trail_says_so(keyed):
    make_key(keyed.connection)

    with time_machine.travel(timezone.now() + timedelta(hours=26)):
        call_command("clean_up")

    event = Event.objects.get(what="client_key.changed")
    assert (event.partner, event.actor) == ("acme", "command clean_up")
    assert event.detail["after"]["retired_at"]


def test_a_key_that_has_leaked_is_gone_at_once(keyed):
    first = ClientKey.objects.get()

    second = make_key(keyed.connection, at_once=True)

    assert [key["kid"] for key in published_keys(keyed.slug)] == [second.kid]
    assert signing_kid(keyed) == second.kid
    first.refresh_from_db()
    assert (first.private_key_sealed, bool(first.retired_at)) == ("", True)


def test_another_process_notices_a_new_key(keyed):
    before = signing_kid(keyed)
    kept = client_keys._opened.copy()
    make_key(keyed.connection, at_once=True)
    client_keys._opened.update(kept)

    assert signing_kid(keyed) != before


def test_a_private_key_is_sealed_for_its_row(keyed, globex):
    ours, theirs = ClientKey.objects.get(), make_key(globex.connection)
    moved = ours.private_key_sealed

    ours.private_key_sealed, theirs.private_key_sealed = theirs.private_key_sealed, moved

    for row in (ours, theirs):
        with pytest.raises(SealError):
            private_key_of(row)


def test_a_private_key_of_the_same_connection_is_sealed_for_its_name(keyed):
    first, second = ClientKey.objects.get(), make_key(keyed.connection)
    second.private_key_sealed = first.private_key_sealed

    with pytest.raises(SealError):
        private_key_of(second)


def test_a_key_that_cannot_be_opened_is_a_refusal_and_no_error(keyed, browser, settings):
    settings.SECRETS_KEYS = [b"x" * 32]

    response = browser.get("/login/acme/")

    assert response.status_code == 502
    assert "client_rejected" in response.content.decode()


def test_private_keys_are_sealed_anew_with_the_newest_key(keyed, settings):
    old = settings.SECRETS_KEYS
    settings.SECRETS_KEYS = [b"n" * 32, *old]

    assert (reseal_all().resealed, reseal_all().resealed) == (1, 0)

    settings.SECRETS_KEYS = [b"n" * 32]
    assert private_key_of(ClientKey.objects.get())


def test_a_private_key_that_no_key_opens_is_named(keyed, settings):
    settings.SECRETS_KEYS = [b"x" * 32]

    (named,) = reseal_all().unreadable

    assert named == f"acme: {keyed.issuer.issuer} {ClientKey.objects.get().kid}"


def test_the_trail_has_the_name_of_a_key_and_nothing_of_its_private_half(keyed):
    key = ClientKey.objects.get()

    event = Event.objects.get(what="client_key.added")

    assert event.partner == "acme"
    assert event.detail["after"]["kid"] == key.kid
    assert event.detail["after"]["private_key_sealed"] == "•••• changed"
    assert key.private_key_sealed not in str(list(Event.objects.values()))


def test_the_secret_stays_the_default_although_there_is_a_key(acme, browser):
    make_key(acme.connection)

    response = browser.sign_in(acme)

    assert response.status_code == 302
    assert "client_assertion" not in sent_to_token_endpoint(acme).parameters
