import base64
import json
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth import SESSION_KEY as USER_ID_KEY
from django.contrib.auth import login
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.signing import JSONSerializer
from django.db import transaction
from django.test import RequestFactory
from django.utils import timezone

from partners.models import Partner, Status
from people.models import Session, User
from people.session_store import (
    SessionStore,
    digest_of,
    end_sessions_of,
    end_sessions_of_partner,
    row_of,
)
from tests.people.conftest import PASSWORD_BACKEND

pytestmark = pytest.mark.django_db


def reopened(session):
    """Return the session as the browser's next request finds it."""
    return SessionStore(session.session_key)


# --- What is kept -----------------------------------------------------------------------------


def test_keeps_data_whose_it_is_and_when_it_ends(session, user, partner):
    session["colour"] = "green"
    session.save()

    found = reopened(session)

    assert found["colour"] == "green"
    assert found[USER_ID_KEY] == str(user.pk)
    assert (found.row.user, found.row.partner) == (user, partner)
    assert found.row.idle_seconds == 600


def test_the_value_of_the_cookie_is_nowhere_in_the_table(session):
    row = Session.objects.values().get()

    assert session.session_key not in repr(row)
    assert row["digest"] == digest_of(session.session_key)


def test_a_session_of_nobody_in_particular_has_the_portal_s_limits(settings):
    settings.SESSION_MAX_AGE, settings.SESSION_IDLE = 7200, 900
    session = SessionStore()

    session["colour"] = "green"
    session.save()

    row = Session.objects.get()
    assert (row.user, row.partner, row.idle_seconds) == (None, None, 900)
    assert row.ends_at - row.started_at == timedelta(hours=2)


def test_no_two_sessions_get_the_same_key_and_none_is_short(session):
    keys = {SessionStore()._get_new_session_key() for _ in range(100)}

    assert len(keys) == 100
    assert {len(key) for key in keys} == {32}


def test_what_is_kept_is_json_whatever_the_setting_says(settings, session):
    settings.SESSION_SERIALIZER = "pickle.Pickler"

    store = SessionStore(session.session_key)

    assert store.serializer is JSONSerializer
    with pytest.raises(TypeError):
        store.encode({"an object": object()})


def test_data_that_somebody_changed_in_the_table_signs_nobody_in(session):
    signed = Session.objects.get().data
    head = signed.partition(":")[0]
    forged = base64.urlsafe_b64encode(json.dumps({USER_ID_KEY: "1"}).encode()).decode()
    Session.objects.update(data=signed.replace(head, forged.rstrip("="), 1))

    found = reopened(session)

    assert USER_ID_KEY not in found
    assert found.row is None


def test_data_moved_in_the_table_to_another_person_s_row_signs_nobody_in(sign_in, user, partner):
    other = User.objects.create(email="ben@contoso.example", partner=partner)
    session, victim = sign_in(user), sign_in(other)
    Session.objects.filter(user=user).update(data=victim.row.data)

    found = reopened(session)

    assert USER_ID_KEY not in found


def test_has_a_key_only_while_it_has_a_row():
    session = SessionStore("0123456789abcdef0123456789abcdef")

    assert session.is_empty() is False  # nobody has looked yet
    assert dict(session.items()) == {}
    assert session.session_key is None


def test_a_session_without_a_key_is_asked_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert SessionStore().load() == {}


def test_knows_which_keys_exist(session):
    assert session.exists(session.session_key)
    assert not session.exists("0123456789abcdef0123456789abcdef")


# --- When it ends -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "is_over"),
    [
        pytest.param(timedelta(seconds=599), False, id="before-the-idle-limit"),
        pytest.param(timedelta(seconds=601), True, id="idle"),
    ],
)
def test_ends_when_nobody_has_been_at_work_for_too_long(session, after, is_over):
    with time_machine.travel(timezone.now() + after, tick=False):
        found = reopened(session)

        assert (USER_ID_KEY not in found) is is_over


@pytest.mark.parametrize(("minutes", "is_over"), [(59, False), (61, True)])
def test_ends_at_its_end_whatever_the_person_does(session, minutes, is_over):
    Session.objects.update(idle_seconds=86400)

    with time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=False):
        found = reopened(session)

        assert (USER_ID_KEY not in found) is is_over


def end_by_deactivating(user, partner):
    User.objects.filter(pk=user.pk).update(is_active=False)


def end_by_pausing(user, partner):
    Partner.objects.filter(pk=partner.pk).update(status=Status.PAUSED)


def end_by_moving(user, partner):
    elsewhere = Partner.objects.create(slug="brightwater", name="Brightwater", status=Status.LIVE)
    User.objects.filter(pk=user.pk).update(partner=elsewhere)


