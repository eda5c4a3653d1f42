"""Test sign-ins: judged like real ones, for anybody's connection, and letting nobody in."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.test import RequestFactory
from django.utils import timezone

from audit.models import Event
from demo.provider import Account, Fault, IdTokenFault
from federation.models import Trial
from federation.oidc.errors import Reason
from federation.trials import start_trial
from partners.models import Connection, EmailDomain, Partner
from partners.secrets import remember_client_secret
from partners.tested import remember_tested, settings_digest
from people.models import Session, User
from tests.support.company import Browser, query_of
from tokens.models import DeveloperIdentity

TESTER = "it@acme.example"


@pytest.fixture(autouse=True)
def tester(db):
    """Give a member of staff: anybody else would have to be at work on a set-up."""
    return User.objects.create(email=TESTER, is_staff=True)


def begun(browser: Browser, connection: Connection, *, return_to="/setup/test/"):
    """Begin a trial in *browser*; return the page that takes it to the provider."""
    request = RequestFactory().post("/setup/test/", secure=True)
    request.COOKIES.update({name: one.value for name, one in browser.portal.cookies.items()})
    response = start_trial(request, connection, by=TESTER, return_to=return_to)
    browser.portal.cookies.update(response.cookies)
    return response


def provider_url(response) -> str:
    return response.headers["Refresh"].removeprefix("0;url=")


def tried(browser: Browser, company, name: str = "ana", *, connection=None):
    """Walk through a whole trial; return the page that shows how it ended."""
    company.issuer.sign_in_as(f"{name}@{company.domain}")
    page = begun(browser, connection or company.connection)
    return browser.get(browser.callback_path(provider_url(page)))


def when_tested(company):
    return Connection.objects.get(pk=company.connection.pk).tested_at


def draft_of(company) -> Connection:
    """Return a version with the settings of the company's live one, and not live."""
    draft = Connection.objects.get(pk=company.connection.pk)
    draft.pk, draft.is_live = None, False
    draft._state.adding = True
    draft.save()
    remember_client_secret(draft, "a secret: 100 % + of theirs")
    return draft


def test_a_trial_that_passes_is_remembered_for_exactly_these_settings(acme, browser):
    page = tried(browser, acme)

    assert page.status_code == 200
    assert "The test sign-in has passed" in page.content.decode()
    assert when_tested(acme) is not None
    trial = Trial.objects.get()
    assert trial.has_passed
    assert trial.by == TESTER


def test_m18_a_trial_lets_nobody_in(acme, browser):
    page = tried(browser, acme)

    assert not User.objects.filter(partner=acme.partner).exists()
    assert not Session.objects.exists()
    assert not DeveloperIdentity.objects.exists()
    assert browser.session() is None
    kept = [name for name, one in page.cookies.items() if one["max-age"] != 0]
    assert kept == ["__Host-foyer-csrf"]


def test_m18_a_trial_asks_for_no_developer_token(acme, browser, pool):
    tried(browser, acme)

    assert not pool.calls


def test_m18_a_trial_leaves_the_session_that_is_there_alone(acme, browser):
    browser.sign_in(acme, "ben")
    before = browser.session()

    tried(browser, acme, "ana")

    assert browser.session() == before


def test_m18_a_trial_remembers_no_company_in_the_browser(acme, browser):
    tried(browser, acme)

    assert not any("remember" in name for name in browser.portal.cookies)


def test_m18_what_the_provider_said_is_shown_masked_and_kept_nowhere(acme, browser):
    page = tried(browser, acme).content.decode()

    assert "a•••@acme.example" in page
    stored = str([list(Trial.objects.values()), list(Event.objects.values("detail", "email"))])
    for said in ("ana@acme.example", "acme-ana"):
        assert said not in page
        assert said not in stored


def test_m18_a_trial_cannot_be_made_a_sign_in_by_changing_its_cookie(acme, browser):
    acme.issuer.sign_in_as("ana@acme.example")
    path = browser.callback_path(provider_url(begun(browser, acme.connection)))
    (name,) = (one for one in browser.portal.cookies if "foyer-a-" in one)
    browser.portal.cookies[name] = browser.portal.cookies[name].value[:-2] + "AA"

    page = browser.get(path)

    assert page.status_code == 400
    assert not Session.objects.exists()


