"""Group F, times and strength: from when until when, and how the person was signed in."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from demo.provider import IdTokenFault

pytestmark = pytest.mark.portal

MINUTE, HOUR, DAY = 60, 3600, 86400


def at(seconds):
    """Return a moment so many *seconds* from now, as the claims write it."""
    return int(time.time()) + seconds


def saying(**members):
    return IdTokenFault(members=members)


def from_now(**seconds):
    """Return what says each of these times so many seconds from when it is asked."""
    return saying(**{claim: at(offset) for claim, offset in seconds.items()})


# --- F07 to F12: from when until when ------------------------------------------------------------


@pytest.mark.parametrize(
    "seconds",
    [
        pytest.param({"exp": -2 * MINUTE}, id="F07-two-minutes-ago"),
        pytest.param({"exp": -61}, id="F07-just-beyond-the-skew"),
        pytest.param({"exp": -DAY, "iat": -DAY - MINUTE}, id="F07-yesterday"),
        pytest.param({"iat": 5 * MINUTE}, id="F11-five-minutes-ahead"),
        pytest.param({"iat": DAY}, id="F11-tomorrow"),
        pytest.param({"iat": -2 * DAY}, id="F11-two-days-ago"),
        pytest.param({"iat": -10 * 365 * DAY}, id="F11-ten-years-ago"),
        pytest.param({"nbf": 5 * MINUTE}, id="F12-five-minutes-ahead"),
        pytest.param({"nbf": HOUR}, id="F12-an-hour-ahead"),
    ],
)
def test_f07_f11_f12_outside_its_time(case, seconds):
    case.refused(case.attack(id_token=from_now(**seconds)), "outside_validity")


@pytest.mark.parametrize(
    "seconds",
    [
        pytest.param({"exp": -30}, id="F08-thirty-seconds-ago"),
        pytest.param({"exp": 10 * 365 * DAY}, id="F09-ten-years-ahead"),
        pytest.param({"iat": 30}, id="F11-within-the-skew"),
        pytest.param({"iat": -10 * MINUTE}, id="F11-ten-minutes-ago"),
        pytest.param({"nbf": 30}, id="F12-within-the-skew"),
        pytest.param({"nbf": -HOUR}, id="F12-an-hour-ago"),
    ],
)
def test_f08_f09_f11_f12_within_its_time(case, seconds):
    who = case.let_in(case.attack(id_token=from_now(**seconds)), case.adversary.email("ana"))

    ends = datetime.fromisoformat(who["expires_at"])
    assert ends <= datetime.now(UTC) + timedelta(seconds=43_200)


NO_TIMES = {
    "text": str,
    "rfc-3339": lambda now: "2099-01-01T00:00:00Z",
    "float": lambda now: now + 0.5,
    "true": lambda now: True,
    "false": lambda now: False,
    "list": lambda now: [now],
    "object": lambda now: {"exp": now},
}
BEYOND_CALENDARS = {
    "negative": lambda now: -1,
    "very-negative": lambda now: -(10**20),
    "milliseconds": lambda now: now * 1000,
    "nanoseconds": lambda now: now * 10**9,
    "hundred-digits": lambda now: 10**100,
    "year-10000": lambda now: 253_402_300_800,
}


@pytest.mark.parametrize("claim", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("kind", [pytest.param(kind, id=f"F07-{kind}") for kind in NO_TIMES])
def test_f07_f10_f12_what_is_no_time(case, claim, kind):
    answer = case.attack(id_token=saying(**{claim: NO_TIMES[kind](at(0))}))

    case.refused(answer, "claim_mismatch")


@pytest.mark.parametrize("claim", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("kind", [pytest.param(k, id=f"F07-{k}") for k in BEYOND_CALENDARS])
def test_f07_f10_f12_a_time_in_no_calendar(case, claim, kind):
    answer = case.attack(id_token=saying(**{claim: BEYOND_CALENDARS[kind](at(0))}))

    case.refused(answer, "outside_validity")


def test_f07_a_float_beyond_all_calendars(case):
    case.refused(case.attack(id_token=saying(exp=1e300)), "claim_mismatch")


# --- F19, F20: how the person was signed in ------------------------------------------------------

HOW = {
    "F19-auth-time-missing": ({"max_age": 300}, IdTokenFault(without=["auth_time"])),
    "F19-auth-time-null": ({"max_age": 300}, saying(auth_time=None)),
    "F19-auth-time-text": ({"max_age": 300}, saying(auth_time="1700000000")),
    "F19-auth-time-list": ({"max_age": 300}, saying(auth_time=[1700000000])),
    "F19-auth-time-zero": ({"max_age": 300}, saying(auth_time=0)),
    "F19-auth-time-negative": ({"max_age": 300}, saying(auth_time=-1)),
    "F19-auth-time-old": ({"max_age": 300}, saying(auth_time=1_700_000_000)),
    "F19-auth-time-far-ahead": ({"max_age": 300}, saying(auth_time=9_999_999_999)),
    "F19-max-age-zero": ({"max_age": 0}, saying(auth_time=1_700_000_000)),
    "F20-acr-missing": ({"acr_values": ["mfa"]}, IdTokenFault()),
    "F20-acr-weaker": ({"acr_values": ["mfa"]}, saying(acr="pwd")),
    "F20-acr-upper-case": ({"acr_values": ["mfa"]}, saying(acr="MFA")),
    "F20-acr-list": ({"acr_values": ["mfa"]}, saying(acr=["mfa"])),
    "F20-acr-words": ({"acr_values": ["mfa"]}, saying(acr="pwd mfa")),
    "F20-acr-object": ({"acr_values": ["mfa"]}, saying(acr={"mfa": True})),
    "F20-acr-null": ({"acr_values": ["mfa"]}, saying(acr=None)),
    "F20-amr-missing": ({"required_amr": ["mfa"]}, IdTokenFault()),
    "F20-amr-empty": ({"required_amr": ["mfa"]}, saying(amr=[])),
    "F20-amr-weaker": ({"required_amr": ["mfa"]}, saying(amr=["pwd"])),
    "F20-amr-one-of-two": ({"required_amr": ["mfa", "hwk"]}, saying(amr=["mfa"])),
    "F20-amr-text": ({"required_amr": ["mfa"]}, saying(amr="mfa")),
    "F20-amr-inside-a-text": ({"required_amr": ["mfa"]}, saying(amr="no-mfa-here")),
    "F20-amr-object": ({"required_amr": ["mfa"]}, saying(amr={"mfa": 1})),
    "F20-amr-nested": ({"required_amr": ["mfa"]}, saying(amr=[["mfa"]])),
    "F20-amr-upper-case": ({"required_amr": ["mfa"]}, saying(amr=["MFA"])),
}


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in HOW])
def test_f19_f20_not_signed_in_as_the_owner_requires(case, name):
    required, fault = HOW[name]
    case.adversary.configure(**required)

    case.refused(case.attack(id_token=fault), "step_up_not_met")


@pytest.mark.parametrize(
    ("required", "claims"),
    [
        pytest.param({"max_age": 300}, {"auth_time": 0.25}, id="F19-float"),
        pytest.param({"max_age": 300}, {"auth_time": -200}, id="F19-fresh"),
        pytest.param({"acr_values": ["phr", "mfa"]}, {"acr": "mfa"}, id="F20-acr"),
        pytest.param({"required_amr": ["mfa"]}, {"amr": ["pwd", "mfa"]}, id="F20-amr"),
    ],
)
def test_f19_f20_signed_in_as_the_owner_requires(case, required, claims):
    case.adversary.configure(**required)
    if "auth_time" in claims:
        claims = {"auth_time": time.time() // 1 + claims["auth_time"]}

    answer = case.attack(id_token=saying(**claims))

    case.let_in(answer, case.adversary.email("ana"))


# --- F21: when the provider wants the session to end ---------------------------------------------


def test_f21_the_session_ends_when_the_provider_says(case):
    ends = at(10 * MINUTE)

    answer = case.attack(id_token=saying(session_expiry=ends))

    who = case.let_in(answer, case.adversary.email("ana"))
    assert datetime.fromisoformat(who["expires_at"]).timestamp() == ends


def test_f21_and_is_over_then(case):
    case.let_in(case.attack(id_token=saying(session_expiry=at(2))), case.adversary.email("ana"))
    time.sleep(2.1)

    assert case.browser.who() is None
    assert case.browser.get("/").status_code == 302


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(lambda: at(365 * DAY), id="F21-a-year"),
        pytest.param(lambda: 10**15, id="F21-no-calendar"),
        pytest.param(lambda: 1e300, id="F21-float-beyond-calendars"),
    ],
)
def test_f21_no_provider_lengthens_a_session(case, value):
    who = case.let_in(
        case.attack(id_token=saying(session_expiry=value())), case.adversary.email("ana")
    )

    ends = datetime.fromisoformat(who["expires_at"])
    assert ends <= datetime.now(UTC) + timedelta(seconds=43_200)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param(lambda: at(-5), "outside_validity", id="F21-past"),
        pytest.param(lambda: 0, "outside_validity", id="F21-zero"),
        pytest.param(lambda: -1, "outside_validity", id="F21-negative"),
        pytest.param(lambda: -(10**30), "outside_validity", id="F21-very-negative"),
        pytest.param(lambda: str(at(HOUR)), "claim_mismatch", id="F21-text"),
        pytest.param(lambda: True, "claim_mismatch", id="F21-true"),
        pytest.param(lambda: [at(HOUR)], "claim_mismatch", id="F21-list"),
        pytest.param(dict, "claim_mismatch", id="F21-object"),
    ],
)
def test_f21_an_end_that_is_none(case, value, reason):
    case.refused(case.attack(id_token=saying(session_expiry=value())), reason)
