"""A task is queued in the transaction that wants it done, by a server and by the worker alike."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from mails.queueing import queue_task
from mails.sending import SEND_TASK
from tests.support.queue import queued

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["server", "worker"])
def process(request):
    """A process with the connections to the queue that it has there."""
    if request.param == "server":
        yield
        return
    with app.replace_connector(app.connector.get_worker_connector()):
        yield


def test_what_is_queued_is_gone_with_its_transaction(process):
    with transaction.atomic():
        queue_task(SEND_TASK, {"mail": "1"})
        assert len(queued()) == 1
        transaction.set_rollback(True)

    assert queued() == []


def test_queues_what_waits_already_no_second_time(process):
    assert queue_task(SEND_TASK, {"mail": "1"}, once="the mail")
    assert not queue_task(SEND_TASK, {"mail": "2"}, once="the mail")
    assert queue_task(SEND_TASK, {"mail": "3"}, once="another mail")

    assert [job.args for job in queued()] == [{"mail": "1"}, {"mail": "3"}]


def test_queues_for_later(process):
    later = timezone.now() + timedelta(hours=1)

    queue_task(SEND_TASK, {"mail": "1"}, queue="mails", not_before=later)

    (job,) = queued()
    assert (job.queue_name, job.scheduled_at) == ("mails", later)
