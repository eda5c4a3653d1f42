"""What UserInfo may add to an ID Token, and about whom."""

import json
from dataclasses import replace

import pytest

from federation.oidc.errors import IdTokenError, ProviderError, Reason
from federation.oidc.userinfo import merge_claims, read_userinfo, userinfo_request
from federation.oidc.values import IdToken
from tests.oidc.conftest import ISSUER, NOW

SUBJECT = "00u1a2b3c4"
JSON = "application/json"


def test_asks_with_the_access_token_in_a_header(metadata):
    # userinfo-bearer-header
    request = userinfo_request(metadata, "at")

    assert request is not None
    assert request.url == f"{ISSUER}/userinfo"
    assert request.headers == {"Accept": "application/json", "Authorization": "Bearer at"}
    assert "Bearer" not in repr(request)


def test_asks_nothing_where_the_provider_has_no_userinfo(metadata):
    assert userinfo_request(replace(metadata, userinfo_endpoint=None), "at") is None


@pytest.mark.parametrize("content_type", [JSON, "application/json; charset=utf-8", "text/html", ""])
def test_reads_the_claims_of_the_subject(content_type):
    body = json.dumps({"sub": SUBJECT, "email": "ana.sousa@contoso.example"}).encode()

    claims = read_userinfo(200, content_type, body, subject=SUBJECT)

    assert claims == {"sub": SUBJECT, "email": "ana.sousa@contoso.example"}


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"sub": "another"}, id="userinfo-invalid-sub"),
        pytest.param({}, id="missing"),
        pytest.param({"sub": None}, id="null"),
        pytest.param({"sub": [SUBJECT]}, id="list"),
        pytest.param({"sub": SUBJECT.upper()}, id="case"),
        pytest.param({"sub": SUBJECT + " "}, id="blank"),
    ],
)
def test_refuses_the_claims_of_somebody_else(claims):
    body = json.dumps({"email": "victim@contoso.example", **claims}).encode()

    with pytest.raises(IdTokenError) as refusal:
        read_userinfo(200, JSON, body, subject=SUBJECT)

    assert refusal.value.reason is Reason.SUBJECT_MISMATCH


@pytest.mark.parametrize(
    ("status", "content_type", "body"),
    [
        pytest.param(200, "application/jwt", b'{"sub": "00u1a2b3c4"}', id="userinfo-signed"),
        pytest.param(
            200, "Application/JWT ; a=b", b'{"sub": "00u1a2b3c4"}', id="signed-in-capitals"
        ),
        pytest.param(200, JSON, b"eyJhbGciOiJub25lIn0.e30.", id="signed-and-not-named-so"),
        pytest.param(200, JSON, b"<html>", id="a-page"),
        pytest.param(200, JSON, b"[]", id="a-list"),
        pytest.param(200, JSON, b'{"sub": "x", "sub": "00u1a2b3c4"}', id="sub-twice"),
        pytest.param(401, JSON, b'{"sub": "00u1a2b3c4"}', id="unauthorized"),
        pytest.param(302, JSON, b'{"sub": "00u1a2b3c4"}', id="redirect"),
        pytest.param(204, JSON, b"", id="nothing"),
    ],
)
def test_refuses_an_answer_that_is_none(status, content_type, body):
    with pytest.raises(ProviderError) as refusal:
        read_userinfo(status, content_type, body, subject=SUBJECT)

    assert refusal.value.reason is Reason.PROVIDER_MISCONFIGURED


@pytest.mark.parametrize("status", [429, 500, 503])
def test_reports_a_userinfo_that_is_unable_to_answer(status):
    with pytest.raises(ProviderError) as refusal:
        read_userinfo(status, JSON, b'{"sub": "00u1a2b3c4"}', subject=SUBJECT)

    assert refusal.value.reason is Reason.PROVIDER_UNREACHABLE


def id_token(**claims: object) -> IdToken:
    return IdToken(issuer=ISSUER, subject=SUBJECT, issued_at=NOW, expires_at=NOW, claims=claims)


def test_adds_the_claims_that_the_id_token_lacks():
    userinfo = {"sub": SUBJECT, "email": "ana@contoso.example", "email_verified": True}

    merged = merge_claims(id_token(name="Ana Sousa"), userinfo, email_claim="email")

    assert merged == {"name": "Ana Sousa", **userinfo}


@pytest.mark.parametrize("nothing", [{}, {"email": None}, {"email": ""}])
def test_takes_the_address_where_the_id_token_has_none(nothing):
    userinfo = {"email": "ana@contoso.example"}

    merged = merge_claims(id_token(**nothing), userinfo, email_claim="email")

    assert merged["email"] == "ana@contoso.example"


@pytest.mark.parametrize("userinfo", [{}, {"email": None}, {"email": "", "email_verified": False}])
def test_finds_no_fault_where_nobody_tells_an_address(userinfo):
    said = {"email_verified": True}

    merged = merge_claims(id_token(**said), userinfo, email_claim="email")

    assert not merged.get("email")
    assert merged["email_verified"] is True


def test_never_replaces_what_the_id_token_says():
    said = {"email": "ana@contoso.example", "email_verified": False, "tid": "1", "acr": "0"}
    userinfo = {"email": "victim@contoso.example", "email_verified": True, "tid": "2", "acr": "9"}

    assert merge_claims(id_token(**said), userinfo, email_claim="email") == said


@pytest.mark.parametrize(
    ("said", "userinfo"),
    [
        pytest.param(False, {"email_verified": True}, id="not-verified"),
        pytest.param(True, {"email_verified": False}, id="verified"),
        pytest.param(True, {}, id="userinfo-silent"),
        pytest.param(None, {"email_verified": True}, id="null"),
    ],
)
def test_lets_no_verification_vouch_for_an_address_from_elsewhere(said, userinfo):
    userinfo = {"email": "victim@contoso.example", **userinfo}

    with pytest.raises(IdTokenError) as refusal:
        merge_claims(id_token(email_verified=said), userinfo, email_claim="email")

    assert refusal.value.reason is Reason.CLAIM_MISMATCH


@pytest.mark.parametrize("other", [{"email": "ben@contoso.example"}, {"email": None}, {}])
def test_lets_no_verification_vouch_for_the_id_tokens_address_but_beside_the_same(other):
    said = {"email": "ana@contoso.example"}
    verified = {"email_verified": True}

    beside_another = merge_claims(id_token(**said), other | verified, email_claim="email")
    beside_the_same = merge_claims(id_token(**said), said | verified, email_claim="email")

    assert beside_another == said
    assert beside_the_same == said | verified


def test_accepts_a_verification_on_which_both_agree():
    userinfo = {"upn": "ana@contoso.example", "email_verified": True}

    merged = merge_claims(id_token(email_verified=True), userinfo, email_claim="upn")

    assert merged == userinfo
