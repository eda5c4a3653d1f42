"""Coming back to a set-up, and handing it over."""

import hashlib
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import Event
from onboarding import resuming
from onboarding.invitations import close_case, revoke, send_link
from onboarding.models import ResumeCode, SetUpLink, SetUpSession
from onboarding.steps import Step
from onboarding.tasks import forget_sessions
from partners.models import Partner
from tests.onboarding.conftest import CONTACT, OWNER, opened
from tests.onboarding.test_link import URL, Visitor, sent_to, wrong
from tests.support.queue import queued, sent_mails

COLLEAGUE = "ben@brightwater.example"


@pytest.fixture
def visitor():
    return Visitor()


def test_comes_back_with_a_code_where_it_was_left(set_up, visitor):
    set_up.case.steps.create(name=Step.PROVIDER, is_done=True)
    code = visitor.code("/setup/", email=CONTACT)

    answer = visitor.post("/setup/", email=CONTACT, code=code)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/setup/register/")
    assert visitor.get("/setup/welcome/").status_code == 200
    assert Event.objects.filter(what="setup_link.resumed", actor=CONTACT).count() == 1


def test_comes_back_weeks_later(set_up, visitor):
    with time_machine.travel(timezone.now() + timedelta(days=60), tick=False):
        code = visitor.code("/setup/", email=CONTACT)

        assert visitor.post("/setup/", email=CONTACT, code=code).status_code == 303


def test_m23_an_address_that_is_known_gets_the_answer_of_one_that_is_not(set_up, visitor):
    def answered(email, **data):
        page = visitor.post("/setup/", email=email, **data)
        html = page.content.decode().replace(email, "…")
        return page.status_code, html[html.index("<main") :].split("csrfmiddlewaretoken")[0]

    assert answered(CONTACT) == answered("eve@evil.example")
    assert answered(CONTACT, code="1") == answered("eve@evil.example", code="1")
    assert [mail.to for mail in sent_mails()] == [[CONTACT]]


@pytest.mark.parametrize("how", ["closed", "revoked", "paused", "never opened"])
def test_nobody_comes_back_to_what_is_over(set_up, visitor, how):
    if how == "closed":
        close_case(set_up.case, by=OWNER)
    elif how == "revoked":
        revoke(set_up.link, by=OWNER)
    elif how == "paused":
        Partner.objects.update(status="paused")
    else:
        SetUpLink.objects.update(used_at=None)

    visitor.post("/setup/", email=CONTACT)

    assert sent_mails() == []


def test_a_code_that_was_right_once_is_wrong_afterwards(set_up, visitor):
    code = visitor.code("/setup/", email=CONTACT)
    visitor.post("/setup/", email=CONTACT, code=code)

    answer = Visitor().post("/setup/", email=CONTACT, code=code)

    assert answer.status_code == 200


def test_a_code_that_has_been_guessed_at_is_worth_nothing(set_up, visitor):
    code = visitor.code("/setup/", email=CONTACT)
    for _time in range(5):
        visitor.post("/setup/", email=CONTACT, code=wrong(code))

    answer = visitor.post("/setup/", email=CONTACT, code=code)

    assert answer.status_code == 200


def test_m23_nobody_else_uses_up_the_code_by_guessing_or_by_asking(set_up, visitor):
    code = visitor.code("/setup/", email=CONTACT)
    other = Visitor()
    other.post("/setup/", email=CONTACT, code=wrong(code))
    other_code = other.code("/setup/", email=CONTACT)
    for _time in range(5):
        other.post("/setup/", email=CONTACT, code=wrong(other_code))

    assert visitor.post("/setup/", email=CONTACT, code=code).status_code == 303


def test_m02_a_code_is_good_in_the_browser_alone_that_asked_for_it(set_up, visitor):
    code = visitor.code("/setup/", email=CONTACT)
    other, forger = Visitor(), Visitor()
    other.code("/setup/", email=CONTACT)
    forger.client.cookies[resuming.cookie_name()] = "made.up"

    assert other.post("/setup/", email=CONTACT, code=code).status_code == 200
    assert forger.post("/setup/", email=CONTACT, code=code).status_code == 200


