"""A mail is written and queued, sealed, in the transaction of whoever asks."""

import json
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils.translation import override

from mails.models import QueuedMail
from mails.sending import can_be_sent, queue_mail
from tests.support.queue import queued, sent_mails

pytestmark = pytest.mark.django_db


def test_sends_the_text_of_the_template_to_the_address(settings):
    settings.DEFAULT_FROM_EMAIL = "Northlake <portal@northlake.example>"

    queue_mail("hello", to="ana@contoso.example", context={"name": "A & B", "secret": "s3cr3t"})

    (mail,) = sent_mails()
    assert mail.to == ["ana@contoso.example"]
    assert mail.from_email == "Northlake <portal@northlake.example>"
    assert mail.subject == "Sign in, A & B"
    assert mail.body == f"Dear A & B,\n\n{settings.BASE_URL}/setup/s3cr3t/\n"
    assert mail.extra_headers["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(
    ("active", "language", "subject"),
    [("en", "de", "Anmelden, Ana"), ("de", "", "Anmelden, Ana"), ("de", "en", "Sign in, Ana")],
)
def test_writes_in_the_language_of_whom_it_is_for(active, language, subject):
    with override(active):
        queue_mail("hello", to="a@b.example", context={"name": "Ana"}, language=language)

    assert [mail.subject for mail in sent_mails()] == [subject]


def test_nothing_of_a_mail_can_be_read_where_it_waits():
    queue_mail("hello", to="ana@contoso.example", context={"name": "Ana", "secret": "s3cr3t"})

    (row,), (job,) = QueuedMail.objects.all(), queued()
    kept = json.dumps([row.sealed, job.args, job.task_name, job.lock, job.queueing_lock])
    for word in ("hello", "contoso", "Ana", "s3cr3t", "Subject"):
        assert word not in kept


def test_a_mail_of_a_transaction_that_fails_is_never_sent():
    with transaction.atomic():
        queue_mail("hello", to="ana@contoso.example", context={"name": "Ana"})
        transaction.set_rollback(True)

    assert sent_mails() == []
    assert not QueuedMail.objects.exists()


@pytest.mark.parametrize("name", ["headless", "empty"])
def test_refuses_a_text_without_its_subject(name):
    with pytest.raises(ValueError, match=rf"{name}\.txt"):
        queue_mail(name, to="ana@contoso.example", context={"name": "Ana"})


def test_refuses_a_name_that_would_write_lines_of_its_own_above_the_text():
    with pytest.raises(ValueError, match=r"hello\.txt"):
        queue_mail("hello", to="a@b.example", context={"name": "Ana\nBcc: eve@evil.example"})


def test_a_mail_that_waits_is_a_job_that_is_due(settings):
    queue_mail("hello", to="a@b.example", context={}, good_for=timedelta(minutes=15))

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_fetch_job_v2(NULL, NULL)")
        assert cursor.fetchone() == (1,)


def test_a_portal_without_a_mail_server_says_so(settings):
    assert can_be_sent()

    settings.EMAIL_BACKEND = "mails.server.NoServer"

    assert not can_be_sent()
