from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from audit.models import Event
from demo.provider import IdTokenFault
from people.models import Session, User
from tests.support.company import Browser

pytestmark = pytest.mark.django_db

COOKIE = "__Host-foyer-session"


def ends(session):
    return (session.ends_at - session.started_at).total_seconds()


def test_a_session_has_a_new_key_and_the_old_one_is_dead(acme, browser):
    browser.portal.cookies[COOKIE] = "planted-by-somebody-else-0123456"

    browser.sign_in(acme)
    first = browser.portal.cookies[COOKIE].value
    browser.sign_in(acme)
    second = browser.portal.cookies[COOKIE].value

    assert len({"planted-by-somebody-else-0123456", first, second}) == 3
    assert Session.objects.count() == 1


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(acme, browser):
    browser.sign_in(acme)

    cookie = browser.portal.cookies[COOKIE]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
    assert (cookie["path"], cookie["domain"]) == ("/", "")


def test_there_is_no_session_before_somebody_is_signed_in(acme, browser):
    browser.get("/login/")
    browser.post("/login/", {"email": "ana@acme.example"})
    browser.get("/login/acme/")

    assert COOKIE not in browser.portal.cookies
    assert not Session.objects.exists()


def test_knows_the_partner_and_the_providers_session(acme, browser):
    acme.issuer.misbehave(id_token=IdTokenFault(members={"sid": "sid-7"}))

    browser.sign_in(acme)

    session = Session.objects.get()
    assert (session.partner, session.connection) == (acme.partner, acme.connection)
    assert session.provider_session_id == "sid-7"
    assert session.user == User.objects.get()


@pytest.mark.parametrize(
    ("partner", "expiry", "seconds"),
    [
        pytest.param(None, None, 43200, id="the portal's"),
        pytest.param(3600, None, 3600, id="the partner's"),
        pytest.param(99999, None, 43200, id="not longer than the portal's"),
        pytest.param(None, 600, 600, id="the provider's"),
        pytest.param(None, 10**6, 43200, id="not longer because the provider says so"),
    ],
)
def test_a_session_ends_at_the_earliest_limit(acme, browser, partner, expiry, seconds):
    acme.partner.session_max_age = partner
    acme.partner.save()
    if expiry:
        moment = int(timezone.now().timestamp()) + expiry
        acme.issuer.misbehave(id_token=IdTokenFault(members={"session_expiry": moment}))

    browser.sign_in(acme)

    assert ends(Session.objects.get()) == pytest.approx(seconds, abs=3)


def test_a_session_that_is_over_at_the_provider_never_begins(acme, browser):
    acme.issuer.misbehave(id_token=IdTokenFault(members={"session_expiry": 1}))

    response = browser.sign_in(acme)

    assert response.status_code == 400
    assert "outside_validity" in response.content.decode()


@pytest.mark.parametrize(("idle", "seconds"), [(None, 1800), (300, 300), (9999, 1800)])
def test_a_session_ends_when_nobody_is_there(acme, browser, idle, seconds):
    acme.partner.session_idle = idle
    acme.partner.save()
    browser.sign_in(acme)

    with time_machine.travel(timezone.now() + timedelta(seconds=seconds - 5), tick=False):
        assert browser.session()
    with time_machine.travel(timezone.now() + timedelta(seconds=seconds + 5), tick=False):
        assert browser.session() is None


def test_looking_at_pages_keeps_the_session_and_asking_the_api_does_not(acme, browser):
    browser.sign_in(acme)
    now = timezone.now()

    with time_machine.travel(now + timedelta(minutes=20), tick=False):
        assert browser.get("/").status_code == 200
    with time_machine.travel(now + timedelta(minutes=45), tick=False):
        assert browser.session()
    with time_machine.travel(now + timedelta(minutes=51), tick=False):
        assert browser.session() is None


def test_pausing_a_partner_ends_its_peoples_sessions_and_no_others(acme, globex):
    ana, ben = Browser(), Browser()
    ana.sign_in(acme)
    ben.sign_in(globex, "ben")

    acme.partner.status = "paused"
    acme.partner.save()

    assert ana.session() is None
    assert ben.session()


def test_deactivating_a_person_ends_the_sessions(acme, browser):
    browser.sign_in(acme)

    User.objects.update(is_active=False)

    assert browser.session() is None


