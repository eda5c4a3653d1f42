"""The tokens of the emulator, believed by PyJWT only."""

import jwt

from demo.cognito import POOL_ID, running_emulator
from tests.demo.cognito.calls import PROVIDER, client_of, read, token_for, verified


def test_verifies_against_the_keys_that_its_issuer_publishes(emulator, client):
    answer = token_for(client, "u1")

    discovery = read(f"{emulator.issuer}/.well-known/openid-configuration")
    claims = verified(answer["Token"], emulator)

    assert discovery["issuer"] == emulator.issuer == emulator.base_url
    assert discovery["jwks_uri"] == emulator.jwks_uri
    assert claims["sub"] == answer["IdentityId"]


def test_has_amazons_header_and_claims(client):
    answer = token_for(client, "u1")

    claims = jwt.decode(answer["Token"], options={"verify_signature": False})
    assert jwt.get_unverified_header(answer["Token"]) == {
        "kid": "eu-west-11",
        "typ": "JWS",
        "alg": "RS512",
    }
    assert claims.keys() == {"sub", "aud", "amr", "iss", "exp", "iat"}
    assert claims["amr"] == ["authenticated", PROVIDER, f"{PROVIDER}:{POOL_ID}:u1"]
    assert claims["exp"] - claims["iat"] == 900


def test_lives_as_long_as_was_asked_and_carries_the_tags_as_lists(client):
    tags = {"partner": "contoso", "kind": "person"}

    answer = token_for(client, "u1", TokenDuration=60, PrincipalTags=tags)

    claims = jwt.decode(answer["Token"], options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 60
    assert claims["https://aws.amazon.com/tags"] == {
        "principal_tags": {"partner": ["contoso"], "kind": ["person"]}
    }


def test_of_an_older_key_still_verifies_after_a_rotation(emulator, client):
    before = token_for(client, "u1")["Token"]

    emulator.signer.rotate()

    after = token_for(client, "u1")["Token"]
    assert jwt.get_unverified_header(before)["kid"] != jwt.get_unverified_header(after)["kid"]
    assert verified(before, emulator)["sub"] == verified(after, emulator)["sub"]
    emulator.signer.keys.pop()


def test_names_another_issuer_when_told_to():
    with running_emulator(issuer="https://cognito-identity.amazonaws.com") as emulator:
        token = token_for(client_of(emulator), "u1")["Token"]

        assert verified(token, emulator)["iss"] == "https://cognito-identity.amazonaws.com"
