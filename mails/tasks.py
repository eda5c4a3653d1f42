"""What the worker does with mails."""

from uuid import UUID

from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from mails.delivery import deliver
from mails.sending import QUEUE, SEND_TASK

FIRST_SECONDS, LONGEST_SECONDS = 10, 30 * 60


class BackOff(BaseRetryStrategy):
    """Tries again after 10 seconds, then after twice as long each time, up to half an hour.

    For ever: what is tried knows itself when to give up.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        """Return when to try again."""
        # Bounded first: two to the power of all tries would soon fill the memory.
        doubled = FIRST_SECONDS * 2 ** min(job.attempts, 10)
        return RetryDecision(retry_in={"seconds": min(doubled, LONGEST_SECONDS)})


@app.task(name=SEND_TASK, queue=QUEUE, retry=BackOff())
def send(*, mail: str) -> None:
    """Send one queued mail."""
    deliver(UUID(mail))
