"""Staff through the owner's own company: who comes in so, who never does, who may open the way."""

from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from audit.models import Event
from demo.provider.logout_token import logout_token
from partners.models import Connection, Partner
from people.models import OwnCompany, Session, StaffLogin, User
from people.own_company import link_staff, mark_own_company
from tests.console.conftest import STAFF, messages_of

PASSWORD = "a long password of staff"
BEGIN = "/admin/login/company/"


@pytest.fixture
def company(acme):
    """Make Acme the owner's own company."""
    mark_own_company(acme.partner)
    return acme


@pytest.fixture
def linked(company, staff):
    """Link the member of staff to Ana's account at the own company."""
    link_staff(staff.user, connection=company.connection, provider_subject="acme-ana")
    return staff.user


def arrive(browser, company, name="ana", *, query=""):
    """Walk from the button to the portal's answer to the callback."""
    company.issuer.sign_in_as(f"{name}@{company.domain}")
    begun = browser.get(BEGIN + query)
    assert begun.status_code == 302, begun.content.decode()
    return browser.get(browser.callback_path(begun.headers["Location"]))


def is_in(browser):
    return browser.get("/admin/").status_code == 200


def reason_in(answer):
    return Event.objects.filter(what="login.refused").latest("id").reason


# --- The way in ----------------------------------------------------------------------------------


def test_staff_comes_in_through_the_own_company(linked, company, browser):
    answer = arrive(browser, company)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")
    assert is_in(browser)
    assert browser.session() is None
    event = Event.objects.get(what="staff.signed_in")
    assert (event.partner, event.actor, event.email) == ("acme", STAFF, STAFF)
    assert event.reference
    session = Session.objects.get(user=linked, connection=company.connection)
    assert session.partner is None


def test_makes_nobody_and_changes_nobody(linked, company, browser, pool):
    before = list(User.objects.values())

    arrive(browser, company)

    assert list(User.objects.values()) == before
    assert not pool.calls


def test_comes_out_where_they_wanted_to_go(linked, company, browser):
    answer = arrive(browser, company, query="?next=/admin/audit/event/")

    assert answer.headers["Location"] == "/admin/audit/event/"


@pytest.mark.parametrize("wanted", ["https://evil.example/admin/", "//evil.example/admin/", "/"])
def test_and_nowhere_else(linked, company, browser, wanted):
    answer = arrive(browser, company, query=f"?next={wanted}")

    assert answer.headers["Location"] == "/admin/"


def test_the_form_offers_it_where_there_is_such_a_company(company, browser):
    page = browser.get("/admin/login/?next=/admin/audit/event/").content.decode()

    assert "Sign in with Acme" in page
    assert f'href="{BEGIN}?next=/admin/audit/event/"' in page


@pytest.mark.parametrize("case", ["none", "paused", "draft"])
def test_and_nowhere_else_is_there_a_button_or_a_way(acme, browser, case):
    if case != "none":
        mark_own_company(acme.partner)
        Partner.objects.update(status=case)

    assert "Sign in with" not in browser.get("/admin/login/").content.decode()
    assert browser.get(BEGIN).status_code == 404


def test_a_prefetch_starts_nothing(company, browser):
    answer = browser.get(BEGIN, sec_purpose="prefetch")

    assert answer.status_code == 204
    assert not answer.cookies


def test_an_attempt_that_did_not_come_back_is_no_matter_of_the_sign_in_page(company, browser):
    browser.get(BEGIN)

    assert "resume" not in browser.get("/login/").content.decode()


# --- J29, S01: nobody else -----------------------------------------------------------------------


def refused(browser, company, *, reason, name="ana"):
    answer = arrive(browser, company, name)

    assert answer.status_code in {400, 403}
    assert reason_in(answer) == reason
    assert not is_in(browser)
    assert not Event.objects.filter(what="staff.signed_in").exists()
    return answer


def test_j29_staff_whom_nobody_has_linked(company, staff, browser):
    User.objects.filter(pk=staff.user.pk).update(email="ana@acme.example")

    answer = refused(browser, company, reason="staff_not_linked")

    assert "/admin/login/" in answer.content.decode()


def test_j29_an_account_that_is_somebody_elses(linked, company, browser):
    refused(browser, company, reason="staff_not_linked", name="ben")


def test_j29_linked_and_no_staff_any_more(linked, company, browser):
    User.objects.filter(pk=linked.pk).update(is_staff=False)

    refused(browser, company, reason="staff_not_linked")


