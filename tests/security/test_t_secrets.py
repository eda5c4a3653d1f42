"""Group T, secrets: what is told when everything is told, and what a stolen database shows."""

import base64
import os
import secrets
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from demo.names import ADMIN_EMAIL
from demo.provider import Fault, IdTokenFault
from tests.security.forging import with_parameters
from tests.support.portal import ADMIN_PASSWORD, ROOT, manage

pytestmark = pytest.mark.portal

TOO_CURIOUS = ("SECRET_KEY", "SECRETS_KEYS", "AWS_SECRET_ACCESS_KEY")
NEW_KEY = base64.b64encode(secrets.token_bytes(32)).decode()
PRODUCTION = {
    "BASE_URL": "https://portal.example",
    "FEDERATION_TRUSTED_ENDPOINTS": "",
    "AWS_ENDPOINT_URL_COGNITO_IDENTITY": "",
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "EMAIL_URL": "smtp+tls://mail.portal.example",
    "MAIL_FROM": "portal@portal.example",
}


def dump(portal):
    """Return all that the portal's database holds, a row a line."""
    tables = portal.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return "\n".join(
        str(row)
        for (table,) in tables
        for row in portal.rows(f'SELECT t::text FROM "{table}" t')  # noqa: S608 -- the catalogue's
    )


def owns(case):
    """Return the portal's own secrets."""
    environment = case.portal.environment
    password = urlsplit(environment["DATABASE_URL"]).password or ""
    return {ADMIN_PASSWORD, password, *(environment[name] for name in TOO_CURIOUS)}


def keep_tokens(case):
    """Let the case know of every token that the provider and the pool give out from now on."""
    noted = IdTokenFault(token=lambda honest: case.secrets.add(honest) or honest)
    case.adversary.misbehave(id_token=noted)


def told_tokens(case, browser):
    answer = browser.get("/api/token/")
    if answer.status_code == 200:
        case.secrets.add(answer.json()["token"])
    case.secrets |= set(case.adversary.issuer.spent_codes._access_tokens.values())
    case.secrets |= set(browser.cookies().values())


# --- T01: everything is logged -------------------------------------------------------------------


def test_t01_at_the_loudest_level_no_secret_is_written_whatever_happens(case):
    """A whole day of a portal, at a server that logs all that any library says."""
    case.let_in(case.attack(), case.adversary.email("ana"))
    keep_tokens(case)
    with case.portal.another_process(TEST_LOG_LEVEL="DEBUG") as loud:
        browser = case.new_browser(port=loud.port)
        browser.post("/login/", {"email": case.adversary.email("ana")})
        browser.sign_in(case.adversary.slug)
        told_tokens(case, browser)
        for path in ("/", "/api/session/", "/api/authorize/", "/logout/"):
            browser.get(path)
        for change in ({"state": "x"}, {"code": "x"}, {"iss": "x"}, {"code": None}):
            callback = browser.come_back(browser.begin(case.adversary.slug))
            browser.get(with_parameters(callback, **change))
        for fault in (Fault(status=500), Fault(body=b"x"), Fault(closes=True, times=1)):
            case.adversary.misbehave(token=fault)
            browser.sign_in(case.adversary.slug)
        case.adversary.issuer.reset()
        case.adversary.sign_in_as("ana")
        case.portal.pool.fail("InvalidParameterException", message="a message with a secret")
        browser.sign_in(case.adversary.slug)
        case.portal.pool.recover()
        told_tokens(case, browser)
        browser.post("/logout/", {}, page="/")
        form = {"username": ADMIN_EMAIL, "password": ADMIN_PASSWORD}
        browser.post("/admin/login/", {**form, "password": "a password that is wrong"})
        browser.post("/admin/login/?next=/admin/", form, page="/admin/login/")
        browser.get(f"/admin/partners/partner/{case.adversary.partner_id}/change/")
        written = loud.log.read_text() + loud.errors()

    case.cpu_seconds *= 4
    case.secrets |= owns(case) | {"a password that is wrong", "a message with a secret"}
    known = case._all_secrets()
    assert '"level": "debug"' in written
    assert len(known) > 40
    assert not [secret for secret in known if secret in written]


def test_t01_the_trail_and_the_database_hold_nothing_of_it_either(case):
    """T07: what somebody gets who steals the database."""
    keep_tokens(case)
    case.let_in(case.browser.sign_in(case.adversary.slug), case.adversary.email("ana"))
    told_tokens(case, case.browser)
    waiting = case.callback()

    stolen = dump(case.portal)

    case.secrets |= owns(case)
    known = case._all_secrets()
    assert case.adversary.email("ana") in stolen
    assert case.adversary.client_id in stolen
    assert len(known) > 12
    assert not [secret for secret in known if secret in stolen]
    assert urlsplit(waiting).query not in stolen


# --- T06: unsafe settings ------------------------------------------------------------------------

