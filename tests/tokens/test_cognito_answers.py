"""The whole way to a pool and back: through boto3, over a socket, with real signatures."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import jwt
import pytest
import requests
from moto import mock_aws

from demo.cognito import Fault
from tests.tokens.jwts import POOL, SUBJECT
from tokens.cognito import CognitoIssuer, cognito_client
from tokens.errors import TokenIssuerRefusedError, TokenIssuerUnavailableError

MINUTES_15 = timedelta(minutes=15)


def ask(issuer, subject=SUBJECT, *, duration=MINUTES_15):
    return issuer.issue(subject, tags={"partner": "contoso"}, duration=duration)


def claims_of(developer_token, pool):
    """Return what a service reads, which verifies with nothing but a JWT library."""
    keys = jwt.PyJWKSet.from_dict(requests.get(pool.jwks_uri, timeout=5).json())
    key = keys[jwt.get_unverified_header(developer_token.value)["kid"]]
    return jwt.decode(
        developer_token.value,
        key,
        algorithms=["RS512"],
        audience=pool.pool_id,
        issuer=pool.issuer,
        options={"require": ["exp", "iat", "sub", "aud", "iss", "amr"]},
    )


def test_boto3_finds_its_way_with_our_configuration(credentials):
    with mock_aws():
        client = cognito_client(POOL)

        answer = client.get_open_id_token_for_developer_identity(
            IdentityPoolId=POOL.identity_pool_id, Logins={POOL.developer_provider_name: SUBJECT}
        )

    assert answer["IdentityId"].startswith("eu-west-1:")


def test_what_moto_calls_a_token_is_believed_by_nobody(credentials):
    with mock_aws(), pytest.raises(TokenIssuerRefusedError) as refusal:
        ask(CognitoIssuer(POOL, make_client=cognito_client))

    assert refusal.value.cause == "answer_unreadable"


def test_a_service_can_verify_the_token_and_reads_who_it_is(emulated, pool):
    developer_token = ask(emulated)

    claims = claims_of(developer_token, pool)
    assert claims["sub"] == developer_token.identity_id
    assert claims["exp"] - claims["iat"] == 900
    assert claims["amr"][:2] == ["authenticated", pool.developer_provider_name]
    assert claims["amr"][2].endswith(f":{SUBJECT}")
    assert claims["https://aws.amazon.com/tags"] == {"principal_tags": {"partner": ["contoso"]}}


def test_a_person_has_the_same_identity_each_time_and_another_person_another(emulated):
    first, again, other = ask(emulated), ask(emulated), ask(emulated, "uother")

    assert first.identity_id == again.identity_id
    assert first.identity_id != other.identity_id
    assert first.value != other.value


def test_the_pool_is_asked_without_an_identity_and_without_anybody_s_address(emulated, pool):
    ask(emulated)

    (call,) = pool.calls
    assert set(call.parameters) == {"IdentityPoolId", "Logins", "PrincipalTags", "TokenDuration"}
    assert call.parameters["Logins"] == {pool.developer_provider_name: SUBJECT}


def test_a_throttled_attempt_is_repeated(emulated, pool):
    pool.fail("TooManyRequestsException", times=1)

    developer_token = ask(emulated)

    assert developer_token.identity_id
    assert len(pool.calls) == 2


def test_an_internal_error_that_looks_like_our_fault_is_repeated(emulated, pool):
    pool.fail("InternalErrorException", status=400, times=1)

    developer_token = ask(emulated)

    assert developer_token.identity_id


@pytest.mark.parametrize("status", [400, 500])
def test_two_attempts_are_all(emulated, pool, status):
    pool.fail("InternalErrorException", status=status)

    with pytest.raises(TokenIssuerUnavailableError) as refusal:
        ask(emulated)

    assert refusal.value.cause == "InternalErrorException"
    assert len(pool.calls) == 2


def test_a_refusal_is_not_repeated(emulated, pool):
    pool.fail("AccessDeniedException")

    with pytest.raises(TokenIssuerRefusedError):
        ask(emulated)

    assert len(pool.calls) == 1


def test_a_pool_that_never_answers_costs_five_seconds_at_most(emulated, pool):
    pool.delay(30)
    began = time.monotonic()

    with pytest.raises(TokenIssuerUnavailableError) as refusal:
        ask(emulated)

    assert refusal.value.cause == "ReadTimeoutError"
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        pytest.param(Fault(closes=True), "ConnectionClosedError", id="hangs-up"),
        pytest.param(Fault(body=b"<html>", status=502), "502", id="a-proxy-s-502"),
    ],
)
def test_waits_for_a_pool_that_cannot_be_reached(emulated, pool, fault, cause):
    pool.misbehave(fault)

    with pytest.raises(TokenIssuerUnavailableError) as refusal:
        ask(emulated)

    assert refusal.value.cause == cause


def test_waits_for_a_pool_that_does_not_listen(credentials, monkeypatch, unused_port):
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY", f"http://127.0.0.1:{unused_port}")

    with pytest.raises(TokenIssuerUnavailableError) as refusal:
        ask(CognitoIssuer(POOL, make_client=cognito_client))

    assert refusal.value.cause == "EndpointConnectionError"


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault(body=b"<html>not JSON"), id="html"),
        pytest.param(Fault(body=b"[]"), id="a-list"),
        pytest.param(Fault(body=b"null"), id="null"),
        pytest.param(Fault(body=b"7"), id="a-number"),
        pytest.param(Fault(body=b"{}"), id="an-empty-object"),
        pytest.param(Fault(body=b'{"Token": 1, "IdentityId": []}'), id="wrong-types"),
        pytest.param(Fault(body=b'{"Token": "a.b.c", "IdentityId": "x"}'), id="no-jwt"),
        pytest.param(Fault(body=b""), id="nothing"),
    ],
)
def test_garbage_is_no_token(emulated, pool, fault):
    pool.misbehave(fault)

    with pytest.raises((TokenIssuerUnavailableError, TokenIssuerRefusedError)):
        ask(emulated)


def test_forty_people_at_once_get_their_own_tokens(emulated):
    subjects = [f"u{number}" for number in range(40)]

    with ThreadPoolExecutor(40) as threads:
        developer_tokens = list(threads.map(lambda subject: ask(emulated, subject), subjects))

    assert len({token.identity_id for token in developer_tokens}) == 40


def test_no_secret_is_logged_whatever_the_level(emulated, caplog):
    caplog.set_level("DEBUG", logger="tokens")
    developer_token = ask(emulated)

    assert developer_token.value not in caplog.text