def test_m23_while_somebody_waits_nothing_is_looked_up_of_the_address(set_up, visitor):
    def asked(email):
        with CaptureQueriesContext(connection) as queries:
            answer = Visitor().post("/setup/", email=email)
        cookie = answer.cookies[resuming.cookie_name()]
        return [query["sql"].split()[0] for query in queries], len(cookie.value)

    asked("first@brightwater.example")

    assert asked(CONTACT) == asked("eve@brightwater.example")
    assert len(queued()) == 3


def test_m23_nor_is_a_wrong_code_written_down_for_an_address_at_work(set_up):
    def tried(email):
        browser = Visitor()
        browser.post("/setup/", email=email)
        sent_mails()
        with CaptureQueriesContext(connection) as queries:
            browser.post("/setup/", email=email, code="1")
        return [query["sql"].split()[0] for query in queries]

    assert tried(CONTACT) == tried("eve@brightwater.example")


def test_m01_neither_a_code_nor_the_browsers_key_is_in_the_table(set_up, visitor):
    code = visitor.code("/setup/", email=CONTACT)

    (row,) = ResumeCode.objects.values()
    sealed = visitor.client.cookies[resuming.cookie_name()].value
    assert code not in str(row)
    assert sealed not in str(row)
    assert hashlib.sha256(code.encode()).hexdigest() != row["code_digest"]


def test_a_wish_is_good_for_one_mail_and_not_for_ever(set_up, visitor):
    visitor.post("/setup/", email=CONTACT)
    (job,) = queued()
    sealed = job.args["wish"]
    assert len(sent_mails()) == 1

    resuming.send(sealed)
    assert sent_mails() == []

    visitor.post("/setup/", email=CONTACT)
    (job,) = queued()
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        resuming.send(job.args["wish"])
    assert [one.task_name for one in queued()] == [resuming.SEND_TASK]


@pytest.mark.parametrize("how", ["closed", "revoked", "paused"])
def test_m04_a_code_opens_nothing_that_has_ended_since(set_up, visitor, how):
    code = visitor.code("/setup/", email=CONTACT)
    if how == "closed":
        close_case(set_up.case, by=OWNER)
    elif how == "revoked":
        revoke(set_up.link, by=OWNER)
    else:
        Partner.objects.update(status="paused")

    assert visitor.post("/setup/", email=CONTACT, code=code).status_code == 200


def test_a_code_ends_after_ten_minutes_and_is_forgotten(set_up, visitor):
    code = visitor.code("/setup/", email=CONTACT)
    later = timezone.now() + timedelta(minutes=10, seconds=1)

    with time_machine.travel(later, tick=False):
        assert visitor.post("/setup/", email=CONTACT, code=code).status_code == 200
        forget_sessions(0)

    assert not ResumeCode.objects.exists()


def test_typing_addresses_makes_wait(db, visitor):
    answers = [visitor.post("/setup/", email=f"{n}@x.example") for n in range(11)]

    assert [answer.status_code for answer in answers] == [200] * 10 + [429]


def test_whoever_knows_an_address_alone_keeps_no_link_from_being_opened(set_up, visitor, settings):
    path = sent_to(set_up.partner, COLLEAGUE)
    for number in range(12):
        Visitor().client.post(
            "/setup/", {"email": CONTACT}, secure=True, REMOTE_ADDR=f"192.0.2.{number}"
        )
    assert len(sent_mails()) == 10

    assert visitor.open(path).status_code == 303


