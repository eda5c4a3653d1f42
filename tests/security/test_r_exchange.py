"""Group R, the exchange with Cognito: what is sent, what comes back, and what if nothing does."""

import time

import pytest

from demo.cognito import Fault
from demo.provider import IdTokenFault
from tests.security.forging import claims_of
from tests.support.portal_visitor import Visitor

pytestmark = pytest.mark.portal

REFUSED = "developer_token.refused"
CHANGED = "developer_identity.changed"
KNOWN = (
    "SELECT identity_id FROM tokens_developeridentity JOIN people_user u ON u.id = user_id"
    " WHERE email = %s"
)


@pytest.fixture
def pool(portal, at):
    """The identity pool; afterwards the portal has seen it answer often enough to trust it."""
    yield portal.pool
    portal.pool.recover()
    at("bystander")
    for _ in range(6):
        Visitor(portal).sign_in("bystander")


def signed_in(case, name="ana", **claims):
    case.adversary.sign_in_as(name)
    fault = IdTokenFault(members=claims) if claims else IdTokenFault()
    return case.let_in(case.attack(id_token=fault), case.adversary.email(name))


# --- R01, R02, R04: what is sent -----------------------------------------------------------------


def test_r01_the_pool_learns_an_opaque_subject_and_the_partner_and_nothing_else(pool, case):
    who = signed_in(case, name="ana")

    call = pool.calls[-1]
    assert call.operation == "GetOpenIdTokenForDeveloperIdentity"
    assert call.parameters == {
        "IdentityPoolId": pool.pool_id,
        "Logins": {pool.developer_provider_name: who["subject"]},
        "PrincipalTags": {"partner": case.adversary.slug},
        "TokenDuration": 900,
    }
    assert len(who["subject"]) == 27


def test_r01_a_token_does_not_outlive_the_session(pool, case):
    signed_in(case, session_expiry=int(time.time()) + 300)

    assert 0 < pool.calls[-1].parameters["TokenDuration"] <= 300


@pytest.mark.parametrize("spelling", ["ANA@ADVERSARY.EXAMPLE", "Ana@adversary.example"])
def test_r02_one_person_however_the_address_is_written_is_one_identity(pool, case, spelling):
    first = signed_in(case)

    again = signed_in(case, email=spelling)

    assert again["subject"] == first["subject"]
    assert again["token"]["issuer_subject"] == first["token"]["issuer_subject"]
    assert len(case.portal.rows(KNOWN, case.adversary.email("ana"))) == 1


NAMES_OF_OTHERS = {
    "identity_id": "eu-west-1:00000000-0000-0000-0000-000000000000",
    "IdentityId": "eu-west-1:00000000-0000-0000-0000-000000000000",
    "Logins": {"accounts.google.com": "x"},
    "login_provider": "login.evil.example",
    "identities": [{"providerName": "evil", "userId": "1"}],
    "cognito:username": "bystander-ana",
    "custom:subject": "u" + 26 * "a",
    "https://aws.amazon.com/tags": {"principal_tags": {"partner": ["bystander"]}},
    "subject": "u" + 26 * "a",
    "TokenDuration": 86400,
}


def test_r03_r04_what_a_provider_says_of_identities_and_logins_is_not_passed_on(pool, case):
    honest = signed_in(case)
    expected = pool.calls[-1].parameters

    who = signed_in(case, **NAMES_OF_OTHERS)

    assert pool.calls[-1].parameters == expected
    assert who["subject"] == honest["subject"]
    assert who["token"]["issuer_subject"] == honest["token"]["issuer_subject"]


# --- R03: another identity than before -----------------------------------------------------------


def test_r03_another_identity_than_before_gives_no_token_and_sets_off_an_alert(pool, case):
    known = signed_in(case)["token"]["issuer_subject"]
    case.alerts |= {CHANGED, "token_issuer.refused"}
    pool.swap_identity()

    answer = case.attack()

    email = case.adversary.email("ana")
    case.let_in_without_token(answer, email, cause="identity_changed", what=CHANGED)
    assert case.browser.get("/api/token/").status_code == 503
    assert "Authorization" not in case.browser.get("/api/authorize/").headers
    assert case.portal.rows(KNOWN, email) == [(known,)]
    pool.recover()
    assert case.browser.get("/api/token/").json()["issuer_subject"] == known