UNSAFE = {
    "DEBUG": {"DEBUG": "true", "BASE_URL": "https://portal.example"},
    "SECRET_KEY": {"SECRET_KEY": "changeme"},
    "BASE_URL": {"BASE_URL": "http://portal.example"},
    "SECRETS_KEYS": {"SECRETS_KEYS": ""},
    "DATABASE_URL": {"DATABASE_URL": ""},
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"T06-{name}") for name in UNSAFE])
def test_t06_a_setting_that_is_unsafe_stops_the_start(case, name):
    environment = {**case.portal.environment, **UNSAFE[name]}
    command = [sys.executable, "-c", "import config.wsgi"]

    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )

    case.nothing_happened(case.browser.get("/login/"), status=200)
    assert done.returncode != 0
    assert done.stderr.strip().splitlines()[-1].startswith((name, f"{EXCEPTION}: {name}"))
    assert UNSAFE[name][name] in {"", "true"} or "changeme" not in done.stderr


EXCEPTION = "django.core.exceptions.ImproperlyConfigured"


def test_t06_settings_of_a_production_server_have_nothing_to_warn_of(case):
    environment = {**case.portal.environment, **PRODUCTION}
    del environment["AWS_ENDPOINT_URL_COGNITO_IDENTITY"]

    manage(environment, "check", "--deploy", "--fail-level", "WARNING")

    case.nothing_happened(case.browser.get("/login/"), status=200)


# --- T08: other keys -----------------------------------------------------------------------------


def test_t08_a_server_with_a_new_key_opens_what_the_old_one_sealed(case):
    keys = f"{NEW_KEY},{case.portal.environment['SECRETS_KEYS']}"
    case.let_in(case.attack(), case.adversary.email("ana"))
    developer_token = case.browser.get("/api/token/").json()
    with case.portal.another_process(SECRETS_KEYS=keys) as rotated:
        case.browser.port = rotated.port
        at_rotated = case.browser.get("/api/token/").json()
        again = case.new_browser(port=rotated.port)
        case.let_in(again.sign_in(case.adversary.slug), case.adversary.email("ana"), by=again)

    case.browser.port = case.portal.port
    assert at_rotated == developer_token


def test_t08_a_new_secret_key_signs_everybody_out_and_does_nothing_else(case):
    case.let_in(case.attack(), case.adversary.email("ana"))
    with case.portal.another_process(SECRET_KEY=secrets.token_urlsafe(64)) as other:
        stale = case.new_browser(port=other.port)
        stale.plant("foyer-session", case.browser.cookies()["foyer-session"])
        status = stale.get("/api/session/").status_code
        case.let_in(stale.sign_in(case.adversary.slug), case.adversary.email("ana"), by=stale)

    assert status == 401


# --- T04, T09: faults of ours --------------------------------------------------------------------

UNWRITABLE = """
CREATE FUNCTION test_refuse() RETURNS trigger AS
    'BEGIN RAISE EXCEPTION ''the disk is full at /var/lib/of-ours''; END' LANGUAGE plpgsql;
CREATE TRIGGER test_refuse BEFORE INSERT ON {table}
    FOR EACH ROW WHEN (NEW.what = 'login.succeeded') EXECUTE FUNCTION test_refuse();
"""


def test_t04_without_a_trail_nobody_gets_in(case):
    """It fails closed: a sign-in that nobody could find out about does not take place."""
    case.let_in(case.attack(), case.adversary.email("ana"))
    with case.portal.another_process() as another:
        browser = case.new_browser(port=another.port)
        callback = browser.come_back(browser.begin(case.adversary.slug))
        case.portal.change(UNWRITABLE.format(table="audit_event"))
        sessions = case.portal.rows("SELECT count(*) FROM people_session")
        try:
            answer = browser.get(callback)
        finally:
            case.portal.change("DROP FUNCTION test_refuse CASCADE")
        after = case.portal.rows("SELECT count(*) FROM people_session")
        who = browser.who()
        retried = browser.sign_in(case.adversary.slug)
        written = another.log.read_text()

    assert_page_of_fault(answer, written)
    assert "foyer-session" not in answer.headers.get("Set-Cookie", "")
    assert after == sessions
    assert who is None
    assert retried.status_code == 302


TABLES = {
    "sessions": ("people_session", "/"),
    "people": ("people_user", "/api/session/"),
    "connections": ("partners_connection", "/login/adversary/"),
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"T09-{name}") for name in TABLES])
def test_t09_a_fault_of_ours_is_a_page_with_a_reference_and_harms_nobody_else(case, name):
    table, path = TABLES[name]
    case.let_in(case.attack(), case.adversary.email("ana"))
    with case.portal.another_process() as another:
        case.browser.port = another.port
        case.portal.change(f"ALTER TABLE {table} RENAME TO test_elsewhere")
        try:
            answer = case.browser.get(path)
            others = [case.new_browser(port=another.port).get(p) for p in ("/login/help/", "/x/")]
        finally:
            case.portal.change(f"ALTER TABLE test_elsewhere RENAME TO {table}")
        again = case.browser.get(path)
        written = another.log.read_text()
        case.browser.port = case.portal.port

    assert_page_of_fault(answer, written)
    assert [other.status_code for other in others] == [200, 404]
    assert again.status_code < 400
    assert case.browser.who() is not None


def assert_page_of_fault(answer, written):
    """Assert that the page tells a reference that the log has too, and nothing of what happened."""
    assert answer.status_code == 500
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    reference = answer.text.partition('class="reference">')[2].partition("<")[0]
    assert f'"reference": "{reference}"' in written
    assert "Traceback" in written
    for told in ("Traceback", "psycopg", "test_elsewhere", "people_", "SELECT", "of-ours", ".py"):
        assert told not in answer.text
    assert os.sep + "django" not in answer.text
