"""The worker's tasks for partners: when they run, and what they keep from running beside them."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from procrastinate.contrib.django import app

from onboarding.tasks import BETWEEN_EXAMINATIONS, examine_partners
from partners.models import Connection, Partner
from tests.support.queue import queued


@pytest.mark.parametrize("name", ["onboarding.look_at_domains", "federation.refresh_documents"])
def test_a_round_of_every_minute_runs_once_at_a_time(name):
    assert app.tasks[name].lock == name


@pytest.mark.django_db
def test_examinations_are_queued_once_each_and_one_after_the_other(acme):
    other = Partner.objects.create(slug="globex", name="Globex", status="live")
    second = Connection.objects.create(
        partner=other, issuer="https://login.globex.example", client_id="foyer", is_live=True
    )

    with time_machine.travel("2026-11-25T02:07:00Z", tick=False):
        began = timezone.now()
        examine_partners.func(0)
        examine_partners.func(0)

    assert [(job.args, job.scheduled_at - began) for job in queued()] == [
        ({"connection": acme.connection.pk}, timedelta()),
        ({"connection": second.pk}, BETWEEN_EXAMINATIONS),
    ]
