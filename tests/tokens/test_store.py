"""The developer token of a session: attached, held, renewed once, and never kept too long."""

import time
from datetime import UTC, datetime, timedelta

import pytest
import structlog
import time_machine

from audit.models import Event
from partners.models import Partner, Status
from people.models import Session, User
from people.session_store import SessionStore
from tokens import store
from tokens.errors import SignedOutError, TokenIssuerError, TokenIssuerUnavailableError
from tokens.models import DeveloperIdentity
from tokens.signed_in import signed_in

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def at(**after_noon):
    return time_machine.travel(NOON + timedelta(**after_noon), tick=False)


@pytest.fixture
def request_of_browser(arrived, user, pool, next_request):
    """Return a function: the next request of a browser in which the user signed in at noon."""
    with at():
        arrival = arrived(user, ends_at=NOON + timedelta(hours=8), idle_seconds=28800)
        store.attach(arrival, user)
        arrival.session.save()
    return lambda: next_request(arrival)


@pytest.fixture
def browser(request_of_browser):
    """Return a function: who is signed in, as this browser's next request finds it."""
    return lambda: signed_in(request_of_browser())


@pytest.fixture
def waiting(monkeypatch):
    """Return a list of what happens, one at a time, whenever somebody waits."""
    happenings = []

    def sleep(seconds):
        if happenings:
            happenings.pop(0)()

    monkeypatch.setattr("tokens.store.time.sleep", sleep)
    return happenings


def claim_by_another(**until):
    Session.objects.update(renewing_until=NOON + timedelta(**until))


# --- At the sign-in -----------------------------------------------------------------------------


def test_a_sign_in_gets_its_token_and_the_next_request_holds_it(arrival, user, pool, next_request):
    developer_token = store.attach(arrival, user)

    person = signed_in(next_request(arrival))
    assert store.held(person) == developer_token
    assert DeveloperIdentity.objects.get().identity_id == developer_token.identity_id


def test_the_pool_learns_the_subject_and_the_partner_and_nothing_else(arrival, user, pool):
    store.attach(arrival, user)

    (call,) = pool.calls
    assert call.parameters == {
        "IdentityPoolId": pool.pool_id,
        "Logins": {pool.developer_provider_name: user.subject},
        "PrincipalTags": {"partner": "contoso"},
        "TokenDuration": 900,
    }


def test_the_database_shows_nothing_of_the_token(arrival, user, pool):
    developer_token = store.attach(arrival, user)
    arrival.session.save()

    row = repr(Session.objects.values().get())
    assert developer_token.value not in row
    assert developer_token.identity_id not in row
    assert not set(developer_token.value.split(".")) & set(row.split("'"))


def test_a_sign_in_costs_two_statements_the_insert_of_its_session_included(
    arrived, user, pool, django_assert_num_queries
):
    store.attach(arrived(user), user)
    arrival = arrived(user)

    with django_assert_num_queries(2):  # the other one asks for the identity
        store.attach(arrival, user)
        arrival.session.save()

    assert Session.objects.get().developer_token


def test_a_session_that_is_saved_already_gets_its_token_as_well(arrival, user, pool, next_request):
    arrival.session.save()

    store.attach(arrival, user)

    assert Session.objects.get().developer_token == arrival.session.row.developer_token != ""


@pytest.mark.parametrize("code", ["TooManyRequestsException", "AccessDeniedException"])
def test_without_a_token_the_person_stays_signed_in_and_the_trail_says_why(
    arrival, user, pool, next_request, code
):
    pool.fail(code)

    with structlog.testing.capture_logs() as logged:
        developer_token = store.attach(arrival, user)

    assert developer_token is None
    person = signed_in(next_request(arrival))
    assert (person.user, store.held(person)) == (user, None)
    event = Event.objects.get(what="developer_token.refused")
    assert event.reason == "token_issuer_unavailable"
    assert (event.partner, event.subject, event.email) == ("contoso", user.subject, user.email)
    assert (event.address, event.agent) == ("192.0.2.7", "a browser")
    assert event.detail == {"cause": code}
    (line,) = [line for line in logged if line.get("reference")]
    assert (line["reference"], line["reason"]) == (event.reference, event.reason)


def test_the_next_call_mints(arrival, user, pool, next_request):
    pool.fail("AccessDeniedException", times=1)
    store.attach(arrival, user)

    developer_token = store.current(signed_in(next_request(arrival)))

    assert store.held(signed_in(next_request(arrival))) == developer_token


def test_a_token_is_never_attached_to_a_session_without_a_partner(arrived, user, pool):
    request = arrived(user, partner=None)

    with pytest.raises(SignedOutError):
        store.attach(request, user)

    assert not pool.calls


