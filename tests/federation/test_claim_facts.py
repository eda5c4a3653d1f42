"""What may be said of somebody's claims, to the person and to others."""

from datetime import UTC, datetime

import pytest

from federation.claim_facts import CLAIMS, facts_of, masked, masked_claims

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("ana.sousa@contoso.example", "a•••@contoso.example"),
        ("Ana Sousa", "A••• S•••"),
        ("8eaef023-2b34-4da1-9baa-8bc8c9d6a490", "8•••"),
        ("@handle", "@•••"),
        ("", ""),
    ],
)
def test_masks_who_it_is_and_leaves_the_domain(value, shown):
    assert masked(value) == shown


def test_shows_what_is_of_the_sign_in_in_full_and_masks_the_rest():
    claims = {
        "iss": "https://login.contoso.example",
        "amr": ["pwd", "mfa"],
        "email_verified": True,
        "phone_verified": True,
        "address": {"locality": "Porto"},
        "nickname": None,
        "birthdate": "1990-01-01",
    }

    assert masked_claims(claims) == [
        ("address", "•••"),
        ("amr", "pwd mfa"),
        ("birthdate", "1•••"),
        ("email_verified", "true"),
        ("iss", "https://login.contoso.example"),
        ("nickname", "null"),
        ("phone_verified", "true"),
    ]


def test_shows_nothing_with_which_somebody_could_do_something():
    secret = {"nonce": "n", "at_hash": "h", "c_hash": "h", "sid": "s", "jti": "j"}

    assert masked_claims(secret) == []


def test_names_and_values_cannot_flood_or_garble_the_page():
    claims = {f"https://x.example/\u202e{number:03}" + "y" * 500: "z" for number in range(200)}

    shown = masked_claims(claims)

    assert len(shown) == CLAIMS
    assert all(len(name) <= 60 and name.isprintable() for name, _value in shown)


def test_keeps_which_claims_there_are_and_nothing_they_say():
    claims = {
        "sub": "ana-4711",
        "email": "ana@contoso.example",
        "given_name": "Ana",
        "email_verified": "false",
        "iat": int(NOW.timestamp()) + 5,
        "amr": ["mfa"],
    }

    facts = facts_of(claims, email_claim="email", now=NOW)

    assert facts == {
        "claims": ["amr", "email", "email_verified", "given_name", "iat", "sub"],
        "has_email": True,
        "email_verified": "no",
        "xms_edov": "missing",
        "has_name": True,
        "says_how_signed_in": ["amr"],
        "subject_is_address": False,
        "clock_ahead": 5,
    }


def test_knows_nothing_of_somebody_who_could_not_be_verified():
    assert facts_of({}, email_claim="email", now=NOW) == {}


def test_reads_a_vouched_domain_as_microsoft_writes_it():
    facts = facts_of({"xms_edov": "1", "iat": "soon"}, email_claim="email", now=NOW)

    assert (facts["xms_edov"], facts["clock_ahead"]) == ("yes", None)
