"""How a code is redeemed, and what the token endpoint may answer."""

import json
from base64 import b64decode
from dataclasses import replace
from urllib.parse import parse_qs, unquote_plus

import pytest

from federation.oidc.errors import (
    AuthorizationError,
    IdTokenError,
    ProviderError,
    Reason,
)
from federation.oidc.json_document import DOCUMENT_BYTES
from federation.oidc.token import (
    client_credentials_request,
    read_token_response,
    token_request,
)
from federation.oidc.values import TokenRequest
from tests.oidc.conftest import ISSUER, NOW

AWKWARD = "c:l+i%e n/t é"
BASIC, POST = "client_secret_basic", "client_secret_post"


@pytest.fixture
def request_for(metadata, registration):
    """Build the token request for an awkward client, with what is registered and offered."""

    def request(registered: str, *offered: str) -> TokenRequest:
        return token_request(
            replace(metadata, token_endpoint_auth_methods=offered),
            replace(
                registration,
                client_id=AWKWARD,
                client_secret=f"s{AWKWARD}",
                token_endpoint_auth_method=registered,
            ),
            code="a+b/c",
            code_verifier="verifier",
            now=NOW,
            jti="a1",
        )

    return request


def fields_of(request: TokenRequest) -> dict[str, list[str]]:
    return parse_qs(request.body.decode("ascii"), strict_parsing=True)


def test_redeems_the_code_with_the_verifier_at_the_token_endpoint(request_for):
    request = request_for(BASIC, BASIC)

    assert request.url == f"{ISSUER}/token"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert request.headers["Accept"] == "application/json"
    assert fields_of(request) == {
        "grant_type": ["authorization_code"],
        "code": ["a+b/c"],
        "redirect_uri": ["https://portal.example/login/contoso/callback/"],
        "code_verifier": ["verifier"],
    }


@pytest.mark.parametrize(
    ("registered", "offered"),
    [
        pytest.param(BASIC, [BASIC], id="client-secret-basic"),
        pytest.param("", [POST, BASIC], id="better-one-of-two"),
        pytest.param("", [], id="provider-silent"),
        pytest.param(BASIC, [], id="registered-and-provider-silent"),
    ],
)
def test_sends_the_secret_in_a_header_encoded_before_it_is_joined(request_for, registered, offered):
    request = request_for(registered, *offered)

    scheme, _, credentials = request.headers["Authorization"].partition(" ")
    client_id, _, client_secret = b64decode(credentials, validate=True).decode().partition(":")
    assert scheme == "Basic"
    assert unquote_plus(client_id) == AWKWARD
    assert unquote_plus(client_secret) == f"s{AWKWARD}"
    assert "client_secret" not in fields_of(request)


@pytest.mark.parametrize(
    ("registered", "offered"),
    [
        pytest.param(POST, [BASIC, POST], id="client-secret-post"),
        pytest.param("", ["private_key_jwt", POST], id="only-one-that-we-know"),
    ],
)
def test_sends_the_secret_in_the_body(request_for, registered, offered):
    request = request_for(registered, *offered)

    assert "Authorization" not in request.headers
    assert fields_of(request)["client_id"] == [AWKWARD]
    assert fields_of(request)["client_secret"] == [f"s{AWKWARD}"]


@pytest.mark.parametrize(
    ("registered", "offered"),
    [
        pytest.param(BASIC, [POST], id="registered-but-not-offered"),
        pytest.param(POST, [], id="not-the-default-of-a-silent-provider"),
        pytest.param("", ["private_key_jwt", "none"], id="none-that-we-can-use"),
        pytest.param(
            "client_secret_jwt", ["client_secret_jwt"], id="registered-one-that-we-do-not-know"
        ),
        pytest.param("private_key_jwt", ["private_key_jwt"], id="registered-but-there-is-no-key"),
    ],
)
def test_never_sends_the_secret_in_a_way_that_is_not_offered(request_for, registered, offered):
    with pytest.raises(ProviderError) as refusal:
        request_for(registered, *offered)

    assert refusal.value.reason is Reason.PROVIDER_MISCONFIGURED


def test_shows_neither_secret_nor_code(request_for, registration, attempt):
    shown = repr(request_for(BASIC)) + repr(request_for(POST, POST)) + repr(registration)

    assert "verifier" not in shown
    assert "Basic" not in shown
    assert "s3cret" not in shown
    assert attempt.code_verifier not in repr(attempt)
    assert attempt.nonce not in repr(attempt)
    assert attempt.state not in repr(attempt)


def answer(**changes: object) -> bytes:
    members = {"token_type": "Bearer", "access_token": "at", "id_token": "a.b.c", **changes}
    return json.dumps(members).encode()


def without(name: str) -> bytes:
    members = json.loads(answer())
    del members[name]
    return json.dumps(members).encode()


