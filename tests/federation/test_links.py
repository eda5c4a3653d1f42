"""Hidden partners are reached by a mailed link, and nobody learns that they are here."""

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.conf import settings as django_settings
from django.db import connection
from django.db.models import F
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import Event
from federation import links
from federation.models import FailureCount, SignInLink
from partners.secrets import SealError
from tests.support.company import Browser, query_of
from tests.support.queue import queued, run_queue, sent_mails

pytestmark = pytest.mark.django_db

ANA, NOBODY = "ana@acme.example", "ana@acne.example"


@pytest.fixture
def hidden(acme):
    """Acme, of which nobody is to know."""
    acme.partner.visibility = "hidden"
    acme.partner.save()
    return acme


def typed(browser, email=ANA, **fields):
    return browser.post("/login/", {"email": email, "remember": "on", **fields})


def link_in(mails):
    """Return the path of the link in the one mail there is."""
    (mail,) = mails
    return re.search(rf"{django_settings.BASE_URL}(/login/link/[\w-]{{43}}/)\n", mail.body)[1]


def mailed_link(browser, email=ANA, **fields):
    typed(browser, email, **fields)
    return link_in(sent_mails())


def leads_on(response):
    """Return the authorization URL to which a page leads, or nothing."""
    return response.headers.get("Refresh", "").removeprefix("0;url=")


def later(**span):
    return time_machine.travel(timezone.now() + timedelta(**span), tick=False)


def plain(response):
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", response.content.decode())
    return re.sub(r'nonce="[^"]+"', "", text)


# --- Who gets one -------------------------------------------------------------------------------


def test_the_link_leads_to_the_hidden_partners_provider_with_the_address(hidden, browser):
    path = mailed_link(browser, next="/orders/")

    page = browser.get(path)
    onward = browser.post(path)

    assert page.status_code == onward.status_code == 200
    assert "Acme" in page.content.decode()
    url = leads_on(onward)
    assert url.startswith(f"{hidden.issuer.issuer}/")
    assert query_of(url)["login_hint"] == [ANA]
    hidden.issuer.sign_in_as(ANA)
    back = browser.get(browser.callback_path(url))
    assert back.headers["Location"] == "/orders/"
    assert browser.session()["email"] == ANA


def test_an_unknown_address_and_a_hidden_partners_get_the_same_answer(hidden, browser):
    known, unknown = typed(Browser()), typed(Browser(), NOBODY)

    assert "Check your email" in known.content.decode()
    assert plain(known) == plain(unknown).replace(NOBODY, ANA)
    of_each_answer = {"Set-Cookie": "", "Expires": ""}
    assert {**known.headers, **of_each_answer} == {**unknown.headers, **of_each_answer}
    for cookies in (known.cookies, unknown.cookies):
        assert sorted(cookies) == ["__Host-foyer-csrf", "__Host-foyer-link"]
    assert len(known.cookies["__Host-foyer-link"].value) == len(
        unknown.cookies["__Host-foyer-link"].value
    )


def test_an_unknown_address_costs_the_portal_what_a_hidden_partners_costs(hidden):
    statements = []
    for email in (ANA, NOBODY):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            typed(Browser(), email)
        statements.append([re.sub(r"'[^']*'|\d+", "", one["sql"])[:80] for one in asked])

    assert statements[0] == statements[1]
    one, other = (len(str(job.args)) for job in queued())
    assert one == other


def test_nobody_is_mailed_to_at_an_address_of_nobody(hidden, globex, browser):
    globex.partner.status = "paused"
    globex.partner.visibility = "hidden"
    globex.partner.save()
    for email in (NOBODY, "ana@sub.acme.example", "ana@globex.example"):
        typed(browser, email)

    assert sent_mails() == []
    assert not SignInLink.objects.exists()


def test_nobody_is_mailed_to_who_is_sent_on_openly(hidden, globex, browser):
    response = typed(browser, "ana@globex.example")

    assert leads_on(response).startswith(globex.issuer.issuer)
    assert sent_mails() == []


@pytest.mark.parametrize("change", [{"visibility": "by_email"}, {"status": "paused"}])
def test_without_a_hidden_partner_nothing_is_said_of_mails(hidden, browser, change):
    for name, value in change.items():
        setattr(hidden.partner, name, value)
    hidden.partner.save()

    response = typed(browser, NOBODY)

    assert "We couldn’t find a company for this email" in response.content.decode()
    assert queued() == []


def test_without_a_mail_server_nothing_is_said_of_mails(hidden, browser, settings):
    settings.EMAIL_BACKEND = "mails.server.NoServer"

    response = typed(browser)

    assert "We couldn’t find a company for this email" in response.content.decode()
    assert queued() == []


def test_what_was_typed_stays_in_the_form_and_can_be_sent_again(hidden, browser):
    page = typed(browser, NOBODY, next="/orders/").content.decode()

    assert page.count(f'value="{NOBODY}"') == 2
    assert page.count('name="next" value="/orders/"') == 2


def test_the_mail_is_in_the_language_of_the_page_and_names_nothing_of_the_request(hidden, browser):
    browser.portal.cookies["__Host-foyer-language"] = "de"

    browser.portal.post(
        "/login/",
        {"email": ANA},
        secure=True,
        headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"},
    )

    (mail,) = sent_mails()
    assert mail.subject == "Bei Foyer anmelden mit Acme"
    assert "evil.example" not in mail.body


# --- What the link is good for ------------------------------------------------------------------


def test_opening_the_link_does_not_use_it_up(hidden, browser):
    path = mailed_link(browser)

    for _ in range(3):
        assert browser.get(path).status_code == 200
    browser.portal.head(path, secure=True)

    assert leads_on(browser.post(path))


