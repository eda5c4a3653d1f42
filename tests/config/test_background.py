"""The queue keeps itself in order."""

import pytest
from asgiref.sync import async_to_sync
from django.db import connection

from config.background import begin_again, forget_failed
from mails.queueing import queue_task
from tests.support.queue import queued

pytestmark = pytest.mark.django_db


def changed(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone() if cursor.description else None


@pytest.fixture
def begun():
    """A job that a worker has begun, whose heart beat so long ago."""

    def one(age):
        queue_task("mails.send", {"mail": "1"}, queue="mails")
        (worker,) = changed(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s::interval)"
            " RETURNING id",
            age,
        )
        changed("SELECT id FROM procrastinate_fetch_job_v2(NULL, %s)", worker)
        assert queued() == []

    return one


@pytest.mark.parametrize(("age", "is_dead"), [("5 seconds", False), ("5 minutes", True)])
def test_what_a_dead_worker_had_begun_is_begun_again(begun, age, is_dead):
    begun(age)

    async_to_sync(begin_again.func)(0)

    assert len(queued()) == is_dead


@pytest.mark.django_db(transaction=True)
def test_a_job_whose_twin_waits_ends_and_keeps_nothing_else_from_being_begun_again(begun):
    begun("5 minutes")
    changed("UPDATE procrastinate_jobs SET queueing_lock = 'twin'")
    begun("5 minutes")
    queue_task("mails.send", {"mail": "twin"}, queue="mails", once="twin")

    async_to_sync(begin_again.func)(0)

    assert [job.args["mail"] for job in queued()] == ["1", "twin"]
    assert changed("SELECT count(*) FROM procrastinate_jobs") == (2,)


@pytest.mark.parametrize(("age", "is_kept"), [("29 days", True), ("31 days", False)])
def test_a_job_that_failed_is_kept_for_a_month(begun, age, is_kept):
    begun("5 seconds")
    changed("UPDATE procrastinate_jobs SET status = 'failed'")
    changed("UPDATE procrastinate_events SET at = now() - %s::interval", age)

    async_to_sync(forget_failed.func)(0)

    assert changed("SELECT count(*) FROM procrastinate_jobs") == (int(is_kept),)
