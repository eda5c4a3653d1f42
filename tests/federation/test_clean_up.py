from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from federation.models import UsedState
from people.models import Session

pytestmark = pytest.mark.django_db


def test_deletes_what_has_ended_and_nothing_else(acme, browser):
    browser.sign_in(acme)
    call_command("clean_up")
    assert (UsedState.objects.count(), Session.objects.count()) == (1, 1)

    with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
        call_command("clean_up")

    assert (UsedState.objects.count(), Session.objects.count()) == (0, 0)
