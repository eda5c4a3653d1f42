"""The frame of the set-up pages: who is let in, what is saved, and what is not lost."""

from datetime import timedelta

import pytest
from django.utils import timezone

from onboarding import tasks
from onboarding.models import SetUpSession
from onboarding.steps import COUNTED, Step


def test_shows_whose_set_up_it_is_and_how_far(set_up):
    set_up.case.steps.create(name=Step.PROVIDER, is_done=True)

    page = set_up.get("/setup/welcome/")

    html = page.content.decode()
    assert page.status_code == 200
    assert "Brightwater Labs" in html
    assert set_up.link.address in html
    assert [step for step in COUNTED if f'href="{step.url}"' in html] == COUNTED
    assert html.count('class="done"') == 1
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("step", Step)
def test_sends_a_browser_in_no_set_up_to_where_it_gets_into_one(client, db, step):
    answer = client.get(step.url, secure=True)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/setup/")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"expires_at": timezone.now() - timedelta(seconds=1)}, id="time"),
        pytest.param({"ended_at": timezone.now()}, id="left"),
    ],
)
def test_a_session_that_has_ended_opens_nothing(set_up, change):
    SetUpSession.objects.update(**change)

    assert set_up.get("/setup/welcome/").status_code == 303


def test_a_revoked_link_ends_its_sessions(set_up):
    set_up.link.revoked_at = timezone.now()
    set_up.link.save()

    assert set_up.get("/setup/welcome/").status_code == 303


def test_m04_a_paused_partner_is_not_set_up(set_up):
    set_up.partner.status = "paused"
    set_up.partner.save()

    assert set_up.get("/setup/welcome/").status_code == 303


def test_leaving_ends_the_session_and_not_the_case(set_up):
    set_up.post("/setup/leave/")

    assert set_up.get("/setup/welcome/").status_code == 303
    set_up.session.refresh_from_db()
    set_up.case.refresh_from_db()
    assert set_up.session.ended_at is not None
    assert set_up.case.is_open


def test_sessions_are_forgotten_when_no_browser_keeps_their_cookies(set_up):
    kept = SetUpSession.objects.create(
        link=set_up.link, key_digest="x", expires_at=timezone.now() - timedelta(days=6)
    )
    SetUpSession.objects.filter(pk=set_up.session.pk).update(
        expires_at=timezone.now() - timedelta(days=7)
    )

    tasks.forget_sessions(0)

    assert list(SetUpSession.objects.all()) == [kept]
