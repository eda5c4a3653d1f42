"""Domains are looked at again: often while they wait, every day for as long as they are proved."""

from datetime import timedelta

import pytest
import time_machine
from django.db import DatabaseError
from django.utils import timezone
from structlog.testing import capture_logs

from audit.models import Event
from onboarding.domains import add_domain, challenge_of, look_now, state_of
from onboarding.domains.keeping import forget_old_claims, look_at_due_domains
from onboarding.domains.proof import State
from onboarding.models import Contact, DomainChallenge
from partners.home_realm import partner_of_email
from partners.models import EmailDomain, Partner
from tests.support.queue import sent_mails

pytestmark = pytest.mark.django_db

IT = "it@brightwater.example"
OWNER = "staff@northlake.example"
DOMAIN = "brightwater.example"
NAME = f"_foyer-challenge.{DOMAIN}"
DAY = timedelta(days=1)


@pytest.fixture
def clock():
    with time_machine.travel("2026-11-25T12:00:00Z", tick=False) as clock:
        yield clock


@pytest.fixture
def claimed(db, clock, settings):
    settings.PORTAL_SUPPORT_EMAIL = OWNER
    partner = Partner.objects.create(
        slug="brightwater", name="Brightwater Labs", status="live", help_email="help@b.example"
    )
    Contact.objects.create(partner=partner, address="ops@brightwater.example")
    return add_domain(partner, DOMAIN, by=IT)


@pytest.fixture
def proved(claimed, name_server):
    name_server.texts[NAME] = [state_of(claimed).record.value]
    look_now(claimed, by=IT)
    sent_mails()
    return claimed


def state(domain):
    return state_of(EmailDomain.objects.get(pk=domain.pk)).state


def run():
    return look_at_due_domains(timezone.now())


def receivers():
    return [mail.to[0] for mail in sent_mails()]


def test_a_claim_is_looked_at_at_once_and_then_less_and_less_often(claimed, name_server, clock):
    waits = []
    for _ in range(12):
        assert run() == 1
        challenge = DomainChallenge.objects.get()
        waits.append(challenge.look_again_at - timezone.now())
        clock.move_to(challenge.look_again_at)

    assert [wait // timedelta(minutes=1) for wait in waits] == [
        *(1, 2, 4, 8, 16, 32, 64, 128, 256),
        *(360, 360, 360),
    ]


def test_nothing_is_looked_at_before_its_turn(claimed, name_server):
    run()

    assert run() == 0


def test_two_workers_look_at_different_domains(claimed, name_server, monkeypatch):
    add_domain(claimed.partner, "labs.example", by=IT)
    looked = []

    def looking(challenge, **_by):
        looked.append(challenge.domain.name)
        if len(looked) == 1:
            run()

    monkeypatch.setattr("onboarding.domains.keeping.take_look", looking)
    run()

    assert looked == [DOMAIN, "labs.example"]


def test_a_domain_that_meets_with_a_fault_keeps_no_other_waiting(claimed, monkeypatch):
    add_domain(claimed.partner, "labs.example", by=IT)
    looked = []

    def looking(challenge, **_by):
        looked.append(challenge.domain.name)
        raise DatabaseError

    monkeypatch.setattr("onboarding.domains.keeping.take_look", looking)
    with capture_logs() as logs:
        run()

    assert looked == [DOMAIN, "labs.example"]
    assert [(log["log_level"], log["domain"]) for log in logs] == [
        ("error", DOMAIN),
        ("error", "labs.example"),
    ]


def test_a_claim_that_cannot_be_given_up_keeps_no_other(claimed, clock, monkeypatch):
    add_domain(claimed.partner, "labs.example", by=IT)
    clock.shift(30 * DAY)

    def recording(_partner, name, **_what):
        if name == DOMAIN:
            raise DatabaseError

    monkeypatch.setattr("onboarding.domains.keeping.record_domain", recording)

    assert forget_old_claims(timezone.now()) == 1
    assert [domain.name for domain in EmailDomain.objects.all()] == [DOMAIN]


def test_the_contact_is_told_when_the_worker_sees_the_record(claimed, name_server):
    name_server.texts[NAME] = [state_of(claimed).record.value]

    run()

    assert state(claimed) is State.PROVED
    assert receivers() == [IT]
    assert Event.objects.get(what="domain.proved").actor == "worker"


def test_a_proved_domain_is_looked_at_every_day(proved, name_server, clock):
    clock.shift(DAY)
    assert run() == 1
    clock.shift(DAY - timedelta(minutes=1))
    assert run() == 0
    clock.shift(timedelta(minutes=1))
    assert run() == 1

    assert state(proved) is State.PROVED
    assert receivers() == []