def test_a_trial_works_for_a_draft_and_nothing_else_about_drafts_changes(acme, browser):
    Partner.objects.update(status="draft")

    page = tried(browser, acme)

    assert "The test sign-in has passed" in page.content.decode()
    assert browser.get("/login/acme/").status_code == 404
    assert browser.get("/login/acme/callback/?state=x&code=y").status_code == 404


def test_m17_a_version_is_tested_while_people_sign_in_with_the_other_one(acme, browser):
    draft = draft_of(acme)
    remember_client_secret(draft, "a slip of the pen")

    page = tried(Browser(), acme, connection=draft)

    assert "client_rejected" in page.content.decode()
    assert Connection.objects.get(pk=draft.pk).tested_at is None
    assert browser.sign_in(acme).status_code == 302


def test_a_trial_of_a_version_says_nothing_of_the_live_connection(acme, browser):
    draft = draft_of(acme)

    tried(browser, acme, connection=draft)

    assert Connection.objects.get(pk=draft.pk).tested_at is not None
    assert when_tested(acme) is None


def test_the_result_is_recorded_with_who_tested_and_its_reference(acme, browser):
    tried(browser, acme)

    event = Event.objects.get(what="trial.passed")
    assert event.partner == "acme"
    assert event.actor == TESTER
    assert event.reference == Trial.objects.get().reference
    assert (event.email, event.subject) == ("", "")
    assert event.detail == {"connection_id": acme.connection.pk}


REFUSED = {
    Reason.CLIENT_REJECTED: {"token": Fault(status=401, members={"error": "invalid_client"})},
    Reason.PROVIDER_UNREACHABLE: {"token": Fault(status=503)},
    Reason.TOKEN_REQUEST_REFUSED: {"token": Fault(status=400, members={"error": "invalid_grant"})},
    Reason.CLAIM_MISMATCH: {"id_token": IdTokenFault(members={"aud": "another"})},
    Reason.OUTSIDE_VALIDITY: {"id_token": IdTokenFault(members={"exp": 1})},
    Reason.EMAIL_MISSING: {
        "id_token": IdTokenFault(without=["email"]),
        "userinfo": Fault(without=["email"]),
    },
    Reason.EMAIL_NOT_OF_PARTNER: {"id_token": IdTokenFault(members={"email": "x@globex.example"})},
}


@pytest.mark.parametrize("reason", REFUSED)
def test_a_refused_trial_says_why_and_is_recorded(acme, browser, reason):
    acme.issuer.misbehave(**REFUSED[reason])

    page = tried(browser, acme)

    assert page.status_code == 200
    assert str(reason) in page.content.decode()
    assert when_tested(acme) is None
    event = Event.objects.get(what="trial.refused")
    assert event.reason == reason
    assert event.reference == Trial.objects.get(reason=reason).reference
    assert event.reference in page.content.decode()
    assert not Event.objects.filter(what__startswith="login.").exists()


def test_a_refused_trial_shows_what_the_provider_said(acme, browser):
    acme.issuer.add_account(
        Account(
            subject="eve",
            email="eve@acme.example",
            refusal="access_denied",
            refusal_description="User is not assigned to the client application",
        )
    )

    page = tried(browser, acme, "eve").content.decode()

    assert "access_denied" in page
    assert "“User is not assigned to the client application”" in page


def test_a_trial_that_cannot_begin_says_so_at_once(acme, browser):
    acme.issuer.misbehave(discovery=Fault(closes=True))

    page = begun(browser, acme.connection)

    assert "provider_unreachable" in page.content.decode()
    assert Event.objects.get(what="trial.refused").reason == "provider_unreachable"
    assert "Refresh" not in page.headers


def test_a_trial_sees_what_has_been_mended_a_minute_ago(acme, browser):
    tried(browser, acme)
    acme.issuer.rotate()
    acme.issuer.requests.clear()

    page = tried(browser, acme)

    assert "has passed" in page.content.decode()
    asked = [request.endpoint for request in acme.issuer.requests]
    assert asked[:2] == ["discovery", "jwks"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("scopes", ["openid", "email"]), ("client_id", "x"), ("pinned_claims", {"tid": "1"})],
)
def test_settings_that_change_during_a_trial_have_not_been_tested(acme, browser, field, value):
    acme.issuer.sign_in_as("ana@acme.example")
    path = browser.callback_path(provider_url(begun(browser, acme.connection)))
    Connection.objects.update(**{field: value})

    page = browser.get(path)

    assert "attempt_unknown" in page.content.decode()
    assert when_tested(acme) is None
    # The code belongs to the provider as it was: it goes to no other one.
    assert not acme.issuer.requests_to("token")


