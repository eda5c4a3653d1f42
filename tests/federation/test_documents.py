import threading
import time
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.db import connections
from django.utils import timezone
from structlog.testing import capture_logs

from audit.models import Event
from demo.provider import Fault
from federation import asking_again, documents, single_flight
from federation import provider as provider_module
from federation.asking_again import COOL_DOWN
from federation.models import ProviderDocuments
from federation.oidc.errors import ProviderError, Reason
from federation.provider import Provider
from federation.registration import live_connection_of
from tests.conftest import forget_what_this_process_knows

pytestmark = pytest.mark.django_db

DOCUMENTS = ("discovery", "jwks")


def fresh(company):
    """Return the company's provider as the next request meets it."""
    return Provider(live_connection_of(company.slug))


def fetched_anew(company):
    fetch = Provider(company.connection).document
    return documents.fetched_now(company.connection, fetch, known_at=timezone.now())


def fetches(company):
    return len(company.issuer.requests_to(*DOCUMENTS))


def test_fetches_both_documents_once_for_everybody(acme):
    for _ in range(3):
        fresh(acme).jwks()
        forget_what_this_process_knows()

    assert fetches(acme) == 2
    assert fresh(acme).metadata().issuer == acme.issuer.issuer


def test_a_warm_process_asks_the_database_for_no_document(acme, django_assert_num_queries):
    fresh(acme).metadata()

    with django_assert_num_queries(1):
        fresh(acme).metadata()


def test_documents_past_their_soft_lifetime_serve_while_new_ones_are_fetched(acme, monkeypatch):
    fresh(acme).metadata()
    refreshed = []
    monkeypatch.setattr(provider_module, "refresh_soon", refreshed.append)

    with time_machine.travel(timezone.now() + documents.SOFT_LIFETIME, tick=False):
        fresh(acme).metadata()

    assert refreshed == [acme.connection]
    assert fetches(acme) == 2


def test_documents_serve_while_the_provider_is_down_until_their_hard_lifetime(acme, monkeypatch):
    fresh(acme).metadata()
    monkeypatch.setattr(provider_module, "refresh_soon", lambda _connection: None)
    acme.issuer.misbehave(discovery=Fault(status=503))

    with time_machine.travel(timezone.now() + timedelta(hours=23), tick=False):
        assert fresh(acme).metadata()
    with (
        time_machine.travel(timezone.now() + documents.HARD_LIFETIME, tick=False),
        pytest.raises(ProviderError) as refusal,
    ):
        fresh(acme).metadata()

    assert refusal.value.reason is Reason.PROVIDER_UNREACHABLE


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"keys": []}', b'{"keys": "none"}'])
def test_a_bad_answer_takes_nothing_good_away(acme, body):
    before = fresh(acme).jwks()
    acme.issuer.misbehave(jwks=Fault(body=body))

    with pytest.raises(ProviderError):
        fetched_anew(acme)

    assert fresh(acme).jwks() == before


def test_a_failed_fetch_answers_for_those_that_come_right_after_it(acme):
    acme.issuer.misbehave(discovery=Fault(status=503, times=1))
    for _ in range(3):
        with pytest.raises(ProviderError) as refusal:
            fresh(acme).metadata()
        assert refusal.value.reason is Reason.PROVIDER_UNREACHABLE
    assert fetches(acme) == 1

    with time_machine.travel(timezone.now() + documents.FAILURE_PAUSE, tick=False):
        assert fresh(acme).metadata()


def test_an_unknown_key_has_the_keys_fetched_again_once_in_a_cool_down(acme):
    fresh(acme).jwks()
    new_key = acme.issuer.rotate()

    for _ in range(3):
        keys = fresh(acme).jwks(again=True).keys

    assert [key.kid for key in keys] == [new_key.kid]
    assert fetches(acme) == 4


@pytest.mark.django_db(transaction=True)
def test_of_many_that_meet_a_new_key_at_once_one_asks_and_all_learn_it(acme):
    fresh(acme).jwks()
    new_key = acme.issuer.rotate()
    acme.issuer.misbehave(jwks=Fault(delay=0.3))
    found = []

    def arrive():
        found.extend(key.kid for key in fresh(acme).jwks(again=True).keys)
        connections.close_all()

    people = [threading.Thread(target=arrive) for _ in range(8)]
    for person in people:
        person.start()
    for person in people:
        person.join()

    assert found == [new_key.kid] * 8
    assert fetches(acme) == 4


