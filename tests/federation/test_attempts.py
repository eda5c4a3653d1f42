from datetime import timedelta

import pytest
import time_machine
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from federation import attempts
from federation.models import UsedState
from federation.oidc.errors import AttemptError, Reason
from federation.single_use import was_used
from partners.models import Connection, Partner

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection():
    partner = Partner.objects.create(slug="acme", name="Acme", status="live")
    return Connection.objects.create(
        partner=partner, issuer="https://sso.acme.example", client_id="foyer"
    )


def new(connection):
    return attempts.new_attempt(connection, return_to="/orders/", remember=True)


def stored(*held, cookies=None):
    """Return a request of a browser in which these attempts have been remembered."""
    request = RequestFactory().get("/")
    request.COOKIES.update(cookies or {})
    for attempt in held:
        response = HttpResponse()
        attempts.remember(attempt, request=request, response=response)
        for name, morsel in response.cookies.items():
            if morsel["max-age"] == 0:
                request.COOKIES.pop(name, None)
            else:
                request.COOKIES[name] = morsel.value
    return request


def taken(request, attempt, *, partner="acme"):
    with pytest.raises(AttemptError) as refusal:
        attempts.take(request, state=attempt.state, partner=partner)
    return refusal.value.reason


def test_takes_the_attempt_that_this_browser_has_outstanding(connection):
    attempt = new(connection)

    assert attempts.take(stored(attempt), state=attempt.state, partner="acme") == attempt


def test_takes_an_attempt_once(connection):
    attempt = new(connection)
    request = stored(attempt)
    attempts.take(request, state=attempt.state, partner="acme")

    assert taken(request, attempt) is Reason.ATTEMPT_UNKNOWN
    assert was_used(attempt.state)


def test_refuses_an_attempt_of_another_browser(connection):
    attempt = new(connection)

    assert taken(stored(new(connection)), attempt) is Reason.ATTEMPT_UNKNOWN
    assert not UsedState.objects.exists()


def test_refuses_an_attempt_that_was_sealed_for_another_state(connection):
    attempt, other = new(connection), new(connection)
    request = stored(attempt)
    sealed = request.COOKIES.pop(attempts.cookie_name_of(attempt.state))
    request.COOKIES[attempts.cookie_name_of(other.state)] = sealed

    assert taken(request, other) is Reason.ATTEMPT_UNKNOWN


def test_refuses_an_attempt_of_another_partner(connection):
    attempt = new(connection)

    reason = taken(stored(attempt), attempt, partner="globex")

    assert reason is Reason.ATTEMPT_OF_ANOTHER_PARTNER


@pytest.mark.parametrize(
    ("age", "expired"),
    [
        pytest.param(timedelta(minutes=14, seconds=59), False, id="young"),
        pytest.param(timedelta(minutes=15), True, id="too old"),
        pytest.param(-timedelta(hours=1), True, id="from the future"),
    ],
)
def test_an_attempt_lives_for_fifteen_minutes(connection, age, expired):
    attempt = new(connection)
    request = stored(attempt)

    with time_machine.travel(timezone.now() + age, tick=False):
        assert bool(list(attempts.outstanding(request))) is not expired
        if expired:
            assert taken(request, attempt) is Reason.ATTEMPT_EXPIRED
        else:
            assert attempts.take(request, state=attempt.state, partner="acme") == attempt


@pytest.mark.parametrize("junk", ["", "x", "x.y", "a" * 5000])
def test_refuses_a_cookie_that_we_did_not_seal(connection, junk):
    attempt = new(connection)
    request = stored(cookies={attempts.cookie_name_of(attempt.state): junk})

    assert taken(request, attempt) is Reason.ATTEMPT_UNKNOWN


def test_an_attempt_of_another_release_is_unknown(connection, monkeypatch):
    attempt = new(connection)
    with monkeypatch.context() as another_release:
        another_release.setattr(attempts, "_CONTEXT", "login attempt: state nonce")
        request = stored(attempt)

    assert taken(request, attempt) is Reason.ATTEMPT_UNKNOWN


def test_of_six_attempts_the_oldest_goes_and_junk_goes_first(connection):
    held = []
    for minute in range(6):
        with time_machine.travel(timezone.now() - timedelta(minutes=9 - minute), tick=False):
            held.append(new(connection))
    junk = {attempts.cookie_prefix() + "junk": "junk"}

    request = stored(*held, cookies=junk)

    assert set(attempts.outstanding(request)) == set(held[1:])
    assert attempts.cookie_prefix() + "junk" not in request.COOKIES


def test_what_we_did_not_seal_is_no_outstanding_attempt(connection):
    attempt = new(connection)
    others = {"language": "de", attempts.cookie_prefix() + "junk": "junk"}

    assert list(attempts.outstanding(stored(attempt, cookies=others))) == [attempt]


def test_every_attempt_has_secrets_of_its_own(connection):
    made = [new(connection) for _ in range(200)]

    for secret in ("state", "nonce", "code_verifier"):
        values = {getattr(attempt, secret) for attempt in made}
        assert len(values) == len(made)
        assert all(43 <= len(value) <= 64 for value in values)


def test_an_attempt_is_kept_from_scripts_and_other_sites(connection):
    response = HttpResponse()

    attempts.remember(new(connection), request=RequestFactory().get("/"), response=response)

    (morsel,) = response.cookies.values()
    assert morsel.key.startswith("__Host-foyer-a-")
    assert (morsel["secure"], morsel["httponly"], morsel["samesite"]) == (True, True, "Lax")
    assert (morsel["path"], morsel["max-age"], morsel["domain"]) == ("/", 1800, "")


def test_an_attempt_shows_none_of_its_secrets(connection):
    attempt = new(connection)

    shown = repr(attempt) + repr(stored(attempt).COOKIES)

    assert attempt.state not in shown
    assert attempt.nonce not in shown
    assert attempt.code_verifier not in shown


def test_cleans_up_the_states_that_no_attempt_can_have_any_more(connection):
    attempt = new(connection)
    attempts.take(stored(attempt), state=attempt.state, partner="acme")

    assert attempts.clean_up(timezone.now()) == 0
    assert attempts.clean_up(timezone.now() + timedelta(hours=1)) == 1
