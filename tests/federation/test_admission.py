from contextlib import nullcontext
from datetime import UTC, datetime

import pytest

from federation.admission import House, admit, lacks_claims
from federation.oidc.errors import FederationError, Reason
from federation.oidc.values import ClientRegistration, IdToken

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
ISSUER = "https://sso.acme.example"


def registration(**changes):
    values = {
        "partner": "acme",
        "issuer": ISSUER,
        "client_id": "foyer",
        "client_secret": "s",
        "redirect_uri": "https://portal.example/login/acme/callback/",
    }
    return ClientRegistration(**values | changes)


def id_token(**claims):
    said = {"email": "ana@acme.example", "email_verified": True, "name": "Ana Sousa"} | claims
    said = {name: value for name, value in said.items() if value is not ...}
    return IdToken(
        issuer=ISSUER, subject="s-1", issued_at=NOW, expires_at=NOW, session_id="sid-1", claims=said
    )


def house(*, owns=lambda email: email.endswith("@acme.example"), shares=False):
    return House(owns_email=owns, shares_issuer=lambda: shares)


def admitted(token, reg=None, **how):
    return admit(
        token, token.claims, registration=reg or registration(), house=house(**how), now=NOW
    )


def test_admits_a_person_of_the_partner_with_address_name_and_the_providers_session():
    identity = admitted(id_token(email="Ana@ACME.example"))

    assert identity.email == "ana@acme.example"
    assert (identity.issuer, identity.subject) == (ISSUER, "s-1")
    assert (identity.name, identity.session_id) == ("Ana Sousa", "sid-1")


@pytest.mark.parametrize(
    "email", [..., None, "", 7, ["ana@acme.example"], {"a": 1}, True], ids=repr
)
def test_refuses_a_person_without_an_address(email):
    with pytest.raises(FederationError) as refusal:
        admitted(id_token(email=email))

    assert refusal.value.reason is Reason.EMAIL_MISSING


@pytest.mark.parametrize(
    "email",
    [
        "victim@globex.example",
        "ana@notacme.example",
        "ana@acme.example.evil.example",
        "attacker@evil.example@acme.example",
        '"a@evil"@acme.example',
        "ana@acme.example,evil@evil.example",
        "ana@acme.example.",
        "ana@acme.example\n",
        " ana@acme.example",
        "ana@acme.example\u200b",
        "victim@acme.example\uff20evil.example",
        "ana@acme\u3002example",
        "ana\uff20bystander.example@acme.example",
        "a\uff0cb@acme.example",
        "ana@\u0430cme.example",
        "ana@acme.example:80",
        "ana@[127.0.0.1]",
        "ana",
        "\u017fmith@acme.example",
        "\u212aevin@acme.example",
        "\uff41na@acme.example",
        "a" * 250 + "@acme.example",
    ],
)
def test_refuses_an_address_that_is_not_plainly_inside_the_partners_domains(email):
    with pytest.raises(FederationError) as refusal:
        admitted(id_token(email=email))

    assert refusal.value.reason is Reason.EMAIL_NOT_OF_PARTNER


@pytest.mark.parametrize("said", [True, "true", "True", "TRUE"], ids=repr)
def test_admits_an_address_that_is_said_to_be_verified(said):
    assert admitted(id_token(email_verified=said), registration(require_email_verified=True))


@pytest.mark.parametrize(
    "said", [False, None, "false", "FALSE", 0, 1, "0", "1", "no", [], {}, ""], ids=repr
)
def test_refuses_an_address_that_is_said_to_be_anything_but_verified(said):
    with pytest.raises(FederationError) as refusal:
        admitted(id_token(email_verified=said))

    assert refusal.value.reason is Reason.EMAIL_NOT_VERIFIED


def test_admits_without_email_verified_where_the_issuer_is_the_partners_own():
    assert admitted(id_token(email_verified=...)).email == "ana@acme.example"


@pytest.mark.parametrize(
    ("reg", "shares"),
    [
        pytest.param(registration(require_email_verified=True), False, id="required"),
        pytest.param(registration(), True, id="issuer of another partner too"),
        pytest.param(registration(issuer="https://accounts.google.com"), False, id="Google"),
    ],
)
def test_refuses_without_email_verified(reg, shares):
    with pytest.raises(FederationError) as refusal:
        admitted(id_token(email_verified=...), reg, shares=shares)

    assert refusal.value.reason is Reason.EMAIL_NOT_VERIFIED