@pytest.mark.parametrize("end", [end_by_deactivating, end_by_pausing, end_by_moving])
def test_ends_at_the_next_request_after(session, user, partner, end):
    end(user, partner)

    found = reopened(session)

    assert USER_ID_KEY not in found
    assert found.session_key is None
    assert not Session.objects.exists()


def test_a_session_of_staff_depends_on_no_partner():
    staff = User.objects.create(email="owner@northlake.example", is_staff=True)
    request = RequestFactory().get("/")
    request.session = SessionStore()
    login(request, staff, backend=PASSWORD_BACKEND)
    request.session.save()

    found = reopened(request.session)

    assert found[USER_ID_KEY] == str(staff.pk)
    assert found.row.user == staff
    assert found.row.partner is None


def test_deactivated_staff_are_out_at_their_next_request():
    staff = User.objects.create(email="owner@northlake.example", is_staff=True)
    request = RequestFactory().get("/")
    request.session = SessionStore()
    login(request, staff, backend=PASSWORD_BACKEND)
    request.session.save()
    User.objects.update(is_active=False)

    assert USER_ID_KEY not in reopened(request.session)


def test_an_ended_session_does_not_come_back_to_life_by_a_request_that_still_runs(session):
    running = reopened(session)
    running["colour"] = "green"
    session.flush()

    with pytest.raises(UpdateError):
        running.save()

    assert not Session.objects.exists()


def test_an_ended_session_does_not_come_back_to_life_under_another_key(session):
    running = reopened(session)
    running["colour"] = "green"
    session.flush()

    with pytest.raises(SessionInterrupted):
        running.cycle_key()

    assert not Session.objects.exists()


def test_a_session_that_was_deleted_by_its_own_request_stays_so(session):
    session.delete()

    with pytest.raises(UpdateError):
        session.save()


def test_a_session_that_was_flushed_is_nobody_s_any_more(session):
    session.flush()

    assert session.row is None
    assert not Session.objects.exists()


def test_a_session_that_ended_is_nobody_s_when_it_is_loaded_again(session):
    session.load()
    Session.objects.all().delete()

    session.load()

    assert session.row is None


def test_what_is_written_into_an_ended_session_starts_another_one(session):
    Session.objects.update(ends_at=timezone.now())
    found = reopened(session)

    found["colour"] = "green"
    found.save()

    assert found.session_key not in {None, session.session_key}
    row = Session.objects.get()
    assert (row.user, row.partner) == (None, None)


# A transaction of its own, because PostgreSQL looks at foreign keys when it commits.
@pytest.mark.django_db(transaction=True)
def test_a_person_who_was_deleted_meanwhile_gets_no_session():
    session = SessionStore()
    session[USER_ID_KEY] = "987654"
    session.cycle_key()

    with pytest.raises(UpdateError):
        session.save()

    assert not Session.objects.exists()


def test_a_key_that_is_taken_is_not_taken_over(session):
    other = SessionStore()
    other._session_key = session.session_key

    with pytest.raises(CreateError), transaction.atomic():
        other.save(must_create=True)


# --- Keys -------------------------------------------------------------------------------------


def test_signing_in_gives_a_new_key_and_the_old_one_opens_nothing(sign_in, user):
    anonymous = SessionStore()
    anonymous["colour"] = "green"
    anonymous.save()
    old_key = anonymous.session_key
    found = SessionStore(old_key)
    assert found["colour"] == "green"

    request = RequestFactory().get("/")
    request.session = found
    login(request, user, backend=PASSWORD_BACKEND)
    request.session.save()

    assert request.session.session_key != old_key
    assert not SessionStore(old_key).load()
    assert Session.objects.get().digest == digest_of(request.session.session_key)
    assert SessionStore(request.session.session_key)["colour"] == "green"


def test_another_key_for_a_session_keeps_whose_it_is_and_when_it_ends(session, user, partner):
    before = Session.objects.get()
    found = reopened(session)

    found.cycle_key()

    after = reopened(found)
    assert found.session_key != session.session_key
    assert after[USER_ID_KEY] == str(user.pk)
    assert (after.row.partner, after.row.ends_at) == (partner, before.ends_at)
    assert not SessionStore(session.session_key).load()


def test_a_developer_token_does_not_follow_to_another_key(session):
    Session.objects.update(developer_token="sealed for the old digest")
    found = reopened(session)

    found.cycle_key()

    assert found.row.developer_token == ""
    assert Session.objects.get().developer_token == ""


