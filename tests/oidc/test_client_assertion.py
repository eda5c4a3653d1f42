"""Proving who we are with a key: Core 1.0, section 9; RFC 7523, section 3."""

from dataclasses import replace
from urllib.parse import parse_qs

import jwt
import pytest

from federation.oidc.client_assertion import ASSERTION_ALGS, client_assertion
from federation.oidc.errors import ProviderError, Reason
from federation.oidc.token import token_request
from federation.oidc.values import ClientKey
from tests.oidc.conftest import ISSUER, NOW, TIME
from tests.support.keys import signing_key

KEY, BASIC, POST = "private_key_jwt", "client_secret_basic", "client_secret_post"


def client_key(algorithm: str = "ES256") -> ClientKey:
    key = signing_key(algorithm, name="ours")
    return ClientKey(kid=key.kid, algorithm=algorithm, private_key=key.private_key)


@pytest.fixture
def keyed(registration):
    """Return the registration of a client that has a key and no secret."""
    return replace(registration, client_secret="", client_key=client_key())


def claims_of(assertion: str) -> dict[str, object]:
    return jwt.decode(assertion, options={"verify_signature": False})


def fields_of(metadata, registration) -> dict[str, list[str]]:
    request = token_request(metadata, registration, code="c", code_verifier="v", now=NOW, jti="a1")
    assert "Authorization" not in request.headers
    return parse_qs(request.body.decode("ascii"), strict_parsing=True)


@pytest.mark.parametrize("algorithm", ASSERTION_ALGS)
def test_the_assertion_verifies_with_the_public_half_of_the_key(metadata, keyed, algorithm):
    keyed = replace(keyed, client_key=client_key(algorithm))

    assertion = client_assertion(metadata, keyed, now=NOW, jti="a1")

    public = signing_key(algorithm, name="ours").private_key.public_key()
    claims = jwt.decode(
        assertion, public, algorithms=[algorithm], audience=ISSUER, options={"verify_exp": False}
    )
    assert claims["sub"] == "foyer"
    header = jwt.get_unverified_header(assertion)
    assert (header["alg"], header["kid"]) == (algorithm, f"{algorithm}-ours")


def test_the_assertion_says_who_we_are_to_whom_and_for_a_minute(metadata, keyed):
    claims = claims_of(client_assertion(metadata, keyed, now=NOW, jti="a1"))

    assert set(claims) == {"iss", "sub", "aud", "jti", "iat", "exp"}
    assert claims["iss"] == claims["sub"] == "foyer"
    assert claims["jti"] == "a1"
    assert claims["iat"] == TIME
    assert 0 < int(str(claims["exp"])) - TIME <= 60


def test_its_audience_is_the_registered_issuer_alone_whatever_the_metadata_say(metadata, keyed):
    # Audience injection: a provider that names another one's token endpoint, and then uses there
    # what we send.
    hostile = replace(
        metadata,
        issuer="https://victim.example",
        token_endpoint="https://victim.example/token",
    )

    assert claims_of(client_assertion(hostile, keyed, now=NOW, jti="a1"))["aud"] == ISSUER


def test_refuses_to_sign_without_a_key(metadata, registration):
    with pytest.raises(ProviderError) as refusal:
        client_assertion(metadata, registration, now=NOW, jti="a1")

    assert refusal.value.reason is Reason.PROVIDER_MISCONFIGURED


def test_refuses_to_sign_with_an_algorithm_that_the_provider_does_not_take(metadata, keyed):
    only_rsa = replace(metadata, token_endpoint_auth_algs=("RS256", "PS256"))

    with pytest.raises(ProviderError) as refusal:
        client_assertion(only_rsa, keyed, now=NOW, jti="a1")

    assert refusal.value.reason is Reason.PROVIDER_MISCONFIGURED
    assert "ES256" in refusal.value.detail


def test_the_key_is_not_shown(keyed):
    assert "private_key" not in repr(keyed)


def test_the_request_carries_the_assertion_and_no_secret(metadata, keyed):
    offering = replace(metadata, token_endpoint_auth_methods=(KEY, POST))
    registered = replace(keyed, token_endpoint_auth_method=KEY, client_secret="s3cret")

    fields = fields_of(offering, registered)

    assert fields["client_assertion_type"] == [
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    ]
    assert claims_of(fields["client_assertion"][0])["sub"] == "foyer"
    assert "client_secret" not in fields
    assert "s3cret" not in str(fields)


def test_a_key_is_used_unasked_where_there_is_no_secret(metadata, keyed):
    offering = replace(metadata, token_endpoint_auth_methods=(BASIC, POST, KEY))

    assert "client_assertion" in fields_of(offering, keyed)


def test_a_secret_is_used_unasked_although_there_is_a_key(metadata, keyed):
    offering = replace(metadata, token_endpoint_auth_methods=(KEY, POST))

    assert "client_secret" in fields_of(offering, replace(keyed, client_secret="s3cret"))


@pytest.mark.parametrize(
    "offered",
    [pytest.param((BASIC, POST), id="D03"), pytest.param((), id="provider-silent")],
)
def test_an_assertion_is_not_sent_where_it_is_not_offered(metadata, keyed, offered):
    offering = replace(metadata, token_endpoint_auth_methods=offered)

    with pytest.raises(ProviderError) as refusal:
        token_request(offering, keyed, code="c", code_verifier="v", now=NOW, jti="a1")

    assert refusal.value.reason is Reason.PROVIDER_MISCONFIGURED
