"""The way out at the provider: RP-Initiated Logout 1.0."""

from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest

from federation.oidc.logout import end_session_url
from federation.oidc.values import UnverifiedIdToken
from tests.oidc.conftest import ISSUER

HINT = UnverifiedIdToken(compact="a.b.c")
RETURN = {"state": "xyz", "post_logout_redirect_uri": "https://portal.example/logout/"}
ASKED = [
    ("client_id", "foyer"),
    ("post_logout_redirect_uri", "https://portal.example/logout/"),
    ("state", "xyz"),
]


def test_asks_the_provider_to_sign_out_and_to_come_back(metadata, registration):
    url = end_session_url(metadata, registration, **RETURN)

    assert url is not None
    assert url.startswith(f"{ISSUER}/logout?")
    assert parse_qsl(urlsplit(url).query) == ASKED


def test_knows_no_way_out_where_the_provider_has_none(metadata, registration):
    metadata = replace(metadata, end_session_endpoint=None)

    assert end_session_url(metadata, registration, **RETURN) is None


@pytest.mark.parametrize("needs", [True, False])
def test_sends_an_id_token_only_where_the_provider_needs_one(metadata, registration, needs):
    registration = replace(registration, needs_id_token_hint=needs)

    url = end_session_url(metadata, registration, id_token_hint=HINT, **RETURN)

    assert ("id_token_hint=a.b.c" in str(url)) is needs


def test_does_without_an_id_token_that_it_no_longer_has(metadata, registration):
    registration = replace(registration, needs_id_token_hint=True)

    assert "id_token_hint" not in str(end_session_url(metadata, registration, **RETURN))


def test_sends_its_own_values_where_the_endpoint_brings_some(metadata, registration):
    endpoint = f"{ISSUER}/logout?p=x&state=fixed&post_logout_redirect_uri=https://evil.example/"
    metadata = replace(metadata, end_session_endpoint=endpoint)

    url = end_session_url(metadata, registration, **RETURN)

    assert parse_qsl(urlsplit(str(url)).query) == [("p", "x"), *ASKED]
