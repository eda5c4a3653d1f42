from datetime import UTC, datetime

import pytest

from tokens.sealing import sealed, unsealed
from tokens.values import DeveloperToken

PLACE = {"digest": "d" * 64, "subject": "uana"}
TOKEN = DeveloperToken(
    value="header.payload.signature",
    identity_id="eu-west-1:9b0be988-94f5-416e-be83-400901bc993e",
    issued_at=datetime(2026, 11, 25, 12, 0, tzinfo=UTC),
    expires_at=datetime(2026, 11, 25, 12, 15, tzinfo=UTC),
)


def test_what_was_sealed_comes_back_whole():
    assert unsealed(sealed(TOKEN, **PLACE), **PLACE) == TOKEN


def test_a_stolen_database_shows_nothing_of_it():
    text = sealed(TOKEN, **PLACE)

    for part in ("header", "payload", "eyJ", "9b0be988"):
        assert part not in text


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"digest": "e" * 64}, id="another-session"),
        pytest.param({"subject": "uben"}, id="another-person"),
    ],
)
def test_opens_nowhere_else(other):
    text = sealed(TOKEN, **PLACE)

    assert unsealed(text, **{**PLACE, **other}) is None


def test_opens_no_more_when_its_key_has_left_the_ring(settings):
    text = sealed(TOKEN, **PLACE)
    settings.SECRETS_KEYS = [b"x" * 32]

    assert unsealed(text, **PLACE) is None


def test_there_is_nothing_in_an_empty_text():
    assert unsealed("", **PLACE) is None
