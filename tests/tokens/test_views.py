"""``/api/*`` as browsers and reverse proxies meet it: contract, section 2."""

import json
import re
from datetime import UTC, datetime, timedelta

import jwt
import pytest
import requests
import structlog
import time_machine
from django.utils import timezone

from audit.models import Event
from partners.models import Partner, Status
from people.models import Session, User
from tokens import refusals

pytestmark = pytest.mark.django_db

PATHS = ("/api/session/", "/api/token/", "/api/authorize/")
OWN = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def client(signed_in_client, pool, settings):
    settings.TOKEN_TO_BROWSER = True
    return signed_in_client


@pytest.fixture
def stranger(client):
    client.cookies.clear()
    return client


def get(client, path, **headers):
    return client.get(path, secure=True, headers=headers)


# --- Signed in --------------------------------------------------------------------------------


def test_the_session_says_who_is_signed_in_and_until_when(client, user):
    row = Session.objects.get()
    Session.objects.update(
        started_at=datetime(2026, 11, 25, 12, 0, 1, 999, tzinfo=UTC),
        ends_at=datetime(2126, 11, 25, 12, 0, 1, tzinfo=UTC),
    )

    response = get(client, "/api/session/")

    assert response.status_code == 200
    assert response.json() == {
        "authenticated": True,
        "subject": user.subject,
        "email": "ana@contoso.example",
        "name": "Ana Sousa",
        "partner": {"slug": "contoso", "name": "Contoso"},
        "signed_in_at": "2026-11-25T12:00:01Z",
        "expires_at": "2126-11-25T12:00:01Z",
        "token": None,
    }
    assert row.user == user


def test_the_session_names_the_token_and_never_shows_it(client):
    given = get(client, "/api/token/").json()

    response = get(client, "/api/session/")

    assert response.json()["token"] == {
        "issuer_subject": given["issuer_subject"],
        "expires_at": given["expires_at"],
    }
    assert given["token"] not in response.content.decode()


def test_the_session_asks_the_pool_for_nothing(client, pool):
    get(client, "/api/session/")

    assert not pool.calls


def test_the_token_verifies_with_nothing_but_a_jwt_library(client, pool):
    response = get(client, "/api/token/", **OWN)

    assert response.status_code == 200
    given = response.json()
    keys = jwt.PyJWKSet.from_dict(requests.get(pool.jwks_uri, timeout=5).json())
    key = keys[jwt.get_unverified_header(given["token"])["kid"]]
    claims = jwt.decode(given["token"], key, ["RS512"], audience=pool.pool_id, issuer=pool.issuer)
    assert claims["sub"] == given["issuer_subject"]
    assert datetime.fromtimestamp(claims["exp"], UTC) == datetime.fromisoformat(given["expires_at"])
    assert given["expires_at"].endswith("Z")
    assert set(given) == {"token", "issuer_subject", "expires_at"}


def test_the_token_stays_the_same_until_it_is_due(client):
    first = get(client, "/api/token/").json()

    assert get(client, "/api/token/").json() == first


def test_a_proxy_learns_who_it_is_and_what_to_send_on(client, user):
    response = get(client, "/api/authorize/", **{"sec-fetch-site": "cross-site"})

    assert response.status_code == 204
    assert response.headers["X-Foyer-Email"] == "ana@contoso.example"
    assert response.headers["X-Foyer-Partner"] == "contoso"
    assert response.headers["X-Foyer-Subject"] == user.subject
    given = get(client, "/api/token/").json()
    assert response.headers["Authorization"] == f"Bearer {given['token']}"
    assert response.content == b""


def test_an_address_beyond_ascii_goes_to_the_proxy_in_utf_8(client):
    User.objects.update(email="žofie@contoso.example")

    response = get(client, "/api/authorize/")

    assert response.headers["X-Foyer-Email"].encode("latin-1").decode() == "žofie@contoso.example"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
def test_a_proxy_may_ask_with_the_method_that_it_holds_back(client, method):
    response = client.generic(method, "/api/authorize/", secure=True)

    assert response.status_code == 204


# --- Signed out -------------------------------------------------------------------------------


def test_whoever_is_signed_out_learns_where_to_sign_in(stranger):
    response = get(stranger, "/api/session/")

    assert response.status_code == 401
    assert response.json() == {
        "authenticated": False,
        "login_url": "https://testserver/login/",
    }


def test_signed_out_there_is_no_token(stranger, pool):
    response = get(stranger, "/api/token/")

    assert response.status_code == 401
    assert response.json() == {"error": "signed_out", "login_url": "https://testserver/login/"}
    assert not pool.calls


