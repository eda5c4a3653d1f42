"""What the browser carries to the provider, and what it may bring back."""

from dataclasses import replace
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from federation.oidc.authorization import (
    authorization_url,
    code_challenge_of,
    read_authorization_response,
)
from federation.oidc.errors import AttemptError, AuthorizationError, ProviderError, Reason
from tests.oidc.conftest import ISSUER

STATE = "af0ifjsldkj"


def parameters_of(url: str) -> dict[str, str]:
    pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True, strict_parsing=True)
    assert len({name for name, _ in pairs}) == len(pairs), "a parameter occurs twice"
    return dict(pairs)


def test_challenges_with_the_digest_of_the_verifier():
    # RFC 7636, appendix B.
    assert (
        code_challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


def test_asks_for_a_code_with_state_nonce_and_challenge(metadata, registration, attempt):
    url = authorization_url(metadata, registration, attempt)

    assert url.startswith(f"{ISSUER}/authorize?")
    assert parameters_of(url) == {
        "response_type": "code",
        "client_id": "foyer",
        "redirect_uri": "https://portal.example/login/contoso/callback/",
        "scope": "openid email profile",
        "state": STATE,
        "nonce": attempt.nonce,
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }


def test_asks_for_openid_whatever_the_connection_lists(metadata, registration, attempt):
    registration = replace(registration, scopes=("email", "openid"))

    url = authorization_url(metadata, registration, attempt)

    assert parameters_of(url)["scope"] == "openid email"


def test_sends_what_the_connection_and_the_person_ask_for(metadata, registration, attempt):
    registration = replace(registration, max_age=0, acr_values=("mfa", "phr"))

    url = authorization_url(
        metadata,
        registration,
        attempt,
        login_hint="ana+x@contoso.example",
        prompt="select_account",
        ui_locales="de",
        domain_hint="contoso.example",
    )

    asked = parameters_of(url)
    assert asked["max_age"] == "0"
    assert asked["acr_values"] == "mfa phr"
    assert asked["login_hint"] == "ana+x@contoso.example"
    assert asked["prompt"] == "select_account"
    assert asked["ui_locales"] == "de"
    assert asked["domain_hint"] == "contoso.example"


def test_keeps_the_query_that_an_endpoint_has(metadata, registration, attempt):
    metadata = replace(metadata, authorization_endpoint=f"{ISSUER}/authorize?p=b2c_1%2Fx&flag&&a=")

    url = authorization_url(metadata, registration, attempt)

    assert url.startswith(f"{ISSUER}/authorize?p=b2c_1%2Fx&flag&a=&response_type=code&")


@pytest.mark.parametrize(
    "smuggled",
    [
        "client_id=evil",
        "redirect_uri=https://evil.example/",
        "redirect%5furi=https://evil.example/",
        "state=fixed",
        "scope=admin",
        "code_challenge_method=plain",
    ],
)
def test_sends_its_own_value_where_an_endpoint_brings_one(
    metadata, registration, attempt, smuggled
):
    clean = authorization_url(metadata, registration, attempt)
    metadata = replace(metadata, authorization_endpoint=f"{ISSUER}/authorize?{smuggled}")

    url = authorization_url(metadata, registration, attempt)

    assert url == clean


@pytest.mark.parametrize(
    "smuggled",
    [
        "request=x",
        "request_uri=https://evil.example/",
        "response_mode=fragment",
        "prompt=none",
        "login_hint=victim@contoso.example",
    ],
)
def test_leaves_out_what_an_endpoint_must_not_ask_for(metadata, registration, attempt, smuggled):
    metadata = replace(metadata, authorization_endpoint=f"{ISSUER}/authorize?{smuggled}")

    url = authorization_url(metadata, registration, attempt)

    assert smuggled.partition("=")[0] not in parameters_of(url)


def test_a_hint_cannot_leave_its_parameter(metadata, registration, attempt):
    hint = "a&redirect_uri=https://evil.example\r\nSet-Cookie: a=b#\u2028é"

    url = authorization_url(metadata, registration, attempt, login_hint=hint)

    assert parameters_of(url)["login_hint"] == hint
    assert url.isascii()
    assert url.isprintable()
    assert " " not in url
    assert "#" not in url


def response(**changes: list[str]) -> dict[str, list[str]]:
    return {"code": ["SplxlOBeZQQYbYS6WxSbIA"], "state": [STATE], **changes}


def test_reads_the_code(attempt, metadata):
    code = read_authorization_response(response(), attempt=attempt, metadata=metadata)

    assert code == "SplxlOBeZQQYbYS6WxSbIA"


def test_reads_the_code_of_the_right_issuer(attempt, metadata):
    metadata = replace(metadata, authorization_response_iss_parameter_supported=True)

    code = read_authorization_response(response(iss=[ISSUER]), attempt=attempt, metadata=metadata)

    assert code == "SplxlOBeZQQYbYS6WxSbIA"


def test_leaves_what_else_a_provider_sends(attempt, metadata):
    sent = response(
        session_state=["x"], client_info=["y", "z"], id_token=["a.b.c"], response=["jarm"]
    )

    code = read_authorization_response(sent, attempt=attempt, metadata=metadata)

    assert code == "SplxlOBeZQQYbYS6WxSbIA"


@pytest.mark.parametrize(
    "state",
    [
        pytest.param([], id="missing"),
        pytest.param([""], id="empty"),
        pytest.param([STATE + "x"], id="other"),
        pytest.param(["\ud800"], id="half-a-surrogate-pair"),
    ],
)
def test_refuses_a_response_to_another_attempt(attempt, metadata, state):
    with pytest.raises(AttemptError) as refusal:
        read_authorization_response(response(state=state), attempt=attempt, metadata=metadata)

    assert refusal.value.reason is Reason.ATTEMPT_UNKNOWN


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"code": []}, id="no-code"),
        pytest.param({"code": [""]}, id="empty-code"),
        pytest.param({"code": ["x" * 4097]}, id="long-code"),
        pytest.param({"code": ["a\0b"]}, id="nul-in-code"),
        pytest.param({"code": ["a\r\nb"]}, id="line-break-in-code"),
        pytest.param({"code": ["a\n"]}, id="line-break-after-code"),
        pytest.param({"code": ["é"]}, id="code-beyond-ascii"),
        pytest.param({"code": ["a", "b"]}, id="two-codes"),
        pytest.param({"code": ["a", "a"]}, id="the-same-code-twice"),
        pytest.param({"state": [STATE, STATE]}, id="two-states"),
        pytest.param({"iss": [ISSUER, ISSUER]}, id="two-issuers"),
        pytest.param({"error": ["access_denied"]}, id="error-and-code"),
        pytest.param({"code": [], "error": ["a", "b"]}, id="two-errors"),
        pytest.param({"code": [], "response": ["jarm"]}, id="jarm-alone"),
        pytest.param({"code": [], "id_token": ["a.b.c"]}, id="front-channel-id-token"),
    ],
)
def test_refuses_a_malformed_response(attempt, metadata, changes):
    with pytest.raises(AuthorizationError) as refusal:
        read_authorization_response(response(**changes), attempt=attempt, metadata=metadata)

    assert refusal.value.reason is Reason.RESPONSE_MALFORMED