@pytest.mark.parametrize(
    ("field", "value"), [("scopes", ["openid"]), ("issuer", "https://x.example"), ("max_age", 5)]
)
def test_a_change_of_settings_forgets_that_they_were_tested(acme, browser, field, value):
    tried(browser, acme)

    Connection.objects.update(**{field: value})

    assert when_tested(acme) is None


def test_what_was_tested_is_not_remembered_for_other_settings(acme):
    digest = settings_digest(acme.connection)
    Connection.objects.update(scopes=["openid"])

    counts = remember_tested(acme.connection, digest=digest, at=timezone.now())

    assert not counts
    assert when_tested(acme) is None


def test_a_trial_whose_beginner_may_not_test_any_more_does_not_count(acme, browser, tester):
    acme.issuer.sign_in_as("ana@acme.example")
    path = browser.callback_path(provider_url(begun(browser, acme.connection)))
    User.objects.filter(pk=tester.pk).update(is_active=False)

    page = browser.get(path)

    assert "attempt_unknown" in page.content.decode()
    assert when_tested(acme) is None
    assert "may not test" in Event.objects.get(what="trial.refused").detail["detail"]


def test_a_new_secret_makes_other_settings(acme):
    before = settings_digest(acme.connection)

    remember_client_secret(acme.connection, "another")

    assert settings_digest(acme.connection) != before


def test_a_trial_that_comes_back_too_late_says_so_to_a_draft_too(acme, browser):
    Partner.objects.update(status="draft")
    acme.issuer.sign_in_as("ana@acme.example")
    path = browser.callback_path(provider_url(begun(browser, acme.connection)))

    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        page = browser.get(path)

    assert page.status_code == 200
    assert "attempt_expired" in page.content.decode()
    assert Event.objects.get(what="trial.refused").reason == "attempt_expired"


@pytest.mark.parametrize("status", ["draft", "live"])
def test_a_result_that_is_loaded_again_leads_back_and_keeps_its_first_end(acme, browser, status):
    Partner.objects.update(status=status)
    acme.issuer.sign_in_as("ana@acme.example")
    path = browser.callback_path(provider_url(begun(browser, acme.connection)))
    browser.get(path)

    again = browser.get(path)

    assert (again.status_code, again.headers["Location"]) == (303, "/setup/test/")
    assert Trial.objects.get().has_passed
    assert Event.objects.filter(what__startswith="trial.").count() == 1


def test_a_trial_of_a_connection_that_is_gone_is_nowhere(acme, browser):
    acme.issuer.sign_in_as("ana@acme.example")
    path = browser.callback_path(provider_url(begun(browser, acme.connection)))
    Connection.objects.all().delete()

    assert browser.get(path).status_code == 404


def test_notices_that_a_person_comes_under_another_id(acme, browser):
    tried(browser, acme)
    acme.issuer.add_account(replace(acme.account("ana"), subject="somebody-new"))

    tried(browser, acme)

    assert [trial.facts["subject_changed"] for trial in Trial.objects.order_by("id")] == [
        False,
        True,
    ]


def test_a_trial_is_no_sign_in_that_the_sign_in_page_waits_for(acme, browser):
    begun(browser, acme.connection)

    assert "Acme didn" not in browser.get("/login/").content.decode()


def test_a_trial_asks_the_provider_for_what_a_sign_in_asks(acme, browser):
    real = query_of(browser.authorization_url("acme"))

    trial = query_of(provider_url(begun(browser, acme.connection)))

    assert trial.keys() == real.keys()
    assert trial["redirect_uri"] == real["redirect_uri"]


def test_the_result_leaks_no_address_and_is_stored_by_nobody(acme, browser):
    page = tried(browser, acme)

    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page.headers["Cache-Control"]


def test_a_domain_that_is_not_verified_stops_a_trial_as_it_stops_people(acme, browser):
    EmailDomain.objects.update(verified_at=None)

    assert "email_not_of_partner" in tried(browser, acme).content.decode()
