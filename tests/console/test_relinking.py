"""Re-linking: a known address under a new subject becomes the known person's, by staff alone."""

import pytest

from audit.models import Event
from audit.trail import Happening, record
from partners.models import Connection, Partner
from people.models import FederatedLogin, User
from tests.console.conftest import STAFF, messages_of

NEW_SUBJECT = "acme-ana-2"


@pytest.fixture
def ana(acme, browser):
    browser.sign_in(acme)
    return User.objects.get(email="ana@acme.example")


@pytest.fixture
def refused(acme, ana):
    """Give the way to record a refusal of Ana's address under a new subject."""

    def refused(*, reason="email_taken", partner="acme", **facts):
        known = {
            "connection_id": acme.connection.pk,
            "issuer": acme.connection.issuer,
            "provider_subject": NEW_SUBJECT,
            "email": "ana@acme.example",
        }
        detail = {name: value for name, value in {**known, **facts}.items() if value is not None}
        record(
            Happening(
                what="login.refused",
                reason=reason,
                reference="FY-7F3K-92QD",
                partner=partner,
                detail=detail,
            )
        )
        return Event.objects.first()

    return refused


def logins_of(user):
    return sorted(user.logins.values_list("provider_subject", flat=True))


def test_asks_before_it_links(staff, refused, ana):
    page = staff.get("audit_event_relink", refused().pk)

    assert "ana@acme.example" in page.content.decode()
    assert logins_of(ana) == ["acme-ana"]


def test_links_the_refused_login_to_the_person(staff, refused, ana):
    event = refused()

    response = staff.post("audit_event_relink", event.pk, follow=True)

    assert logins_of(ana) == ["acme-ana", NEW_SUBJECT]
    assert messages_of(response) == ["ana@acme.example can sign in with the new login."]


def test_the_person_signs_in_with_the_new_login_and_remains_who_they_are(
    staff, refused, ana, acme, browser
):
    account = acme.account("ana")
    acme.issuer.add_account(
        type(account)(subject=NEW_SUBJECT, email=account.email, name=account.name)
    )
    assert browser.sign_in(acme).status_code == 403

    staff.post("audit_event_relink", refused().pk)

    assert browser.sign_in(acme).status_code == 302
    assert browser.session()["subject"] == ana.subject


def test_is_recorded_with_the_refusals_reference(staff, refused, ana):
    staff.post("audit_event_relink", refused().pk)

    event = Event.objects.get(what="person.relinked")
    assert (event.actor, event.reference, event.subject, event.partner) == (
        STAFF,
        "FY-7F3K-92QD",
        ana.subject,
        "acme",
    )
    assert event.detail["provider_subject"] == NEW_SUBJECT


def test_the_button_is_only_where_it_does_something(staff, refused):
    taken = staff.get("audit_event_change", refused().pk).content.decode()
    other = staff.get("audit_event_change", refused(reason="email_missing").pk).content.decode()

    assert "Re-link" in taken
    assert "Re-link" not in other


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"reason": "email_missing"}, id="another-reason"),
        pytest.param({"partner": "globex"}, id="another-partners-entry"),
        pytest.param({"connection_id": None}, id="no-connection"),
        pytest.param({"connection_id": 4711}, id="unknown-connection"),
        pytest.param({"issuer": "https://other.example"}, id="another-issuer"),
        pytest.param({"provider_subject": ""}, id="no-subject"),
        pytest.param({"provider_subject": None}, id="missing-subject"),
        pytest.param({"email": "nobody@acme.example"}, id="nobody"),
        pytest.param({"email": STAFF}, id="a-member-of-staff"),
        pytest.param({"provider_subject": "acme-ana"}, id="a-known-login"),
    ],
)
def test_refuses_what_the_entry_does_not_prove(staff, refused, ana, facts):
    before = FederatedLogin.objects.count()

    response = staff.post("audit_event_relink", refused(**facts).pk, follow=True)

    assert len(messages_of(response)) == 1
    assert FederatedLogin.objects.count() == before
    assert not Event.objects.filter(what="person.relinked").exists()


def test_never_gives_a_person_to_another_partner(staff, refused, ana, acme, globex):
    event = refused(
        partner="globex",
        connection_id=globex.connection.pk,
        issuer=globex.connection.issuer,
    )

    staff.post("audit_event_relink", event.pk)

    assert logins_of(ana) == ["acme-ana"]


def test_never_revives_a_deactivated_person(staff, refused, ana):
    User.objects.filter(pk=ana.pk).update(is_active=False)

    staff.post("audit_event_relink", refused().pk)

    assert logins_of(ana) == ["acme-ana"]
    assert not User.objects.get(pk=ana.pk).is_active


def test_never_links_to_a_person_who_is_staff(staff, refused, ana):
    User.objects.filter(pk=ana.pk).update(is_staff=True)

    staff.post("audit_event_relink", refused().pk)

    assert logins_of(ana) == ["acme-ana"]


def test_a_connection_that_was_pointed_elsewhere_links_nobody(staff, refused, ana):
    event = refused()
    Connection.objects.update(issuer="https://new.example")

    staff.post("audit_event_relink", event.pk)

    assert logins_of(ana) == ["acme-ana"]


def test_needs_the_permission(helper, refused, ana):
    assert helper.post("audit_event_relink", refused().pk).status_code == 403
    assert logins_of(ana) == ["acme-ana"]


def test_a_second_press_links_once(staff, refused, ana):
    event = refused()
    staff.post("audit_event_relink", event.pk)

    response = staff.post("audit_event_relink", event.pk, follow=True)

    assert "known already" in messages_of(response)[-1]
    assert logins_of(ana) == ["acme-ana", NEW_SUBJECT]
    assert Partner.objects.count() == 1
