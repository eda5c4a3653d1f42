"""What was tried or tested counts for exactly that, and for nothing that has changed meanwhile."""

import pytest
from django.utils import timezone

from onboarding.connecting import Trying, settle
from onboarding.steps import Step
from onboarding.versions import draft_version_of, switch_to
from onboarding.views import connect as view
from partners.client_keys import make_key
from partners.models import Connection
from partners.tested import remember_tested, settings_digest
from tests.onboarding.conftest import opened

pytestmark = pytest.mark.django_db


def passed(version):
    """Note that a test sign-in has passed with *version* as it is."""
    assert remember_tested(version, digest=settings_digest(version), at=timezone.now())


def when_tested(version):
    return Connection.objects.get(pk=version.pk).tested_at


def tried(version):
    """Return what is to be saved of a version whose provider writes a slash at its end."""
    return Trying(digest=settings_digest(version), adopted=f"{version.issuer}/")


def test_what_was_tried_is_saved(acme):
    version = draft_version_of(acme.partner)
    trying = tried(version)

    assert settle(version, trying)

    version.refresh_from_db()
    assert version.issuer == trying.adopted


def test_m17_a_version_that_went_live_meanwhile_is_not_written_to(acme):
    version = draft_version_of(acme.partner)
    trying = tried(version)
    passed(version)
    switch_to(version, by="it@acme.example")

    assert not settle(version, trying)

    assert Connection.objects.get(pk=version.pk).issuer == acme.connection.issuer


def test_m11_a_version_that_was_changed_meanwhile_is_not_written_to(acme):
    version = draft_version_of(acme.partner)
    trying = tried(version)
    Connection.objects.filter(pk=version.pk).update(client_id="another")

    assert not settle(version, trying)

    assert Connection.objects.get(pk=version.pk).issuer == acme.connection.issuer


def test_m11_a_version_that_is_gone_meanwhile_is_not_made_again(acme):
    version = draft_version_of(acme.partner)
    trying = tried(version)
    Connection.objects.filter(pk=version.pk).delete()

    assert not settle(version, trying)


def test_whoever_tried_what_is_no_more_is_shown_what_is(acme, monkeypatch):
    set_up = opened(acme.partner)
    ask = view.tried

    def asked_while_somebody_changes_it(saved):
        trying = ask(saved)
        Connection.objects.filter(pk=saved.pk).update(client_id="another")
        return trying

    monkeypatch.setattr(view, "tried", asked_while_somebody_changes_it)
    answer = set_up.save(
        Step.CONNECT,
        address=acme.connection.issuer,
        client_id=acme.connection.client_id,
        proof="secret",
        ends="kept",
    )

    assert (answer.status_code, answer.headers["Location"]) == (303, "/setup/connect/")
    assert not set_up.case.steps.get(name=Step.CONNECT).is_done


def test_another_key_asks_for_another_test_of_a_prepared_version(acme):
    version = draft_version_of(acme.partner)
    passed(version)

    make_key(version, at_once=True)

    assert when_tested(version) is None


def test_a_test_that_was_begun_with_another_key_does_not_count(acme):
    version = draft_version_of(acme.partner)
    digest = settings_digest(version)
    make_key(Connection.objects.get(pk=version.pk), at_once=True)

    assert not remember_tested(version, digest=digest, at=timezone.now())

    assert when_tested(version) is None


def test_a_rotation_of_the_live_keys_needs_no_other_test(acme):
    passed(acme.connection)

    make_key(acme.connection)

    assert when_tested(acme.connection) is not None


def test_a_rotation_of_the_live_keys_spoils_no_test_that_is_under_way(acme):
    make_key(Connection.objects.get(pk=acme.connection.pk))

    passed(acme.connection)
