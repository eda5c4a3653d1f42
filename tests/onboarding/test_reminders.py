"""Before a client secret ends, whoever can replace it is told in time, once each."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from structlog.testing import capture_logs

from audit.models import Event
from mails.sending import queue_mail
from onboarding.invitations import close_case, revoke
from onboarding.models import Contact, Purpose, SecretReminder, SetUpCase, SetUpLink
from onboarding.reminders import DAYS_BEFORE, remind_of_secrets
from partners.client_keys import make_key
from partners.models import Connection, Partner
from partners.secrets import remember_client_secret
from tests.support.queue import sent_mails

pytestmark = pytest.mark.django_db

ENDS_ON = date(2027, 3, 1)
OPS, HELP, OWNER = "ops@acme.example", "help@acme.example", "staff@northlake.example"


@pytest.fixture
def ending(acme, settings):
    settings.PORTAL_SUPPORT_EMAIL = OWNER
    Connection.objects.update(client_secret_expires=ENDS_ON)
    Partner.objects.update(help_email=HELP)
    Contact.objects.create(partner=acme.partner, address=OPS)
    once_opened(acme.partner, OPS)
    return acme


def once_opened(partner, address, **link):
    """Let *address* have opened a link to the set-up that was switched on last year."""
    case = SetUpCase.objects.filter(partner=partner).first()
    now = timezone.now()
    return SetUpLink.objects.create(
        case=case or SetUpCase.objects.create(partner=partner, closed_at=now, switched_on_at=now),
        purpose=Purpose.SET_UP,
        address=address,
        token_digest=f"{address} {SetUpLink.objects.count()}",
        sent_by=OWNER,
        expires_at=now,
        **{"used_at": now, **link},
    )


def remind(days):
    return remind_of_secrets(ENDS_ON - timedelta(days=days))


def mails_by_receiver():
    return {mail.to[0]: mail for mail in sent_mails()}


def test_m22_reminds_on_five_days_and_on_no_other(ending):
    reminded = [days for days in range(70, -3, -1) if remind(days)]

    assert reminded == [60, 30, 14, 7, 1] == list(DAYS_BEFORE)


def test_reminds_once_however_often_it_runs(ending):
    assert [remind(30), remind(30), remind(29)] == [1, 0, 0]

    assert len(mails_by_receiver()) == 3


def test_a_worker_that_was_away_sends_the_last_reminder_that_is_due(ending):
    assert remind(5) == 1

    assert remind(5) == 0
    assert "in 5 days" in mails_by_receiver()[OPS].body


def test_a_new_end_is_reminded_of_anew(ending):
    remind(30)
    Connection.objects.update(client_secret_expires=ENDS_ON + timedelta(days=365))

    assert remind(30 - 365) == 1


def test_a_contact_gets_a_link_that_is_good_for_nobody_else(ending):
    remind(60)

    mails = mails_by_receiver()
    link = SetUpLink.objects.get(purpose="secret")
    assert (link.address, link.purpose, link.sent_by) == (OPS, "secret", "worker")
    assert "https://testserver/setup/" in mails[OPS].body
    assert "1 March 2027" in mails[OPS].subject
    assert "/setup/" not in mails[HELP].body
    assert "/setup/" not in mails[OWNER].body


def test_the_owner_is_told_who_has_been_told(ending):
    remind(60)

    body = mails_by_receiver()[OWNER].body
    assert HELP in body
    assert OPS in body
    assert f"/admin/partners/partner/{ending.partner.pk}/change/" in body


def test_the_help_desk_gets_a_link_where_there_is_nobody_else(ending):
    Contact.objects.all().delete()
    once_opened(ending.partner, HELP)

    remind(60)

    assert "/setup/" in mails_by_receiver()[HELP].body


def test_m20_whoever_has_never_opened_a_link_is_told_without_one(ending):
    Contact.objects.create(partner=ending.partner, address="eve@evil.example")
    once_opened(ending.partner, "eve@evil.example", used_at=None)

    remind(60)

    mails = mails_by_receiver()
    assert "/setup/" not in mails["eve@evil.example"].body
    assert "we send to whoever has worked on your set-up" in mails["eve@evil.example"].body
    assert "/setup/" in mails[OPS].body
    assert "send a set-up link" not in mails[OWNER].body


@pytest.mark.parametrize("how", ["revoked", "closed"])
def test_m20_whoever_was_shut_out_gets_no_link_from_us(ending, how):
    SetUpCase.objects.create(partner=ending.partner)
    case = SetUpCase.objects.filter(closed_at=None).get()
    later = once_opened(ending.partner, OPS)
    SetUpLink.objects.filter(pk=later.pk).update(case=case)
    if how == "revoked":
        revoke(SetUpLink.objects.get(pk=later.pk), by=OWNER)
    else:
        close_case(case, by=OWNER)

    remind(60)

    mails = mails_by_receiver()
    assert "/setup/" not in mails[OPS].body
    assert "send a set-up link" in mails[OWNER].body
    assert not SetUpLink.objects.filter(purpose="secret").exists()


def test_the_help_desk_gets_none_that_nobody_there_has_opened_before(ending):
    Contact.objects.all().delete()

    remind(60)

    assert "/setup/" not in mails_by_receiver()[HELP].body


def test_the_owner_is_told_where_there_is_nobody_at_all(ending):
    Contact.objects.all().delete()
    Partner.objects.update(help_email="")

    remind(60)

    mails = mails_by_receiver()
    assert list(mails) == [OWNER]
    assert "We know nobody there" in mails[OWNER].body


def test_a_paused_partner_is_told_without_a_link(ending):
    Partner.objects.update(status="paused")

    remind(60)

    assert "/setup/" not in mails_by_receiver()[OPS].body
    assert not SetUpLink.objects.filter(purpose="secret").exists()


def test_nobody_is_reminded_of_a_draft_of_a_version_not_in_use_or_of_a_key(ending):
    Partner.objects.update(status="draft")
    assert remind(60) == 0

    Partner.objects.update(status="live")
    Connection.objects.update(is_live=False)
    assert remind(60) == 0

    Connection.objects.update(is_live=True)
    remember_client_secret(ending.connection, "")
    make_key(ending.connection)
    assert remind(60) == 0


def test_the_trail_says_who_was_reminded_of_what(ending):
    remind(14)

    event = Event.objects.get(what="connection.secret_reminded")
    assert (event.partner, event.actor) == ("acme", "worker")
    assert event.detail == {"ends_on": "2027-03-01", "days_left": 14, "to": [HELP, OPS]}


def test_a_partner_that_cannot_be_reminded_keeps_no_other_from_it(ending, monkeypatch):
    globex = Partner.objects.create(slug="globex", name="Globex", status="live")
    issuer = "https://login.globex.example"
    Connection.objects.create(
        partner=globex, issuer=issuer, client_id="f", is_live=True, client_secret_expires=ENDS_ON
    )

    def queueing(name, *, partner, **mail):
        if partner == "acme":
            raise ValueError(name)
        queue_mail(name, partner=partner, **mail)

    monkeypatch.setattr("onboarding.reminders.queue_mail", queueing)
    with capture_logs() as logs:
        assert remind(60) == 1

    assert [(log["log_level"], log["partner"]) for log in logs] == [("error", "acme")]
    assert [reminder.partner for reminder in SecretReminder.objects.all()] == [globex]
