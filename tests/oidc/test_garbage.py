"""Whatever a provider or a browser sends, the answer is a value or a refusal with a reason."""

import json
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from federation.oidc.authorization import read_authorization_response
from federation.oidc.discovery import parse_jwks, parse_metadata
from federation.oidc.errors import AdmissionError, FederationError
from federation.oidc.id_token import verify_id_token
from federation.oidc.json_document import DocumentError, read_json_object
from federation.oidc.step_up import require_step_up
from federation.oidc.token import read_token_response
from federation.oidc.userinfo import read_userinfo
from federation.oidc.values import ID_TOKEN_ALGS, IdToken, TokenResponse, UnverifiedIdToken
from tests.oidc.conftest import ISSUER, NONCE, NOW, TIME
from tests.support.keys import compact, encoded, signing_key

# The fixtures are frozen values: sharing them between examples shares nothing that can change.
hostile = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([TIME, 10**18, -(10**30)])
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)


def objects(*names: str, **likely: object) -> st.SearchStrategy[dict[str, object]]:
    """Return objects with the members that a parser looks for, right, wrong or missing."""
    return st.fixed_dictionaries(
        {}, optional={name: values | st.just(likely.get(name)) for name in (*names, *likely)}
    )


metadata_documents = objects(
    "token_endpoint_auth_methods_supported",
    "id_token_signing_alg_values_supported",
    "scopes_supported",
    "authorization_response_iss_parameter_supported",
    "userinfo_endpoint",
    "end_session_endpoint",
    issuer=ISSUER,
    authorization_endpoint=f"{ISSUER}/authorize",
    token_endpoint=f"{ISSUER}/token",
    jwks_uri=f"{ISSUER}/keys",
)
jwk = objects("key_ops", "x", "y", "d", "k", **signing_key().jwk(crv="P-256")) | values
token_responses = objects("error", token_type="Bearer", access_token="at", id_token="a.b.c")
headers = objects("typ", "crit", "b64", "jwk", alg="RS256", kid=signing_key().kid)
claim_sets = objects(
    "azp",
    "nbf",
    "at_hash",
    "sid",
    "session_expiry",
    iss=ISSUER,
    sub="00u1a2b3c4",
    aud="foyer",
    exp=TIME + 300,
    iat=TIME,
    nonce=NONCE,
)


@hostile
@given(st.binary() | values.map(lambda value: json.dumps(value).encode()))
def test_json(document):
    with suppress(DocumentError):
        assert isinstance(read_json_object(document), dict)


@hostile
@given(st.binary() | metadata_documents.map(lambda members: json.dumps(members).encode()))
def test_metadata(document):
    with suppress(FederationError):
        assert parse_metadata(document, issuer=ISSUER).issuer == ISSUER


@hostile
@given(st.text(), st.sampled_from(["https://", "http://", "//", ""]))
def test_an_endpoint(rest, scheme):
    members = {
        "issuer": ISSUER,
        "authorization_endpoint": scheme + rest,
        "token_endpoint": f"{ISSUER}/token",
        "jwks_uri": f"{ISSUER}/keys",
    }

    with suppress(FederationError):
        metadata = parse_metadata(json.dumps(members).encode(), issuer=ISSUER)
        assert metadata.authorization_endpoint.startswith("https://")


@hostile
@given(st.binary() | st.lists(jwk).map(lambda keys: json.dumps({"keys": keys}).encode()))
def test_a_key_set(document):
    with suppress(FederationError):
        assert parse_jwks(document).keys


@hostile
@given(
    st.dictionaries(
        st.sampled_from(["code", "state", "iss", "error", "error_description", "x"]),
        st.lists(st.text() | st.sampled_from(["af0ifjsldkj", ISSUER, "SplxlOBeZQQYbYS6WxSbIA"])),
    )
)
@example({"state": ["\ud800"]})
@example({"state": ["af0ifjsldkj"], "error": ["\ud800"], "error_description": ["\udfff\0"]})
def test_an_authorization_response(attempt, metadata, parameters):
    with suppress(FederationError):
        assert read_authorization_response(parameters, attempt=attempt, metadata=metadata)


@hostile
@given(
    st.integers(min_value=100, max_value=599),
    st.binary() | token_responses.map(lambda members: json.dumps(members).encode()),
)
def test_a_token_response(status, body):
    with suppress(FederationError):
        assert isinstance(read_token_response(status, body), TokenResponse)


@hostile
@given(st.text(), st.binary() | objects("email", sub="s").map(lambda it: json.dumps(it).encode()))
def test_userinfo(content_type, body):
    with suppress(FederationError):
        assert read_userinfo(200, content_type, body, subject="s")["sub"] == "s"


@hostile
@given(
    st.text()
    | st.tuples(st.binary(), st.binary(), st.binary()).map(lambda it: ".".join(map(encoded, it)))
)
def test_an_id_token_that_nobody_signed(jwks, registration, text):
    raw = UnverifiedIdToken(compact=text)

    with pytest.raises(FederationError):
        verify_id_token(raw, jwks=jwks, registration=registration, nonce=NONCE, now=NOW)


@hostile
@given(st.sampled_from(ID_TOKEN_ALGS), st.binary(max_size=600))
def test_a_signature_that_is_none(key, jwks, registration, algorithm, signature):
    header = {"alg": algorithm, "kid": key.kid}
    raw = UnverifiedIdToken(compact=f"{encoded(header)}.{encoded({})}.{encoded(signature)}")

    with pytest.raises(FederationError):
        verify_id_token(raw, jwks=jwks, registration=registration, nonce=NONCE, now=NOW)


@hostile
@given(headers, claim_sets)
def test_an_id_token_that_the_provider_signed(key, jwks, registration, header, claims):
    token = compact(header, claims, key=key.private_key, algorithm=key.algorithm)
    raw = UnverifiedIdToken(compact=token)

    with suppress(FederationError):
        id_token = verify_id_token(
            raw, jwks=jwks, registration=registration, nonce=NONCE, now=NOW, access_token="at"
        )
        assert (id_token.issuer, id_token.claims["aud"]) == (ISSUER, "foyer")


@hostile
@given(objects("acr", "amr", auth_time=TIME))
def test_how_the_person_was_signed_in(registration, claims):
    id_token = IdToken(issuer=ISSUER, subject="s", issued_at=NOW, expires_at=NOW, claims=claims)

    with suppress(AdmissionError):
        require_step_up(id_token, registration=registration, now=NOW)