def test_of_an_address_at_two_partners_the_code_says_which(set_up, visitor):
    other = Partner.objects.create(slug="contoso", name="Contoso")
    opened(other, CONTACT)
    visitor.post("/setup/", email=CONTACT)
    mails = {("Contoso" in mail.subject): mail.body for mail in sent_mails()}
    code = next(line for line in mails[True].splitlines() if line[:4].isdecimal())

    visitor.post("/setup/", email=CONTACT, code=code)

    assert "<b>Contoso</b>" in visitor.get("/setup/welcome/").content.decode()


def test_a_browser_in_a_set_up_is_shown_the_way_on(set_up):
    assert 'href="/setup/provider/"' in set_up.get("/setup/").content.decode()


def test_a_colleague_gets_a_link_of_their_own_and_the_contacts_are_told(set_up, visitor):
    answer = set_up.post("/setup/colleague/", {"email": COLLEAGUE})

    assert f"<bdi>{COLLEAGUE}</bdi>" in answer.content.decode()
    mails = {mail.to[0]: mail for mail in sent_mails()}
    assert set(mails) == {COLLEAGUE, CONTACT}
    assert CONTACT in mails[COLLEAGUE].body
    link = SetUpLink.objects.get(address=COLLEAGUE)
    assert (link.sent_by, link.purpose, link.case) == (CONTACT, "colleague", set_up.case)
    assert Event.objects.filter(
        what="setup_link.sent", actor=CONTACT, email=COLLEAGUE, partner="brightwater"
    ).exists()
    assert visitor.open(URL.search(mails[COLLEAGUE].body)[1]).status_code == 303
    assert set_up.get("/setup/welcome/").status_code == 200


def test_a_link_to_a_colleague_leaves_the_owners_alone(set_up, visitor):
    path = sent_to(set_up.partner, "it@brightwater.example")

    set_up.post("/setup/colleague/", {"email": COLLEAGUE})

    assert visitor.get(path).status_code == 200


def test_nobody_hands_over_whose_session_has_ended(set_up):
    SetUpSession.objects.update(ended_at=timezone.now())

    answer = set_up.post("/setup/colleague/", {"email": COLLEAGUE})

    assert answer.status_code == 303
    assert sent_mails() == []


@pytest.mark.parametrize("typed", ["", "ben", CONTACT, "Ben <ben@brightwater.example>"])
def test_says_what_is_wrong_with_a_colleagues_address(set_up, typed):
    answer = set_up.post("/setup/colleague/", {"email": typed})

    assert 'class="error"' in answer.content.decode()
    assert sent_mails() == []


def test_it_is_no_way_to_mail_strangers(set_up):
    answers = [set_up.post("/setup/colleague/", {"email": f"{n}@x.example"}) for n in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [429]


def test_the_owner_sends_links_to_whom_they_like(set_up):
    link = send_link(set_up.partner, COLLEAGUE, sent_by=OWNER)

    assert link.case == set_up.case


def test_m20_a_reminder_of_a_secret_opens_what_replaces_it_and_nothing_else(set_up):
    SetUpLink.objects.update(purpose="secret")
    elsewhere = ["/setup/welcome/", "/setup/domains/", "/setup/provider/", "/setup/register/"]
    elsewhere += ["/setup/colleague/", "/setup/log/", "/setup/logos/wide/"]

    assert {set_up.get(path).headers["Location"] for path in elsewhere} == {"/setup/test/"}
    assert set_up.post("/setup/colleague/", {"email": COLLEAGUE}).status_code == 303
    assert not SetUpLink.objects.filter(address=COLLEAGUE).exists()
    assert set_up.get("/setup/test/").status_code == 200
    assert set_up.get("/setup/switch-on/").status_code == 200
    assert set_up.get("/setup/connect/").headers.get("Location") != "/setup/test/"
    assert set_up.post("/setup/leave/").headers["Location"] == "/setup/"


def test_a_reminder_takes_nothing_from_whoever_is_at_work_on_the_set_up(set_up):
    reminded = opened(set_up.partner, CONTACT)
    SetUpLink.objects.filter(pk=reminded.link.pk).update(purpose="secret")

    assert reminded.get("/setup/domains/").status_code == 200