# --- R05: every error ----------------------------------------------------------------------------

PASSING = ["TooManyRequestsException", "InternalErrorException", "ThrottlingException"]
OTHERS = [
    "NotAuthorizedException",
    "InvalidParameterException",
    "ResourceNotFoundException",
    "DeveloperUserAlreadyRegisteredException",
    "ResourceConflictException",
    "LimitExceededException",
    "ExpiredTokenException",
    "UnrecognizedClientException",
    "InvalidSignatureException",
    "AccessDeniedException",
    "SomethingNewException",
]
TRIED_AGAIN = {"ResourceConflictException", "LimitExceededException"}
"""Two first sign-ins of one person at once may meet the one; to botocore the other may pass."""


@pytest.mark.parametrize("code", [pytest.param(code, id=f"R05-{code}") for code in PASSING])
def test_r05_trouble_that_passes_is_tried_twice_and_lets_the_person_in(pool, case, code):
    before = len(pool.calls)
    pool.fail(code)

    answer = case.attack()

    assert len(pool.calls) == before + 2
    case.let_in_without_token(answer, case.adversary.email("ana"), cause=code, what=REFUSED)
    assert_services_follow(pool, case, retry_after="5")


@pytest.mark.parametrize("code", [pytest.param(code, id=f"R05-{code}") for code in OTHERS])
def test_r05_an_error_that_somebody_has_to_mend_is_an_alert_and_lets_the_person_in(
    pool, case, code
):
    case.alerts.add("token_issuer.refused")
    before = len(pool.calls)
    pool.fail(code)

    answer = case.attack()

    assert len(pool.calls) == before + (2 if code in TRIED_AGAIN else 1)
    case.let_in_without_token(answer, case.adversary.email("ana"), cause=code, what=REFUSED)
    assert_services_follow(pool, case, retry_after="60")


ANSWERS = {
    "empty": (Fault(body=b""), "answer_unreadable"),
    "html": (Fault(body=b"<html>the proxy of somebody</html>"), "answer_unreadable"),
    "text": (Fault(body=b'"text"'), "answer_unreadable"),
    "no-token": (Fault(without=["Token"]), "answer_unreadable"),
    "no-identity": (Fault(without=["IdentityId"]), "answer_unreadable"),
    "other-token": (Fault(members={"Token": "a.b.c"}), "answer_unreadable"),
    "other-identity": (
        Fault(members={"IdentityId": "eu-west-1:00000000-0000-0000-0000-000000000000"}),
        "token_of_another_pool",
    ),
    "closed": (Fault(closes=True), "ConnectionClosedError"),
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"R05-{name}") for name in ANSWERS])
def test_r05_an_answer_that_is_none_lets_the_person_in_without_a_token(pool, case, name):
    fault, cause = ANSWERS[name]
    case.alerts.add("token_issuer.refused")
    pool.misbehave(fault)

    answer = case.attack()

    case.let_in_without_token(answer, case.adversary.email("ana"), cause=cause, what=REFUSED)
    pool.recover()
    assert case.browser.get("/api/token/").status_code == 200


def test_r05_a_pool_that_never_answers_costs_seconds_and_lets_the_person_in(pool, case):
    case.seconds = 7.0
    pool.delay(8, times=2)

    began = time.monotonic()
    answer = case.attack()
    seconds = time.monotonic() - began

    email = case.adversary.email("ana")
    case.let_in_without_token(answer, email, cause="ReadTimeoutError", what=REFUSED)
    assert seconds < 6
    pool.recover()
    assert case.browser.get("/api/token/").status_code == 200