@pytest.mark.parametrize("has_failed", [False, True])
def test_nobody_waits_long_for_what_another_one_has_asked(acme, monkeypatch, has_failed):
    before = fresh(acme).jwks()
    now = timezone.now()
    monkeypatch.setattr(asking_again, "PATIENCE", timedelta(seconds=60 if has_failed else 0.3))
    ProviderDocuments.objects.update(asked_again_at=now, failed_at=now if has_failed else None)
    began = time.monotonic()

    found = fresh(acme).jwks(again=True)

    assert found == before
    assert time.monotonic() - began < 5
    assert fetches(acme) == 2


def test_nobody_waits_for_a_key_that_is_not_in_the_answer(acme, monkeypatch):
    monkeypatch.setattr(asking_again, "PATIENCE", timedelta(seconds=5))
    fresh(acme).jwks()
    fresh(acme).jwks(again=True)
    began = time.monotonic()

    fresh(acme).jwks(again=True)

    assert time.monotonic() - began < 3


def test_after_the_cool_down_the_keys_can_be_fetched_again(acme):
    fresh(acme).jwks(again=True)
    new_key = acme.issuer.rotate()
    assert new_key.kid not in {key.kid for key in fresh(acme).jwks(again=True).keys}

    with time_machine.travel(timezone.now() + COOL_DOWN, tick=False):
        keys = fresh(acme).jwks(again=True).keys

    assert new_key.kid in {key.kid for key in keys}


def test_a_connection_that_points_elsewhere_forgets_what_the_old_issuer_said(acme, globex):
    fresh(acme).metadata()
    acme.connection.issuer = globex.issuer.issuer
    acme.connection.client_id = "other"
    acme.connection.save()

    assert fresh(acme).metadata().issuer == globex.issuer.issuer
    assert ProviderDocuments.objects.get(pk=acme.connection.pk).issuer == globex.issuer.issuer


def test_what_a_provider_changes_is_recorded_with_before_and_after(acme):
    fresh(acme).jwks()
    old_key = acme.issuer.key
    new_key = acme.issuer.rotate()
    acme.issuer.misbehave(discovery=Fault(without=("end_session_endpoint",)))

    fetched_anew(acme)

    event = Event.objects.get(what="provider.changed")
    assert event.partner == "acme"
    assert event.detail["before"] == {
        "end_session_endpoint": f"{acme.issuer.url}/logout",
        "keys": [old_key.kid],
    }
    assert event.detail["after"] == {"end_session_endpoint": None, "keys": [new_key.kid]}


def test_a_provider_that_changes_nothing_is_not_recorded(acme):
    fresh(acme).jwks()

    fetched_anew(acme)

    assert not Event.objects.filter(what="provider.changed").exists()


ELSEWHERE = "https://elsewhere.example/token"


@pytest.mark.parametrize(
    "endpoint", ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"]
)
def test_an_endpoint_that_moves_to_another_host_is_not_taken(acme, endpoint):
    before = fresh(acme).metadata()
    acme.issuer.misbehave(discovery=Fault(members={endpoint: ELSEWHERE}))

    for _ in range(2):
        with pytest.raises(ProviderError) as refusal:
            fetched_anew(acme)
        assert refusal.value.reason is Reason.PROVIDER_MISCONFIGURED
        ProviderDocuments.objects.update(failed_at=timezone.now() - documents.FAILURE_PAUSE)

    assert "elsewhere.example" in refusal.value.detail
    assert fresh(acme).metadata() == before
    event = Event.objects.get(what="provider.move_refused")
    assert (event.partner, event.detail) == ("acme", {"hosts": ["elsewhere.example"]})


def test_the_first_documents_may_name_any_host(acme):
    acme.issuer.misbehave(discovery=Fault(members={"token_endpoint": ELSEWHERE}))

    assert fresh(acme).metadata().token_endpoint == ELSEWHERE


