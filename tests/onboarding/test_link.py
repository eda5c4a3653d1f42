"""The link that opens a set-up, and its code: what they open, and what they never do."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone, translation

from audit.models import Event
from onboarding import sessions
from onboarding.codes import Try, try_code
from onboarding.invitations import (
    PausedError,
    can_be_resumed,
    close_case,
    new_link,
    revoke,
    send_link,
)
from onboarding.models import Purpose, SetUpCase, SetUpLink, SetUpSession
from partners.addresses import AddressError
from partners.models import Partner
from people.models import User
from tests.onboarding.conftest import CONTACT, OWNER
from tests.support.queue import sent_mails

URL = re.compile(r"https://testserver(/setup/[\w-]{43}/)")
CODE = re.compile(r"^(\d{4}) (\d{4})$", re.MULTILINE)


class Visitor:
    """Somebody's browser at a link, and the mailbox that belongs to it."""

    def __init__(self):
        self.client = Client()

    def get(self, path):
        return self.client.get(path, secure=True)

    def post(self, path, **data):
        return self.client.post(path, data, secure=True)

    def code(self, path, **data):
        """Have a code sent from *path*, and return it as the mail has it."""
        self.post(path, **data)
        (mail,) = sent_mails()
        return "".join(CODE.search(mail.body).groups())

    def open(self, path):
        return self.post(path, code=self.code(path))


@pytest.fixture
def visitor():
    return Visitor()


def sent_to(partner, address=CONTACT, *, purpose=Purpose.SET_UP, sent_by=OWNER):
    """Send a link, and return its path as the mail has it."""
    send_link(partner, address, purpose=purpose, sent_by=sent_by)
    (mail,) = [mail for mail in sent_mails() if mail.to == [address]]
    return URL.search(mail.body)[1]


def wrong(code):
    return f"{(int(code) + 1) % 10**8:08}"


def test_the_mail_says_who_invites_whom_to_what(partner):
    send_link(partner, CONTACT, sent_by=OWNER)

    (mail,) = sent_mails()
    assert mail.subject == "Set up Foyer sign-in for Brightwater Labs"
    assert mail.to == [CONTACT]
    for words in (OWNER, "15 minutes", "DNS record", "Didn’t expect this? Tell us"):
        assert words in mail.body


def test_m01_a_link_has_256_bits_and_only_its_digest_is_stored(partner):
    path = sent_to(partner)

    token = path.split("/")[2]
    link = SetUpLink.objects.get()
    assert len(token) == 43
    assert link.token_digest == sessions.digest_of(token)
    assert token not in str([row.__dict__ for row in (link, link.case)])
    assert token not in str(list(Event.objects.values()))


def test_m06_looking_at_a_link_consumes_nothing(partner, visitor):
    path = sent_to(partner)

    for _time in range(3):
        page = visitor.get(path)
        assert page.status_code == 200

    assert "Brightwater Labs" in page.content.decode()
    assert not sent_mails()
    assert SetUpLink.objects.get().used_at is None
    assert visitor.open(path).status_code == 303


def test_the_right_code_opens_the_set_up_in_this_browser_alone(partner, visitor):
    path = sent_to(partner)

    answer = visitor.open(path)

    cookie = answer.cookies[sessions.cookie_name()]
    assert (answer.status_code, answer.headers["Location"]) == (303, "/setup/welcome/")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert cookie["httponly"]
    assert cookie["secure"]
    assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("Lax", "/", "")
    assert cookie.key == "__Host-foyer-setup"
    session = SetUpSession.objects.get()
    assert session.key_digest == sessions.digest_of(cookie.value)
    assert session.expires_at - session.started_at < timedelta(hours=12, seconds=1)
    assert visitor.get("/setup/welcome/").status_code == 200
    assert Visitor().get("/setup/welcome/").status_code == 303


def test_a_wrong_code_opens_nothing_and_the_right_one_still_does(partner, visitor):
    path = sent_to(partner)
    code = visitor.code(path)

    answer = visitor.post(path, code=wrong(code))

    assert answer.status_code == 200
    assert "This is not the code" in answer.content.decode()
    assert visitor.post(path, code=f" {code[:4]}-{code[4:]}").status_code == 303


def test_a_code_is_guessed_at_five_times_and_is_worth_nothing_then(partner, visitor):
    path = sent_to(partner)
    code = visitor.code(path)
    for _time in range(5):
        visitor.post(path, code=wrong(code))

    answer = visitor.post(path, code=code)

    assert answer.status_code == 200
    assert "opens nothing any more" in answer.content.decode()
    assert visitor.open(path).status_code == 303