def test_signing_in_as_somebody_else_ends_the_old_session(acme, globex, browser):
    browser.sign_in(acme, "ana")
    browser.sign_in(globex, "ben")

    assert browser.session()["email"] == "ben@globex.example"
    assert Session.objects.count() == 1


def test_an_old_cookie_opens_nothing_after_signing_out(acme, browser):
    browser.sign_in(acme)
    old = browser.portal.cookies[COOKIE].value
    browser.post("/logout/")

    browser.portal.cookies[COOKIE] = old

    assert browser.session() is None
    assert browser.get("/").status_code == 302


def test_getting_the_sign_out_page_signs_nobody_out(acme, browser):
    browser.sign_in(acme)

    page = browser.get("/logout/")

    assert page.status_code == 200
    assert browser.session()
    assert 'action="/logout/"' in page.content.decode()


def test_a_member_of_staff_is_asked_first_and_recorded_too(db, browser):
    staff = User.objects.create_superuser(email="owner@northlake.example", password="p" * 20)
    browser.portal.force_login(staff, backend="people.staff.StaffPasswordBackend")

    asked = browser.get("/logout/").content.decode()
    browser.post("/logout/")

    assert 'action="/logout/"' in asked
    assert "owner@northlake.example" in asked
    assert not Session.objects.exists()
    event = Event.objects.get(what="logout")
    assert (event.subject, event.email, event.partner) == (staff.subject, staff.email, "")


def test_whoever_signs_out_is_recorded_once_and_nobody_is_nobody(acme, browser):
    browser.sign_in(acme)

    browser.post("/logout/")
    browser.post("/logout/")

    event = Event.objects.get(what="logout")
    assert (event.email, event.partner) == ("ana@acme.example", "acme")


def test_an_id_token_whose_key_has_gone_is_not_sent_to_the_provider(acme, browser, settings):
    acme.connection.needs_id_token_hint = True
    acme.connection.save()
    browser.sign_in(acme)

    settings.SECRETS_KEYS = [b"n" * 32]
    assert browser.post("/logout/").status_code == 303

    assert browser.session() is None


def test_signs_out_although_the_provider_is_down(acme, browser, provider):
    browser.sign_in(acme)
    provider.issuers.clear()

    assert browser.post("/logout/").status_code == 303
    assert browser.session() is None
    assert browser.get("/logout/").status_code == 200


def test_the_home_page_leads_to_the_timed_out_page_by_itself(acme, browser):
    browser.sign_in(acme)

    home = browser.get("/")

    seconds, _, url = home.headers["Refresh"].partition(";url=")
    assert 1790 < int(seconds) < 1810
    assert url == "/login/timed-out/?next=/"
    browser.post("/logout/")
    assert browser.get(url).status_code == 200


@pytest.mark.parametrize("place", ["/", "/logout/", "/login/"])
def test_every_page_that_is_opened_keeps_the_session(acme, browser, place):
    browser.sign_in(acme)
    now = timezone.now()

    with time_machine.travel(now + timedelta(minutes=20), tick=False):
        browser.get(place)

    with time_machine.travel(now + timedelta(minutes=45), tick=False):
        assert browser.session()


def test_a_member_of_staff_at_work_stays_signed_in(db, browser):
    User.objects.create_superuser(email="owner@northlake.example", password="p" * 20)
    credentials = {"username": "Owner@Northlake.example", "password": "p" * 20}
    assert browser.post("/admin/login/?next=/admin/", credentials).status_code == 302
    now = timezone.now()

    for minutes in (20, 40, 60):
        with time_machine.travel(now + timedelta(minutes=minutes), tick=False):
            assert browser.get("/admin/").status_code == 200
    with time_machine.travel(now + timedelta(minutes=95), tick=False):
        assert browser.get("/admin/").status_code == 302


def test_the_home_page_greets_by_name_and_says_the_company_and_the_end(acme, browser):
    browser.sign_in(acme)

    page = browser.get("/").content.decode()

    assert "Welcome, Ana." in page
    assert "You’re signed in with Acme." in page
    assert f'<time datetime="{Session.objects.get().ends_at.isoformat()[:19]}' in page
