"""The owner sees what a partner prepares, approves it, and returns to what was before."""

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.models import Event
from onboarding.versions import draft_version_of, prepared_version_of
from partners.models import Connection
from people.models import FederatedLogin
from tests.console.conftest import STAFF, messages_of
from tests.support.company import Browser


@pytest.fixture
def prepared(acme):
    """Give a tested version that names another client at the same issuer."""
    draft = draft_version_of(acme.partner)
    draft.client_id = "another"
    draft.save()
    return passed(draft)


def passed(draft):
    """Note that a test sign-in has passed with the settings of now."""
    draft.tested_at = timezone.now()
    draft.save(update_fields=["tested_at"])
    return draft


def page_of(staff, company):
    return staff.get("partners_partner_versions", company.partner.pk).content.decode()


def switch_path(staff, company):
    """Return where the page's button leads."""
    start = reverse("admin:partners_partner_switch_version", args=[company.partner.pk])
    (_, _, rest) = page_of(staff, company).partition(f'href="{start}')
    return start + rest.partition('"')[0]


def switch(staff, path):
    return staff.client.post(path, secure=True, follow=True)


def live(company):
    return company.partner.connections.get(is_live=True)


def test_shows_what_differs_and_what_is_ours_to_approve(staff, acme, prepared):
    page = page_of(staff, acme)

    assert "another" in page
    assert "foyer-at-acme" in page
    assert "Approve and switch" in page


def test_offers_no_switch_to_what_no_test_has_passed_with(staff, acme, prepared):
    Connection.objects.filter(pk=prepared.pk).update(scopes=["openid"])

    assert "Approve and switch" not in page_of(staff, acme)


def test_says_what_becomes_of_people_before_it_switches(staff, acme, prepared):
    Browser().sign_in(acme)
    path = switch_path(staff, acme)

    page = staff.client.get(path, secure=True).content.decode()

    assert "Each of those known now (1)" in page
    assert live(acme) == acme.connection


def test_a_switch_is_approved_by_whoever_answers(staff, acme, prepared):
    response = switch(staff, switch_path(staff, acme))

    assert messages_of(response) == [
        "The new version is in use. The former one can be returned to for 30 days."
    ]
    assert live(acme) == prepared
    event = Event.objects.get(what="connection.switched")
    assert (event.actor, event.detail["approved_by"]) == (STAFF, STAFF)


def test_what_was_changed_since_it_was_looked_at_is_not_approved(staff, acme, prepared):
    path = switch_path(staff, acme)
    Connection.objects.filter(pk=prepared.pk).update(issuer="https://elsewhere.example")
    passed(Connection.objects.get(pk=prepared.pk))

    response = switch(staff, path)

    assert messages_of(response) == ["It has been changed meanwhile: look at it again."]
    assert live(acme) == acme.connection


def test_a_switch_without_having_looked_is_none(staff, acme, prepared):
    path = reverse("admin:partners_partner_switch_version", args=[acme.partner.pk])

    assert staff.client.get(path, secure=True).status_code == 302
    switch(staff, path)

    assert live(acme) == acme.connection


def test_returns_with_one_click(staff, acme, prepared):
    Browser().sign_in(acme)
    switch(staff, switch_path(staff, acme))
    assert "Return to it" in page_of(staff, acme)

    response = staff.post("partners_partner_return_version", acme.partner.pk, follow=True)

    assert messages_of(response) == ["The former version is in use again."]
    assert live(acme) == acme.connection
    assert FederatedLogin.objects.get().connection == acme.connection


def test_says_that_there_is_nothing_to_return_to(staff, acme):
    response = staff.post("partners_partner_return_version", acme.partner.pk, follow=True)

    assert messages_of(response) == ["There is no former version to return to any more."]


def test_discards_what_is_prepared_when_asked_twice(staff, acme, prepared):
    assert staff.get("partners_partner_discard_version", acme.partner.pk).status_code == 200
    assert prepared_version_of(acme.partner) == prepared

    staff.post("partners_partner_discard_version", acme.partner.pk)

    assert prepared_version_of(acme.partner) is None
    assert Event.objects.filter(what="connection.removed", actor=STAFF).exists()


@pytest.mark.parametrize("page", ["switch_version", "return_version", "discard_version"])
def test_whoever_may_not_change_partners_changes_no_version(helper, acme, prepared, page):
    assert helper.post(f"partners_partner_{page}", acme.partner.pk).status_code == 403
    assert live(acme) == acme.connection
    assert prepared_version_of(acme.partner) == prepared


def test_the_page_never_holds_a_secret(staff, acme, prepared):
    page = page_of(staff, acme)

    assert prepared.client_secret_sealed
    assert prepared.client_secret_sealed not in page
    assert "a secret: 100" not in page