@pytest.mark.parametrize("says_so", [True, False])
@pytest.mark.parametrize(
    "issuer", ["https://login.fabrikam.example", ISSUER + "/", ISSUER.upper(), ""]
)
@pytest.mark.parametrize("answer", [{}, {"code": [], "error": ["access_denied"]}])
def test_refuses_a_response_of_another_issuer(attempt, metadata, says_so, issuer, answer):
    metadata = replace(metadata, authorization_response_iss_parameter_supported=says_so)
    sent = response(iss=[issuer], **answer)

    with pytest.raises(AuthorizationError) as refusal:
        read_authorization_response(sent, attempt=attempt, metadata=metadata)

    assert refusal.value.reason is Reason.RESPONSE_FROM_ANOTHER_ISSUER


@pytest.mark.parametrize("answer", [{}, {"code": [], "error": ["access_denied"]}])
def test_refuses_a_response_without_the_issuer_that_is_always_sent(attempt, metadata, answer):
    metadata = replace(metadata, authorization_response_iss_parameter_supported=True)

    with pytest.raises(AuthorizationError) as refusal:
        read_authorization_response(response(**answer), attempt=attempt, metadata=metadata)

    assert refusal.value.reason is Reason.RESPONSE_FROM_ANOTHER_ISSUER


@pytest.mark.parametrize("error", ["access_denied", "login_required", "invalid_scope", "", "x y"])
def test_reports_a_denial_in_the_providers_words(attempt, metadata, error):
    sent = parse_qs(f"state={STATE}&error={error}&error_description=Not+assigned", True)

    with pytest.raises(AuthorizationError) as refusal:
        read_authorization_response(sent, attempt=attempt, metadata=metadata)

    assert refusal.value.reason is Reason.AUTHORIZATION_DENIED
    assert refusal.value.provider_error == error
    assert refusal.value.provider_description == "Not assigned"
    assert "assigned" not in refusal.value.detail


@pytest.mark.parametrize("error", ["server_error", "temporarily_unavailable"])
def test_reports_a_provider_that_is_unable_to_answer(attempt, metadata, error):
    sent = {"state": [STATE], "error": [error]}

    with pytest.raises(ProviderError) as refusal:
        read_authorization_response(sent, attempt=attempt, metadata=metadata)

    assert refusal.value.reason is Reason.PROVIDER_UNREACHABLE
    assert refusal.value.provider_error == error