def test_a_proxy_learns_where_to_send_the_browser_and_back(stranger):
    response = get(stranger, "/api/authorize/", **{"x-forwarded-uri": "/wiki/page?id=1&x=ä%20b"})
    plain = get(stranger, "/api/authorize/", **{"x-forwarded-uri": "/wiki/page?id=1&x=%20b"})

    assert response.status_code == plain.status_code == 401
    assert response.headers["X-Foyer-Login"] == "https://testserver/login/"
    assert plain.headers["X-Foyer-Login"] == (
        "https://testserver/login/?next=%2Fwiki%2Fpage%3Fid%3D1%26x%3D%2520b"
    )


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "https://evil.example/",
        "evil.example",
        "/" + "a" * 256,
        "/a\tb",
        "",
    ],
)
def test_a_forwarded_address_that_is_no_path_here_leads_to_the_plain_sign_in_page(stranger, path):
    response = get(stranger, "/api/authorize/", **{"x-forwarded-uri": path})

    assert response.headers["X-Foyer-Login"] == "https://testserver/login/"


def test_members_of_staff_are_not_signed_in_for_services(client, pool):
    Session.objects.update(partner=None)

    assert [get(client, path).status_code for path in PATHS] == [401, 401, 401]
    assert not pool.calls


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("ended_by", ["inactive", "paused", "idle", "over"])
def test_an_ended_session_opens_nothing(client, pool, path, ended_by):
    assert get(client, "/api/authorize/").status_code == 204
    now = timezone.now()
    match ended_by:
        case "inactive":
            User.objects.update(is_active=False)
        case "paused":
            Partner.objects.update(status=Status.PAUSED)
        case "idle":
            Session.objects.update(last_seen_at=now - timedelta(seconds=1801))
        case "over":
            Session.objects.update(ends_at=now)

    assert get(client, path).status_code == 401


@pytest.mark.parametrize("path", ["/api/token/", "/api/authorize/"])
def test_a_session_that_ends_while_the_pool_is_asked_gets_no_token(client, pool, path, monkeypatch):
    monkeypatch.setattr(
        "tokens.store.confirm_identity", lambda *_, **__: Session.objects.all().delete()
    )

    assert get(client, path).status_code == 401


# --- The browser and other origins ------------------------------------------------------------


def test_no_browser_gets_the_token_unless_the_owner_says_so(client, pool, settings):
    settings.TOKEN_TO_BROWSER = False

    response = get(client, "/api/token/", **OWN)

    assert response.status_code == 403
    assert response.json() == {"error": "token_to_browser_off"}
    assert not pool.calls


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({}, 200, id="a-program"),
        pytest.param({"sec-fetch-site": "same-origin"}, 200, id="own-page"),
        pytest.param({"sec-fetch-site": "none"}, 200, id="address-bar"),
        pytest.param({"sec-fetch-site": "same-site"}, 403, id="sister-host"),
        pytest.param({"sec-fetch-site": "cross-site"}, 403, id="other-site"),
        pytest.param({"sec-fetch-site": "what-comes-next"}, 403, id="unheard-of"),
        pytest.param({"sec-fetch-site": ""}, 403, id="empty"),
        pytest.param({"origin": "https://testserver"}, 200, id="own-origin"),
        pytest.param({"origin": "https://evil.example"}, 403, id="other-origin"),
        pytest.param({"origin": "https://testserver.evil.example"}, 403, id="longer-host"),
        pytest.param({"origin": "http://testserver"}, 403, id="other-scheme"),
        pytest.param({"origin": "null"}, 403, id="opaque-origin"),
        pytest.param(
            {"sec-fetch-site": "cross-site", "origin": "https://testserver"}, 403, id="both"
        ),
    ],
)
def test_the_token_is_for_the_portal_s_own_pages(client, headers, status):
    response = get(client, "/api/token/", **headers)

    assert response.status_code == status
    if status == 403:
        assert response.json() == {"error": "cross_origin"}


def test_another_origin_cannot_even_tell_whether_somebody_is_signed_in(client):
    signed_in = get(client, "/api/token/", origin="https://evil.example")
    client.cookies.clear()
    signed_out = get(client, "/api/token/", origin="https://evil.example")

    assert (signed_in.status_code, signed_in.content) == (403, signed_out.content)
    assert signed_out.status_code == 403


@pytest.mark.parametrize("path", PATHS)
def test_no_other_origin_may_read_an_answer(client, path):
    response = get(client, path, origin="https://evil.example")

    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("is_signed_in", [True, False])
