"""The buttons of a partner: pause, resume, sign everyone out, test the connection."""

import pytest

from audit.models import Event
from demo.provider import Fault
from partners.models import Connection, Partner
from people.models import Session
from tests.console.conftest import STAFF, messages_of


@pytest.fixture
def paused(acme):
    Partner.objects.filter(pk=acme.partner.pk).update(status="paused", paused_note="Until Monday")
    return acme


def status_of(company):
    return Partner.objects.get(pk=company.partner.pk).status


def test_asks_before_it_pauses_and_says_who_is_signed_in(staff, acme, browser):
    browser.sign_in(acme)

    page = staff.get("partners_partner_pause", acme.partner.pk)

    assert "New sign-ins stop now. 1 person is signed in." in page.content.decode()
    assert status_of(acme) == "live"


def test_pauses_with_a_note_that_people_see(staff, acme, browser):
    response = staff.post(
        "partners_partner_pause", acme.partner.pk, data={"note": "Until Monday"}, follow=True
    )

    assert messages_of(response) == ["Acme is paused."]
    answer = browser.get("/login/acme/")
    assert answer.status_code == 503
    assert "Until Monday" in answer.content.decode()


def test_a_pause_is_recorded_as_an_act_and_as_a_change(staff, acme, browser):
    browser.sign_in(acme)

    form = {"reason": "A leak", "until": "2999-01-31", "note": "Why", "sign_out": "on"}
    staff.post("partners_partner_pause", acme.partner.pk, data=form)

    act = Event.objects.get(what="partner.paused")
    assert (act.partner, act.actor) == ("acme", STAFF)
    assert act.detail == {
        "reason": "A leak",
        "until": "2999-01-31",
        "note": "Why",
        "sessions_ended": 1,
    }
    change = Event.objects.get(what="partner.changed", actor=STAFF)
    assert change.detail["after"]["status"] == "paused"
    assert change.address == act.address == "127.0.0.1"
    assert change.request_id == act.request_id != ""


def test_people_are_told_when_it_is_expected_to_end_and_not_why(staff, acme, browser):
    form = {"reason": "A leak", "until": "2999-01-31"}
    staff.post("partners_partner_pause", acme.partner.pk, data=form)

    page = browser.get("/login/acme/").content.decode()

    assert "It is expected to end on 31 January 2999." in page
    assert "A leak" not in page


def test_an_end_that_is_over_is_promised_to_nobody(acme, browser):
    Partner.objects.update(status="paused", paused_until="2020-01-31")

    assert "expected to end" not in browser.get("/login/acme/").content.decode()


def test_an_end_that_is_over_is_a_slip(staff, acme):
    page = staff.post("partners_partner_pause", acme.partner.pk, data={"until": "2020-01-31"})

    assert "That day is over." in page.content.decode()
    assert status_of(acme) == "live"


def test_a_pause_ends_sessions_only_when_that_is_asked_for(staff, acme, browser):
    browser.sign_in(acme)

    staff.post("partners_partner_pause", acme.partner.pk)

    assert status_of(acme) == "paused"
    assert Session.objects.filter(partner=acme.partner).exists()


def test_a_note_that_is_too_long_is_kept_and_refused(staff, acme):
    response = staff.post("partners_partner_pause", acme.partner.pk, data={"note": "x" * 301})

    assert response.status_code == 200
    assert "x" * 301 in response.content.decode()
    assert status_of(acme) == "live"


def test_only_a_live_partner_is_paused(staff, acme):
    Partner.objects.update(status="draft")

    staff.post("partners_partner_pause", acme.partner.pk)

    assert status_of(acme) == "draft"


def test_asks_before_it_resumes(staff, paused):
    response = staff.get("partners_partner_resume", paused.partner.pk)

    assert response.status_code == 200
    assert status_of(paused) == "paused"


def test_resumes(staff, paused, browser):
    staff.post("partners_partner_resume", paused.partner.pk)

    assert browser.sign_in(paused).status_code == 302
    resumed = Partner.objects.get(pk=paused.partner.pk)
    assert (resumed.paused_note, resumed.paused_until) == ("", None)
    assert Event.objects.get(what="partner.resumed").actor == STAFF


def test_resumes_nobody_who_has_no_connection(staff, paused):
    Connection.objects.all().delete()

    response = staff.post("partners_partner_resume", paused.partner.pk, follow=True)

    assert "needs a connection" in messages_of(response)[0]
    assert status_of(paused) == "paused"


def test_the_change_page_neither_pauses_nor_resumes(staff, acme, paused):
    staff.save("partners_partner_change", paused.partner.pk, status="live")

    assert status_of(paused) == "paused"


def test_the_change_page_offers_no_pause(staff, acme):
    response = staff.save("partners_partner_change", acme.partner.pk, status="paused")

    assert response.context["adminform"].form.errors["status"]


def test_the_note_of_a_pause_can_be_changed(staff, paused):
    staff.save("partners_partner_change", paused.partner.pk, paused_note="Until Tuesday")

    assert Partner.objects.get(pk=paused.partner.pk).paused_note == "Until Tuesday"


def test_signs_everyone_of_a_partner_out_and_nobody_else(staff, acme, globex, browser):
    browser.sign_in(acme)
    Session.objects.create(
        digest="b" * 64, partner=globex.partner, idle_seconds=60, ends_at="2999-01-01T00:00Z"
    )
    staff.get("partners_partner_end_sessions", acme.partner.pk)
    assert browser.session()

    response = staff.post("partners_partner_end_sessions", acme.partner.pk, follow=True)

    assert browser.session() is None
    assert messages_of(response) == ["1 session has been ended."]
    assert Session.objects.filter(partner=globex.partner).exists()
    assert Event.objects.get(what="partner.sessions_ended").detail == {"sessions_ended": 1}


def test_tests_the_connection_and_shows_the_remedy_first(staff, acme):
    acme.issuer.misbehave(discovery=Fault(body=b"<html>"))

    page = staff.post("partners_partner_examine", acme.partner.pk).content.decode()

    assert "1 thing needs fixing" in page
    assert page.index("We found a page, not a discovery document") < page.index("passed")


def test_says_that_nothing_stands_in_the_way_once_somebody_has_come(staff, acme, browser):
    before = staff.post("partners_partner_examine", acme.partner.pk).content.decode()
    browser.sign_in(acme)

    page = staff.post("partners_partner_examine", acme.partner.pk).content.decode()

    assert "Nothing stands in the way of signing in." in page
    assert "Nothing stands in the way" not in before
    assert "Nothing that can be seen from here stands in the way of signing in." in before


def test_a_link_from_elsewhere_tests_nothing(staff, acme):
    acme.issuer.requests.clear()

    response = staff.get("partners_partner_examine", acme.partner.pk)

    assert response.status_code == 405
    assert not acme.issuer.requests


@pytest.mark.parametrize("tool", ["pause", "resume", "end_sessions", "examine"])
def test_the_buttons_are_for_those_with_the_permission(helper, acme, tool):
    assert helper.post(f"partners_partner_{tool}", acme.partner.pk).status_code == 403


@pytest.mark.parametrize("tool", ["pause", "resume", "end_sessions", "examine"])
def test_the_buttons_of_nobody_lead_nowhere(staff, db, tool):
    assert staff.post(f"partners_partner_{tool}", 4711).status_code == 404
