"""What an ID Token claims: one case per rule of Core 1.0, section 3.1.3.7."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256, sha384, sha512

import pytest

from federation.oidc.discovery import parse_jwks
from federation.oidc.errors import IdTokenError, Reason, UnknownKeyError
from federation.oidc.id_token import verify_id_token
from federation.oidc.values import IdToken, UnverifiedIdToken
from tests.oidc.conftest import ISSUER, NONCE, NOW, TIME
from tests.support.keys import encoded, jwks_document, signing_key

DAY = 24 * 60 * 60


@pytest.fixture
def verify(jwks, registration):
    """Verify a token for this registration and this attempt, now or at another time."""

    def verified(raw: UnverifiedIdToken, *, now: datetime = NOW, **options: str) -> IdToken:
        return verify_id_token(
            raw, jwks=jwks, registration=registration, nonce=NONCE, now=now, **options
        )

    return verified


def test_verifies_a_token_without_fault(sign, verify, claims):
    id_token = verify(sign())

    assert id_token == IdToken(
        issuer=ISSUER,
        subject="00u1a2b3c4",
        issued_at=NOW,
        expires_at=NOW + timedelta(minutes=5),
        claims=claims,
    )
    assert "ana.sousa" not in repr(id_token)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"aud": ["foyer"]}, id="aud-of-one"),
        pytest.param({"azp": "foyer"}, id="azp"),
        pytest.param({"azp": None, "nbf": None, "at_hash": None, "sid": None}, id="null-is-absent"),
        pytest.param({"exp": TIME - 30}, id="exp-within-leeway"),
        pytest.param({"exp": TIME - 59}, id="exp-at-the-end-of-leeway"),
        pytest.param({"exp": TIME + 3650 * DAY}, id="exp-in-ten-years"),
        pytest.param({"exp": 253_402_214_400}, id="exp-in-the-last-year"),
        pytest.param({"iat": TIME + 60}, id="iat-within-leeway"),
        pytest.param({"iat": TIME - DAY}, id="iat-yesterday"),
        pytest.param({"nbf": TIME + 60}, id="nbf-within-leeway"),
        pytest.param({"sub": "x" * 255}, id="sub-of-255"),
        pytest.param({"sid": "x" * 255}, id="sid-of-255"),
        pytest.param({"sub": "auth0|a b/~"}, id="sub-with-punctuation"),
        pytest.param({"_claim_sources": {"a": {"endpoint": "http://10.0.0.1/"}}}, id="distributed"),
    ],
)
def test_accepts_what_is_within_the_rules(sign, verify, changes):
    assert verify(sign(**changes)).issuer == ISSUER


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"iss": "https://evil.example"}, Reason.CLAIM_MISMATCH, id="invalid-iss"),
        pytest.param({"iss": ISSUER + "/"}, Reason.CLAIM_MISMATCH, id="iss-trailing-slash"),
        pytest.param({"iss": ISSUER.upper()}, Reason.CLAIM_MISMATCH, id="iss-case"),
        pytest.param({"iss": [ISSUER]}, Reason.CLAIM_MISMATCH, id="iss-list"),
        pytest.param({"iss": None}, Reason.CLAIM_MISSING, id="iss-null"),
        pytest.param({"iss": ""}, Reason.CLAIM_MISSING, id="iss-empty"),
        pytest.param({"aud": "other"}, Reason.CLAIM_MISMATCH, id="invalid-aud"),
        pytest.param({"aud": ["foyer", "x"]}, Reason.CLAIM_MISMATCH, id="invalid-secondary-aud"),
        pytest.param({"aud": ["foyer", "foyer"]}, Reason.CLAIM_MISMATCH, id="aud-twice"),
        pytest.param({"aud": ["other"]}, Reason.CLAIM_MISMATCH, id="aud-list-of-another"),
        pytest.param({"aud": [["foyer"]]}, Reason.CLAIM_MISMATCH, id="aud-list-of-list"),
        pytest.param({"aud": []}, Reason.CLAIM_MISMATCH, id="aud-empty-list"),
        pytest.param({"aud": "FOYER"}, Reason.CLAIM_MISMATCH, id="aud-case"),
        pytest.param({"aud": 17}, Reason.CLAIM_MISMATCH, id="aud-number"),
        pytest.param({"aud": None}, Reason.CLAIM_MISSING, id="aud-null"),
        pytest.param({"aud": ""}, Reason.CLAIM_MISSING, id="aud-empty"),
        pytest.param({"azp": "other"}, Reason.CLAIM_MISMATCH, id="azp-of-another"),
        pytest.param({"aud": ["foyer"], "azp": "x"}, Reason.CLAIM_MISMATCH, id="azp-beside-list"),
        pytest.param({"azp": ["foyer"]}, Reason.CLAIM_MISMATCH, id="azp-list"),
        pytest.param({"exp": TIME - 60}, Reason.OUTSIDE_VALIDITY, id="invalid-expired-exp"),
        pytest.param({"exp": -1}, Reason.OUTSIDE_VALIDITY, id="exp-negative"),
        pytest.param({"exp": 10**18}, Reason.OUTSIDE_VALIDITY, id="exp-in-no-calendar"),
        pytest.param({"exp": 253_402_300_799}, Reason.OUTSIDE_VALIDITY, id="exp-on-the-last-day"),
        pytest.param({"exp": 1e300}, Reason.CLAIM_MISMATCH, id="exp-1e300"),
        pytest.param({"exp": TIME + 300.5}, Reason.CLAIM_MISMATCH, id="exp-fraction"),
        pytest.param({"exp": str(TIME + 300)}, Reason.CLAIM_MISMATCH, id="exp-text"),
        pytest.param({"exp": True}, Reason.CLAIM_MISMATCH, id="exp-true"),
        pytest.param({"exp": None}, Reason.CLAIM_MISSING, id="exp-null"),
        pytest.param({"iat": TIME + 61}, Reason.OUTSIDE_VALIDITY, id="iat-in-the-future"),
        pytest.param({"iat": TIME + 300}, Reason.OUTSIDE_VALIDITY, id="iat-in-five-minutes"),
        pytest.param({"iat": TIME - DAY - 1}, Reason.OUTSIDE_VALIDITY, id="iat-before-yesterday"),
        pytest.param({"iat": TIME - 2 * DAY}, Reason.OUTSIDE_VALIDITY, id="iat-two-days-old"),
        pytest.param({"iat": str(TIME)}, Reason.CLAIM_MISMATCH, id="iat-text"),
        pytest.param({"iat": None}, Reason.CLAIM_MISSING, id="iat-null"),
        pytest.param({"nbf": TIME + 61}, Reason.OUTSIDE_VALIDITY, id="nbf-in-the-future"),
        pytest.param({"nbf": "now"}, Reason.CLAIM_MISMATCH, id="nbf-text"),
        pytest.param({"nonce": NONCE + "x"}, Reason.CLAIM_MISMATCH, id="nonce-invalid"),
        pytest.param({"nonce": [NONCE]}, Reason.CLAIM_MISMATCH, id="nonce-list"),
        pytest.param({"nonce": "é"}, Reason.CLAIM_MISMATCH, id="nonce-beyond-ascii"),
        pytest.param({"nonce": None}, Reason.CLAIM_MISSING, id="nonce-null"),
        pytest.param({"sub": None}, Reason.CLAIM_MISSING, id="sub-null"),
        pytest.param({"sub": ""}, Reason.CLAIM_MISSING, id="sub-empty"),
        pytest.param({"sub": 17}, Reason.CLAIM_MISMATCH, id="sub-number"),
        pytest.param({"sub": ["00u1a2b3c4"]}, Reason.CLAIM_MISMATCH, id="sub-list"),
        pytest.param({"sub": "x" * 256}, Reason.CLAIM_MISMATCH, id="sub-of-256"),
        pytest.param({"sub": "x" * 10_000}, Reason.CLAIM_MISMATCH, id="sub-of-10000"),
        pytest.param({"sub": "аna"}, Reason.CLAIM_MISMATCH, id="sub-beyond-ascii"),
        pytest.param({"sub": "a\nb"}, Reason.CLAIM_MISMATCH, id="sub-line-break"),
        pytest.param({"sid": 17}, Reason.CLAIM_MISMATCH, id="sid-number"),
        pytest.param({"sid": "x" * 256}, Reason.CLAIM_MISMATCH, id="sid-long"),
    ],
)
def test_refuses_a_token_whose_claims_do_not_hold(sign, verify, changes, reason):
    raw = sign(**changes)

    with pytest.raises(IdTokenError) as refusal:
        verify(raw)

    assert refusal.value.reason is reason


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("iss", id="missing-iss"),
        pytest.param("sub", id="missing-sub"),
        pytest.param("aud", id="missing-aud"),
        pytest.param("exp", id="missing-exp"),
        pytest.param("iat", id="missing-iat"),
        pytest.param("nonce", id="missing-nonce"),
    ],
)
def test_refuses_a_token_that_lacks_a_claim(key, claims, verify, name):
    del claims[name]
    raw = UnverifiedIdToken(compact=key.sign(claims))

    with pytest.raises(IdTokenError) as refusal:
        verify(raw)

    assert refusal.value.reason is Reason.CLAIM_MISSING
    assert refusal.value.detail == f"{name} is missing"


def test_refuses_claims_that_the_provider_has_not_signed(claims, verify, key):
    raw = UnverifiedIdToken(compact=f"{encoded({'alg': 'none'})}.{encoded(claims)}.")

    with pytest.raises(IdTokenError) as refusal:
        verify(raw)

    assert refusal.value.reason is Reason.ALGORITHM_NOT_ALLOWED


def test_asks_for_newer_keys(sign, verify):
    with pytest.raises(UnknownKeyError):
        verify(sign(header={"kid": "next-year's"}))


def test_refuses_an_algorithm_that_the_connection_does_not_allow(sign, jwks, registration):
    registration = replace(registration, id_token_algs=("ES256", "PS256"))

    with pytest.raises(IdTokenError) as refusal:
        verify_id_token(sign(), jwks=jwks, registration=registration, nonce=NONCE, now=NOW)

    assert refusal.value.reason is Reason.ALGORITHM_NOT_ALLOWED


def test_counts_the_leeway_from_the_time_that_is_passed_in(sign, verify):
    raw = sign(exp=TIME, iat=TIME)

    verify(raw, now=NOW + timedelta(seconds=59.9))
    verify(raw, now=NOW - timedelta(seconds=60))

    for seconds in (60, -60.1):
        with pytest.raises(IdTokenError) as refusal:
            verify(raw, now=NOW + timedelta(seconds=seconds))
        assert refusal.value.reason is Reason.OUTSIDE_VALIDITY


@pytest.mark.parametrize(
    ("algorithm", "digest"),
    [
        ("RS256", sha256),
        ("PS384", sha384),
        ("ES512", sha512),
        ("EdDSA", sha512),
        ("Ed25519", sha512),
    ],
)
def test_holds_the_access_token_against_its_digest(claims, registration, algorithm, digest):
    key = signing_key(algorithm)
    jwks = parse_jwks(jwks_document(key.jwk()))
    half = digest(b"at").digest()[: digest().digest_size // 2]
    raw = UnverifiedIdToken(compact=key.sign({**claims, "at_hash": encoded(half)}))
    rest = {"jwks": jwks, "registration": registration, "nonce": NONCE, "now": NOW}

    assert verify_id_token(raw, access_token="at", **rest).subject == "00u1a2b3c4"
    assert verify_id_token(raw, **rest).subject == "00u1a2b3c4"
    with pytest.raises(IdTokenError) as refusal:
        verify_id_token(raw, access_token="another", **rest)

    assert refusal.value.reason is Reason.CLAIM_MISMATCH


@pytest.mark.parametrize("at_hash", ["", "wrong", 17, ["x"]])
def test_refuses_a_digest_that_is_not_the_access_tokens(sign, verify, at_hash):
    with pytest.raises(IdTokenError) as refusal:
        verify(sign(at_hash=at_hash), access_token="at")

    assert refusal.value.reason is Reason.CLAIM_MISMATCH


def test_accepts_an_access_token_without_a_digest(sign, verify):
    assert verify(sign(), access_token="at").subject == "00u1a2b3c4"


def test_tells_the_providers_own_session(sign, verify):
    id_token = verify(sign(sid="a-session", session_expiry=TIME + 3600))

    assert id_token.session_id == "a-session"
    assert id_token.session_expires_at == NOW + timedelta(hours=1)


@pytest.mark.parametrize("seconds", [10**15, 1e300, 253_402_300_800])
def test_reads_a_session_without_end_as_the_end_of_the_calendar(sign, verify, seconds):
    id_token = verify(sign(session_expiry=seconds))

    assert id_token.session_expires_at == datetime(9999, 12, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "reason"),
    [
        pytest.param(TIME, Reason.OUTSIDE_VALIDITY, id="now"),
        pytest.param(TIME - 3600, Reason.OUTSIDE_VALIDITY, id="past"),
        pytest.param(-1, Reason.OUTSIDE_VALIDITY, id="negative"),
        pytest.param("never", Reason.CLAIM_MISMATCH, id="text"),
        pytest.param(True, Reason.CLAIM_MISMATCH, id="true"),
    ],
)
def test_refuses_a_session_that_is_over_before_it_begins(sign, verify, seconds, reason):
    with pytest.raises(IdTokenError) as refusal:
        verify(sign(session_expiry=seconds))

    assert refusal.value.reason is reason