@pytest.mark.parametrize("token_type", ["Bearer", "bearer", "BEARER"])
def test_reads_the_tokens(token_type):
    response = read_token_response(200, answer(token_type=token_type, refresh_token="rt", x=1))

    assert response.id_token.compact == "a.b.c"
    assert response.access_token == "at"
    assert "a.b.c" not in repr(response)
    assert "'at'" not in repr(response)


def test_does_without_an_access_token():
    assert read_token_response(200, without("access_token")).access_token is None


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(without("id_token"), id="missing"),
        pytest.param(answer(id_token=None), id="null"),
        pytest.param(answer(id_token={}), id="object"),
        pytest.param(answer(id_token=["a.b.c"]), id="list"),
        pytest.param(answer(id_token=17), id="number"),
    ],
)
def test_refuses_an_answer_without_an_id_token(body):
    with pytest.raises(IdTokenError) as refusal:
        read_token_response(200, body)

    assert refusal.value.reason is Reason.ID_TOKEN_MALFORMED


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(200, b"<html>Sign in", id="a-page"),
        pytest.param(200, b"", id="nothing"),
        pytest.param(200, b"[]", id="list"),
        pytest.param(200, answer()[:-1], id="cut-off"),
        pytest.param(200, answer().ljust(DOCUMENT_BYTES + 1), id="too-large"),
        pytest.param(200, answer()[:-1] + b', "id_token": "d.e.f"}', id="id-token-twice"),
        pytest.param(200, answer(token_type="mac"), id="token-type-mac"),
        pytest.param(200, answer(token_type=1), id="token-type-number"),
        pytest.param(200, without("token_type"), id="token-type-missing"),
        pytest.param(200, answer(access_token=1), id="access-token-number"),
        pytest.param(200, answer(access_token=""), id="access-token-empty"),
        pytest.param(200, answer(access_token="a\r\nCookie: b"), id="access-token-line-break"),
        pytest.param(200, answer(access_token="x" * 16385), id="access-token-long"),
        pytest.param(204, b"{}", id="no-content"),
        pytest.param(302, b"", id="redirect"),
        pytest.param(307, answer(), id="redirect-with-tokens"),
        pytest.param(404, b"<html>Not found", id="not-found"),
    ],
)
def test_refuses_an_answer_that_is_none(status, body):
    with pytest.raises(ProviderError) as refusal:
        read_token_response(status, body)

    assert refusal.value.reason is Reason.PROVIDER_MISCONFIGURED


@pytest.mark.parametrize("status", [429, 500, 502, 503])
@pytest.mark.parametrize("body", [b"<html>", b'{"error": "invalid_client"}'])
def test_reports_a_token_endpoint_that_is_unable_to_answer(status, body):
    with pytest.raises(ProviderError) as refusal:
        read_token_response(status, body)

    assert refusal.value.reason is Reason.PROVIDER_UNREACHABLE


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(401, b'{"error": "invalid_client"}', id="invalid-secret"),
        pytest.param(400, b'{"error": "invalid_client"}', id="entra"),
        pytest.param(400, b'{"error": "unauthorized_client"}', id="keycloak"),
        pytest.param(401, b'{"message": "no"}', id="status-alone"),
        pytest.param(401, b"<html>", id="status-and-a-page"),
        pytest.param(200, b'{"error": "invalid_client"}', id="error-with-status-200"),
    ],
)
def test_reports_that_the_provider_rejects_us(status, body):
    with pytest.raises(ProviderError) as refusal:
        read_token_response(status, body)

    assert refusal.value.reason is Reason.CLIENT_REJECTED


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(400, b'{"error": "invalid_grant"}', id="code-used"),
        pytest.param(400, b'{"error": "invalid_request"}', id="invalid-request"),
        pytest.param(403, b'{"error": {}}', id="error-object"),
        pytest.param(400, b"{}", id="no-error"),
        pytest.param(200, b'{"error": "invalid_grant"}', id="error-with-status-200"),
    ],
)
def test_reports_that_the_code_is_refused(status, body):
    with pytest.raises(AuthorizationError) as refusal:
        read_token_response(status, body)

    assert refusal.value.reason is Reason.TOKEN_REQUEST_REFUSED


@pytest.mark.parametrize("error", ["invalid_client", "invalid_grant"])
def test_keeps_what_the_provider_says_apart_from_our_own_words(error):
    body = json.dumps({"error": error, "error_description": "AADSTS7000215: wrong"}).encode()

    with pytest.raises((ProviderError, AuthorizationError)) as refusal:
        read_token_response(400, body)

    assert refusal.value.provider_error == error
    assert refusal.value.provider_description == "AADSTS7000215: wrong"
    assert "AADSTS" not in refusal.value.detail


def test_asks_whether_we_are_known_with_no_person_and_no_code(metadata, registration):
    request = client_credentials_request(
        metadata, registration, scope="foyer/.default", now=NOW, jti="a1"
    )

    assert request.url == f"{ISSUER}/token"
    assert request.headers["Authorization"].startswith("Basic ")
    assert fields_of(request) == {
        "grant_type": ["client_credentials"],
        "scope": ["foyer/.default"],
    }
