"""*Test connection* in the admin: found, kept, shown again, and a sign-in as a test."""

import pytest

from audit.models import Event
from demo.provider import Fault
from federation.models import Trial
from onboarding.models import Examination
from partners.models import Connection
from partners.secrets import remember_client_secret

EXAMINE, FINDINGS = "partners_partner_examine", "partners_partner_findings"
SIGN_IN = "partners_partner_try_sign_in"


@pytest.fixture
def prepared(acme):
    version = Connection.objects.get(pk=acme.connection.pk)
    version.pk, version.is_live = None, False
    version._state.adding = True
    version.save()
    remember_client_secret(version, "a slip of the pen")
    return version


def test_what_was_found_is_kept_and_shown_again_without_asking(staff, acme):
    found = staff.post(EXAMINE, acme.partner.pk).content.decode()
    acme.issuer.requests.clear()

    shown = staff.get(FINDINGS, acme.partner.pk).content.decode()

    for title in ("Reaching your provider", "Proving who we are", "Domains and lifecycle"):
        assert title in found
        assert title in shown
    assert not acme.issuer.requests
    assert Examination.objects.get().by in shown


def test_says_when_nothing_has_been_tested_yet(staff, acme):
    assert "has not been tested" in staff.get(FINDINGS, acme.partner.pk).content.decode()


def test_the_token_endpoint_is_asked_only_when_that_is_chosen(staff, acme):
    staff.post(EXAMINE, acme.partner.pk)
    assert not acme.issuer.requests_to("token")

    staff.post(EXAMINE, acme.partner.pk, data={"probes": "1"})

    assert len(acme.issuer.requests_to("token")) == 1


def test_steps_are_shown_as_the_product_calls_them(staff, acme):
    acme.issuer.misbehave(discovery=Fault(without=["jwks_uri"]))
    Connection.objects.update(provider="cognito")

    page = staff.post(EXAMINE, acme.partner.pk).content.decode()

    assert "<strong>Branding › Domain</strong>" in page


def test_a_member_of_staff_signs_in_as_a_test_and_stays_staff(staff, acme):
    page = staff.post(SIGN_IN, acme.partner.pk)

    assert page.status_code == 200
    assert page.headers["Refresh"].startswith(f"0;url={acme.issuer.issuer}")
    assert Trial.objects.get().connection_id == acme.connection.pk
    assert staff.get(FINDINGS, acme.partner.pk).status_code == 200


def test_the_version_that_is_being_prepared_is_tested_by_itself(staff, acme, prepared):
    page = staff.post(EXAMINE, acme.partner.pk, data={"version": "prepared", "probes": "1"})

    assert "is being prepared: nobody signs in by it" in page.content.decode()
    assert "OD-301" in page.content.decode()
    assert Examination.objects.get().connection_id == prepared.pk
    staff.post(SIGN_IN, acme.partner.pk, data={"version": "prepared"})
    assert Trial.objects.get().connection_id == prepared.pk


def test_a_partner_without_a_connection_has_nothing_to_sign_in_by(staff, acme):
    Connection.objects.all().delete()

    assert "OD-100" in staff.post(EXAMINE, acme.partner.pk).content.decode()
    assert "OD-100" in staff.get(FINDINGS, acme.partner.pk).content.decode()
    assert staff.post(SIGN_IN, acme.partner.pk).status_code == 302


@pytest.mark.parametrize("page", [EXAMINE, SIGN_IN])
def test_a_link_from_elsewhere_begins_nothing(staff, acme, page):
    assert staff.get(page, acme.partner.pk).status_code == 405
    assert not Trial.objects.exists()


@pytest.mark.parametrize("page", [EXAMINE, SIGN_IN])
def test_the_buttons_are_for_those_with_the_permission(helper, acme, page):
    assert helper.post(page, acme.partner.pk).status_code == 403


def test_a_test_that_stopped_is_in_the_trail_with_who_made_it(staff, acme):
    acme.issuer.misbehave(discovery=Fault(closes=True))

    page = staff.post(SIGN_IN, acme.partner.pk).content.decode()

    event = Event.objects.get(what="trial.refused")
    assert event.actor == Trial.objects.get().by
    assert event.reference in page
