"""What is asked for while a set-up ends: nothing is done, and the page says so."""

from datetime import timedelta

import pytest
from django.utils import timezone

from onboarding.invitations import close_case, revoke
from onboarding.models import SetUpCase, SetUpLink, SetUpSession
from onboarding.steps import Step
from onboarding.switching_on import SetUpOverError, switch_on
from onboarding.views import colleague
from onboarding.views.switch_on import SwitchOn
from partners.models import Connection, Partner
from tests.onboarding.conftest import OWNER, opened
from tests.support.company import founded
from tests.support.queue import sent_mails


@pytest.fixture
def ready(db, provider, pool):
    """Give the set-up of a draft partner that could be switched on."""
    company = founded("acme", provider, partner={"status": "draft"}, connection={"is_live": False})
    Connection.objects.update(tested_at=timezone.now())
    return opened(company.partner, "ana@acme.example")


def close(set_up):
    close_case(SetUpCase.objects.get(pk=set_up.case.pk), by=OWNER)


def revoke_link(set_up):
    revoke(SetUpLink.objects.get(pk=set_up.link.pk), by=OWNER)


def pause(_set_up):
    Partner.objects.update(status="paused")


def leave(_set_up):
    SetUpSession.objects.update(ended_at=timezone.now())


def end_time(_set_up):
    SetUpSession.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


ENDS = [close, revoke_link, pause, leave, end_time]


@pytest.fixture
def meanwhile(monkeypatch):
    """Let something happen while the provider is asked, or while a link is about to be sent."""

    def arranged(happens):
        monkeypatch.setattr(SwitchOn, "failing", lambda _page: happens() or [])
        count = colleague.limits.count_failure
        monkeypatch.setattr(
            colleague.limits, "count_failure", lambda *a, **k: happens() or count(*a, **k)
        )

    return arranged


@pytest.mark.parametrize("end", ENDS)
def test_m04_what_ended_while_the_provider_was_asked_is_not_switched_on(ready, meanwhile, end):
    meanwhile(lambda: end(ready))

    page = ready.save(Step.SWITCH_ON, then="switch-on")

    assert page.status_code == 410
    assert "What you asked for last was not done" in page.content.decode()
    assert "Acme" not in page.content.decode()
    assert Partner.objects.get().status != "live"
    assert not Connection.objects.get().is_live
    case = SetUpCase.objects.get()
    assert (case.switched_on_at, case.closed_by) == (None, OWNER if end is close else "")
    assert sent_mails() == []


def test_of_two_who_switch_on_the_second_sees_that_it_is_on(ready, meanwhile):
    meanwhile(lambda: switch_on(ready.case, by="ben@acme.example"))

    answer = ready.save(Step.SWITCH_ON, then="switch-on")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/setup/switch-on/")
    assert SetUpCase.objects.get().closed_by == "ben@acme.example"
    assert "Acme is switched on" in ready.get("/setup/switch-on/").content.decode()


@pytest.mark.parametrize("end", [close, pause])
def test_nor_do_we_switch_on_what_is_over(ready, end):
    end(ready)

    with pytest.raises(SetUpOverError):
        switch_on(ready.case, by=OWNER)

    assert Partner.objects.get().status != "live"


def test_closing_what_was_switched_on_meanwhile_changes_nothing(ready):
    seen = SetUpCase.objects.get()
    switch_on(ready.case, by="ana@acme.example")

    close_case(seen, by=OWNER)

    assert SetUpCase.objects.get().closed_by == "ana@acme.example"
    assert SetUpLink.objects.get().revoked_at is None


@pytest.mark.parametrize("end", ENDS)
def test_m20_nobody_is_asked_into_a_set_up_that_has_ended_meanwhile(ready, meanwhile, end):
    meanwhile(lambda: end(ready))

    page = ready.post("/setup/colleague/", {"email": "eve@acme.example"})

    assert page.status_code == 410
    assert "What you asked for last was not done" in page.content.decode()
    assert SetUpCase.objects.count() == 1
    assert not SetUpLink.objects.filter(address="eve@acme.example").exists()
    assert sent_mails() == []


def test_nobody_is_asked_into_a_set_up_that_a_colleague_has_just_switched_on(ready, meanwhile):
    meanwhile(lambda: switch_on(ready.case, by="ben@acme.example"))

    answer = ready.post("/setup/colleague/", {"email": "eve@acme.example"})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/setup/switch-on/")
    assert not SetUpLink.objects.filter(address="eve@acme.example").exists()
    assert SetUpCase.objects.count() == 1
