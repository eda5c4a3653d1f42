"""The worker's work, done in the test's own transaction: what is queued is run, here and now."""

from django.core import mail
from django.core.mail import EmailMessage
from django.db import connection
from django.db.models import Q
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob


def run_queue() -> int:
    """Run every job that is due, those too that jobs have queued; return how many there were.

    What a job raises is raised here, and the job stays.
    """
    count = 0
    while (job := _due()) is not None:
        app.tasks[job.task_name].func(**job.args)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job.pk])
        count += 1
    return count


def sent_mails() -> list[EmailMessage]:
    """Run the queue, and return the mails that were sent since the last time."""
    run_queue()
    mails = list(mail.outbox)
    mail.outbox.clear()
    return mails


def queued() -> list[ProcrastinateJob]:
    """Return the jobs that wait, the oldest first."""
    return list(ProcrastinateJob.objects.filter(status="todo").order_by("pk"))


def _due() -> ProcrastinateJob | None:
    is_due = Q(scheduled_at=None) | Q(scheduled_at__lte=timezone.now())
    return ProcrastinateJob.objects.filter(is_due, status="todo").order_by("pk").first()