def assert_services_follow(pool, case, *, retry_after):
    """Assert what the contract says of a person without a token, and that the next call mints."""
    home = case.browser.get("/")
    told = [case.browser.get(path) for path in ("/api/token/", "/api/authorize/")]
    pool.recover()
    minted = case.browser.get("/api/token/")

    assert home.status_code == 200
    assert "not reachable yet" in home.text
    for answer in told:
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == retry_after
        assert answer.json()["error"] == "token_issuer_unavailable"
        assert "Authorization" not in answer.headers
    assert minted.status_code == 200
    assert "not reachable yet" not in case.browser.get("/").text


# --- R07, R09: the token in its session ----------------------------------------------------------


def test_r07_a_token_is_minted_anew_without_asking_the_provider(pool, case):
    signed_in(case)
    case.adversary.issuer.requests.clear()
    forget_token(case)

    minted = case.browser.get("/api/token/")

    assert minted.status_code == 200
    assert not case.adversary.issuer.requests


ENDS = {
    "paused": "UPDATE partners_partner SET status = 'paused' WHERE id = %s",
    "draft": "UPDATE partners_partner SET status = 'draft' WHERE id = %s",
    "inactive": "UPDATE people_user SET is_active = false WHERE partner_id = %s",
    "deleted": "DELETE FROM people_session WHERE partner_id = %s",
    "over": "UPDATE people_session SET ends_at = now() WHERE partner_id = %s",
}


@pytest.mark.parametrize("end", [pytest.param(end, id=f"R07-{end}") for end in ENDS])
def test_r07_once_it_is_over_nothing_is_minted(pool, case, end):
    signed_in(case)
    forget_token(case)
    before = len(pool.calls)

    case.portal.change(ENDS[end], case.adversary.partner_id)

    for path in ("/api/token/", "/api/authorize/", "/api/session/"):
        answer = case.browser.get(path)
        assert answer.status_code == 401
        assert "Authorization" not in answer.headers
    assert len(pool.calls) == before


def test_r09_a_dump_of_the_database_shows_nothing_of_the_token(pool, case):
    signed_in(case)
    developer_token = case.browser.get("/api/token/").json()["token"]
    tables = case.portal.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")

    dump = "\n".join(
        str(case.portal.rows(f'SELECT t::text FROM "{table}" t'))  # noqa: S608 -- pg's own words
        for (table,) in tables
    )

    assert case.adversary.email("ana") in dump
    for part in (developer_token, *developer_token.split(".")[1:]):
        assert part not in dump


def test_r09_a_token_sealed_for_one_session_opens_in_no_other(pool, case):
    ben = case.new_browser()
    case.adversary.sign_in_as("ben")
    case.let_in(ben.sign_in(case.adversary.slug), case.adversary.email("ben"), by=ben)
    signed_in(case)
    theirs = ben.get("/api/token/").json()

    case.portal.change(
        "UPDATE people_session SET developer_token ="
        " (SELECT s.developer_token FROM people_session s JOIN people_user u ON u.id = s.user_id"
        "  WHERE u.email = %s)"
        " WHERE user_id IN (SELECT id FROM people_user WHERE email = %s)",
        case.adversary.email("ben"),
        case.adversary.email("ana"),
    )

    mine = case.browser.get("/api/token/").json()
    assert mine["issuer_subject"] != theirs["issuer_subject"]
    assert mine["token"] != theirs["token"]
    (ana,) = case.portal.rows(KNOWN, case.adversary.email("ana"))
    assert claims_of(mine["token"])["sub"] == ana[0]


def test_r11_readiness_says_which_endpoint_is_used_and_nothing_of_credentials(pool, case):
    signed_in(case)

    ready = case.browser.get("/health/ready/")

    assert ready.json()["token_issuer"]["endpoint"] == pool.base_url
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "COGNITO_IDENTITY_POOL_ID"):
        assert case.portal.environment[name] not in ready.text


def forget_token(case):
    case.portal.change(
        "UPDATE people_session SET developer_token = '' WHERE partner_id = %s",
        case.adversary.partner_id,
    )
