"""What the worker does for partners: domains looked at, secrets reminded of and forgotten."""

from django.utils import timezone
from procrastinate.contrib.django import app

from onboarding.domain_keeping import forget_old_claims, look_at_due_domains
from onboarding.reminders import remind_of_secrets
from onboarding.versions import forget_former_secrets


@app.periodic(cron="* * * * *")
@app.task(name="onboarding.look_at_domains", queueing_lock="onboarding.look_at_domains")
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
