"""The worker hands a mail to the server, once, and the trail says what became of it."""

import json
from collections import defaultdict
from datetime import timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone
from procrastinate.contrib.django import app

from audit.models import Event
from mails.delivery import deliver
from mails.models import QueuedMail
from mails.sending import context_of, queue_mail
from mails.server import NoServerError
from mails.tasks import BackOff
from partners.secrets import seal
from tests.support.queue import queued, run_queue

pytestmark = pytest.mark.django_db

failures: dict[str, list[Exception]] = defaultdict(list)


class Moody(EmailBackend):
    """A mail server that says no to an address as often as the test wants it to."""

    def send_messages(self, messages):
        for message in messages:
            if failures[message.to[0]]:
                raise failures[message.to[0]].pop(0)
        return super().send_messages(messages)


@pytest.fixture(autouse=True)
def server(settings):
    settings.EMAIL_BACKEND = f"{__name__}.Moody"
    failures.clear()


@pytest.fixture
def waiting():
    """Queue a mail, and return its row."""

    def queue(**how):
        queue_mail("hello", to="ana@acme.example", context={}, partner="acme", **how)
        return QueuedMail.objects.latest("queued_at")

    return queue


def recorded():
    return [(row.what, row.email, row.partner, row.detail) for row in Event.objects.order_by("id")]


def test_the_trail_says_that_a_mail_was_sent_and_not_what_it_said(waiting):
    waiting()

    run_queue()

    assert recorded() == [("mail.sent", "ana@acme.example", "acme", {"mail": "hello"})]
    assert not QueuedMail.objects.exists()


def test_a_task_that_runs_twice_sends_one_mail(waiting):
    queued_mail = waiting()

    deliver(queued_mail.pk)
    deliver(queued_mail.pk)

    assert len(mail.outbox) == 1
    assert len(recorded()) == 1


def test_a_mail_that_is_sent_again_can_be_told_to_be_the_same(waiting, settings):
    queued_mail = waiting()

    deliver(queued_mail.pk)
    queued_mail.save(force_insert=True)
    deliver(queued_mail.pk)

    first, second = (message.extra_headers["Message-ID"] for message in mail.outbox)
    assert first == second == f"<{queued_mail.pk}@testserver>"


def test_a_server_that_is_away_gets_the_mail_when_it_is_back(waiting):
    queued_mail = waiting()
    failures["ana@acme.example"] = [ConnectionRefusedError(), SMTPServerDisconnected()]

    for _ in range(2):
        with pytest.raises(OSError):  # noqa: PT011 -- whichever it is
            deliver(queued_mail.pk)
    assert recorded() == []
    deliver(queued_mail.pk)

    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    "refusal",
    [
        SMTPRecipientsRefused({"ana@acme.example": (550, b"no such user")}),
        SMTPDataError(554, b"spam"),
    ],
)
def test_what_a_server_refuses_for_good_is_given_up_at_once(waiting, refusal):
    queued_mail = waiting()
    failures["ana@acme.example"] = [refusal]

    deliver(queued_mail.pk)

    ((what, email, _, detail),) = recorded()
    assert (what, email, detail["mail"]) == ("mail.failed", "ana@acme.example", "hello")
    assert "refused" in detail["cause"]
    assert not QueuedMail.objects.exists()


@pytest.mark.parametrize(
    "refusal",
    [
        SMTPRecipientsRefused({"ana@acme.example": (450, b"later")}),
        SMTPDataError(451, b"later"),
    ],
)
def test_what_a_server_refuses_for_now_is_tried_again(waiting, refusal):
    queued_mail = waiting()
    failures["ana@acme.example"] = [refusal]

    with pytest.raises(type(refusal)):
        deliver(queued_mail.pk)

    assert QueuedMail.objects.exists()


def test_a_mail_that_comes_too_late_is_not_sent(waiting):
    queued_mail = waiting(good_for=timedelta(minutes=15))

    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        deliver(queued_mail.pk)

    assert mail.outbox == []
    assert recorded()[0][0] == "mail.failed"


def test_a_mail_that_no_key_opens_is_given_up(waiting, settings):
    queued_mail = waiting()
    settings.SECRETS_KEYS = [b"another key of thirty-two bytes."]

    deliver(queued_mail.pk)

    assert recorded() == [("mail.failed", "", "", {"mail": "", "cause": "no key opens it"})]


def test_a_mail_of_another_release_is_given_up(waiting):
    queued_mail = waiting()
    of_another = json.dumps({"name": "hello", "recipients": ["ana@acme.example"]})
    queued_mail.sealed = seal(of_another.encode(), context=context_of(queued_mail.pk))
    queued_mail.save()

    deliver(queued_mail.pk)

    ((what, _, _, detail),) = recorded()
    assert (what, detail["cause"]) == ("mail.failed", "it is of another release")
    assert not QueuedMail.objects.exists()


def test_a_mail_in_the_place_of_another_does_not_open(waiting):
    first, second = waiting(), waiting()

    QueuedMail.objects.filter(pk=second.pk).update(sealed=first.sealed)
    deliver(second.pk)

    assert recorded()[0][0] == "mail.failed"


def test_without_a_mail_server_a_mail_waits_for_one(waiting, settings):
    queued_mail = waiting()
    settings.EMAIL_BACKEND = "mails.server.NoServer"

    with pytest.raises(NoServerError):
        deliver(queued_mail.pk)

    assert QueuedMail.objects.exists()


def test_is_tried_again_after_longer_and_longer_and_never_longer_than_half_an_hour(waiting):
    waiting()
    (job,) = (row.procrastinate_job for row in queued())
    assert isinstance(app.tasks[job.task_name].retry_strategy, BackOff)

    waits = [
        decision.retry_at - timezone.now()
        for attempts in (0, 1, 2, 50_000)
        if (
            decision := BackOff().get_retry_decision(
                exception=OSError(), job=job.evolve(attempts=attempts)
            )
        )
    ]

    assert [round(wait.total_seconds()) for wait in waits] == [10, 20, 40, 1800]
