"""Guesses at the passwords of staff: who has to wait, who never has to, what is kept of it."""

from datetime import timedelta
from ipaddress import ip_network

import pytest
from axes.models import AccessAttempt, AccessLog
from django.contrib.auth import authenticate
from django.test import Client
from django.utils import timezone

from audit.models import Event
from people.models import User
from tests.console.conftest import STAFF

PASSWORD = "a long password of staff"


def tried(password="wrong", *, account=STAFF, address="192.0.2.1", **headers):
    """Return the answer to one try at the admin's form."""
    form = {"username": account, "password": password}
    client = Client(REMOTE_ADDR=address)
    return client.post("/admin/login/", form, secure=True, headers=headers)


def guess(times, **how):
    return [tried(**how).status_code for _ in range(times)]


@pytest.fixture(autouse=True)
def member(db):
    return User.objects.create_superuser(STAFF, PASSWORD)


def test_after_ten_wrong_passwords_an_address_waits_even_with_the_right_one():
    answers = guess(10)

    last = tried(PASSWORD)

    assert answers == [200] * 9 + [429]
    assert last.status_code == 429
    assert 0 < int(last.headers["Retry-After"]) <= 15 * 60
    assert "Wait 15 minutes" in last.content.decode()
    assert last.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in last.headers["Content-Security-Policy"]


def test_guessing_at_many_accounts_from_one_address_is_guessing():
    for number in range(10):
        tried(account=f"staff-{number}@northlake.example")

    assert tried(PASSWORD).status_code == 429


def test_another_address_does_not_wait_with_it():
    guess(11)

    assert tried(PASSWORD, address="192.0.2.2").status_code == 302


def test_an_account_that_is_guessed_at_from_everywhere_waits_everywhere():
    for number in range(50):
        tried(address=f"198.51.100.{number}")

    answer = tried(PASSWORD, address="203.0.113.1")

    assert answer.status_code == 429
    assert tried(account="another@northlake.example", address="203.0.113.1").status_code == 200


def test_however_the_account_is_typed():
    for number in range(50):
        typed = (STAFF, STAFF.upper(), f" {STAFF} ")[number % 3]
        tried(account=typed, address=f"198.51.100.{number}")

    assert tried(PASSWORD, address="203.0.113.1").status_code == 429


def test_one_address_does_not_keep_an_account_out():
    guess(60)

    assert tried(PASSWORD, address="203.0.113.1").status_code == 302


def test_of_ipv6_a_subscribers_whole_network_counts_as_one():
    for number in range(10):
        tried(address=f"2001:db8::{number + 1}")

    assert tried(PASSWORD, address="2001:db8::ffff").status_code == 429
    assert tried(PASSWORD, address="2001:db8:0:1::1").status_code == 302


def test_the_address_is_the_browsers_where_a_proxy_is_trusted(settings):
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    by_proxy = {"address": "127.0.0.1"}
    for _ in range(11):
        tried(**by_proxy, x_forwarded_for="192.0.2.9")

    assert tried(PASSWORD, **by_proxy, x_forwarded_for="192.0.2.9").status_code == 429
    assert tried(PASSWORD, **by_proxy, x_forwarded_for="192.0.2.10").status_code == 302


def test_nobody_guesses_under_an_address_of_their_own_making():
    for number in range(10):
        tried(x_forwarded_for=f"192.0.2.{number + 50}")

    assert tried(PASSWORD, x_forwarded_for="192.0.2.99").status_code == 429


def test_it_is_over_after_a_quarter_of_an_hour():
    guess(11)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))

    assert tried(PASSWORD).status_code == 302


def test_the_table_does_not_grow_while_an_address_waits():
    for number in range(30):
        tried(account=f"staff-{number}@northlake.example", user_agent=f"browser {number}")

    assert AccessAttempt.objects.count() == 10


def test_what_is_old_is_forgotten():
    guess(3)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))

    tried(PASSWORD)

    assert not AccessAttempt.objects.exists()


def test_no_password_and_no_form_token_is_kept():
    tried("a password that somebody mistyped")

    attempt = AccessAttempt.objects.get()
    assert "mistyped" not in attempt.post_data
    assert STAFF not in attempt.post_data


def test_it_is_recorded_once_with_the_account_if_it_is_one():
    guess(30)
    for number in range(12):
        tried(account=f"nobody-{number}@northlake.example", address="192.0.2.7")

    events = Event.objects.filter(what="limit.reached").order_by("id")
    assert [(event.email, event.address) for event in events] == [
        (STAFF, "192.0.2.1"),
        ("", "192.0.2.7"),
    ]


def test_partners_people_are_never_counted_and_never_wait(acme, browser):
    guess(11, address="127.0.0.1")
    for _ in range(12):
        browser.get("/login/acme/callback/?state=unknown&code=none")

    answer = browser.sign_in(acme)

    assert answer.status_code == 302
    assert browser.session()["email"] == "ana@acme.example"
    assert AccessAttempt.objects.get().username == STAFF
    assert not AccessLog.objects.exists()


def test_what_fails_elsewhere_than_at_the_admin_is_not_counted(rf):
    request = rf.post("/login/acme/callback/", {"username": STAFF})

    assert authenticate(request, username=STAFF, password="wrong") is None

    assert not AccessAttempt.objects.exists()


def test_a_sign_in_of_a_partners_person_costs_no_statement_for_it(
    acme, browser, django_assert_max_num_queries
):
    acme.issuer.sign_in_as("ana@acme.example")
    way = browser.callback_path(browser.authorization_url("acme"))

    with django_assert_max_num_queries(100) as captured:
        browser.get(way)

    assert not [one for one in captured if "axes_" in one["sql"]]
