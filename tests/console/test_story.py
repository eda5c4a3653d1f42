"""The story of one sign-in, by the reference on an error page."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from audit.models import Event
from audit.trail import Happening, record
from console.trail.story import STOPS, Step, passages_of, story_of
from demo.provider import IdTokenFault
from federation.models import Trial
from federation.oidc.errors import Reason
from onboarding.doctor.trying import finding_of_trial


def ended(what="login.refused", reason="", **detail):
    return Event(what=what, reason=reason, at=timezone.now(), detail=detail)


def states(event):
    return [passage.state for passage in passages_of(event)]


def begun(**detail):
    started = timezone.now() - timedelta(minutes=1)
    return {"started_at": started.isoformat(), **detail}


def test_every_reason_has_the_step_that_it_stops():
    assert set(STOPS) == set(Reason)


@pytest.mark.parametrize(
    ("reason", "detail", "expected"),
    [
        pytest.param("", begun(), ["passed"] * 6, id="signed-in"),
        pytest.param(
            "email_missing", begun(), ["passed"] * 4 + ["stopped", "unreached"], id="claims"
        ),
        pytest.param(
            "provider_unreachable",
            begun(),
            ["passed", "passed", "stopped"] + ["unreached"] * 3,
            id="token-endpoint",
        ),
        pytest.param(
            "provider_unreachable", {}, ["stopped"] + ["unreached"] * 5, id="before-it-began"
        ),
        pytest.param(
            "attempt_unknown", {}, ["unknown", "stopped"] + ["unreached"] * 4, id="no-attempt"
        ),
        pytest.param("email_taken", begun(), ["passed"] * 5 + ["stopped"], id="decision"),
        pytest.param("a_former_reason", begun(), ["passed"] * 5 + ["stopped"], id="former"),
    ],
)
def test_tells_how_far_it_came(reason, detail, expected):
    what = "login.refused" if reason else "login.succeeded"

    assert states(ended(what, reason, **detail)) == expected


def test_tells_when_it_began_and_when_it_stopped(acme, browser):
    acme.issuer.misbehave(id_token=IdTokenFault(members={"email": "ana@elsewhere.example"}))
    browser.sign_in(acme)
    event = Event.objects.get(what="login.refused")

    story = story_of(event.reference)

    at = {passage.step: passage.at for passage in story.passages}
    assert at[Step.STARTED] <= event.at
    assert at[Step.ADMITTED] == event.at
    assert at[Step.DECIDED] is None


def test_the_story_of_a_sign_in_that_went_well(staff, acme, browser):
    browser.sign_in(acme)
    event = Event.objects.get(what="login.succeeded")

    page = staff.get("attempt", event.reference).content.decode()

    assert "This sign-in went well." in page
    assert page.count("passage-passed") == 6
    assert "a•••@acme.example" in page
    assert "ana@acme.example" not in page


@pytest.fixture
def refused(acme, browser):
    browser.sign_in(acme)
    acme.issuer.misbehave(id_token=IdTokenFault(members={"sub": "known-to-nobody"}))
    browser.sign_in(acme)
    return Event.objects.get(reason="email_taken")


def test_what_is_for_the_partner_names_nobody_in_full(staff, refused, acme):
    story = story_of(refused.reference)

    assert refused.reference in story.for_partner
    assert "email_taken" in story.for_partner
    assert acme.connection.client_id in story.for_partner
    assert "/login/acme/callback/" in story.for_partner
    assert "ana@acme.example" not in story.for_partner
    assert refused.detail["provider_subject"] not in story.for_partner


def test_shows_the_fault_the_words_and_the_trail(staff, refused):
    record(Happening(what="person.relinked", reference=refused.reference, partner="acme"))

    page = staff.get("attempt", refused.reference).content.decode()

    assert "belongs to another account here" in page
    assert ">ours</td>" in page
    assert "person.relinked" in page
    assert 'data-copy="for-partner"' in page


@pytest.mark.parametrize("typed", ["fy-7f3k-92qd", "7f3k92qd"])
def test_a_reference_is_read_as_people_type_it(staff, db, typed):
    record(Happening(what="login.refused", reference="FY-7F3K-92QD", reason="client_rejected"))

    assert staff.get(f"/admin/attempts/{typed}/").status_code == 200


@pytest.mark.parametrize("typed", ["FY-0000-0000", "nonsense", "%3Cscript%3E"])
def test_of_what_is_no_sign_in_there_is_no_story(staff, db, typed):
    assert staff.get(f"/admin/attempts/{typed}/").status_code == 404


def test_a_providers_words_are_escaped(staff, db):
    words = "<script>alert(1)</script>"
    detail = {"provider_error": "access_denied", "provider_description": words}
    record(
        Happening(
            what="login.refused",
            reference="FY-7F3K-92QD",
            reason="authorization_denied",
            partner=words,
            detail=detail,
        )
    )

    assert words not in staff.get("attempt", "FY-7F3K-92QD").content.decode()


def test_stories_are_for_those_who_may_see_the_trail(helper, refused):
    assert helper.get("attempt", refused.reference).status_code == 403


def test_the_trail_leads_to_the_story(staff, refused):
    address = reverse("admin:attempt", args=[refused.reference])

    assert address in staff.get("audit_event_changelist").content.decode()
    assert address in staff.get("audit_event_change", refused.pk).content.decode()


def test_a_test_sign_in_is_nobodys_fault_and_says_what_mends_it(staff, acme):
    trial = Trial.objects.create(
        connection=acme.connection,
        reference="FY-7F3K-92QD",
        by="ana@acme.example",
        settings_digest="x",
        reason="email_not_of_partner",
    )
    record(
        Happening(
            what="trial.refused", reference=trial.reference, partner="acme", reason=trial.reason
        )
    )

    page = staff.get("attempt", trial.reference).content.decode()

    assert f"Test sign-in {trial.reference}" in page
    assert "Whose fault" not in page
    assert "Sign out there" not in page
    assert escape(str(finding_of_trial(trial, acme.connection).remedy)) in page


def test_a_test_sign_in_that_passed_let_nobody_in(staff, acme):
    reference = "FY-7F3K-92QD"
    Trial.objects.create(
        connection=acme.connection, reference=reference, by="", settings_digest="x"
    )
    record(Happening(what="trial.passed", reference=reference, partner="acme"))

    page = staff.get("attempt", reference).content.decode()

    assert "This test sign-in has passed. It let nobody in." in page
