"""Nothing that one partner's provider can say signs anyone in elsewhere."""

import pytest

from audit.models import Event
from demo.provider import Account, Fault, IdTokenFault
from people.models import FederatedLogin, Session, User
from tests.support.company import Browser, query_of

pytestmark = pytest.mark.django_db


def refused(response, reason, *, status=None):
    """Assert that nobody has been let in, and that the page and the trail say why."""
    event = Event.objects.filter(what="login.refused").latest("id")
    page = response.content.decode()
    assert event.reason == reason, event.detail
    assert event.reason in page
    assert event.reference in page
    assert response.status_code == (status or event_status(reason))
    assert not Session.objects.exists()


def event_status(reason):
    return 403 if reason.startswith(("email", "person", "partner", "step")) else 400


def test_globex_cannot_assert_an_address_of_acme(acme, globex, browser):
    victim = Account(subject="evil-1", email="ana@acme.example", name="Ana")
    globex.issuer.add_account(victim)
    globex.issuer.sign_in_as("ana@acme.example")

    response = browser.get(browser.callback_path(browser.authorization_url("globex")))

    refused(response, "email_not_of_partner")
    assert not User.objects.exists()
    assert "Acme" not in response.content.decode()


def test_globex_cannot_become_somebody_of_acme_who_has_signed_in_before(acme, globex, pool):
    Browser().sign_in(acme, "ana")
    Session.objects.all().delete()
    ana = User.objects.get()
    pool.calls.clear()
    globex.issuer.misbehave(
        id_token=IdTokenFault(members={"sub": "acme-ana", "email": "ana@acme.example"})
    )

    response = Browser().sign_in(globex, "ben")

    refused(response, "email_not_of_partner")
    assert list(FederatedLogin.objects.values_list("user", "connection")) == [
        (ana.pk, acme.connection.pk)
    ]
    assert not pool.calls


def test_the_same_subject_at_two_providers_is_two_people(acme, globex):
    globex.issuer.misbehave(id_token=IdTokenFault(members={"sub": "acme-ana"}))

    Browser().sign_in(acme, "ana")
    Browser().sign_in(globex, "ana")

    people = User.objects.order_by("email")
    assert [person.email for person in people] == ["ana@acme.example", "ana@globex.example"]
    assert people[0].subject != people[1].subject


def test_a_response_to_an_attempt_at_acme_finishes_nothing_at_globex(acme, globex, browser):
    acme.issuer.sign_in_as("ana@acme.example")
    callback = browser.callback_path(browser.authorization_url("acme"))

    response = browser.get(callback.replace("/login/acme/", "/login/globex/"))

    refused(response, "attempt_of_another_partner")
    assert not globex.issuer.requests_to("token")
    assert not acme.issuer.requests_to("token")


def test_a_code_of_acme_is_never_sent_to_globex(acme, globex, browser):
    """The classic mix-up: RFC 9700, section 4.4."""
    url = browser.authorization_url("globex")
    state = query_of(url)["state"][0]
    globex.issuer.misbehave(authorization=Fault(members={"iss": acme.issuer.issuer}))
    globex.issuer.sign_in_as("ana@globex.example")

    response = browser.get(browser.callback_path(url))

    assert state not in response.content.decode()
    refused(response, "response_from_another_issuer")
    assert not globex.issuer.requests_to("token")


def test_an_id_token_of_acme_opens_nothing_through_globex(acme, globex, browser):
    globex.issuer.misbehave(
        id_token=IdTokenFault(
            members={"iss": acme.issuer.issuer, "aud": acme.connection.client_id},
            key=acme.issuer.key,
        )
    )

    response = browser.sign_in(globex)

    assert not Session.objects.exists()
    assert response.status_code == 400


def test_acmes_keys_verify_nothing_for_globex(acme, globex, browser):
    browser.sign_in(globex)
    Session.objects.all().delete()
    globex.issuer.misbehave(
        id_token=IdTokenFault(key=acme.issuer.key, header={"kid": acme.issuer.key.kid})
    )

    response = Browser().sign_in(globex)

    refused(response, "key_unknown")


def test_an_attempt_of_one_browser_finishes_in_no_other(acme, browser):
    acme.issuer.sign_in_as("ana@acme.example")
    callback = browser.callback_path(browser.authorization_url("acme"))

    response = Browser().get(callback)

    refused(response, "attempt_unknown")


def test_staff_rights_are_never_given_by_a_provider(acme, browser):
    User.objects.create_superuser(email="ana@acme.example", password="p" * 20)

    response = browser.sign_in(acme, "ana")

    refused(response, "email_taken")
    assert not FederatedLogin.objects.exists()