def test_j29_linked_and_deactivated(linked, company, browser):
    User.objects.filter(pk=linked.pk).update(is_active=False)

    refused(browser, company, reason="person_inactive")
    assert not User.objects.get(pk=linked.pk).is_active


def test_j29_linked_and_made_a_partners_person(linked, company, browser):
    User.objects.filter(pk=linked.pk).update(partner=company.partner)

    refused(browser, company, reason="staff_not_linked")


def test_j29_the_same_subject_at_another_partner(linked, company, globex, browser):
    ana = globex.issuer.account("ana@globex.example")
    globex.issuer.add_account(type(ana)(subject="acme-ana", email="ana@globex.example"))
    mark_own_company(globex.partner)

    refused(browser, globex, reason="staff_not_linked")


@pytest.mark.parametrize("field", ["issuer", "client_id"])
def test_j29_the_same_subject_at_another_issuer_or_for_another_client(
    linked, company, browser, field
):
    StaffLogin.objects.update(**{field: "https://before.example"})

    refused(browser, company, reason="staff_not_linked")


def test_j29_the_ordinary_way_in_of_the_own_company_opens_no_admin(linked, company, browser):
    answer = browser.sign_in(company, query="?next=/admin/")

    assert answer.status_code == 302
    assert not is_in(browser)
    assert browser.session()["email"] == "ana@acme.example"


def finish_after(browser, company, change):
    company.issuer.sign_in_as("ana@acme.example")
    way = browser.callback_path(browser.get(BEGIN).headers["Location"])
    change()
    return browser.get(way)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param(
            lambda: Partner.objects.update(status="paused"), "partner_not_live", id="paused"
        ),
        pytest.param(OwnCompany.objects.all().delete, "attempt_unknown", id="mark-removed"),
        pytest.param(StaffLogin.objects.all().delete, "staff_not_linked", id="unlinked"),
        pytest.param(
            lambda: Connection.objects.update(is_live=False), "attempt_unknown", id="switched"
        ),
    ],
)
def test_j29_what_is_no_more_when_the_person_comes_back(linked, company, browser, change, reason):
    answer = finish_after(browser, company, change)

    assert answer.status_code in {400, 403}
    assert reason_in(answer) == reason
    assert not is_in(browser)


def test_j29_a_code_is_not_redeemed_for_a_partner_that_is_no_way_in(linked, company, browser):
    company.issuer.requests.clear()

    finish_after(browser, company, OwnCompany.objects.all().delete)

    assert not company.issuer.requests_to("token")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda: Partner.objects.update(status="paused"), id="paused"),
        pytest.param(OwnCompany.objects.all().delete, id="mark-removed"),
        pytest.param(StaffLogin.objects.all().delete, id="unlinked"),
        pytest.param(lambda: User.objects.update(is_staff=False), id="no-staff"),
        pytest.param(lambda: User.objects.update(is_active=False), id="deactivated"),
    ],
)
def test_s01_a_session_that_began_so_ends_with_what_it_rests_on(linked, company, browser, change):
    arrive(browser, company)
    assert is_in(browser)

    change()

    assert not is_in(browser)


def test_s01_the_provider_ends_a_session_of_staff_too(linked, company, browser):
    arrive(browser, company)
    (client,) = company.issuer.clients.values()
    token = logout_token(company.issuer, client, subject="acme-ana", sid=None)

    answer = Client().post(
        "/login/acme/backchannel-logout/",
        urlencode({"logout_token": token}),
        content_type="application/x-www-form-urlencoded",
        secure=True,
    )

    assert answer.status_code == 200
    assert not is_in(browser)


# --- The mark ------------------------------------------------------------------------------------


def mark_with(staff, partner, password=PASSWORD):
    return staff.post(
        "partners_partner_own_company", partner.pk, data={"password": password}, follow=True
    )


def test_a_superuser_marks_the_own_company_with_the_password(staff, acme):
    answer = mark_with(staff, acme.partner)

    assert "Staff can come in through Acme" in messages_of(answer)[0]
    assert OwnCompany.objects.get().partner == acme.partner
    event = Event.objects.get(what="own_company.added")
    assert (event.partner, event.actor) == ("acme", STAFF)


def test_not_without_the_password(staff, acme):
    asked = staff.get("partners_partner_own_company", acme.partner.pk)
    wrong = mark_with(staff, acme.partner, "wrong")

    assert "Your password" in asked.content.decode()
    assert "That is not your password." in wrong.content.decode()
    assert not OwnCompany.objects.exists()


