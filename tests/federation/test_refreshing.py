"""The worker fetches providers' documents ahead of the end of their soft lifetime."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from audit.models import Event
from demo.provider import Fault
from federation.models import ProviderDocuments
from federation.refreshing import connections_due, refresh
from federation.tasks import refresh_documents
from tests.support.queue import queued, run_queue

pytestmark = pytest.mark.django_db


def fetches(company):
    return len(company.issuer.requests_to("discovery", "jwks"))


def later(**span):
    return time_machine.travel(timezone.now() + timedelta(**span), tick=False)


def tick():
    """Do what the worker does every minute."""
    refresh_documents(0)
    return run_queue()


def test_a_partner_whose_provider_nobody_has_asked_yet_is_made_ready(acme):
    tick()

    assert fetches(acme) == 2
    assert acme.connection.pk not in connections_due(timezone.now()).values_list("pk", flat=True)


@pytest.mark.parametrize(("minutes", "is_due"), [(7.9, False), (8.1, True), (60, True)])
def test_documents_are_fetched_again_before_a_sign_in_would_have_to(acme, minutes, is_due):
    tick()

    with later(minutes=minutes):
        tick()

    assert fetches(acme) == (4 if is_due else 2)


def test_documents_from_the_future_are_fetched_again(acme):
    with later(hours=1):
        tick()

    tick()

    assert fetches(acme) == 4


@pytest.mark.parametrize("status", ["draft", "paused"])
def test_nobody_is_asked_for_whom_nobody_signs_in(acme, status):
    acme.partner.status = status
    acme.partner.save()

    assert tick() == 0
    assert fetches(acme) == 0


def test_a_version_that_is_being_prepared_is_nobodys_yet(acme):
    acme.connection.is_live = False
    acme.connection.save()

    assert tick() == 0


def test_a_task_that_runs_twice_asks_once(acme):
    refresh(acme.connection.pk)
    refresh(acme.connection.pk)

    assert fetches(acme) == 2


def test_a_refresh_that_waits_is_not_queued_a_second_time(acme, globex):
    refresh_documents(0)
    refresh_documents(0)

    assert len(queued()) == 2


def test_a_provider_that_is_away_is_left_alone_for_a_while_and_its_documents_stay(acme):
    tick()
    acme.issuer.misbehave(discovery=Fault(status=503))

    for minutes in (9, 10, 13, 15):
        with later(minutes=minutes):
            tick()

    assert fetches(acme) == 2 + 2
    assert ProviderDocuments.objects.get().metadata


def test_the_first_failure_is_recorded_and_the_next_ones_are_not(acme):
    tick()
    acme.issuer.misbehave(discovery=Fault(status=503))

    for minutes in (9, 15):
        with later(minutes=minutes):
            tick()

    (event,) = Event.objects.filter(what="provider.refresh_failed")
    assert (event.partner, event.reason) == ("acme", "provider_unreachable")


def test_a_failure_after_a_good_fetch_is_recorded_again(acme):
    for hours in (1, 2):
        acme.issuer.misbehave(discovery=Fault(status=503))
        with later(hours=hours):
            tick()
        acme.issuer.reset()
        with later(hours=hours, minutes=30):
            tick()

    assert Event.objects.filter(what="provider.refresh_failed").count() == 2