def test_a_missing_record_is_written_about_and_changes_nothing_for_two_weeks(
    proved, name_server, clock
):
    name_server.texts.clear()

    told = []
    for day in range(1, 15):
        clock.shift(DAY)
        run()
        told += [day] * len(sent_mails())
        assert state(proved) is State.LAPSING
        assert partner_of_email(f"ana@{DOMAIN}").slug == "brightwater"

    assert told == [1] * 4 + [8] * 4 + [14] * 4


def test_everybody_whom_it_concerns_is_told_once(proved, name_server, clock):
    name_server.texts.clear()

    clock.shift(DAY)
    run()
    clock.shift(DAY)
    run()

    assert receivers() == ["help@b.example", IT, "ops@brightwater.example", OWNER]
    assert Event.objects.filter(what="domain.missing").count() == 1


def test_after_two_weeks_the_domain_counts_no_more_and_all_are_told(proved, name_server, clock):
    name_server.texts.clear()
    clock.shift(DAY)
    run()
    sent_mails()

    clock.shift(14 * DAY)
    run()

    assert state(proved) is State.WAITING
    assert partner_of_email(f"ana@{DOMAIN}") is None
    assert len(receivers()) == 4
    assert Event.objects.get(what="domain.released").partner == "brightwater"


def test_a_domain_that_was_given_up_is_free_for_whoever_proves_it(proved, name_server, clock):
    name_server.texts.clear()
    clock.shift(DAY)
    run()
    clock.shift(14 * DAY)
    run()
    other = add_domain(Partner.objects.create(slug="fabrikam", name="F"), DOMAIN, by=IT)
    name_server.texts[NAME] = [state_of(other).record.value]

    run()

    assert state(other) is State.PROVED


def test_a_record_that_comes_back_in_time_ends_the_matter(proved, name_server, clock):
    texts = dict(name_server.texts)
    name_server.texts.clear()
    clock.shift(DAY)
    run()
    name_server.texts.update(texts)

    clock.shift(DAY)
    run()

    assert state(proved) is State.PROVED
    assert Event.objects.filter(what="domain.found_again").count() == 1
    name_server.texts.clear()
    clock.shift(13 * DAY)
    run()
    assert state(proved) is State.LAPSING


@pytest.mark.parametrize("fault", ["SERVFAIL", "REFUSED"])
def test_an_outage_of_the_dns_is_no_missing_record(proved, name_server, clock, fault):
    name_server.everywhere(fault)

    clock.shift(DAY)
    run()

    assert state(proved) is State.PROVED


def test_an_outage_on_the_last_day_gives_nothing_up(proved, name_server, clock):
    name_server.texts.clear()
    clock.shift(DAY)
    run()
    name_server.everywhere("SERVFAIL")

    clock.shift(20 * DAY)
    run()

    assert state(proved) is State.LAPSING


def test_one_name_server_alone_misses_nothing(proved, name_server, clock):
    name_server.seen_by[name_server.ports[0]] = {}
    name_server.faults[name_server.ports[1]] = "SERVFAIL"

    clock.shift(DAY)
    run()

    assert state(proved) is State.PROVED


def test_a_domain_that_we_have_confirmed_is_never_looked_at(proved, name_server, clock):
    EmailDomain.objects.update(verified_how="operator")
    name_server.texts.clear()

    clock.shift(DAY)
    run()
    clock.shift(20 * DAY)
    run()

    assert state(proved) is State.CONFIRMED


def test_l10_a_claim_that_nobody_proves_ends_by_itself(claimed, name_server):
    assert forget_old_claims(timezone.now() + 29 * DAY) == 0
    assert forget_old_claims(timezone.now() + 30 * DAY) == 1
    assert forget_old_claims(timezone.now() + 30 * DAY) == 0

    assert not EmailDomain.objects.exists()
    assert Event.objects.filter(what="domain.expired").count() == 1


def test_a_proved_domain_does_not_end(proved):
    assert forget_old_claims(timezone.now() + 365 * DAY) == 0

    assert state(proved) is State.PROVED


def test_what_the_owner_wrote_down_stays_and_is_looked_at_when_asked_for(
    claimed, name_server, clock
):
    partner = claimed.partner
    ours = EmailDomain.objects.create(partner=partner, name="labs.example")
    challenge_of(ours)

    clock.shift(30 * DAY)
    forget_old_claims(timezone.now())

    assert list(partner.domains.all()) == [ours]
    assert run() == 0
    look_now(ours, by=OWNER)
    assert forget_old_claims(timezone.now()) == 0
