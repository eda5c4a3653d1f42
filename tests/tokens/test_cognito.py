"""What is sent to Cognito, what is believed of its answers, and what each of its errors means."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from botocore.exceptions import NoCredentialsError
from botocore.stub import Stubber

from tests.tokens.jwts import IDENTITY_ID, POOL, SUBJECT, answer, developer_jwt
from tokens.cognito import CognitoIssuer, cognito_client
from tokens.errors import TokenIssuerRefusedError, TokenIssuerUnavailableError
from tokens.values import IdentityPool

OPERATION = "get_open_id_token_for_developer_identity"
MINUTES_15 = timedelta(minutes=15)


def ask(issuer, *, duration=MINUTES_15, tags=None):
    return issuer.issue(
        SUBJECT, tags={"partner": "contoso"} if tags is None else tags, duration=duration
    )


# --- What is sent -----------------------------------------------------------------------------


def test_sends_the_opaque_subject_under_our_own_name_and_nothing_else(stub, issuer):
    stub.add_response(
        OPERATION,
        answer(),
        {
            "IdentityPoolId": POOL.identity_pool_id,
            "Logins": {POOL.developer_provider_name: SUBJECT},
            "PrincipalTags": {"partner": "contoso"},
            "TokenDuration": 900,
        },
    )

    developer_token = ask(issuer)

    assert developer_token.identity_id == IDENTITY_ID


@pytest.mark.parametrize(
    ("duration", "sent"),
    [
        pytest.param(timedelta(seconds=59.9), 59, id="never-more-than-asked-for"),
        pytest.param(timedelta(seconds=-3), 1, id="the-session-ends-this-moment"),
    ],
)
def test_sends_whole_seconds_and_at_least_one(stub, issuer, duration, sent):
    expected = {
        "IdentityPoolId": POOL.identity_pool_id,
        "Logins": {POOL.developer_provider_name: SUBJECT},
        "PrincipalTags": {"partner": "contoso"},
        "TokenDuration": sent,
    }
    stub.add_response(OPERATION, answer(), expected)

    ask(issuer, duration=duration)


def test_takes_460_bytes_of_tags(stub, issuer):
    stub.add_response(OPERATION, answer())

    ask(issuer, tags={"partner": "é" * 126, "x": "y" * 200})  # 7 + 252 + 1 + 200


def test_never_sends_more_tags_than_sts_would_take(issuer):
    with pytest.raises(TokenIssuerRefusedError) as refusal:
        ask(issuer, tags={"partner": "é" * 126, "x": "y" * 201})

    assert refusal.value.cause == "tags_too_large"


# --- What is believed ---------------------------------------------------------------------------


def test_returns_the_token_with_its_own_times(stub, issuer):
    now = datetime.now(UTC).replace(microsecond=0)
    times = {"iat": int(now.timestamp()), "exp": int(now.timestamp()) + 600}
    stub.add_response(OPERATION, answer(**times))

    developer_token = ask(issuer)

    assert developer_token.value == developer_jwt(**times)
    assert developer_token.issued_at == now
    assert developer_token.expires_at == now + timedelta(minutes=10)


def test_the_token_is_not_in_its_value_s_representation(stub, issuer):
    stub.add_response(OPERATION, answer())

    developer_token = ask(issuer)

    assert developer_token.value not in repr(developer_token)
    assert IDENTITY_ID in repr(developer_token)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"IdentityId": IDENTITY_ID, "Token": "eu-west-1:no-jwt"}, id="no-jwt"),
        pytest.param({"IdentityId": IDENTITY_ID, "Token": developer_jwt(exp="x")}, id="exp-text"),
        pytest.param({"IdentityId": IDENTITY_ID, "Token": developer_jwt(exp=1e30)}, id="exp-far"),
        pytest.param({"IdentityId": IDENTITY_ID, "Token": developer_jwt(iat=None)}, id="iat-null"),
        pytest.param({"IdentityId": IDENTITY_ID}, id="no-token"),
        pytest.param({"Token": developer_jwt()}, id="no-identity"),
    ],
)
def test_refuses_an_answer_that_cannot_be_read(stub, issuer, said):
    stub.add_response(OPERATION, said)

    with pytest.raises(TokenIssuerRefusedError) as refusal:
        ask(issuer)

    assert refusal.value.cause == "answer_unreadable"


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"aud": "eu-west-1:00000000-0000-0000-0000-000000000000"}, id="other-pool"),
        pytest.param({"sub": "eu-west-1:00000000-0000-0000-0000-000000000000"}, id="other-sub"),
    ],
)
def test_refuses_a_token_that_is_not_of_this_pool_and_identity(stub, issuer, claims):
    stub.add_response(OPERATION, answer(**claims))

    with pytest.raises(TokenIssuerRefusedError) as refusal:
        ask(issuer)

    assert refusal.value.cause == "token_of_another_pool"


@pytest.mark.parametrize(("seconds", "alarms"), [(-50, 0), (-90, 1), (90, 1)])
def test_says_that_a_clock_is_wrong(stub, issuer, seconds, alarms):
    now = int(datetime.now(UTC).timestamp())
    stub.add_response(OPERATION, answer(iat=now + seconds, exp=now + seconds + 900))

    with structlog.testing.capture_logs() as logged:
        ask(issuer)

    assert len([line for line in logged if line["event"] == "clock.skewed"]) == alarms


# --- What an error means: cognito.md, section 1.2 -----------------------------------------------


@pytest.mark.parametrize("status", [400, 429, 500])
@pytest.mark.parametrize(
    "code",
    ["TooManyRequestsException", "ThrottlingException", "ServiceUnavailableException"],
)
def test_waits_for_what_passes_by_its_code_whatever_the_status(stub, issuer, code, status):
    stub.add_client_error(OPERATION, code, "the message", http_status_code=status)

    with pytest.raises(TokenIssuerUnavailableError) as refusal:
        ask(issuer)

    assert refusal.value.cause == code


@pytest.mark.parametrize("status", [400, 403, 500])
@pytest.mark.parametrize(
    ("code", "concerns_all", "advice"),
    [
        ("AccessDeniedException", True, "GetOpenIdTokenForDeveloperIdentity"),
        ("DeveloperUserAlreadyRegisteredException", False, "identity"),
        ("ExpiredTokenException", True, "credentials"),
        ("IncompleteSignature", True, "credentials"),
        ("InvalidParameterException", True, "COGNITO_DEVELOPER_PROVIDER_NAME"),
        ("InvalidSignatureException", True, "clock"),
        ("NotAuthorizedException", False, "identity"),
        ("ResourceNotFoundException", True, "no such identity pool"),
        ("UnrecognizedClientException", True, "credentials"),
        ("ValidationException", True, "COGNITO_IDENTITY_POOL_ID"),
    ],
)
def test_tells_the_operator_what_to_mend(stub, issuer, code, concerns_all, advice, status):
    stub.add_client_error(OPERATION, code, "the message", http_status_code=status)

    with pytest.raises(TokenIssuerRefusedError) as refusal:
        ask(issuer)

    assert refusal.value.cause == code
    assert refusal.value.concerns_all is concerns_all
    assert advice in refusal.value.advice


def test_an_error_nobody_has_heard_of_is_the_operator_s(stub, issuer):
    stub.add_client_error(OPERATION, "BrandNewException", http_status_code=400)

    with pytest.raises(TokenIssuerRefusedError) as refusal:
        ask(issuer)

    assert refusal.value.cause == "BrandNewException"
    assert "API reference" in refusal.value.advice


def test_a_server_error_nobody_has_heard_of_passes(stub, issuer):
    stub.add_client_error(OPERATION, "502", http_status_code=502)

    with pytest.raises(TokenIssuerUnavailableError):
        ask(issuer)


def test_nothing_of_an_error_s_message_is_taken_over(stub, issuer):
    secret = "x-amz-security-token:IQoJb3JpZ2luX2Vj"
    stub.add_client_error(OPERATION, "InvalidSignatureException", secret)

    with pytest.raises(TokenIssuerRefusedError) as refusal:
        ask(issuer)

    assert secret not in repr(vars(refusal.value)) + str(refusal.value)


@pytest.mark.parametrize("code", ["InternalErrorException", "ResourceConflictException"])
def test_tries_once_more_where_botocore_does_not(stub, issuer, code):
    stub.add_client_error(OPERATION, code, http_status_code=400)
    stub.add_response(OPERATION, answer())

    developer_token = ask(issuer)

    assert developer_token.identity_id == IDENTITY_ID


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("InternalErrorException", TokenIssuerUnavailableError),
        ("ResourceConflictException", TokenIssuerRefusedError),
    ],
)
def test_tries_no_third_time(stub, issuer, code, error):
    for _ in range(2):
        stub.add_client_error(OPERATION, code, http_status_code=400)

    with pytest.raises(error):
        ask(issuer)


def test_does_not_try_again_what_botocore_has_tried_already(stub, issuer):
    stub.add_client_error(OPERATION, "InternalErrorException", response_meta={"RetryAttempts": 1})

    with pytest.raises(TokenIssuerUnavailableError):
        ask(issuer)


def test_does_not_try_again_when_the_first_answer_took_long(stub, issuer, monkeypatch):
    monkeypatch.setattr("tokens.cognito.RETRY_WITHIN_SECONDS", 0.0)
    stub.add_client_error(OPERATION, "InternalErrorException", http_status_code=400)

    with pytest.raises(TokenIssuerUnavailableError):
        ask(issuer)


# --- The breaker ----------------------------------------------------------------------------------


def test_leaves_a_failing_pool_alone(stub, issuer):
    for _ in range(5):
        stub.add_client_error(OPERATION, "TooManyRequestsException")
    for _ in range(5):
        with pytest.raises(TokenIssuerUnavailableError):
            ask(issuer)

    with pytest.raises(TokenIssuerUnavailableError) as refusal:
        ask(issuer)

    assert refusal.value.cause == "breaker_open"


@pytest.mark.parametrize("code", ["NotAuthorizedException", "AccessDeniedException"])
def test_a_pool_that_refuses_is_not_down(stub, issuer, code):
    for _ in range(4):
        stub.add_client_error(OPERATION, "TooManyRequestsException")
    stub.add_client_error(OPERATION, code)
    stub.add_client_error(OPERATION, "TooManyRequestsException")
    stub.add_response(OPERATION, answer())
    for _ in range(6):
        with pytest.raises((TokenIssuerUnavailableError, TokenIssuerRefusedError)):
            ask(issuer)

    developer_token = ask(issuer)

    assert developer_token.identity_id == IDENTITY_ID


def test_an_answer_forgives_the_failures_before_it(stub, issuer):
    for code in [*["TooManyRequestsException"] * 4, None, "TooManyRequestsException", None]:
        if code:
            stub.add_client_error(OPERATION, code)
        else:
            stub.add_response(OPERATION, answer())
    for _ in range(4):
        with pytest.raises(TokenIssuerUnavailableError):
            ask(issuer)
    ask(issuer)
    with pytest.raises(TokenIssuerUnavailableError):
        ask(issuer)

    assert ask(issuer).identity_id == IDENTITY_ID


# --- The client -----------------------------------------------------------------------------------


def test_the_client_waits_for_nobody_long_and_has_a_connection_for_each_thread(
    credentials, settings
):
    settings.WEB_THREADS = 40

    config = cognito_client(POOL).meta.config

    assert (config.connect_timeout, config.read_timeout) == (1.0, 2.0)
    assert config.retries == {"mode": "standard", "total_max_attempts": 2}
    assert config.max_pool_connections == 40
    assert config.tcp_keepalive is True


def test_asks_in_the_pool_s_own_region_whatever_the_environment_says(credentials, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")

    issuer = CognitoIssuer(POOL, make_client=cognito_client)

    assert issuer.endpoint == "https://cognito-identity.eu-west-1.amazonaws.com"


def test_makes_one_client(credentials):
    made = []

    def make_client(pool):
        made.append(pool)
        return cognito_client(pool)

    issuer = CognitoIssuer(POOL, make_client=make_client)
    endpoints = {issuer.endpoint, issuer.endpoint}

    assert len(endpoints) == 1
    assert made == [POOL]


def test_says_so_when_boto3_can_make_no_client(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "nobody-has-this-one")

    with pytest.raises(TokenIssuerRefusedError) as refusal:
        ask(CognitoIssuer(POOL, make_client=cognito_client))

    assert refusal.value.cause == "ProfileNotFound"


def test_a_region_that_cannot_be_is_the_operator_s():
    with pytest.raises(TokenIssuerRefusedError) as refusal:
        cognito_client(IdentityPool(identity_pool_id="eu west:1", developer_provider_name="x"))

    assert re.fullmatch(r"InvalidRegionError|ValueError", refusal.value.cause)


def test_looks_for_credentials_again_when_there_were_none(monkeypatch):
    made = []

    def make_client(pool):
        made.append(cognito_client(pool))
        return made[-1]

    issuer = CognitoIssuer(POOL, make_client=make_client)
    with pytest.raises(TokenIssuerRefusedError) as refusal:
        ask(issuer)
    assert refusal.value.cause == NoCredentialsError.__name__
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "tests")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "tests")
    with Stubber(cognito_client(POOL)) as stub:
        stub.add_response(OPERATION, answer())
        monkeypatch.setattr(issuer, "_make_client", lambda _: stub.client)

        developer_token = ask(issuer)

    assert developer_token.identity_id == IDENTITY_ID
    assert len(made) == 1
