"""Which issuer this process asks, how it last went, and what readiness and the checks say."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import structlog
import time_machine
from django.core.checks import run_checks
from django.core.checks.registry import registry

from demo.cognito import Fault
from tests.tokens.jwts import SUBJECT
from tokens import health, issuers
from tokens.checks import token_issuer_settings
from tokens.cognito import CognitoIssuer
from tokens.errors import TokenIssuerError, TokenIssuerRefusedError
from tokens.issuers import token_issuer

MINUTES_15 = timedelta(minutes=15)


def ask():
    return token_issuer().issue(SUBJECT, tags={}, duration=MINUTES_15)


def ask_in_vain():
    with pytest.raises(TokenIssuerError) as refusal:
        ask()
    return refusal.value


def alerts(logged):
    return [line for line in logged if line["log_level"] == "error"]


# --- The choice ---------------------------------------------------------------------------------


def test_a_process_has_one_issuer_however_many_ask_at_once(pool, monkeypatch):
    class SlowlyMade(CognitoIssuer):
        def __init__(self, pool):
            time.sleep(0.05)
            super().__init__(pool)

    monkeypatch.setattr(issuers, "CognitoIssuer", SlowlyMade)

    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(lambda _: token_issuer(), range(64)))

    assert len(found) == 1


def test_a_forked_process_makes_its_own(pool, monkeypatch):
    before = token_issuer()
    monkeypatch.setattr(issuers.os, "getpid", lambda: -1)

    assert token_issuer() is not before


def test_asks_the_pool_that_the_settings_name(pool):
    assert ask().identity_id.startswith("eu-west-1:")
    assert token_issuer().endpoint == pool.base_url


@pytest.mark.parametrize(
    ("pool_id", "name"),
    [("", ""), ("eu-west-1:abc", ""), ("", "login.portal"), ("not a pool", "login.portal")],
)
def test_without_a_pool_nobody_gets_a_token_and_nothing_is_asked(settings, pool_id, name):
    settings.COGNITO_IDENTITY_POOL_ID = pool_id
    settings.COGNITO_DEVELOPER_PROVIDER_NAME = name

    refusal = ask_in_vain()

    assert refusal.cause == "not_configured"
    with pytest.raises(TokenIssuerRefusedError):
        _ = token_issuer().endpoint


# --- How it last went ---------------------------------------------------------------------------


def test_readiness_knows_nothing_before_the_first_attempt_and_asks_nobody(pool):
    state = health.state()

    assert (state["status"], state["endpoint"], state["cause"]) == ("untried", pool.base_url, "")
    assert not pool.calls


def test_readiness_says_that_nothing_is_configured(settings):
    settings.COGNITO_IDENTITY_POOL_ID = ""

    state = health.state()

    assert (state["status"], state["cause"]) == ("refused", "not_configured")
    assert state["endpoint"] == ""


@pytest.mark.parametrize(
    ("code", "status"),
    [
        pytest.param("TooManyRequestsException", "unavailable", id="throttled"),
        pytest.param("AccessDeniedException", "refused", id="no-permission"),
        pytest.param("ResourceNotFoundException", "refused", id="wrong-pool"),
    ],
)
def test_readiness_tells_how_the_last_attempt_went_and_since_when(pool, code, status):
    pool.fail(code)
    with time_machine.travel(datetime(2026, 11, 25, 12, 0, tzinfo=UTC), tick=False):
        ask_in_vain()
    with time_machine.travel(datetime(2026, 11, 25, 12, 5, tzinfo=UTC), tick=False):
        ask_in_vain()

    state = health.state()

    assert (state["status"], state["cause"]) == (status, code)
    assert state["since"] == "2026-11-25T12:00:00+00:00"


def test_readiness_recovers_with_the_first_token(pool):
    pool.fail("AccessDeniedException", times=1)
    ask_in_vain()

    ask()

    assert health.state()["status"] == "ok"
    assert health.state()["cause"] == ""


def test_a_refusal_counts_for_a_minute_since_only_a_sign_in_finds_out_more(pool):
    assert not health.is_refused()
    pool.fail("AccessDeniedException")
    ask_in_vain()

    assert health.is_refused()
    with time_machine.travel(datetime.now(UTC) + health.BELIEVED):
        assert not health.is_refused()


def test_a_pool_that_is_down_refuses_nothing(pool):
    pool.fail("TooManyRequestsException")
    ask_in_vain()

    assert not health.is_refused()


def test_no_pool_at_all_is_a_refusal_for_ever(settings):
    settings.COGNITO_IDENTITY_POOL_ID = ""

    assert health.is_refused()


def test_one_person_s_trouble_says_nothing_of_everybody_s(pool):
    ask()
    pool.fail("NotAuthorizedException")

    ask_in_vain()

    assert health.state()["status"] == "ok"


# --- Alerts -------------------------------------------------------------------------------------


def test_what_the_operator_has_to_mend_is_an_error_in_the_log_once(pool):
    pool.fail("AccessDeniedException")

    with structlog.testing.capture_logs() as logged:
        ask_in_vain()
        ask_in_vain()

    (alert,) = alerts(logged)
    assert alert["event"] == "token_issuer.refused"
    assert alert["cause"] == "AccessDeniedException"
    assert "Allow cognito-identity:GetOpenIdTokenForDeveloperIdentity" in alert["advice"]


def test_it_is_repeated_after_a_while_and_another_cause_is_another_alert(pool, monkeypatch):
    pool.fail("AccessDeniedException")
    monkeypatch.setattr("tokens.watched.ALERT_EVERY_SECONDS", 0.0)

    with structlog.testing.capture_logs() as logged:
        ask_in_vain()
        ask_in_vain()
    assert len(alerts(logged)) == 2

    monkeypatch.setattr("tokens.watched.ALERT_EVERY_SECONDS", 300.0)
    pool.recover()
    pool.fail("ExpiredTokenException")
    with structlog.testing.capture_logs() as logged:
        ask_in_vain()
    assert len(alerts(logged)) == 1


def test_an_outage_is_nobody_s_error(pool):
    pool.misbehave(Fault(closes=True))

    with structlog.testing.capture_logs() as logged:
        ask_in_vain()

    assert not alerts(logged)


# --- The checks -----------------------------------------------------------------------------------


def found():
    return {message.id for message in token_issuer_settings(None)}


@pytest.fixture
def sound(settings, monkeypatch):
    settings.COGNITO_IDENTITY_POOL_ID = "eu-west-1:6b2f9a1e-4c07-4d55-9f3a-0e8d71c2b946"
    settings.COGNITO_DEVELOPER_PROVIDER_NAME = "login.northlake.portal"
    monkeypatch.delenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY", raising=False)
    monkeypatch.setenv("AWS_REGION", "eu-west-1")


def test_sound_settings_pass(sound):
    assert found() == set()


def test_the_checks_run_when_deploying_and_only_then():
    assert token_issuer_settings in registry.deployment_checks
    assert not [m for m in run_checks(tags=["security"]) if str(m.id).startswith("tokens.")]


@pytest.mark.parametrize(
    ("name", "value", "ids"),
    [
        ("COGNITO_IDENTITY_POOL_ID", "", {"tokens.E001", "tokens.E003"}),
        ("COGNITO_IDENTITY_POOL_ID", "eu-west-1:NOT-HEX", {"tokens.E001"}),
        ("COGNITO_DEVELOPER_PROVIDER_NAME", "", {"tokens.E002"}),
        ("COGNITO_DEVELOPER_PROVIDER_NAME", "a name", {"tokens.E002"}),
        ("COGNITO_DEVELOPER_PROVIDER_NAME", "n" * 129, {"tokens.E002"}),
        ("COGNITO_TOKEN_DURATION", 3600, set()),
        ("COGNITO_TOKEN_DURATION", 3601, {"tokens.W001"}),
        ("SESSION_ENGINE", "django.contrib.sessions.backends.db", {"tokens.E004"}),
    ],
)
def test_says_which_setting_is_wrong(sound, settings, name, value, ids):
    setattr(settings, name, value)

    assert found() == ids


@pytest.mark.parametrize(
    ("variable", "value", "ids"),
    [
        ("AWS_REGION", "us-east-1", {"tokens.E003"}),
        ("AWS_DEFAULT_REGION", "us-east-1", {"tokens.E003"}),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9002", {"tokens.W002"}),
        ("AWS_ENDPOINT_URL_COGNITO_IDENTITY", "http://127.0.0.1:9002", {"tokens.W002"}),
    ],
)
def test_says_which_variable_leads_elsewhere(sound, monkeypatch, variable, value, ids):
    monkeypatch.setenv(variable, value)

    assert found() == ids