@pytest.mark.parametrize(
    ("session_seconds", "token_seconds"),
    [pytest.param(7200, 900, id="as-configured"), pytest.param(300, 300, id="the-session-s-rest")],
)
def test_a_token_does_not_outlive_its_session(arrived, user, pool, session_seconds, token_seconds):
    with at():
        request = arrived(user, ends_at=NOON + timedelta(seconds=session_seconds))

        store.attach(request, user)

    assert pool.calls[-1].parameters["TokenDuration"] == token_seconds


def test_a_token_lasts_as_long_as_the_owner_says(arrived, user, pool, settings):
    settings.COGNITO_TOKEN_DURATION = 120

    store.attach(arrived(user), user)

    assert pool.calls[-1].parameters["TokenDuration"] == 120


def test_another_person_s_identity_is_refused_and_recorded(arrived, user, pool):
    store.attach(arrived(user), user)
    known = DeveloperIdentity.objects.get().identity_id
    pool.swap_identity()

    developer_token = store.attach(arrived(user), user)

    assert developer_token is None
    event = Event.objects.get(what="developer_identity.changed")
    assert (event.reason, event.subject) == ("token_issuer_unavailable", user.subject)
    assert event.detail["cause"] == "identity_changed"
    assert event.detail["known"] == known
    assert event.detail["returned"] != known


# --- Held and renewed -----------------------------------------------------------------------------


def test_a_fresh_token_is_handed_out_without_a_call_or_a_statement(
    browser, pool, django_assert_num_queries
):
    with at(minutes=10):
        person = browser()
        pool.calls.clear()

        with django_assert_num_queries(0):
            store.current(person)

    assert not pool.calls


def test_an_expired_token_is_not_held(browser):
    with at(minutes=14, seconds=59):
        assert store.held(browser()) is not None
    with at(minutes=15):
        assert store.held(browser()) is None


def test_a_token_is_renewed_ahead_of_its_end(browser, pool):
    with at(minutes=13):
        before = store.held(browser())

        renewed = store.current(browser())

        assert renewed.expires_at == NOON + timedelta(minutes=28)
        assert renewed.value != before.value
        assert store.current(browser()) == renewed
    assert len(pool.calls) == 2
    assert Session.objects.get().renewing_until is None


def test_a_renewal_costs_three_statements(browser, django_assert_num_queries):
    with at(minutes=13):
        person = browser()

        with django_assert_num_queries(3):  # the claim, the identity, the token
            store.current(person)


def test_a_renewal_leaves_alone_what_others_save_into_the_session(browser, next_request):
    with at(minutes=13):
        person = browser()
        data = Session.objects.get().data
        Session.objects.update(data=data + "later", last_seen_at=NOON + timedelta(minutes=12))

        store.current(person)

    row = Session.objects.get()
    assert row.data == data + "later"
    assert row.last_seen_at == NOON + timedelta(minutes=12)


def test_what_others_save_meanwhile_leaves_the_renewed_token_alone(arrived, user, pool):
    arrival = arrived(user)
    arrival.session.save()
    key = arrival.session.session_key
    page = SessionStore(key)
    page["colour"] = "green"
    Session.objects.update(developer_token="renewed meanwhile")

    page.save()

    assert Session.objects.get().developer_token == "renewed meanwhile"


def end_by_signing_out(user):
    Session.objects.all().delete()


def end_by_deactivating(user):
    User.objects.update(is_active=False)


def end_by_pausing(user):
    Partner.objects.update(status=Status.PAUSED)


@pytest.mark.parametrize("end", [end_by_signing_out, end_by_deactivating, end_by_pausing])
def test_a_session_that_ends_while_its_token_is_renewed_gets_none(
    browser, user, pool, monkeypatch, end
):
    issue = store.token_issuer().issue

    def issue_as_the_session_ends(*arguments, **named):
        developer_token = issue(*arguments, **named)
        end(user)
        return developer_token

    with at(minutes=13):
        person = browser()
        monkeypatch.setattr(store.token_issuer(), "issue", issue_as_the_session_ends)
        held = Session.objects.get().developer_token

        with pytest.raises(SignedOutError):
            store.current(person)

    assert all(row.developer_token == held for row in Session.objects.all())


# --- When the pool is down ------------------------------------------------------------------------


def test_a_token_that_is_still_good_is_handed_out_while_no_other_can_be_had(browser, pool):
    with at(minutes=13):
        pool.fail("AccessDeniedException")
        held = store.held(browser())

        with structlog.testing.capture_logs() as logged:
            assert store.current(browser()) == held
            pool.calls.clear()
            assert store.current(browser()) == held

    assert not pool.calls  # the pool is not asked again at once
    assert "developer_token.not_renewed" in [line["event"] for line in logged]
    assert not Event.objects.filter(what="developer_token.refused").exists()


def test_it_is_tried_again_a_little_later(browser, pool):
    with at(minutes=13):
        pool.fail("AccessDeniedException", times=1)
        store.current(browser())

    with at(minutes=13, seconds=10):
        renewed = store.current(browser())

    assert renewed.expires_at == NOON + timedelta(minutes=28, seconds=10)