def test_a_link_works_once(hidden, browser):
    path = mailed_link(browser)
    browser.post(path)

    assert browser.get(path).status_code == browser.post(path).status_code == 404


@pytest.mark.parametrize(("minutes", "is_good"), [(14, True), (16, False)])
def test_a_link_works_for_a_quarter_of_an_hour(hidden, browser, minutes, is_good):
    path = mailed_link(browser)

    with later(minutes=minutes):
        assert (browser.get(path).status_code == 200) is is_good
        assert bool(leads_on(browser.post(path))) is is_good


def test_a_link_works_in_the_browser_that_asked_for_it_and_in_no_other(hidden, browser):
    path = mailed_link(browser)
    stranger, another = Browser(), Browser()
    typed(another, NOBODY)
    forger = Browser()
    forger.portal.cookies["__Host-foyer-link"] = "made.up"

    for other in (stranger, another, forger):
        page = other.get(path)
        assert page.status_code == other.post(path).status_code == 404
        assert "Acme" not in page.content.decode()
    assert leads_on(browser.post(path))


def test_a_link_of_another_browser_cannot_be_told_from_none(hidden, browser):
    path = mailed_link(browser)
    stranger = Browser()

    one, none = stranger.get(path), stranger.get(f"/login/link/{'x' * 43}/")

    assert plain(one) == plain(none)


def test_a_form_that_is_not_ours_uses_no_link(hidden, browser):
    path = mailed_link(browser)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.portal.cookies

    assert not leads_on(strict.post(path, secure=True))

    assert leads_on(browser.post(path))


def test_a_second_link_leaves_the_first_one_good(hidden, browser):
    first = mailed_link(browser)
    with later(minutes=1):
        second = mailed_link(browser)

    assert leads_on(browser.post(second))
    assert leads_on(browser.post(first))


def test_a_link_to_a_partner_that_was_paused_since_leads_nowhere(hidden, browser):
    path = mailed_link(browser)
    hidden.partner.status = "paused"
    hidden.partner.save()

    response = browser.post(path)

    assert response.status_code == 403
    assert not leads_on(response)


def test_the_links_address_is_sent_nowhere(hidden, browser):
    path = mailed_link(browser)

    page, over = browser.get(path), Browser().get(path)
    onward = browser.post(path)

    for response in (page, onward, over):
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert path not in response.content.decode()


def test_no_token_is_kept(hidden, browser):
    path = mailed_link(browser)
    request = RequestFactory().get("/")
    request.COOKIES = {name: morsel.value for name, morsel in browser.portal.cookies.items()}
    key = links._browser_key(request)

    (row,) = SignInLink.objects.values_list()

    token = path.split("/")[-2]
    kept = " ".join(str(bytes(one) if isinstance(one, memoryview) else one) for one in row)
    assert token not in kept
    assert key not in kept


def test_the_use_of_a_link_is_recorded(hidden, browser):
    browser.post(mailed_link(browser))

    rows = Event.objects.filter(what__in=["mail.sent", "link.used"]).order_by("id")
    assert [(row.what, row.partner, row.email) for row in rows] == [
        ("mail.sent", "acme", ANA),
        ("link.used", "acme", ANA),
    ]
    assert rows[1].address == "127.0.0.1"


# --- How often ----------------------------------------------------------------------------------


def test_one_address_gets_three_in_an_hour(hidden):
    sent = 0
    for minute in range(6):
        with later(minutes=minute):
            for _ in range(2):
                typed(Browser())
            sent += len(sent_mails())

    assert sent == 3
    assert Event.objects.filter(what="limit.reached", partner="acme").count() == 1
    # The counts go by the database's clock.
    FailureCount.objects.update(ends_at=F("ends_at") - timedelta(hours=1))
    typed(Browser())
    assert len(sent_mails()) == 1


def test_one_network_asks_for_twenty_in_an_hour(hidden):
    for number in range(25):
        typed(Browser(), f"ana-{number}@acme.example")

    assert len(sent_mails()) == 20


def test_another_network_is_not_kept_waiting(hidden, browser):
    for number in range(25):
        typed(Browser(), f"ana-{number}@acme.example")
    sent_mails()

    browser.portal.post("/login/", {"email": ANA}, secure=True, REMOTE_ADDR="192.0.2.7")

    assert len(sent_mails()) == 1


def test_two_clicks_are_one_wish(hidden, browser):
    typed(browser)
    typed(browser)

    assert len(sent_mails()) == 1


def test_a_task_that_runs_twice_sends_one_link(hidden, browser):
    typed(browser)
    (job,) = queued()
    run_queue()

    with later(minutes=2):
        links.send(job.args["wish"])

    assert len(sent_mails()) == 1


def test_a_wish_that_waited_too_long_is_nobodys_any_more(hidden, browser):
    typed(browser)

    with later(minutes=16):
        assert sent_mails() == []


def test_nothing_of_a_wish_can_be_read_where_it_waits(hidden, browser):
    typed(browser, next="/orders/")

    (job,) = queued()
    for word in ("ana", "acme", "orders", "127.0.0.1"):
        assert word not in str(job.args["wish"])
    with pytest.raises(SealError):
        links.send("not.ours")


def test_a_link_that_is_over_is_cleaned_away(hidden, browser):
    mailed_link(browser)

    assert links.clean_up(timezone.now()) == 0
    assert links.clean_up(timezone.now() + timedelta(minutes=16)) == 1


def test_the_page_shows_a_listed_company_that_was_nearly_typed(hidden, globex, browser):
    page = unescape(typed(browser, "ana@glovex.example").content.decode())

    assert 'value="ana@globex.example"' in page
    assert "Check your email" in page
