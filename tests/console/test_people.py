"""People are looked at, signed out and deactivated; staff are made, by superusers."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from audit.models import Event
from console.people import sessions
from people.models import Session, User
from tests.console.conftest import STAFF, messages_of


@pytest.fixture
def ana(acme, browser):
    """Give a person who is signed in."""
    browser.sign_in(acme)
    return User.objects.get(email="ana@acme.example")


def may(helper, *names):
    helper.user.user_permissions.set(Permission.objects.filter(codename__in=names))


def test_shows_a_person_and_how_providers_know_them(staff, ana):
    page = staff.get("people_user_change", ana.pk).content.decode()

    assert ana.subject in page
    assert "acme-ana" in page
    assert 'name="email"' not in page
    assert f"/people/user/{ana.pk}/password/" not in page


def test_a_persons_record_is_the_providers(staff, ana):
    response = staff.post(
        "people_user_change", ana.pk, data={"email": "x@acme.example", "is_staff": "on"}
    )

    ana.refresh_from_db()
    assert response.status_code == 403
    assert (ana.email, ana.is_staff) == ("ana@acme.example", False)


def test_a_person_gets_no_password(staff, ana):
    passwords = {"password1": "a long new password", "password2": "a long new password"}

    response = staff.post(f"/admin/people/user/{ana.pk}/password/", data=passwords)

    ana.refresh_from_db()
    assert response.status_code == 403
    assert not ana.has_usable_password()


@pytest.mark.parametrize("query", ["ana@acme", "acme", "Ana", "{subject}"])
def test_finds_a_person(staff, ana, query):
    typed = query.format(subject=ana.subject)

    response = staff.get("people_user_changelist", query=f"?q={typed}")

    assert list(response.context["cl"].result_list) == [ana]


def test_lists_the_people_of_one_partner(staff, ana):
    response = staff.get("people_user_changelist", query=f"?partner__id__exact={ana.partner_id}")

    assert list(response.context["cl"].result_list) == [ana]


def test_signs_a_person_out_everywhere(staff, ana, browser):
    assert staff.get("people_user_end_sessions", ana.pk).status_code == 200
    assert browser.session()

    response = staff.post("people_user_end_sessions", ana.pk, follow=True)

    assert browser.session() is None
    assert messages_of(response) == ["1 session has been ended."]
    event = Event.objects.get(what="person.sessions_ended")
    assert (event.actor, event.subject, event.partner) == (STAFF, ana.subject, "acme")


def test_a_deactivated_person_is_out_and_stays_out(staff, ana, acme, browser):
    assert staff.get("people_user_deactivate", ana.pk).status_code == 200
    assert browser.session()

    staff.post("people_user_deactivate", ana.pk)

    assert browser.session() is None
    assert browser.sign_in(acme).status_code == 403
    assert Event.objects.get(what="person.deactivated").actor == STAFF


def test_a_reactivated_person_is_who_they_were(staff, ana, acme, browser):
    staff.post("people_user_deactivate", ana.pk)
    staff.get("people_user_reactivate", ana.pk)
    assert not User.objects.get(pk=ana.pk).is_active

    staff.post("people_user_reactivate", ana.pk)

    assert browser.sign_in(acme).status_code == 302
    assert browser.session()["subject"] == ana.subject
    assert Event.objects.get(what="person.reactivated").actor == STAFF


def test_nobody_deactivates_themselves(staff):
    response = staff.post("people_user_deactivate", staff.user.pk)

    assert response.status_code == 403
    assert User.objects.get(pk=staff.user.pk).is_active


@pytest.mark.parametrize("tool", ["end_sessions", "deactivate", "reactivate"])
def test_the_buttons_are_for_those_with_the_permission(helper, ana, tool):
    assert helper.post(f"people_user_{tool}", ana.pk).status_code == 403


@pytest.mark.parametrize("tool", ["end_sessions", "deactivate", "reactivate"])
def test_only_superusers_act_on_staff(helper, staff, tool):
    may(helper, "change_user", "delete_session")

    assert helper.post(f"people_user_{tool}", staff.user.pk).status_code == 403


def test_a_superuser_makes_a_member_of_staff_with_a_password(staff):
    staff.post(
        "people_user_add",
        data={
            "email": "Joao@Northlake.example",
            "name": "João",
            "password1": "a long new password",
            "password2": "a long new password",
        },
    )

    user = User.objects.get(email="joao@northlake.example")
    assert (user.is_staff, user.is_superuser, user.partner) == (True, False, None)
    form = {"username": "joao@northlake.example", "password": "a long new password"}
    assert Client().post("/admin/login/", form, secure=True).status_code == 302
    assert Event.objects.get(what="staff.added").email == "joao@northlake.example"


@pytest.mark.parametrize(
    ("email", "password"),
    [
        pytest.param("not an address", "a long new password", id="address"),
        pytest.param("staff@northlake.example", "a long new password", id="taken"),
        pytest.param("STAFF@Northlake.example", "a long new password", id="taken-in-capitals"),
        pytest.param("new@northlake.example", "12345678", id="weak-password"),
        pytest.param("new@northlake.example", "", id="no-password"),
    ],
)
def test_refuses_staff_without_an_address_and_a_good_password(staff, email, password):
    data = {"email": email, "password1": password, "password2": password}

    response = staff.post("people_user_add", data=data)

    assert response.status_code == 200
    assert response.context["adminform"].form.errors
    assert User.objects.count() == 1


def test_only_superusers_make_staff(helper):
    may(helper, "add_user", "change_user", "view_user")

    response = helper.post(
        "people_user_add",
        data={"email": "x@northlake.example", "password1": "p" * 20, "password2": "p" * 20},
    )

    assert response.status_code == 403


def test_nobody_makes_themselves_a_superuser(helper):
    may(helper, "change_user", "view_user")

    response = helper.post(
        "people_user_change", helper.user.pk, data={"email": "a@b.example", "is_superuser": "on"}
    )

    helper.user.refresh_from_db()
    assert response.status_code == 403
    assert not helper.user.is_superuser


def test_changes_of_staff_are_recorded_and_passwords_only_named(staff, helper):
    staff.save("people_user_change", helper.user.pk, is_superuser="on")
    passwords = {"password1": "a long new password", "password2": "a long new password"}
    staff.post(
        f"/admin/people/user/{helper.user.pk}/password/",
        data={**passwords, "usable_password": "true", "set-password": "1"},
    )

    rights, password = Event.objects.filter(what="staff.changed").order_by("id")
    assert rights.detail["after"]["is_superuser"] is True
    assert "assword" in str(password.detail["changed"])
    assert "a long new password" not in str(password.detail)


def test_a_person_can_be_deleted_and_that_is_recorded(staff, ana):
    staff.post("people_user_delete", ana.pk, data={"post": "yes"})

    assert not User.objects.filter(pk=ana.pk).exists()
    assert Event.objects.get(what="person.removed").subject == ana.subject


def test_nobody_deletes_themselves(staff):
    response = staff.post("people_user_delete", staff.user.pk, data={"post": "yes"})

    assert response.status_code == 403


def test_lists_the_sessions_of_now(staff, ana):
    Session.objects.create(
        digest="c" * 64, user=ana, idle_seconds=60, ends_at=timezone.now() - timedelta(1)
    )

    response = staff.get("people_session_changelist")

    assert {session.user for session in response.context["cl"].result_list} == {staff.user, ana}


def test_shows_no_raw_values(staff, ana):
    person = staff.get("people_user_change", ana.pk).content.decode()
    done = staff.post("people_user_deactivate", ana.pk, data={"confirmed": "yes"}, follow=True)

    assert "+00:00" not in person
    assert "All times are in UTC." in person
    # The admin writes a message's first letter large: no address may be that.
    assert messages_of(done) == ["Deactivated: ana@acme.example."]


def test_a_session_keeps_its_contents_to_itself(staff, ana):
    session = Session.objects.get(user=ana)
    Session.objects.filter(pk=session.pk).update(developer_token="sealed-token")

    page = staff.get("people_session_change", session.pk).content.decode()

    assert "ana@acme.example" in page
    assert session.data not in page
    assert "sealed-token" not in page


def test_ends_the_sessions_that_were_chosen(staff, ana, browser):
    session = Session.objects.get(user=ana)
    chosen = {"action": "end_selected", "_selected_action": [session.pk]}
    asked = staff.post("people_session_changelist", data=chosen).content.decode()
    assert browser.session()

    said = staff.post("people_session_changelist", data={**chosen, "confirmed": "yes"}, follow=True)

    assert "They are signed out in these browsers, and can sign in again: ana@acme.exam" in asked
    assert f'name="_selected_action" value="{session.pk}"' in asked
    assert messages_of(said) == ["1 session has been ended."]
    assert browser.session() is None
    event = Event.objects.get(what="session.ended")
    assert (event.actor, event.email, event.partner) == (STAFF, "ana@acme.example", "acme")


def test_ends_a_whole_list_that_is_too_long_to_be_named(staff, ana, monkeypatch):
    monkeypatch.setattr(sessions, "NAMED", 2)
    ours = Session.objects.get(user=ana)
    for number in range(4):
        ours.pk = f"{number:064}"
        ours.save(force_insert=True)
    chosen = {"action": "end_selected", "_selected_action": [ours.pk], "select_across": "1"}
    asked = staff.post("people_session_changelist", data=chosen).content.decode()

    staff.post("people_session_changelist", data={**chosen, "confirmed": "yes"})

    assert asked.count('name="_selected_action"') == 1
    assert 'name="select_across" value="1"' in asked
    assert "and 4 more" in asked
    assert not Session.objects.filter(user=ana).exists()


def test_ends_one_session_in_our_own_words(staff, ana, browser):
    session = Session.objects.get(user=ana)
    asked = staff.get("people_session_delete", session.pk).content.decode()

    said = staff.post("people_session_delete", session.pk, data={"post": "yes"}, follow=True)

    assert "ana@acme.example is signed out in this browser, and can sign in again." in asked
    assert messages_of(said) == ["The session has been ended."]
    assert browser.session() is None


def test_whoever_may_not_end_sessions_is_not_offered_it(helper, ana):
    helper.user.user_permissions.add(Permission.objects.get(codename="view_session"))
    session = Session.objects.get(user=ana)
    chosen = {"action": "end_selected", "_selected_action": [session.pk], "confirmed": "yes"}

    page = helper.get("people_session_changelist").content.decode()
    helper.post("people_session_changelist", data=chosen)

    assert "End the selected sessions" not in page
    assert helper.get("people_session_delete", session.pk).status_code == 403
    assert Session.objects.filter(pk=session.pk).exists()


def test_sessions_are_neither_made_nor_changed(staff, ana):
    session = Session.objects.get(user=ana)

    assert staff.get("people_session_add").status_code == 403
    assert staff.post("people_session_change", session.pk, data={"agent": "x"}).status_code == 403
