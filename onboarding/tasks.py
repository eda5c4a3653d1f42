"""What the worker does for partners: domains, connections and secrets are looked after."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from mails.queueing import queue_task
from mails.sending import QUEUE
from onboarding import resuming
from onboarding.domains.keeping import forget_old_claims, look_at_due_domains
from onboarding.examinations import forget_old_examinations
from onboarding.reminders import remind_of_secrets
from onboarding.rounds import connections_in_use, examine_by_night
from onboarding.sessions import forget_old_sessions
from onboarding.versions import forget_former_secrets

BETWEEN_EXAMINATIONS = timedelta(seconds=5)
"""Partners whose products share an address are not asked all at once."""


@app.periodic(cron="* * * * *")
@app.task(
    name="onboarding.look_at_domains",
    queueing_lock="onboarding.look_at_domains",
    lock="onboarding.look_at_domains",
)
def look_at_domains(timestamp: int) -> None:
    """Look at the domains whose turn it is."""
    look_at_due_domains(timezone.now())


@app.periodic(cron="23 * * * *")
@app.task(name="onboarding.forget_claims", queueing_lock="onboarding.forget_claims")
def forget_claims(timestamp: int) -> None:
    """Give up claims of domains that nobody has proved."""
    forget_old_claims(timezone.now())


@app.periodic(cron="37 * * * *")
@app.task(name="onboarding.forget_secrets", queueing_lock="onboarding.forget_secrets")
def forget_secrets(timestamp: int) -> None:
    """Forget the secrets of versions that cannot be returned to any more."""
    forget_former_secrets(timezone.now())


@app.periodic(cron="41 * * * *")
@app.task(name="onboarding.remind", queueing_lock="onboarding.remind")
def remind(timestamp: int) -> None:
    """Remind of secrets that end; hourly, so that a worker that was away makes up for it."""
    remind_of_secrets(timezone.localdate())


@app.periodic(cron="7 2 * * *")
@app.task(name="onboarding.examine_partners", queueing_lock="onboarding.examine_partners")
def examine_partners(timestamp: int) -> None:
    """Queue an examination of each connection in use, one after the other through the night."""
    begins_at = timezone.now()
    for place, pk in enumerate(connections_in_use().values_list("pk", flat=True)):
        queue_task(
            "onboarding.examine_connection",
            {"connection": pk},
            once=f"examination of connection {pk}",
            not_before=begins_at + place * BETWEEN_EXAMINATIONS,
        )


@app.task(name="onboarding.examine_connection")
def examine_connection(*, connection: int) -> None:
    """Examine one connection, and tell of new faults."""
    examine_by_night(connection)


@app.periodic(cron="47 3 * * *")
@app.task(name="onboarding.forget_sessions", queueing_lock="onboarding.forget_sessions")
def forget_sessions(timestamp: int) -> None:
    """Delete old sessions of set-ups, and codes that open nothing any more."""
    forget_old_sessions(timezone.now())
    resuming.forget_old_codes(timezone.now())


@app.task(name=resuming.SEND_TASK, queue=QUEUE)
def send_resume_codes(*, wish: str) -> None:
    """Mail the codes that somebody wished for who comes back to a set-up, if there is one."""
    resuming.send(wish)


@app.periodic(cron="53 3 * * *")
@app.task(name="onboarding.forget_examinations", queueing_lock="onboarding.forget_examinations")
def forget_examinations(timestamp: int) -> None:
    """Delete old examinations, and old test sign-ins."""
    forget_old_examinations(timezone.now())
