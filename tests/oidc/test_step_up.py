"""A connection that asks for more than a password gets it, or nobody in."""

from dataclasses import replace
from datetime import timedelta

import pytest

from federation.oidc.errors import AdmissionError, Reason
from federation.oidc.step_up import require_step_up
from federation.oidc.values import IdToken
from tests.oidc.conftest import ISSUER, NOW, TIME


def id_token(**claims: object) -> IdToken:
    return IdToken(
        issuer=ISSUER,
        subject="00u1a2b3c4",
        issued_at=NOW,
        expires_at=NOW + timedelta(minutes=5),
        claims=claims,
    )


@pytest.mark.parametrize(
    ("asked", "claims"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param({}, {"acr": 1, "amr": 2, "auth_time": "x"}, id="nothing-whatever-is-said"),
        pytest.param({"max_age": 300}, {"auth_time": TIME - 300}, id="max-age"),
        pytest.param({"max_age": 300}, {"auth_time": TIME - 360}, id="max-age-within-leeway"),
        pytest.param({"max_age": 300}, {"auth_time": TIME - 299.5}, id="max-age-fraction"),
        pytest.param({"max_age": 0}, {"auth_time": TIME - 5}, id="max-age-zero"),
        pytest.param({"max_age": 300}, {"auth_time": TIME + 60}, id="clock-ahead"),
        pytest.param({"acr_values": ("mfa", "phr")}, {"acr": "phr"}, id="acr"),
        pytest.param({"required_amr": ("pwd", "otp")}, {"amr": ["otp", "x", "pwd"]}, id="amr"),
    ],
)
def test_lets_pass_who_was_signed_in_as_asked(registration, asked, claims):
    require_step_up(id_token(**claims), registration=replace(registration, **asked), now=NOW)


@pytest.mark.parametrize(
    ("asked", "claims"),
    [
        pytest.param({"max_age": 300}, {}, id="auth-time-missing"),
        pytest.param({"max_age": 300}, {"auth_time": None}, id="auth-time-null"),
        pytest.param({"max_age": 300}, {"auth_time": str(TIME)}, id="auth-time-text"),
        pytest.param({"max_age": 300}, {"auth_time": True}, id="auth-time-true"),
        pytest.param({"max_age": 300}, {"auth_time": TIME - 361}, id="auth-time-too-long-ago"),
        pytest.param({"max_age": 0}, {"auth_time": TIME - 61}, id="auth-time-before-zero"),
        pytest.param({"max_age": 300}, {"auth_time": TIME + 61}, id="auth-time-in-the-future"),
        pytest.param({"max_age": 300}, {"auth_time": -1e300}, id="auth-time-absurd"),
        pytest.param({"max_age": 300}, {"auth_time": 10**400}, id="auth-time-beyond-floats"),
        pytest.param({"acr_values": ("mfa",)}, {}, id="acr-missing"),
        pytest.param({"acr_values": ("mfa",)}, {"acr": "0"}, id="acr-weaker"),
        pytest.param({"acr_values": ("mfa",)}, {"acr": ["mfa"]}, id="acr-list"),
        pytest.param({"acr_values": ("mfa",)}, {"acr": "mfa phr"}, id="acr-list-in-text"),
        pytest.param({"required_amr": ("mfa",)}, {}, id="amr-missing"),
        pytest.param({"required_amr": ("mfa",)}, {"amr": ["pwd"]}, id="amr-weaker"),
        pytest.param({"required_amr": ("mfa", "otp")}, {"amr": ["mfa"]}, id="amr-in-part"),
        pytest.param({"required_amr": ("mfa",)}, {"amr": "no mfa"}, id="amr-text"),
        pytest.param({"required_amr": ("mfa",)}, {"amr": {"mfa": 1}}, id="amr-object"),
        pytest.param({"required_amr": ("mfa",)}, {"amr": [["mfa"], {}]}, id="amr-nested"),
    ],
)
def test_refuses_who_was_not_signed_in_as_asked(registration, asked, claims):
    with pytest.raises(AdmissionError) as refusal:
        require_step_up(id_token(**claims), registration=replace(registration, **asked), now=NOW)

    assert refusal.value.reason is Reason.STEP_UP_NOT_MET
    assert refusal.value.status == 403
