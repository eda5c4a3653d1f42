"""Saving a step: conflicts are told, typed values are kept, the trail knows whose they are."""

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from audit.models import Event
from onboarding import sessions
from onboarding.models import SetUpSession
from onboarding.progress import StepConflictError, draft_of, not_done, saving_step, step_of
from onboarding.steps import Step
from onboarding.views.connect import Connect
from onboarding.views.frame import StepPage
from onboarding.views.switch_on import SwitchOn
from tests.onboarding.conftest import CONTACT, opened


class ContactPage(StepPage):
    """A step that saves one address."""

    step = Step.CONNECT
    draft_fields = ("client_id",)

    def post(self, request):
        try:
            with self.saving():
                self.partner.contacts.create(address=request.POST["address"])
        except StepConflictError as conflict:
            return HttpResponse(conflict.by, status=409)
        return self.onward()


def posted(set_up, **data):
    request = RequestFactory().post("/setup/connect/", data, secure=True)
    request.COOKIES[sessions.cookie_name()] = set_up.client.cookies[sessions.cookie_name()].value
    return ContactPage.as_view()(request)


def test_a_step_is_saved_as_the_contacts_doing_and_leads_on(set_up):
    answer = posted(set_up, revision=0, address="it@brightwater.example")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/setup/domains/")
    step = step_of(set_up.case, Step.CONNECT)
    assert (step.revision, step.saved_by, step.is_done) == (1, set_up.link.address, True)
    event = Event.objects.get(what="contact.added")
    assert (event.actor, event.partner) == (set_up.link.address, "brightwater")


@pytest.mark.parametrize("revision", ["0", "", "2", "x"])
def test_m11_the_second_of_two_savings_is_told_of_the_first(set_up, revision):
    colleague = opened(set_up.partner, "ben@brightwater.example")
    posted(set_up, revision=0, address="it@brightwater.example")

    answer = posted(colleague, revision=revision, address="desk@brightwater.example")

    assert (answer.status_code, answer.content.decode()) == (409, set_up.link.address)
    assert list(set_up.partner.contacts.values_list("address", flat=True)) == [
        "it@brightwater.example"
    ]


def test_what_fails_while_a_step_is_saved_saves_nothing(set_up):
    def save():
        with saving_step(set_up.case, Step.CONNECT, revision="0", by="x", is_done=True):
            set_up.partner.contacts.create(address="it@brightwater.example")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        save()

    assert not set_up.partner.contacts.exists()
    assert step_of(set_up.case, Step.CONNECT).revision == 0


def test_m12_what_was_typed_when_the_session_ended_is_there_again(set_up):
    SetUpSession.objects.update(expires_at=timezone.now() - timedelta(hours=1))
    answer = posted(set_up, revision=0, client_id="x" * 3000, client_secret="s3cret", address="a")
    step = step_of(set_up.case, Step.CONNECT)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/setup/")
    assert draft_of(set_up.case, Step.CONNECT, by=CONTACT) == {"client_id": "x" * 2000}
    assert step.revision == 0
    assert not set_up.partner.contacts.exists()


def test_m12_what_was_typed_too_late_is_in_nobody_elses_form(set_up):
    ben = opened(set_up.partner, "ben@brightwater.example")
    SetUpSession.objects.filter(link=set_up.link).update(expires_at=timezone.now())
    SetUpSession.objects.filter(link=ben.link).update(expires_at=timezone.now())

    posted(ben, revision=0, client_id="bens")
    posted(set_up, revision=0, client_id="evil")

    assert draft_of(set_up.case, Step.CONNECT, by="ben@brightwater.example") == {
        "client_id": "bens"
    }
    assert draft_of(set_up.case, Step.CONNECT, by=CONTACT) == {"client_id": "evil"}
    assert draft_of(set_up.case, Step.CONNECT, by="cem@brightwater.example") == {}


@pytest.mark.parametrize("page", [Connect, SwitchOn])
def test_m12_nothing_is_kept_of_where_people_or_mails_go(page):
    risky = {"address", "contacts", "client_secret"}

    assert not risky & set(page.draft_fields)
    assert not [name for name in page.draft_fields if name.startswith("part_")]


def test_m12_a_draft_goes_when_the_step_is_saved(set_up):
    set_up.case.steps.create(name=Step.CONNECT, draft={CONTACT: {"client_id": "x"}})

    posted(set_up, revision=0, address="it@brightwater.example")

    assert step_of(set_up.case, Step.CONNECT).draft == {}


@pytest.mark.parametrize("how", ["left", "revoked", "closed", "a stranger's"])
def test_nothing_is_kept_of_who_may_not_come_back(set_up, how):
    SetUpSession.objects.update(expires_at=timezone.now() - timedelta(hours=1))
    now = timezone.now()
    if how == "left":
        SetUpSession.objects.update(ended_at=now)
    elif how == "revoked":
        set_up.case.links.update(revoked_at=now)
    elif how == "closed":
        type(set_up.case).objects.update(closed_at=now)
    else:
        set_up.client.cookies[sessions.cookie_name()] = "made up"

    posted(set_up, revision=0, client_id="x")

    assert not set_up.case.steps.exists()


def test_a_step_may_have_to_be_gone_through_again(set_up):
    posted(set_up, revision=0, address="it@brightwater.example")

    not_done(set_up.case, Step.CONNECT, Step.TEST)

    assert not step_of(set_up.case, Step.CONNECT).is_done
