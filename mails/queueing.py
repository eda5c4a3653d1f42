"""Queueing a task in the transaction that wants it done.

The worker gives procrastinate connections of its own. A task that queues another one by those would
have it begin before what it is about is there, or though that never came.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from django.db import transaction
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task
from procrastinate.types import JSONValue


def queue_task(
    name: str,
    arguments: Mapping[str, JSONValue],
    *,
    queue: str = "default",
    once: str | None = None,
    not_before: datetime | None = None,
) -> bool:
    """Queue the task *name* if the transaction commits; return whether it was queued.

    It is not, where one waits already that was queued under the same word *once*.
    """
    deferrer = configure_task(
        name=name,
        job_manager=_job_manager(),
        queue=queue,
        queueing_lock=once,
        schedule_at=not_before,
    )
    try:
        with transaction.atomic():
            deferrer.defer(**arguments)
    except AlreadyEnqueued:
        return False
    return True


@lru_cache(maxsize=1)
def _job_manager() -> JobManager:
    return JobManager(DjangoConnector())
