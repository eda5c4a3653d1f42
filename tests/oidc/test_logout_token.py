"""The judgement of a logout token: Back-Channel Logout 1.0, section 2.6.

Cases have the names that OpenID's conformance suite gives them: ``oidcc-client-test-…``.
"""

from dataclasses import replace

import pytest

from federation.oidc.discovery import parse_jwks
from federation.oidc.errors import IdTokenError, Reason, UnknownKeyError
from federation.oidc.id_token import verify_id_token
from federation.oidc.logout_token import EVENT, verify_logout_token
from federation.oidc.values import LogoutToken, UnverifiedIdToken
from tests.oidc.conftest import ISSUER, NONCE, NOW, TIME
from tests.support.keys import compact, jwks_document, signing_key

EVENTS = {EVENT: {}}
SUBJECT = "00u1a2b3c4"


@pytest.fixture
def claims():
    """What the provider says when Ana Sousa has signed out there."""
    return {
        "iss": ISSUER,
        "aud": "foyer",
        "iat": TIME,
        "exp": TIME + 120,
        "jti": "bWJq",
        "events": EVENTS,
        "sub": SUBJECT,
        "sid": "08a5019c",
    }


@pytest.fixture
def verified(key, jwks, registration, claims):
    """Verify a token with changes, as of now; a change to ``...`` leaves out."""

    def verify(*, header=None, now=NOW, **changes):
        said = {name: value for name, value in (claims | changes).items() if value is not ...}
        token = key.sign(said, header={"typ": "logout+jwt", **(header or {})})
        return verify_logout_token(token, jwks=jwks, registration=registration, now=now)

    return verify


def test_reads_whose_session_ended(verified):
    assert verified() == LogoutToken(
        issuer=ISSUER, jti="bWJq", subject=SUBJECT, session_id="08a5019c"
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"sid": ...}, (SUBJECT, None), id="sub-alone"),
        pytest.param({"sub": ...}, (None, "08a5019c"), id="sid-alone"),
        pytest.param({"sid": ""}, (SUBJECT, None), id="an-empty-sid-is-none"),
        pytest.param({"aud": ["foyer"]}, (SUBJECT, "08a5019c"), id="audience-in-a-list"),
        pytest.param(
            {"events": {EVENT: {}, "urn:more": {}}}, (SUBJECT, "08a5019c"), id="one-event-of-two"
        ),
    ],
)
def test_accepts_what_providers_may_send(verified, changes, expected):
    token = verified(**changes)

    assert (token.subject, token.session_id) == expected


@pytest.mark.parametrize("typ", ["logout+jwt", "application/logout+jwt", "LOGOUT+JWT", "JWT", None])
def test_accepts_the_types_that_providers_give_it(verified, typ):
    assert verified(header={"typ": typ}).jti == "bWJq"


