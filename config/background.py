"""What the worker does for its own queue: jobs of a worker that died, and jobs that failed.

What it does for the portal is in each app's ``tasks``.
"""

from datetime import timedelta

from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

FAILED_KEPT = timedelta(days=30)
"""How long a job that failed stays to be looked at. One that succeeded goes at once."""


@app.periodic(cron="*/2 * * * *")
@app.task(name="background.begin_again", queueing_lock="background.begin_again")
async def begin_again(timestamp: int) -> None:
    """Put back what a worker had begun whose heart has stopped: every task may run twice.

    Where the same is queued once more already, that is what does it, and the stalled job ends.
    """
    for job in await app.job_manager.get_stalled_jobs():
        try:
            await app.job_manager.retry_job(job)
        except UniqueViolation:
            await app.job_manager.finish_job(job, Status.ABORTED, delete_job=True)


@app.periodic(cron="43 3 * * *")
@app.task(name="background.forget_failed", queueing_lock="background.forget_failed")
async def forget_failed(timestamp: int) -> None:
    """Delete jobs that failed long ago."""
    hours = int(FAILED_KEPT.total_seconds()) // 3600
    await app.job_manager.delete_old_jobs(nb_hours=hours, include_failed=True)
