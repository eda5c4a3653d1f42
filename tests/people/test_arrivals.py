import pytest
from django.utils import timezone

from audit.models import Event
from demo.provider import Account, IdTokenFault
from partners.models import EmailDomain
from people.models import FederatedLogin, Session, User
from tests.support.company import Browser

pytestmark = pytest.mark.django_db


def as_now(company, **members):
    company.issuer.misbehave(id_token=IdTokenFault(members=members))


def test_the_address_follows_the_provider_inside_the_partners_domains(acme, browser):
    browser.sign_in(acme)
    subject = User.objects.get().subject
    as_now(acme, email="Ana.Sousa@acme.example", name="Ana Sousa")

    browser.sign_in(acme)

    person = User.objects.get()
    assert (person.email, person.name) == ("ana.sousa@acme.example", "Ana Sousa")
    assert person.subject == subject
    event = Event.objects.get(what="person.email_changed")
    assert event.detail == {
        "before": {"email": "ana@acme.example"},
        "after": {"email": "ana.sousa@acme.example"},
    }


def test_an_address_never_follows_onto_a_colleagues(acme):
    Browser().sign_in(acme, "ana")
    Browser().sign_in(acme, "ben")
    Session.objects.all().delete()
    as_now(acme, email="ben@acme.example")

    response = Browser().sign_in(acme, "ana")

    assert response.status_code == 403
    assert "email_taken" in response.content.decode()
    assert set(User.objects.values_list("email", flat=True)) == {
        "ana@acme.example",
        "ben@acme.example",
    }


@pytest.mark.parametrize(
    ("first", "second", "people"),
    [
        pytest.param("Victim@acme.example", "victim@ACME.example", 1, id="case"),
        pytest.param("josé@acme.example", "jose\u0301@acme.example", 1, id="composed"),
    ],
)
def test_one_address_is_one_person_however_it_is_written(acme, first, second, people):
    as_now(acme, email=first)
    Browser().sign_in(acme)
    as_now(acme, email=second)

    response = Browser().sign_in(acme)

    assert response.status_code == 302
    assert User.objects.count() == people


def test_a_plus_address_is_another_address(acme):
    Browser().sign_in(acme)
    as_now(acme, email="ana+x@acme.example", sub="other")

    assert Browser().sign_in(acme).status_code == 302
    assert User.objects.count() == 2


def test_a_person_that_was_deactivated_is_not_revived(acme, browser):
    browser.sign_in(acme)
    User.objects.update(is_active=False)

    response = browser.sign_in(acme)

    assert response.status_code == 403
    assert not User.objects.get().is_active


def test_an_issuer_that_is_pointed_elsewhere_carries_no_old_subject_over(acme, globex, browser):
    browser.sign_in(acme)
    ana = User.objects.get()
    EmailDomain.objects.create(
        partner=acme.partner, name="new.example", verified_at=timezone.now(), verified_how="dns"
    )
    FederatedLogin.objects.update(issuer="https://old.example")
    as_now(acme, email="ana@new.example")

    browser.sign_in(acme)

    assert User.objects.exclude(pk=ana.pk).get().email == "ana@new.example"


def test_a_person_has_no_password_here(acme, browser):
    browser.sign_in(acme)

    assert not User.objects.get().has_usable_password()


def test_a_person_without_a_name_is_greeted_all_the_same(acme, browser):
    acme.issuer.add_account(Account(subject="n", email="noname@acme.example"))

    browser.sign_in(acme, "noname")

    assert "noname@acme.example" in browser.get("/").content.decode()


def test_two_first_arrivals_of_one_person_at_once_are_one_person(acme, monkeypatch):
    from people import arrivals

    Browser().sign_in(acme)
    known = arrivals._known_person
    answers = iter([None])
    monkeypatch.setattr(arrivals, "_known_person", lambda a: next(answers, ...) and known(a))

    assert Browser().sign_in(acme).status_code == 302
    assert User.objects.count() == 1
