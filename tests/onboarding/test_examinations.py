"""What the doctor has found is kept: for the set-up, for the owner, and for the night."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from audit.models import Event
from demo.provider import Fault
from federation.models import Trial
from mails.models import QueuedMail
from onboarding import rounds
from onboarding.doctor import Outcome
from onboarding.examinations import (
    context_of,
    examine,
    forget_old_examinations,
    is_due_to_be_probed,
    last_examination_of,
)
from onboarding.models import Contact, Examination
from onboarding.rounds import connections_in_use, examine_by_night
from partners.models import Connection, Partner
from partners.secrets import remember_client_secret
from tests.federation.test_trials import tester, tried  # noqa: F401 -- a fixture

BY = "it@acme.example"
WRONG = Fault(without=["jwks_uri"])


def outcome_of(connection, code):
    return last_examination_of(connection).outcomes[code]


@pytest.fixture
def mailed(monkeypatch):
    """Return whom the round has mailed, and about which codes."""
    sent = []

    def queued(name, *, to, context, partner):
        sent.append((to, [finding.code for finding in context["findings"]]))

    monkeypatch.setattr(rounds, "queue_mail", queued)
    return sent


def test_keeps_what_was_found_with_who_wanted_it(acme):
    examination = examine(acme.connection, by=BY)

    kept = Examination.objects.get()
    assert kept == examination
    assert (kept.by, kept.probed) == (BY, False)
    assert len(kept.shown) >= 45


def test_what_is_kept_holds_no_secret(acme):
    examine(acme.connection, by=BY, probes=True)

    stored = str(list(Examination.objects.values()))
    assert "a secret: 100 %" not in stored
    assert acme.connection.client_secret_sealed not in stored


def test_everybody_reads_it_in_a_language_of_their_own_and_the_provider_is_asked_once(acme):
    acme.issuer.requests.clear()
    examination = examine(acme.connection, by=BY)

    with translation.override("de"):
        german = {finding.code: finding.outcome.label for finding in examination.shown}
        assert str(german["OD-112"]) == "Bestanden"
    assert [asked.endpoint for asked in acme.issuer.requests] == ["discovery", "jwks"]


def test_says_nothing_of_other_settings(acme):
    examine(acme.connection, by=BY)
    acme.connection.scopes = ["openid"]
    acme.connection.save()

    assert last_examination_of(acme.connection) is None


def test_a_test_sign_in_is_seen_without_examining_again(acme, browser):
    examine(acme.connection, by=BY)
    assert outcome_of(acme.connection, "OD-408") is Outcome.WAITING

    tried(browser, acme)

    assert outcome_of(acme.connection, "OD-408") is Outcome.PASSED


def test_a_test_sign_in_that_stopped_is_seen_where_it_stopped(acme, browser):
    examine(acme.connection, by=BY)
    acme.issuer.misbehave(token=Fault(status=401, members={"error": "invalid_client"}))

    tried(browser, acme)

    assert last_examination_of(acme.connection).blocks
    assert outcome_of(acme.connection, "OD-301") is Outcome.NEEDS_FIXING


def test_a_test_sign_in_before_any_examination_keeps_none(acme, browser):
    tried(browser, acme)

    assert not Examination.objects.exists()


def test_shows_it_in_groups_the_most_urgent_first(acme):
    acme.issuer.misbehave(discovery=WRONG)

    context = context_of(examine(acme.connection, by=BY))

    titles = [str(group.title) for group in context["groups"]]
    assert titles == [
        "Reaching your provider",
        "Proving who we are",
        "What we learn about people",
        "Domains and lifecycle",
    ]
    assert context["groups"][0].findings[0].code == "OD-112"
    assert context["counts"][0] == (Outcome.NEEDS_FIXING, "1 to fix")
    shown = [finding.code for group in context["groups"] for finding in group.findings]
    known = context["examination"].shown_to_partner
    assert sorted(shown) == sorted(finding.code for finding in known)


def test_forgets_what_is_old(acme, browser):
    tried(browser, acme)
    examine(acme.connection, by=BY)

    forget_old_examinations(timezone.now() + timedelta(days=89))
    assert Examination.objects.exists()
    forget_old_examinations(timezone.now() + timedelta(days=91))

    assert not Examination.objects.exists()
    assert not Trial.objects.exists()


def test_the_round_asks_the_token_endpoint_once_a_week(acme, mailed):
    examine_by_night(acme.connection.pk)
    assert len(acme.issuer.requests_to("token")) == 1

    examine_by_night(acme.connection.pk)
    assert len(acme.issuer.requests_to("token")) == 1

    Examination.objects.update(at=timezone.now() - timedelta(days=8))
    assert is_due_to_be_probed(acme.connection)


def test_the_round_leaves_drafts_and_other_versions_alone(acme, globex):
    Partner.objects.filter(slug="globex").update(status="draft")

    assert list(connections_in_use()) == [acme.connection]


def test_a_new_fault_is_told_to_the_contact_and_to_us_once(acme, mailed, settings):
    settings.PORTAL_SUPPORT_EMAIL = "support@portal.example"
    Contact.objects.create(partner=acme.partner, address=BY)
    examine_by_night(acme.connection.pk)
    acme.issuer.misbehave(discovery=WRONG)

    examine_by_night(acme.connection.pk)
    examine_by_night(acme.connection.pk)

    assert mailed == [(BY, ["OD-112"]), ("support@portal.example", ["OD-112"])]


def test_a_change_of_outcome_is_in_the_trail(acme, mailed):
    examine_by_night(acme.connection.pk)
    acme.issuer.misbehave(discovery=Fault(without=["code_challenge_methods_supported"]))

    examine_by_night(acme.connection.pk)

    event = Event.objects.get(what="examination.changed")
    assert event.partner == "acme"
    assert event.detail == {"before": {"OD-114": "passed"}, "after": {"OD-114": "consider"}}


def test_a_secret_that_was_withdrawn_is_found_at_night(acme, mailed, settings):
    settings.PORTAL_SUPPORT_EMAIL = "support@portal.example"
    examine_by_night(acme.connection.pk)
    (client,) = acme.issuer.clients.values()
    acme.issuer.clients.clear()
    Examination.objects.update(at=timezone.now() - timedelta(days=8))

    examine_by_night(acme.connection.pk)

    assert mailed == [("support@portal.example", ["OD-303"])]
    assert client.client_id == acme.connection.client_id


def test_the_mail_says_what_to_do(acme, settings):
    settings.PORTAL_SUPPORT_EMAIL = "support@portal.example"
    acme.issuer.misbehave(discovery=WRONG)
    Connection.objects.update(provider="cognito")

    examine_by_night(acme.connection.pk)

    assert QueuedMail.objects.count() == 1


def test_a_connection_that_is_gone_by_then_is_no_fault(acme):
    pk = acme.connection.pk
    Connection.objects.all().delete()

    examine_by_night(pk)

    assert not QueuedMail.objects.exists()


def test_a_wrong_secret_is_found_only_when_asked_for(acme):
    remember_client_secret(acme.connection, "a slip of the pen")
    without = examine(acme.connection, by=BY)

    probed = examine(acme.connection, by=BY, probes=True)

    assert without.outcomes["OD-301"] is Outcome.COULD_NOT_TELL
    assert probed.outcomes["OD-301"] is Outcome.NEEDS_FIXING
    assert not probed.blocks
