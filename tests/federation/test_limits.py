import socket
from datetime import timedelta

import pytest
from django.db import connection
from django.test import RequestFactory
from django.utils import timezone

from audit.models import Event
from federation import limits
from federation.models import FailureCount
from tokens.breaker import Breaker

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def new_process(monkeypatch):
    monkeypatch.setattr(limits, "_redis", Breaker())


def typed(browser, domain, times=1, **headers):
    for _ in range(times):
        response = browser.post("/login/", {"email": f"ana@{domain}"}, **headers)
    return response


def test_whoever_looks_for_partners_by_trying_domains_has_to_wait(acme, browser):
    assert typed(browser, "unknown.example", limits.FORM.amount).status_code == 200

    known, unknown = typed(browser, "acme.example"), typed(browser, "unknown.example")

    assert (known.status_code, unknown.status_code) == (429, 429)
    assert 1 <= int(known.headers["Retry-After"]) <= 60
    assert "Too many tries" in known.content.decode()
    (event,) = Event.objects.filter(what="limit.reached")
    assert event.detail["form"] == "form"


def test_nor_does_a_domain_in_the_pages_address_tell_whose_it_is_any_faster(acme, browser):
    for number in range(limits.FORM.amount):
        assert browser.get(f"/login/?domain_hint=x{number}.example").status_code == 200

    known, unknown = (
        browser.get(f"/login/?domain_hint={name}.example") for name in ("acme", "unknown")
    )

    assert (known.status_code, unknown.status_code) == (429, 429)
    assert browser.get("/login/").status_code == 200


@pytest.mark.parametrize("listens", [False, True], ids=["gone", "hanging"])
def test_failures_are_counted_in_the_table_while_redis_is_away(acme, browser, settings, listens):
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        if not listens:
            server.close()
        settings.CACHE_URL = f"redis://127.0.0.1:{address[1]}/0"

        answer = typed(browser, "unknown.example")

    assert answer.status_code == 200
    assert FailureCount.objects.get().count == 1


def test_redis_is_left_alone_when_it_fails_again_and_again(acme, browser, settings):
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.CACHE_URL = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        server.close()

        typed(browser, "unknown.example", times=3)

    assert not limits._redis.permit()


def test_a_whole_company_signs_in_through_one_address(acme, browser):
    for _ in range(limits.FORM.amount + 5):
        assert typed(browser, "acme.example").status_code == 200


def test_nobody_waits_for_what_another_address_did(acme, browser):
    typed(browser, "unknown.example", limits.FORM.amount + 1)

    response = browser.portal.post(
        "/login/", {"email": "ana@acme.example"}, secure=True, REMOTE_ADDR="192.0.2.7"
    )

    assert response.status_code == 200


def test_waiting_helps(acme, browser):
    typed(browser, "unknown.example", limits.FORM.amount + 1)

    FailureCount.objects.update(ends_at=timezone.now() - timedelta(hours=1))

    assert typed(browser, "unknown.example").status_code == 200
    assert FailureCount.objects.get().count == 1


def test_responses_that_answer_no_attempt_are_bounded_and_recorded_once(acme, browser):
    answers = [
        browser.get(f"/login/acme/callback/?state={n}&code=x").status_code
        for n in range(limits.CALLBACK.amount + 5)
    ]

    assert set(answers) == {400, 429}
    assert answers.count(429) == 5
    (event,) = Event.objects.filter(what="limit.reached")
    assert event.detail["form"] == "callback"


def test_a_sign_in_that_succeeds_is_not_counted(acme, browser):
    browser.sign_in(acme)

    assert not FailureCount.objects.exists()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("", "", True),
    ],
)
def test_an_address_stands_for_one_subscriber(one, other, same):
    def count(address):
        limits.count_failure(RequestFactory().get("/", REMOTE_ADDR=address), limits.FORM)

    count(one)
    count(other)

    assert FailureCount.objects.count() == (1 if same else 2)


def test_the_storage_is_what_the_library_expects():
    table = limits.CountTable()

    assert table.check()
    assert table.incr("a", 60) == 1
    assert table.incr("a", 60, 2) == 3
    assert table.get("a") == 3
    table.clear("a")
    assert table.get("a") == 0
    table.incr("b", 60)
    assert table.reset() == 1


def test_the_table_costs_no_write_ahead_log():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relpersistence FROM pg_class WHERE relname = 'federation_failurecount'"
        )
        assert cursor.fetchone() == ("u",)