@pytest.mark.parametrize(
    ("edov", "admits"), [(True, True), ("1", True), (1, True), (False, False)], ids=repr
)
def test_believes_entra_about_who_owns_the_domain(edov, admits):
    token = id_token(email_verified=..., xms_edov=edov)

    if admits:
        assert admitted(token)
    else:
        with pytest.raises(FederationError) as refusal:
            admitted(token)
        assert refusal.value.reason is Reason.EMAIL_NOT_VERIFIED


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({}, Reason.CLAIM_MISSING),
        ({"tid": "other"}, Reason.CLAIM_MISMATCH),
        ({"tid": ["t-1"]}, Reason.CLAIM_MISMATCH),
        ({"tid": True}, Reason.CLAIM_MISMATCH),
    ],
)
def test_refuses_another_customer_of_the_same_issuer(claims, reason):
    with pytest.raises(FederationError) as refusal:
        admitted(id_token(**claims), registration(pinned_claims={"tid": "t-1"}))

    assert refusal.value.reason is reason


def test_admits_the_customer_whom_every_pin_names():
    token = id_token(tid="t-1", hd="acme.example")

    assert admitted(token, registration(pinned_claims={"tid": "t-1", "hd": "acme.example"}))


def test_a_pin_of_one_is_not_met_by_true():
    with pytest.raises(FederationError) as refusal:
        admitted(id_token(acct=True), registration(pinned_claims={"acct": 1}))

    assert refusal.value.reason is Reason.CLAIM_MISMATCH


def test_a_pin_is_not_met_by_userinfo():
    token = id_token()

    with pytest.raises(FederationError) as refusal:
        admit(
            token,
            {**token.claims, "tid": "t-1"},
            registration=registration(pinned_claims={"tid": "t-1"}),
            house=house(),
            now=NOW,
        )

    assert refusal.value.reason is Reason.CLAIM_MISSING


def test_refuses_a_sign_in_without_the_second_factor_that_the_owner_requires():
    with pytest.raises(FederationError) as refusal:
        admitted(id_token(amr=["pwd"]), registration(required_amr=("mfa",)))

    assert refusal.value.reason is Reason.STEP_UP_NOT_MET


def test_takes_the_address_from_the_claim_that_the_connection_names():
    token = id_token(email=..., preferred_username="ana@acme.example")

    assert admitted(token, registration(email_claim="preferred_username")).email == (
        "ana@acme.example"
    )
    with pytest.raises(FederationError):
        admitted(token)


@pytest.mark.parametrize(
    ("email", "reason"),
    [("ana@acme.example", None), ("other@acme.example", Reason.EMAIL_NOT_VERIFIED)],
    ids=["of-this-address", "of-another"],
)
def test_email_verified_vouches_for_the_address_it_speaks_of_and_no_other(email, reason):
    token = id_token(email=email, email_verified=True, upn="ana@acme.example")

    with pytest.raises(FederationError) if reason else nullcontext() as refusal:
        admitted(token, registration(email_claim="upn", require_email_verified=True))

    assert reason is None or refusal.value.reason is reason


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"name": ..., "given_name": "Ana", "family_name": "Sousa"}, "Ana Sousa"),
        ({"name": "  Ana\n\u202eSousa "}, "Ana Sousa"),
        ({"name": 7, "given_name": 8}, ""),
        ({"name": "x" * 500}, "x" * 200),
    ],
)
def test_makes_a_name_of_what_the_provider_calls_the_person(claims, name):
    assert admitted(id_token(**claims)).name == name


@pytest.mark.parametrize(
    ("claims", "required", "lacks"),
    [
        ({}, False, False),
        ({"email": ...}, False, True),
        ({"email_verified": ...}, False, False),
        ({"email_verified": ...}, True, True),
    ],
)
def test_asks_userinfo_only_for_what_admission_needs(claims, required, lacks):
    reg = registration(require_email_verified=required)

    assert lacks_claims(id_token(**claims), reg) is lacks