def test_a_token_in_its_last_seconds_is_not_handed_out(browser, pool):
    with at(minutes=14, seconds=31):
        pool.fail("AccessDeniedException")

        with pytest.raises(TokenIssuerError):
            store.current(browser())

        assert Session.objects.get().renewing_until is None


def test_without_any_token_each_call_tries(browser, pool):
    with at(minutes=16):
        pool.fail("AccessDeniedException", times=2)

        for _ in range(2):
            with pytest.raises(TokenIssuerError):
                store.current(browser())
        renewed = store.current(browser())

    assert renewed.expires_at == NOON + timedelta(minutes=31)


# --- One of many ----------------------------------------------------------------------------------


def test_while_another_renews_it_the_old_token_will_do(browser, pool):
    with at(minutes=13):
        claim_by_another(minutes=13, seconds=5)
        pool.calls.clear()

        developer_token = store.current(browser())

    assert developer_token.expires_at == NOON + timedelta(minutes=15)
    assert not pool.calls


@pytest.mark.parametrize(
    "until",
    [
        pytest.param({"minutes": 13}, id="lapsed"),
        pytest.param({"minutes": 73, "seconds": 5}, id="claimed before the clock was set back"),
    ],
)
def test_a_claim_whose_holder_died_lapses(browser, until):
    with at(minutes=13):
        claim_by_another(**until)

        developer_token = store.current(browser())

    assert developer_token.expires_at == NOON + timedelta(minutes=28)


def test_a_token_that_another_has_just_renewed_is_not_renewed_again(browser, pool):
    with at(minutes=16):
        late = browser()
        renewed = store.current(browser())
        pool.calls.clear()

        assert store.current(late) == renewed

    assert not pool.calls


def test_without_a_good_token_one_waits_for_the_other_s(browser, pool, waiting):
    with at(minutes=16):
        person = browser()
        renewed = store.current(browser())
        text = Session.objects.get().developer_token
        claim_by_another(minutes=16, seconds=5)
        Session.objects.update(developer_token=person.row.developer_token)
        pool.calls.clear()
        waiting.extend([lambda: None, lambda: Session.objects.update(developer_token=text)])

        assert store.current(person) == renewed

    assert not waiting
    assert not pool.calls


def test_one_does_not_wait_for_a_renewal_that_failed(browser, pool, waiting):
    with at(minutes=16):
        claim_by_another(minutes=16, seconds=5)
        waiting.append(lambda: Session.objects.update(renewing_until=None))

        with pytest.raises(TokenIssuerUnavailableError) as refusal:
            store.current(browser())

    assert refusal.value.cause == "renewal_failed"


def test_one_does_not_wait_in_a_session_that_has_ended(browser, waiting):
    with at(minutes=16):
        claim_by_another(minutes=16, seconds=5)
        waiting.append(Session.objects.all().delete)

        with pytest.raises(SignedOutError):
            store.current(browser())


def test_one_waits_on_when_what_appears_cannot_be_opened(browser, waiting):
    with at(minutes=16):
        claim_by_another(minutes=16, seconds=5)
        waiting.append(lambda: Session.objects.update(developer_token="of another ring"))
        waiting.append(lambda: Session.objects.update(renewing_until=None))

        with pytest.raises(TokenIssuerUnavailableError):
            store.current(browser())

    assert not waiting


def test_nobody_waits_for_more_than_two_seconds(browser):
    with at(minutes=16):
        claim_by_another(minutes=16, seconds=9)
        began = time.monotonic()

        with pytest.raises(TokenIssuerUnavailableError) as refusal:
            store.current(browser())

    assert refusal.value.cause == "renewal_takes_long"
    assert 1.9 < time.monotonic() - began < 3


# --- What the home page says ------------------------------------------------------------------


def test_services_are_reachable_with_a_token_and_nothing_is_asked(request_of_browser, pool):
    with at(minutes=14):
        pool.calls.clear()

        assert store.services_reachable(request_of_browser())

    assert not pool.calls


def test_after_a_failed_sign_in_the_home_page_does_not_wait_for_the_pool_again(
    arrived, user, pool, next_request
):
    with at():
        arrival = arrived(user)
        pool.fail("AccessDeniedException")
        store.attach(arrival, user)
        pool.calls.clear()

    with at(seconds=9):
        assert not store.services_reachable(next_request(arrival))
        assert not pool.calls
    with at(seconds=10):
        assert not store.services_reachable(next_request(arrival))
        assert pool.calls


@pytest.mark.parametrize("is_up", [True, False])
def test_without_a_token_it_tries_and_tells_the_truth(request_of_browser, pool, is_up):
    with at(minutes=16):
        if not is_up:
            pool.fail("AccessDeniedException")

        assert store.services_reachable(request_of_browser()) is is_up


def test_nothing_is_amiss_for_members_of_staff(arrived, user, pool):
    assert store.services_reachable(arrived(user, partner=None))
