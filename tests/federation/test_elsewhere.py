from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from audit.models import Event
from people.devices import device_of
from people.models import Session
from people.session_store import digest_of
from tests.support.company import Browser

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:148.0) Gecko/20100101 Firefox/148.0"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1"
)


def signed_in(company, name="ana", agent=""):
    browser = Browser()
    browser.portal.defaults["HTTP_USER_AGENT"] = agent
    browser.sign_in(company, name)
    return browser


def handle_of(browser):
    return digest_of(browser.portal.cookies[settings.SESSION_COOKIE_NAME].value)[:16]


def test_the_home_page_names_the_other_browsers_of_the_person_and_of_nobody_else(acme):
    here, _, _ = signed_in(acme), signed_in(acme, agent=FIREFOX), signed_in(acme, agent=PHONE)
    signed_in(acme, "ben", agent="Mozilla/5.0 (X11; Linux) OPR/120.0")

    page = here.get("/").content.decode()

    assert "Firefox on Windows" in page
    assert "Safari on iPhone" in page
    assert "Opera" not in page


def test_says_nothing_of_other_browsers_where_there_are_none(acme):
    here, other = signed_in(acme), signed_in(acme, agent=FIREFOX)
    Session.objects.filter(pk__startswith=handle_of(other)).update(
        last_seen_at=timezone.now() - timedelta(days=1)
    )

    assert "Also signed in" not in here.get("/").content.decode()


def test_ends_the_session_that_is_named_and_no_other(acme):
    here, there, phone = (signed_in(acme) for _ in range(3))

    answer = here.post("/logout/elsewhere/", {"session": handle_of(there)})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert there.session() is None
    assert here.session()
    assert phone.session()


def test_ends_all_sessions_of_the_person_but_this_one(acme):
    here, there, phone, ben = *(signed_in(acme) for _ in range(3)), signed_in(acme, "ben")

    here.post("/logout/elsewhere/", {"session": "all"})

    assert here.session()
    assert ben.session()
    assert there.session() is phone.session() is None
    event = Event.objects.get(what="logout.elsewhere")
    assert (event.partner, event.email) == ("acme", "ana@acme.example")
    assert event.detail == {"sessions": 2}


def test_nobody_ends_a_session_of_somebody_else(acme):
    here, ben = signed_in(acme), signed_in(acme, "ben")

    here.post("/logout/elsewhere/", {"session": handle_of(ben)})

    assert ben.session()
    assert not Event.objects.filter(what="logout.elsewhere").exists()


@pytest.mark.parametrize("named", ["", "a", "%", "A" * 16, "f" * 64])
def test_ends_nothing_that_is_not_named_in_full(acme, named):
    here, there = signed_in(acme), signed_in(acme)

    answer = here.post("/logout/elsewhere/", {"session": named})

    assert answer.status_code == 404
    assert there.session()


def test_another_site_cannot_end_them(acme):
    here, there = signed_in(acme), signed_in(acme)
    careful = Client(enforce_csrf_checks=True)
    careful.cookies = here.portal.cookies

    answer = careful.post("/logout/elsewhere/", {"session": "all"}, secure=True)

    assert answer.status_code == 403
    assert there.session()


def test_whoever_is_not_signed_in_ends_nothing(acme, browser):
    there = signed_in(acme)

    assert browser.post("/logout/elsewhere/", {"session": "all"}).headers["Location"] == "/"
    assert there.session()


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (FIREFOX, "Firefox on Windows"),
        (PHONE, "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/148.0 Safari/537.36 Edg/148.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/148.0 Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (X11; CrOS x86_64) Chrome/148.0 Safari/537.36", "Chrome on ChromeOS"),
        ("curl/8.1", "A browser"),
        ("", "A browser"),
    ],
)
def test_calls_a_browser_by_the_name_that_people_know(agent, device):
    assert device_of(agent) == device
