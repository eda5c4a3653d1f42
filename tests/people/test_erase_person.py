import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, transaction

from audit.models import Event
from people.models import FederatedLogin, Session, User
from tests.support.company import Browser

pytestmark = pytest.mark.django_db


def test_forgets_a_person_here_and_who_it_was_in_the_trail(acme, browser, capsys):
    browser.sign_in(acme)
    Browser().sign_in(acme, "ben")
    ana = User.objects.get(email="ana@acme.example")

    call_command("erase_person", "Ana@acme.example")

    assert [person.email for person in User.objects.all()] == ["ben@acme.example"]
    assert FederatedLogin.objects.count() == Session.objects.count() == 1
    assert browser.session() is None
    everything = " ".join(str(values) for values in Event.objects.values_list())
    assert "ana@acme.example" not in everything
    assert "ben@acme.example" in everything
    event = Event.objects.get(what="login.succeeded", subject=ana.subject)
    assert (event.partner, event.address, event.agent) == ("acme", None, "")
    assert "Amazon Cognito still knows" in capsys.readouterr().out


def test_records_that_it_was_done_and_closes_the_trail_again(acme, browser):
    browser.sign_in(acme)
    subject = User.objects.get().subject

    call_command("erase_person", "ana@acme.example")

    event = Event.objects.get(what="person.erased")
    assert (event.subject, event.email, event.actor) == (subject, "", "command erase_person")
    with pytest.raises(ProgrammingError, match="audit_event"), transaction.atomic():
        Event.objects.update(email="")


def test_who_was_mentioned_in_a_refusal_is_forgotten_too(acme, browser):
    browser.sign_in(acme)
    FederatedLogin.objects.update(provider_subject="another")
    Browser().sign_in(acme)
    assert "ana@acme.example" in str(Event.objects.get(reason="email_taken").detail)

    call_command("erase_person", "ana@acme.example")

    assert Event.objects.get(reason="email_taken").detail == {"erased": True}


@pytest.mark.parametrize(
    "other", ["jana@acme.example", "x.ana@acme.example", "ana@acme.example.test"]
)
def test_somebody_of_a_longer_address_is_not_forgotten(acme, browser, other):
    browser.sign_in(acme)
    told = {"email": other, "words": f"{other} is nobody of ours."}
    Event.objects.create(what="login.refused", detail=told, agent="a browser")

    call_command("erase_person", "ana@acme.example")

    event = Event.objects.get(what="login.refused")
    assert (event.detail, event.agent) == (told, "a browser")


@pytest.mark.parametrize(
    "words", ["ana@acme.example", "Is ANA@acme.example.", "(ana@acme.example)"]
)
def test_a_mention_among_other_words_is_forgotten(acme, browser, words):
    browser.sign_in(acme)
    Event.objects.create(what="login.refused", detail={"words": words})

    call_command("erase_person", "ana@acme.example")

    assert Event.objects.get(what="login.refused").detail == {"erased": True}


@pytest.mark.parametrize("email", ["nobody@acme.example", "no address", "staff@owner.example"])
def test_finds_people_of_partners_and_nobody_else(acme, email):
    User.objects.create(email="staff@owner.example", is_staff=True)

    with pytest.raises(CommandError, match="address"):
        call_command("erase_person", email)

    assert User.objects.count() == 1


def test_who_was_erased_may_come_again_as_somebody_new(acme, browser):
    browser.sign_in(acme)
    before = User.objects.get().subject
    call_command("erase_person", "ana@acme.example")

    assert browser.sign_in(acme).status_code == 302

    assert User.objects.get().subject != before