@pytest.mark.parametrize("typ", ["at+jwt", "secevent+jwt", "dpop+jwt", ""])
def test_refuses_another_type(verified, typ):
    with pytest.raises(IdTokenError) as refusal:
        verified(header={"typ": typ})

    assert refusal.value.reason is Reason.ID_TOKEN_MALFORMED


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"iss": f"{ISSUER}/"}, Reason.CLAIM_MISMATCH, id="wrong-iss"),
        pytest.param({"iss": ...}, Reason.CLAIM_MISSING, id="no-iss"),
        pytest.param({"aud": "other"}, Reason.CLAIM_MISMATCH, id="wrong-aud"),
        pytest.param({"aud": ["foyer", "x"]}, Reason.CLAIM_MISMATCH, id="second-aud"),
        pytest.param({"aud": ...}, Reason.CLAIM_MISSING, id="no-aud"),
        pytest.param({"events": ...}, Reason.CLAIM_MISSING, id="no-event"),
        pytest.param({"events": {}}, Reason.CLAIM_MISMATCH, id="empty-events"),
        pytest.param({"events": {"urn:x": {}}}, Reason.CLAIM_MISMATCH, id="wrong-event"),
        pytest.param({"events": {f"{EVENT}/": {}}}, Reason.CLAIM_MISMATCH, id="almost-the-event"),
        pytest.param({"events": [EVENT]}, Reason.CLAIM_MISMATCH, id="list-of-events"),
        pytest.param({"events": EVENT}, Reason.CLAIM_MISMATCH, id="text-for-events"),
        pytest.param({"events": {EVENT: True}}, Reason.CLAIM_MISMATCH, id="event-is-no-object"),
        pytest.param({"nonce": NONCE}, Reason.CLAIM_MISMATCH, id="with-nonce"),
        pytest.param({"nonce": None}, Reason.CLAIM_MISMATCH, id="with-a-nonce-of-null"),
        pytest.param({"jti": ...}, Reason.CLAIM_MISSING, id="no-jti"),
        pytest.param({"jti": 7}, Reason.CLAIM_MISMATCH, id="jti-is-no-text"),
        pytest.param({"jti": "x" * 256}, Reason.CLAIM_MISMATCH, id="jti-too-long"),
        pytest.param({"iat": ...}, Reason.CLAIM_MISSING, id="no-iat"),
        pytest.param({"exp": ...}, Reason.CLAIM_MISSING, id="no-exp"),
        pytest.param({"iat": True}, Reason.CLAIM_MISMATCH, id="iat-is-no-time"),
        pytest.param({"exp": TIME - 60}, Reason.OUTSIDE_VALIDITY, id="exp-past"),
        pytest.param({"iat": TIME + 61}, Reason.OUTSIDE_VALIDITY, id="iat-ahead"),
        pytest.param({"iat": TIME - 661}, Reason.OUTSIDE_VALIDITY, id="iat-old"),
        pytest.param({"sub": ..., "sid": ...}, Reason.CLAIM_MISSING, id="no-sub-and-no-sid"),
        pytest.param({"sub": ..., "sid": ""}, Reason.CLAIM_MISSING, id="no-sub-and-an-empty-sid"),
        pytest.param({"sub": 7}, Reason.CLAIM_MISMATCH, id="sub-is-no-text"),
        pytest.param({"sid": 7}, Reason.CLAIM_MISMATCH, id="sid-is-no-text"),
        pytest.param({"sid": "x" * 256}, Reason.CLAIM_MISMATCH, id="sid-too-long"),
    ],
)
def test_refuses_a_token_whose_claims_do_not_hold(verified, changes, reason):
    with pytest.raises(IdTokenError) as refusal:
        verified(**changes)

    assert refusal.value.reason is reason


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"exp": TIME - 59}, id="exp"),
        pytest.param({"iat": TIME + 60}, id="iat-ahead"),
        pytest.param({"iat": TIME - 660}, id="iat-old"),
    ],
)
def test_clocks_may_be_a_minute_apart(verified, changes):
    assert verified(**changes).jti == "bWJq"


def test_refuses_another_key_of_the_same_name(key, jwks, registration, claims):
    forger = replace(signing_key(name="forger"), kid=key.kid)

    with pytest.raises(IdTokenError) as refusal:
        verify_logout_token(forger.sign(claims), jwks=jwks, registration=registration, now=NOW)

    assert refusal.value.reason is Reason.SIGNATURE_INVALID


def test_asks_for_newer_keys_when_none_fits(jwks, registration, claims):
    token = signing_key(name="new").sign(claims)

    with pytest.raises(UnknownKeyError):
        verify_logout_token(token, jwks=jwks, registration=registration, now=NOW)


@pytest.mark.parametrize(
    ("algorithm", "secret"),
    [
        pytest.param("none", None, id="alg-none"),
        pytest.param("HS256", b"s3cret", id="wrong-alg-hs256"),
    ],
)
def test_refuses_an_algorithm_by_which_anybody_could_sign(
    jwks, registration, claims, algorithm, secret
):
    token = compact({"alg": algorithm}, claims, key=secret, algorithm=algorithm)

    with pytest.raises(IdTokenError) as refusal:
        verify_logout_token(token, jwks=jwks, registration=registration, now=NOW)

    assert refusal.value.reason is Reason.ALGORITHM_NOT_ALLOWED


def test_refuses_an_algorithm_that_the_connection_does_not_allow(registration, claims):
    key = signing_key("ES256")
    only_rsa = replace(registration, id_token_algs=("RS256",))

    with pytest.raises(IdTokenError) as refusal:
        verify_logout_token(
            key.sign(claims),
            jwks=parse_jwks(jwks_document(key.jwk())),
            registration=only_rsa,
            now=NOW,
        )

    assert refusal.value.reason is Reason.ALGORITHM_NOT_ALLOWED


def test_an_id_token_is_no_logout_token(key, jwks, registration, claims):
    id_token = key.sign({**claims, "events": None, "nonce": NONCE})

    with pytest.raises(IdTokenError):
        verify_logout_token(id_token, jwks=jwks, registration=registration, now=NOW)


@pytest.mark.parametrize("typ", ["logout+jwt", "JWT"])
def test_a_logout_token_is_no_id_token(key, jwks, registration, claims, typ):
    token = UnverifiedIdToken(compact=key.sign(claims, header={"typ": typ}))

    with pytest.raises(IdTokenError):
        verify_id_token(token, jwks=jwks, registration=registration, nonce=NONCE, now=NOW)