def test_the_next_person_in_this_browser_gets_nothing_of_the_former_one_s(session, partner):
    staff = User.objects.create(email="owner@northlake.example", is_staff=True)
    request = RequestFactory().get("/")
    request.session = reopened(session)
    request.session["colour"] = "green"

    login(request, staff, backend=PASSWORD_BACKEND)
    request.session.save()

    row = Session.objects.get()
    assert (row.user, row.partner) == (staff, None)
    assert "colour" not in reopened(request.session)


# --- How long the cookie lives, and how the idle limit moves ------------------------------------


def test_the_cookie_lives_as_long_as_the_session(session):
    assert 3590 <= session.get_expiry_age() <= 3600
    assert SessionStore().get_expiry_age() == settings.SESSION_MAX_AGE


def test_the_cookie_of_a_session_that_is_over_lives_no_more(session):
    session.row.ends_at = timezone.now() - timedelta(seconds=5)

    assert session.get_expiry_age() == 0


def test_a_cookie_can_be_set_before_the_session_knows_its_end():
    session = SessionStore()
    session.row = Session()

    assert session.get_expiry_age() == settings.SESSION_MAX_AGE


def test_being_at_work_moves_the_idle_limit(session):
    for minutes in (8, 16, 24):
        with time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=False):
            found = reopened(session)

            assert USER_ID_KEY in found
            found.seen()


def test_being_at_work_is_written_down_once_a_minute(session, django_assert_num_queries):
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=False):
        found = reopened(session)
        found.load()

        with django_assert_num_queries(1):
            found.seen()
            found.seen()

    with django_assert_num_queries(0):
        session.seen()


def test_nobody_is_at_work_in_a_session_that_only_begins(django_assert_num_queries):
    session = SessionStore()
    session.row = Session(last_seen_at=timezone.now() - timedelta(hours=1))

    with django_assert_num_queries(0):
        session.seen()


def test_nobody_is_at_work_in_a_session_without_a_row(django_assert_num_queries):
    with django_assert_num_queries(0):
        SessionStore().seen()


# --- Ending many --------------------------------------------------------------------------------


def test_ends_all_sessions_of_a_person_and_of_nobody_else(sign_in, user, partner):
    other = User.objects.create(email="ben@contoso.example", partner=partner)
    first, second, others = sign_in(user), sign_in(user), sign_in(other)

    ended = end_sessions_of(user)

    assert ended == 2
    assert not reopened(first).load()
    assert not reopened(second).load()
    assert reopened(others).load()


def test_ends_all_sessions_of_a_partner_and_of_no_other(session, partner, sign_in):
    elsewhere = Partner.objects.create(slug="brightwater", name="Brightwater", status=Status.LIVE)
    other = User.objects.create(email="eva@brightwater.example", partner=elsewhere)
    others = sign_in(other, partner=elsewhere)

    ended = end_sessions_of_partner(partner)

    assert ended == 1
    assert not reopened(session).load()
    assert reopened(others).load()


def test_clears_what_is_over_and_nothing_else(sign_in, user):
    living, over, idle = sign_in(user), sign_in(user), sign_in(user)
    now = timezone.now()
    Session.objects.filter(digest=over.row.digest).update(ends_at=now)
    Session.objects.filter(digest=idle.row.digest).update(last_seen_at=now - timedelta(seconds=601))

    SessionStore.clear_expired()

    assert [row.digest for row in Session.objects.all()] == [living.row.digest]


# --- Statements -----------------------------------------------------------------------------------


def test_signing_in_is_one_insert(user, partner, django_assert_num_queries):
    request = RequestFactory().get("/")
    request.session = SessionStore()
    request.session.row = Session(
        partner=partner, ends_at=timezone.now() + timedelta(hours=1), idle_seconds=600
    )

    with django_assert_num_queries(1):
        login(request, user, backend=PASSWORD_BACKEND)
        request.session.save()

    assert Session.objects.get().user == user


def test_a_request_costs_one_statement_and_another_when_it_changes_something(
    session, django_assert_num_queries
):
    found = reopened(session)

    with django_assert_num_queries(1):
        assert found.row is None
        found.load()
        assert found.row.user.email == "ana@contoso.example"
        assert found.row.partner.slug == "contoso"

    found["colour"] = "green"
    with django_assert_num_queries(1):
        found.save()


def test_says_who_is_signed_in_without_another_query(session, user, django_assert_num_queries):
    request = RequestFactory().get("/")
    request.session = reopened(session)

    with django_assert_num_queries(1):
        row = row_of(request)

    assert row.user == user


def test_says_nobody_is_signed_in_where_nobody_is():
    request = RequestFactory().get("/")
    request.session = SessionStore()
    request.session["colour"] = "green"
    request.session.save()

    assert row_of(request) is None