def test_an_endpoint_may_move_within_the_hosts_that_are_known(acme):
    acme.issuer.misbehave(discovery=Fault(members={"userinfo_endpoint": ELSEWHERE}))
    fresh(acme).metadata()
    acme.issuer.misbehave(discovery=Fault(members={"token_endpoint": ELSEWHERE}))

    assert fetched_anew(acme).metadata.token_endpoint == ELSEWHERE


def test_what_the_owner_accepts_is_taken_and_named(acme):
    fresh(acme).metadata()
    acme.issuer.misbehave(discovery=Fault(members={"token_endpoint": ELSEWHERE}))
    with pytest.raises(ProviderError):
        fetched_anew(acme)

    hosts = provider_module.accept_hosts(acme.connection)

    assert hosts == sorted(["elsewhere.example", urlsplit(acme.issuer.url).netloc])
    assert fresh(acme).metadata().token_endpoint == ELSEWHERE


def test_while_the_provider_is_away_there_is_nothing_to_accept(acme):
    acme.issuer.misbehave(discovery=Fault(status=503))

    assert provider_module.accept_hosts(acme.connection) == []


def test_accepting_in_vain_takes_nothing_good_away(acme):
    before = fresh(acme).metadata()
    acme.issuer.misbehave(discovery=Fault(status=503))

    assert provider_module.accept_hosts(acme.connection) == []

    assert fresh(acme).metadata() == before
    assert fresh(acme).jwks()


def test_documents_that_this_release_does_not_read_are_fetched_anew(acme):
    keys = fresh(acme).jwks()
    forget_what_this_process_knows()
    ProviderDocuments.objects.update(jwks=b'{"keys": []}')

    assert fresh(acme).jwks() == keys
    assert fetches(acme) == 4


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (429, Reason.PROVIDER_UNREACHABLE),
        (503, Reason.PROVIDER_UNREACHABLE),
        (404, Reason.PROVIDER_MISCONFIGURED),
    ],
)
def test_whoever_says_not_now_is_not_set_up_wrongly(acme, status, reason):
    acme.issuer.misbehave(discovery=Fault(status=status))

    with pytest.raises(ProviderError) as refusal:
        fresh(acme).metadata()

    assert refusal.value.reason is reason


def test_a_refresh_that_fails_by_a_fault_of_ours_is_in_the_log(acme, monkeypatch):
    fresh(acme).metadata()
    monkeypatch.setattr(provider_module, "_refresh", lambda _connection: 1 / 0)

    with capture_logs() as lines:
        provider_module.refresh_soon(acme.connection)
        provider_module._refresher().shutdown()
    provider_module._refresher.cache_clear()
    provider_module._refreshing.clear()

    assert [line["event"] for line in lines] == ["documents.refresh_failed"]


def test_two_partners_never_share_documents(acme, globex):
    acme.issuer.misbehave(discovery=Fault(members={"jwks_uri": f"{globex.issuer.url}/jwks"}))

    fresh(acme).jwks()
    acme.issuer.reset()

    assert fresh(globex).jwks() != ()
    assert ProviderDocuments.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_burst_at_a_cold_cache_is_served_by_one_fetch(acme):
    acme.issuer.misbehave(discovery=Fault(delay=0.5))
    found, failed = [], []

    def arrive():
        try:
            found.append(fresh(acme).metadata())
        except ProviderError as error:
            failed.append(error)
        finally:
            connections.close_all()

    people = [threading.Thread(target=arrive) for _ in range(8)]
    for person in people:
        person.start()
    for person in people:
        person.join()

    assert not failed
    assert len(found) == 8
    assert fetches(acme) == 2


def test_a_fetch_that_hangs_turns_the_next_ones_away_at_once(acme, monkeypatch):
    monkeypatch.setattr(single_flight, "YOUNG_SECONDS", 0.2)
    flight = single_flight._flights.setdefault(acme.connection.pk, single_flight._Flight())
    with flight.lock:
        flight.began = -100.0

        with pytest.raises(ProviderError) as refusal:
            fresh(acme).metadata()

    assert refusal.value.reason is Reason.PROVIDER_UNREACHABLE
    assert refusal.value.timed_out