def test_a_code_ends_after_ten_minutes(partner, visitor):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        path = sent_to(partner)
        code = visitor.code(path)
        clock.shift(timedelta(minutes=10))

        answer = visitor.post(path, code=code)

    assert answer.status_code == 200


def test_a_new_code_ends_the_one_before(partner, visitor):
    path = sent_to(partner)
    first = visitor.code(path)
    second = visitor.code(path)

    assert visitor.post(path, code=first).status_code == 200
    assert visitor.post(path, code=second).status_code == 303


def test_a_code_opens_no_other_link(partner, visitor, db):
    path = sent_to(partner)
    other = sent_to(partner, "ben@brightwater.example", purpose=Purpose.COLLEAGUE)
    code = visitor.code(path)
    visitor.code(other)

    assert visitor.post(other, code=code).status_code == 200


def test_the_code_is_stored_under_a_key_that_the_database_does_not_have(partner, visitor, settings):
    path = sent_to(partner)
    code = visitor.code(path)
    settings.SECRET_KEY = "another" * 10

    answer = visitor.post(path, code=code)

    assert answer.status_code == 200


def test_m02_the_second_use_says_that_it_was_used_and_nothing_of_the_partner(partner, visitor):
    path = sent_to(partner)
    visitor.open(path)

    for answer in (Visitor().get(path), Visitor().post(path), Visitor().post(path, code="1")):
        html = answer.content.decode()
        assert answer.status_code == 410
        assert "This link was already used" in html
        assert "Brightwater" not in html
        assert "brightwater" not in html


def test_m04_a_revoked_link_is_dead(partner, visitor):
    path = sent_to(partner)
    code = visitor.code(path)
    revoke(SetUpLink.objects.get(), by=OWNER)

    assert visitor.get(path).status_code == 410
    assert visitor.post(path, code=code).status_code == 410


def test_m04_a_newer_link_ends_the_one_before(partner, visitor):
    first = sent_to(partner)
    second = sent_to(partner, "ben@brightwater.example")

    assert visitor.get(first).status_code == 410
    assert visitor.get(second).status_code == 200


def test_m04_links_of_a_paused_partner_are_dead(partner, visitor):
    path = sent_to(partner)
    code = visitor.code(path)
    partner.status = "paused"
    partner.save()

    assert visitor.get(path).status_code == 410
    assert visitor.post(path, code=code).status_code == 410
    with pytest.raises(PausedError):
        send_link(partner, CONTACT, sent_by=OWNER)


def test_a_link_ends_after_seven_days(partner, visitor):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        path = sent_to(partner)
        clock.shift(timedelta(days=7) - timedelta(seconds=1))
        assert visitor.get(path).status_code == 200
        clock.shift(timedelta(seconds=1))

        answer = visitor.get(path)

    assert answer.status_code == 410
    assert "This link has ended" in answer.content.decode()


def test_m04_closing_a_case_ends_its_links_and_sessions(partner, visitor):
    path = sent_to(partner)
    visitor.open(path)
    other = sent_to(partner, "ben@brightwater.example")

    close_case(SetUpCase.objects.get(), by=OWNER)

    assert visitor.get(other).status_code == 410
    assert visitor.get("/setup/welcome/").status_code == 303


def test_m05_a_tampered_token_is_no_link(partner, visitor):
    path = sent_to(partner)
    token = path.split("/")[2]

    for tampered in (f"{token[:-1]}{'A' if token[-1] != 'A' else 'B'}", token[:-1], f"{token}A"):
        answer = visitor.get(f"/setup/{tampered}/")
        assert answer.status_code == 404
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_m07_no_page_of_a_link_has_its_token_or_lets_it_go(partner, visitor):
    path = sent_to(partner)
    token = path.split("/")[2]
    code = visitor.code(path)

    for page in (visitor.get(path), visitor.post(path, code=wrong(code)), visitor.get(path)):
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert token not in page.content.decode()
        assert "http://" not in page.content.decode()


def test_m08_the_link_is_built_from_base_url(partner, settings):
    settings.BASE_URL = "https://login.northlake.example"

    send_link(partner, CONTACT, sent_by=OWNER)

    (mail,) = sent_mails()
    assert "\nhttps://login.northlake.example/setup/" in mail.body


def test_m20_everybody_at_work_is_told_of_every_link(partner, visitor):
    visitor.open(sent_to(partner))
    partner.contacts.create(address="it@brightwater.example")

    send_link(partner, "eve@evil.example", sent_by=OWNER)

    mails = {mail.to[0]: mail for mail in sent_mails()}
    assert set(mails) == {"eve@evil.example", CONTACT, "it@brightwater.example"}
    assert "eve@evil.example" in mails[CONTACT].body
    assert "/setup/" not in mails[CONTACT].body


