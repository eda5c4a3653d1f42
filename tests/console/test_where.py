"""Where would this address go? The tool says what the sign-in page does."""

import pytest

from audit.models import Event
from console.where import destination_of
from partners.models import Connection, EmailDomain, Partner


@pytest.fixture
def ask(staff):
    def ask(email):
        return staff.post("/admin/where/", data={"email": email}).content.decode()

    return ask


def test_shows_the_form_first(staff):
    assert "Email address" in staff.get("/admin/where/").content.decode()


def test_follows_an_address_to_its_partner(ask, acme):
    page = ask(" Ana Sousa <ANA@Acme.example> ")

    assert "ana@acme.example" in page
    assert "Acme</a>" in page
    assert acme.connection.issuer in page
    assert "“Taking you to Acme…”" in page


def test_names_the_rule_that_matches(ask, acme):
    EmailDomain.objects.update(subdomains=True)

    page = ask("ana@labs.acme.example")

    assert "acme.example and all its sub-domains" in page


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        pytest.param("ana@gmail.com", "Personal addresses such as gmail.com", id="personal"),
        pytest.param("ana", "Enter an email address in the correct format", id="malformed"),
        pytest.param("ana@nowhere.example", "We couldn’t find a company", id="unknown"),
        pytest.param("ana@acmee.example", "the suggestion acme.example", id="misspelt"),
        pytest.param("ana@paused.example", "“Sign-in for Acme is paused”", id="paused"),
    ],
)
def test_says_what_the_person_sees_otherwise(ask, acme, typed, words):
    if "paused" in typed:
        Partner.objects.update(status="paused")
        EmailDomain.objects.update(name="paused.example")

    assert words in ask(typed)


@pytest.mark.parametrize("status", ["live", "paused", "draft"])
@pytest.mark.parametrize("visibility", ["listed", "by_email", "hidden"])
@pytest.mark.parametrize("has_connection", [True, False])
def test_agrees_with_the_sign_in_page(acme, browser, status, visibility, has_connection):
    Partner.objects.update(status=status, visibility=visibility)
    if not has_connection:
        Connection.objects.all().delete()

    destination = destination_of("ana@acme.example")
    page = browser.post("/login/", {"email": "ana@acme.example"}).content.decode()

    assert destination.is_on_the_way == ('id="continue"' in page)
    assert ("is paused" in destination.answer) == ("is paused" in page)
    assert ("couldn’t find" in destination.answer) == ("couldn’t find" in page)


def test_an_address_leaves_no_trace(ask, acme):
    before = Event.objects.count()
    acme.issuer.requests.clear()

    ask("ana@acme.example")

    assert Event.objects.count() == before
    assert not acme.issuer.requests


def test_is_for_those_who_may_see_partners(helper):
    assert helper.get("/admin/where/").status_code == 403


def test_what_is_typed_is_escaped(ask, acme):
    assert "<script>alert(1)" not in ask("<script>alert(1)</script>@acme.example")
