from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from audit.models import Event
from federation.models import UsedState
from federation.tasks import clean_up
from people.models import Session

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["command", "worker"])
def clean(request):
    return (lambda: call_command("clean_up")) if request.param == "command" else lambda: clean_up(0)


def test_deletes_what_has_ended_and_nothing_else(acme, browser, clean):
    browser.sign_in(acme)
    clean()
    assert (UsedState.objects.count(), Session.objects.count()) == (1, 1)

    with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
        clean()

    assert (UsedState.objects.count(), Session.objects.count()) == (0, 0)


def test_says_in_the_trail_what_it_deleted_and_nothing_when_there_was_nothing(acme, browser):
    browser.sign_in(acme)

    with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
        clean_up(0)
        clean_up(0)

    (event,) = Event.objects.filter(what="leftovers.deleted")
    assert event.actor == "worker"
    assert event.detail == {"states": 1, "sessions": 1, "counts": 0, "links": 0, "retired_keys": 0}
