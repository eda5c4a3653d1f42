"""The admin site: who gets in, under which name, and what its pages may do."""

import re

import pytest
from django.test import Client

from audit.models import Event
from people.models import User
from tests.console.conftest import STAFF

PASSWORD = "a long password of staff"

INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)[^>]*>|<style\b|\sstyle=|\son[a-z]+=|javascript:|data:image"
)
"""What the portal's content security policy keeps browsers from running."""


def test_staff_sign_in_with_their_password(staff):
    client = Client()

    client.post("/admin/login/", {"username": STAFF, "password": PASSWORD}, secure=True)

    assert client.get("/admin/", secure=True).status_code == 200


@pytest.mark.parametrize(
    ("email", "password"),
    [(STAFF, "wrong"), ("nobody@northlake.example", PASSWORD), ("ana@acme.example", PASSWORD)],
)
def test_nobody_else_does(staff, email, password):
    person = User.objects.create(email="ana@acme.example")
    person.set_password(PASSWORD)
    person.save()
    client = Client()

    client.post("/admin/login/", {"username": email, "password": password}, secure=True)

    assert client.get("/admin/", secure=True).status_code == 302


def test_whoever_guesses_passwords_has_to_wait(staff):
    client = Client()
    guess = {"username": STAFF, "password": "wrong"}
    for _ in range(11):
        client.post("/admin/login/", guess, secure=True)

    answer = client.post("/admin/login/", {**guess, "password": PASSWORD}, secure=True)

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert client.get("/admin/", secure=True).status_code == 302
    assert Event.objects.filter(what="limit.reached").count() == 1


def test_the_sign_in_of_staff_is_recorded(staff):
    Client().post("/admin/login/", {"username": STAFF, "password": PASSWORD}, secure=True)

    assert Event.objects.get(what="staff.password_used").actor == STAFF


def test_a_guess_from_a_session_of_staff_is_a_guess(staff):
    guess = {"username": "root@northlake.example", "password": "wrong"}

    answers = [staff.post("login", data=guess).status_code for _ in range(12)]

    assert answers[0] == 200
    assert answers[-1] == 429
    assert not Event.objects.filter(what="staff.password_used").exists()


def test_the_sign_out_of_staff_is_recorded(staff):
    staff.post("logout")

    assert staff.get("index").status_code == 302
    event = Event.objects.get(what="logout")
    assert (event.email, event.subject) == (STAFF, staff.user.subject)


def test_a_partners_person_gets_nowhere_in_the_admin(acme, browser):
    browser.sign_in(acme)

    assert browser.get("/admin/").status_code == 302


def test_a_partners_person_never_becomes_staff_by_a_flag(acme, browser):
    browser.sign_in(acme)
    User.objects.filter(email="ana@acme.example").update(is_staff=True, is_superuser=True)

    assert browser.get("/admin/").status_code == 302


def test_the_pages_bear_the_portals_name(staff, settings):
    settings.PORTAL_NAME = "Northlake <1>"

    page = staff.get("index").content.decode()

    assert "Northlake &lt;1&gt; – service owner" in page


def test_no_redirect_leads_away_after_signing_in(staff):
    response = Client().post(
        "/admin/login/?next=https://evil.example/",
        {"username": STAFF, "password": PASSWORD, "next": "https://evil.example/"},
        secure=True,
    )

    assert "evil" not in response.headers["Location"]


@pytest.fixture
def pages(staff, acme, browser):
    browser.sign_in(acme)
    ana = User.objects.get(email="ana@acme.example")
    return [
        staff.get("index"),
        staff.get("login"),
        staff.get("partners_partner_changelist"),
        staff.get("partners_partner_add"),
        staff.get("partners_partner_change", acme.partner.pk),
        staff.get("partners_partner_delete", acme.partner.pk),
        staff.get("partners_partner_pause", acme.partner.pk),
        staff.post("partners_partner_examine", acme.partner.pk),
        staff.get("people_user_changelist"),
        staff.get("people_user_change", ana.pk),
        staff.get("people_user_change", staff.user.pk),
        staff.get("people_user_add"),
        staff.get("people_session_changelist"),
        staff.get("audit_event_changelist"),
        staff.get("/admin/where/"),
    ]


def test_no_page_needs_what_the_policy_forbids(pages):
    for page in pages:
        assert page.status_code in {200, 302}
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]
        assert "unsafe-inline" not in page.headers["Content-Security-Policy"]
        assert not INLINE.search(page.content.decode()), page.request["PATH_INFO"]


def test_no_page_is_kept_by_a_cache_or_framed(pages):
    for page in pages:
        assert "no-store" in page.headers["Cache-Control"]
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


def test_the_index_has_the_owners_records_and_not_the_queues(staff):
    page = staff.get("index").content.decode()

    assert "/admin/partners/partner/" in page
    assert "procrastinate" not in page.lower()