def test_guessing_the_password_there_is_guessing(staff, acme):
    answers = [mark_with(staff, acme.partner, "wrong").status_code for _ in range(10)]

    assert answers == [200] * 9 + [429]
    assert mark_with(staff, acme.partner).status_code == 429
    assert not OwnCompany.objects.exists()


def test_not_for_other_staff_whatever_else_they_may(helper, acme):
    helper.user.user_permissions.set(Permission.objects.all())

    answer = mark_with(helper, acme.partner)

    assert answer.status_code == 403
    assert not OwnCompany.objects.exists()


def test_not_a_partner_that_is_not_live(staff, acme):
    Partner.objects.update(status="draft")

    mark_with(staff, acme.partner)

    assert not OwnCompany.objects.exists()


def test_there_is_one_own_company_at_most(staff, acme, globex):
    mark_with(staff, acme.partner)
    mark_with(staff, globex.partner)

    assert OwnCompany.objects.get().partner == globex.partner


def test_removing_the_mark_signs_out_who_came_so(linked, company, browser, staff):
    arrive(browser, company)

    page = staff.get("partners_partner_own_company", company.partner.pk).content.decode()
    mark_with(staff, company.partner)

    assert STAFF in page
    assert not OwnCompany.objects.exists()
    assert not Session.objects.filter(connection=company.connection).exists()
    assert Event.objects.filter(what="own_company.removed", actor=STAFF).exists()


# --- The link ------------------------------------------------------------------------------------


@pytest.fixture
def tried(company, browser):
    """Return the entry that a refused try of Ana's leaves in the trail."""
    arrive(browser, company)
    return Event.objects.get(reason="staff_not_linked")


def link_with(staff, event, member, password=PASSWORD):
    data = {"member": member.pk, "password": password}
    return staff.post("audit_event_link", event.pk, data=data, follow=True)


def test_a_superuser_links_the_account_of_a_refused_try(staff, tried, company, browser):
    page = staff.get("audit_event_change", tried.pk).content.decode()
    link_with(staff, tried, staff.user)

    assert reverse("admin:audit_event_link", args=[tried.pk]) in page
    arrive(browser, company)
    assert is_in(browser)
    event = Event.objects.get(what="staff_login.added")
    assert (event.actor, event.detail["after"]["provider_subject"]) == (STAFF, "acme-ana")


def test_nobody_is_suggested_by_the_address(staff, tried, company):
    User.objects.create(email="ana@acme.example", is_staff=True)

    page = staff.get("audit_event_link", tried.pk).content.decode()

    assert '<option value="" selected>Choose one</option>' in page


def test_no_link_without_the_password(staff, tried):
    link_with(staff, tried, staff.user, "wrong")

    assert not StaffLogin.objects.exists()


def test_no_link_by_other_staff(helper, tried):
    helper.user.user_permissions.set(Permission.objects.all())

    assert link_with(helper, tried, helper.user).status_code == 403
    assert not StaffLogin.objects.exists()


def test_no_link_to_a_partners_person(staff, tried, acme):
    person = User.objects.create(email="carl@acme.example", partner=acme.partner, is_staff=True)

    link_with(staff, tried, person)

    assert not StaffLogin.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(OwnCompany.objects.all().delete, id="mark-removed"),
        pytest.param(lambda: Connection.objects.update(client_id="another"), id="client"),
        pytest.param(lambda: Connection.objects.update(issuer="https://b.example"), id="issuer"),
        pytest.param(lambda: Connection.objects.update(is_live=False), id="switched"),
    ],
)
def test_no_link_when_the_connection_is_another_one_since(staff, tried, change):
    change()

    link_with(staff, tried, staff.user)

    assert not StaffLogin.objects.exists()


def test_an_account_is_of_one_member_of_staff(staff, tried, linked):
    other = User.objects.create(email="other@northlake.example", is_staff=True)

    answer = link_with(staff, tried, other)

    assert "Another member of staff" in messages_of(answer)[0]
    assert StaffLogin.objects.get().user == linked


def test_unlinking_signs_out(linked, company, browser, staff):
    arrive(browser, company)

    assert "Acme, acme-ana" in staff.get("people_user_change", linked.pk).content.decode()
    staff.post("people_user_unlink", linked.pk)

    assert not StaffLogin.objects.exists()
    assert not is_in(browser)
    assert Event.objects.filter(what="staff_login.removed", actor=STAFF).exists()