def test_no_answer_is_kept_by_anybody(client, path, is_signed_in):
    if not is_signed_in:
        client.cookies.clear()

    response = get(client, path)

    assert response.headers["Cache-Control"] == "no-store"
    assert not response.cookies


@pytest.mark.parametrize("path", ["/api/session/", "/api/token/"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
def test_other_methods_are_refused_in_json(client, pool, path, method):
    response = client.generic(method, path, secure=True)

    assert response.status_code == 405
    assert response.headers["Allow"] == "GET"
    assert response.headers["Content-Type"] == "application/json"
    if method != "HEAD":
        assert response.json() == {"error": "method_not_allowed"}
    assert not pool.calls


# --- Without a token --------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/token/", "/api/authorize/"])
@pytest.mark.parametrize(
    ("code", "retry_after"),
    [("TooManyRequestsException", "5"), ("AccessDeniedException", "60")],
)
def test_when_there_is_no_token_the_answer_the_log_and_the_trail_name_one_reference(
    client, user, pool, path, code, retry_after
):
    pool.fail(code)

    with structlog.testing.capture_logs() as logged:
        response = get(client, path)

    assert response.status_code == 503
    assert response.headers["Retry-After"] == retry_after
    assert response.headers["Cache-Control"] == "no-store"
    body = response.json()
    assert set(body) == {"error", "reference"}
    assert body["error"] == "token_issuer_unavailable"
    assert re.fullmatch(r"FY-[0-9A-Z]{4}-[0-9A-Z]{4}", body["reference"])
    event = Event.objects.get(reference=body["reference"])
    assert (event.reason, event.partner) == ("token_issuer_unavailable", "contoso")
    assert (event.subject, event.detail) == (user.subject, {"cause": code})
    (line,) = [line for line in logged if line.get("reference") == body["reference"]]
    assert line["reason"] == "token_issuer_unavailable"
    assert "Authorization" not in response.headers


def test_a_refusal_that_repeats_itself_is_one_refusal(client, pool):
    pool.fail("AccessDeniedException")

    references = {get(client, "/api/authorize/").json()["reference"] for _ in range(5)}

    assert len(references) == 1
    assert Event.objects.filter(reason="token_issuer_unavailable").count() == 1


def test_another_cause_or_a_later_moment_is_another_refusal(client, pool, monkeypatch):
    pool.fail("AccessDeniedException", times=2)
    pool.fail("ExpiredTokenException")
    first = get(client, "/api/authorize/").json()["reference"]
    monkeypatch.setattr(refusals, "SAME_FOR_SECONDS", 0.0)
    later = get(client, "/api/authorize/").json()["reference"]
    monkeypatch.setattr(refusals, "SAME_FOR_SECONDS", 10.0)

    other = get(client, "/api/authorize/").json()["reference"]

    assert len({first, later, other}) == 3
    assert Event.objects.filter(reason="token_issuer_unavailable").count() == 3


def test_refusals_are_remembered_for_so_many_sessions_only(client, pool, monkeypatch):
    monkeypatch.setattr(refusals, "REMEMBERED", 1)
    recent = refusals.RecentRefusals()

    recent.reference_of("a", "cause")
    recent.reference_of("b", "cause")

    assert len(recent._known) == 1


def test_the_next_call_mints_once_the_pool_is_back(client, pool):
    pool.fail("AccessDeniedException")
    assert get(client, "/api/token/").status_code == 503

    pool.recover()

    assert get(client, "/api/token/").status_code == 200
    assert get(client, "/api/session/").json()["token"]


# --- Cost -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
def test_a_call_is_one_select_and_writes_nothing(client, path, django_assert_num_queries):
    get(client, "/api/token/")

    with django_assert_num_queries(1) as statements:
        get(client, path)

    assert statements[0]["sql"].startswith("SELECT")


@pytest.mark.parametrize("path", PATHS)
def test_asking_again_and_again_is_not_being_at_work(client, path):
    seen = Session.objects.get().last_seen_at
    later = timezone.now() + timedelta(minutes=20)

    with time_machine.travel(later, tick=False):
        get(client, path)

    assert Session.objects.get().last_seen_at == seen


def test_nothing_of_a_token_is_logged(client, capfd):
    given = get(client, "/api/token/").json()
    get(client, "/api/authorize/")

    logged = "".join(capfd.readouterr())
    assert given["token"] not in logged
    assert given["token"].split(".")[2] not in logged
    assert json.dumps(list(Event.objects.values()), default=str).count(given["token"]) == 0
