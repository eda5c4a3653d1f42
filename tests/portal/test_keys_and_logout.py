"""A partner without a secret, and one whose provider tells of sign-outs, over HTTP alone."""

import time
from urllib.parse import urlsplit

import pytest
import requests

from tests.support.portal_visitor import Visitor

pytestmark = pytest.mark.portal

PATIENCE_SECONDS = 10


@pytest.fixture(scope="module")
def keyed(portal_server):
    """Found a partner that knows the portal by the keys that it publishes."""
    record = portal_server.record_of("keyed")
    del record["connection"]["client_secret"]
    record["connection"]["token_endpoint_auth_method"] = "private_key_jwt"
    portal_server.found(record)
    return "keyed"


def test_signs_in_with_a_key_that_the_provider_fetches_from_the_portal(portal, keyed):
    portal.issuer(keyed).sign_in_as("ana@keyed.example")
    visitor = Visitor(portal)

    back = visitor.sign_in(keyed)

    assert back.status_code == 302, back.text
    assert visitor.who()["email"] == "ana@keyed.example"
    (request,) = portal.issuer(keyed).requests_to("token")
    assert "client_secret" not in request.parameters


def test_the_key_set_is_there_for_everybody(portal, keyed):
    answer = Visitor(portal).get(f"/.well-known/foyer/{keyed}/jwks.json")

    assert answer.headers["Cache-Control"] == "public, max-age=300"
    (key,) = answer.json()["keys"]
    assert (key["kty"], key["alg"], "d" in key) == ("EC", "ES256", False)


def test_q06_who_signs_out_at_the_company_is_signed_out_here(portal):
    """rp-backchannel-rpinitlogout, but that the person begins at the provider."""
    visitor = Visitor(portal)
    url = visitor.begin("acme")
    # As a person does it, whose browser the provider then knows again.
    asked = urlsplit(url)
    address = asked._replace(path="/acme/sign-in").geturl()
    answer = visitor._send("POST", address, data={"email": "ana@acme.example"})
    visitor.get(answer.headers["Location"])
    assert visitor.who()["email"] == "ana@acme.example"

    visitor.get(f"{portal.issuer('acme').url}/logout")

    ends = time.monotonic() + PATIENCE_SECONDS
    while visitor.who() is not None and time.monotonic() < ends:
        time.sleep(0.05)
    assert visitor.who() is None
    assert portal.rows("select count(*) from audit_event where what = 'logout.backchannel'")


def test_q15_the_address_for_logout_tokens_answers_nothing_but_post(portal):
    address = f"{portal.base_url}/login/acme/backchannel-logout/"
    host = {"Host": urlsplit(portal.base_url).netloc}
    direct = address.replace(urlsplit(portal.base_url).netloc, f"127.0.0.1:{portal.port}")

    refused = requests.post(direct, data={"logout_token": "a.b.c"}, headers=host, timeout=5)
    looked = requests.get(direct, headers=host, timeout=5)

    assert (refused.status_code, refused.json()) == (400, {"error": "invalid_request"})
    assert looked.status_code == 405