def test_m23_guessing_links_makes_wait(partner, visitor):
    path = sent_to(partner)
    for number in range(21):
        visitor.get(f"/setup/{number:043}/")

    answer = visitor.get(path)

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_guessing_codes_makes_wait(partner, visitor):
    path = sent_to(partner)
    for _batch in range(4):
        code = visitor.code(path)
        for _time in range(5):
            visitor.post(path, code=wrong(code))

    visitor.post(path, code="1")
    answer = visitor.post(path, code="1")

    assert answer.status_code == 429


def test_a_mailbox_is_not_filled_with_codes(partner, visitor):
    path = sent_to(partner)
    answers = [visitor.post(path) for _time in range(11)]

    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert len(sent_mails()) == 10


def test_whoever_did_not_expect_a_link_ends_it(partner, visitor, settings):
    settings.PORTAL_SUPPORT_EMAIL = "support@northlake.example"
    User.objects.create_superuser(OWNER, "a long password of staff")
    path = sent_to(partner)

    answer = visitor.post(path, unexpected="yes")

    assert answer.status_code == 200
    assert visitor.get(path).status_code == 410
    assert {mail.to[0] for mail in sent_mails()} == {OWNER, "support@northlake.example"}
    assert Event.objects.filter(what="setup_link.reported", email=CONTACT).exists()


def test_the_trail_has_every_step_of_a_link_and_no_secret_of_it(partner, visitor):
    path = sent_to(partner)
    code = visitor.code(path)
    visitor.post(path, code=wrong(code))
    visitor.post(path, code=code)

    rows = Event.objects.filter(what__startswith="setup_").order_by("id")

    assert [row.what for row in rows] == [
        "setup_case.opened",
        "setup_link.sent",
        "setup_link.code_sent",
        "setup_link.code_refused",
        "setup_link.used",
    ]
    assert {row.partner for row in rows} == {"brightwater"}
    written = str(list(Event.objects.values()))
    assert code not in written
    assert path.split("/")[2] not in written


@pytest.mark.parametrize("change", ["revoked", "closed", "paused"])
def test_the_right_code_of_a_link_that_ended_meanwhile_opens_nothing(partner, visitor, change):
    code = visitor.code(sent_to(partner))
    link = SetUpLink.objects.get()
    if change == "revoked":
        SetUpLink.objects.update(revoked_at=timezone.now())
    elif change == "closed":
        SetUpCase.objects.update(closed_at=timezone.now())
    else:
        Partner.objects.update(status="paused")

    assert try_code(link, code) is Try.OVER


def test_nobody_comes_back_by_a_link_that_outlives_its_case(set_up):
    close_case(set_up.case, by=OWNER, keep=[set_up.link])

    link = SetUpLink.objects.get()
    assert link.revoked_at is None
    assert not can_be_resumed(link)


def test_a_reminder_goes_to_several_contacts_and_opens_the_third_step(partner, visitor):
    urls = [
        new_link(partner, address, purpose=Purpose.SECRET, sent_by="")[1]
        for address in (CONTACT, "ben@brightwater.example")
    ]

    paths = [url.removeprefix("https://testserver") for url in urls]
    assert [visitor.get(path).status_code for path in paths] == [200, 200]
    assert visitor.open(paths[0]).headers["Location"] == "/setup/connect/"


def test_refuses_what_is_no_address(partner):
    with pytest.raises(AddressError):
        send_link(partner, "ana", sent_by=OWNER)

    assert not SetUpCase.objects.exists()


def test_the_address_is_written_as_it_is_compared(partner):
    send_link(partner, " Ana@Brightwater.Example ", sent_by=OWNER)

    assert SetUpLink.objects.get().address == CONTACT


def test_a_link_that_was_opened_by_two_browsers_at_once_opens_once(partner, visitor):
    path = sent_to(partner)
    code = visitor.code(path)
    second = Visitor()

    answers = [visitor.post(path, code=code), second.post(path, code=code)]

    assert [answer.status_code for answer in answers] == [303, 410]
    assert SetUpSession.objects.count() == 1


def test_the_mail_writes_the_day_as_its_language_does(partner):
    with time_machine.travel("2026-11-03T12:00:00Z"), translation.override("de"):
        send_link(partner, CONTACT, sent_by=OWNER)
        (mail,) = sent_mails()

    assert "10. November 2026" in mail.body
