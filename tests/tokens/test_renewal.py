from datetime import UTC, datetime, timedelta

import pytest

from tokens.renewal import is_due
from tokens.values import DeveloperToken

ISSUED = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
FAR = ISSUED + timedelta(hours=12)


def due(*, after, lifetime=900, session_ends_at=FAR, place=0.5):
    developer_token = DeveloperToken(
        value="a.b.c",
        identity_id="eu-west-1:x",
        issued_at=ISSUED,
        expires_at=ISSUED + timedelta(seconds=lifetime),
    )
    now = ISSUED + timedelta(seconds=after)
    return is_due(developer_token, now=now, session_ends_at=session_ends_at, place=place)


@pytest.mark.parametrize(
    ("lifetime", "last_quiet_second"),
    [
        pytest.param(900, 720, id="a-fifth-of-fifteen-minutes"),
        pytest.param(3600, 2880, id="a-fifth-of-an-hour"),
        pytest.param(240, 180, id="a-minute-at-least"),
        pytest.param(60, 30, id="half-of-a-minute"),
        pytest.param(10, 5, id="half-of-ten-seconds"),
    ],
)
def test_a_token_is_due_in_the_last_part_of_its_life(lifetime, last_quiet_second):
    assert not due(lifetime=lifetime, after=last_quiet_second)
    assert due(lifetime=lifetime, after=last_quiet_second + 1)


@pytest.mark.parametrize(("place", "last_quiet_second"), [(0, 738), (0.5, 720), (1, 702)])
def test_sessions_differ_by_a_tenth_of_that_part_either_way(place, last_quiet_second):
    assert not due(place=place, after=last_quiet_second)
    assert due(place=place, after=last_quiet_second + 1)


def test_an_expired_token_is_due_even_as_the_session_ends():
    ends = ISSUED + timedelta(seconds=901)

    assert due(after=900, session_ends_at=ends)


def test_a_token_that_lasts_as_long_as_its_session_is_not_renewed():
    ends = ISSUED + timedelta(seconds=959)

    assert not due(after=899, session_ends_at=ends)


def test_a_minute_more_of_the_session_is_worth_another_token():
    ends = ISSUED + timedelta(seconds=960)

    assert due(after=899, session_ends_at=ends)
