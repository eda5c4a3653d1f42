"""The comfort that scripts add, in Chromium, under the portal's own policy."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from federation.forms import SignInForm
from federation.oidc.errors import Reason
from tests.pages.contexts import board, home, refused, sign_in, stalled, tile, typed

pytestmark = pytest.mark.browser

SIGN_IN = "federation/sign_in.html"
HOME = "federation/home.html"


def home_for(idle: int, session: int = 43_200):
    """Return the home page of a session with so many seconds left."""
    now = timezone.now()
    ends = now + timedelta(seconds=session)
    return home(idle_ends=min(now + timedelta(seconds=idle), ends), session_ends=ends)


def test_warns_two_minutes_before_the_session_ends(site):
    site.put_up("/", HOME, home_for(idle=100))

    page = site.open("/")

    expect(page.get_by_role("dialog")).to_contain_text("in 2 minutes.")
    expect(page.get_by_role("link", name="Stay signed in")).to_be_focused()


def test_does_not_warn_while_there_is_time(site):
    site.put_up("/", HOME, home_for(idle=1800))

    page = site.open("/")

    expect(page.get_by_role("dialog")).to_have_count(0)


def test_escape_opens_the_page_anew_which_keeps_the_session(site):
    site.put_up("/", HOME, home_for(idle=100))
    page = site.open("/")
    site.put_up("/", HOME, home_for(idle=1800))

    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    assert site.asked.count("GET /") == 2


def test_a_page_opened_in_another_tab_keeps_this_one_too(site):
    site.put_up("/", HOME, home_for(idle=100))
    page = site.open("/")
    expect(page.get_by_role("dialog")).to_be_visible()
    site.put_up("/", HOME, home_for(idle=1800))

    site.open("/")

    expect(page.get_by_role("dialog")).to_have_count(0)


def test_leads_to_the_page_about_the_ended_session(site):
    site.put_up("/", HOME, home_for(idle=100))
    site.put_up("/login/timed-out/?next=%2F", "federation/timed_out.html", {"return_to": ""})
    page = site.context.new_page()
    page.clock.install()
    page.goto("https://portal.example/")

    page.clock.fast_forward(101_000)

    expect(page.get_by_role("heading", name="You were signed out to keep")).to_be_visible()


def test_nothing_keeps_a_session_beyond_its_last_hour(site):
    site.put_up("/", HOME, home_for(idle=1800, session=100))
    page = site.open("/")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("link", name="Stay signed in")).to_have_count(0)

    dialog.get_by_role("button", name="Go on until then").click()
    page.wait_for_timeout(1_200)

    expect(dialog).to_have_count(0)


def test_copies_the_details_of_a_refusal(site):
    site.put_up("/login/contoso/", "federation/refused.html", refused(Reason.EMAIL_MISSING))
    page = site.open("/login/contoso/")

    page.get_by_role("button", name="Copy details").click()

    expect(page.get_by_role("status")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.splitlines()[0] == "Reference: FY-7F3K-92QD email_missing"
    assert "You tried to open: /orders/" in copied


def test_tells_times_as_the_persons_clock_does(site):
    site.put_up("/login/", SIGN_IN, sign_in(stalled=stalled()))

    page = site.open("/login/")

    expect(page.locator("time")).to_have_text("9:41 AM")


def test_calls_the_day_on_which_the_session_ends_by_its_name(site):
    site.put_up("/", HOME, home_for(idle=1800, session=86_400))

    page = site.open("/")

    expect(page.locator("time")).to_contain_text("tomorrow, ")


def test_the_list_of_companies_follows_what_is_typed(site):
    site.put_up("/login/", SIGN_IN, sign_in(directory=board(3)))
    found = board(query="bri", total=1, groups=[("", [tile("Brightwater Labs")])])
    site.put_up("/login/?q=bri", SIGN_IN, sign_in(directory=found))
    page = site.open("/login/")
    field = page.get_by_role("searchbox")

    field.press_sequentially("bri")

    expect(page.locator(".tile")).to_have_text(["BBrightwater Labs"])
    expect(page.locator("#matches")).to_contain_text("1 company matches “bri”.")
    expect(field).to_be_focused()


def test_a_search_that_fails_leaves_the_list_as_it_is(site):
    site.put_up("/login/", SIGN_IN, sign_in(directory=board(3)))
    page = site.open("/login/")

    with page.expect_response("**/login/?q=bri"):
        page.get_by_role("searchbox").press_sequentially("bri")

    expect(page.locator(".tile")).to_have_count(3)


def test_what_is_wrong_with_an_address_gets_the_focus(site):
    site.put_up("/login/", SIGN_IN, sign_in(form=typed("")))

    page = site.open("/login/")

    expect(page.get_by_role("alert")).to_be_focused()


@pytest.fixture
def at_work(site):
    """The sign-in page with its button pressed, on the way to an answer that never comes."""
    site.put_up("/login/", SIGN_IN, sign_in())
    page = site.open("/login/")
    page.evaluate(
        """document.querySelector("form[data-busy]")
            .addEventListener("submit", (event) => event.preventDefault(), { once: true })"""
    )
    page.get_by_role("button", name="Continue").click()
    return page


def test_the_button_says_that_it_is_at_work(at_work):
    button = at_work.get_by_role("button", name="Finding your company…")

    expect(button).to_have_attribute("aria-busy", "true")


def test_pressing_the_button_twice_sends_the_form_once(at_work, site):
    at_work.get_by_role("button", name="Finding your company…").click()
    at_work.wait_for_timeout(300)

    assert "POST /login/" not in site.asked


def test_the_button_recovers_when_the_browser_shows_the_page_as_it_was_left(at_work):
    at_work.evaluate("dispatchEvent(new Event('pageshow'))")

    expect(at_work.get_by_role("button", name="Continue")).not_to_have_attribute(
        "aria-busy", "true"
    )


@pytest.mark.parametrize(
    ("ticked", "changed", "carried"),
    [
        (True, False, "/login/contoso/"),
        (True, True, "/login/contoso/?remember=no"),
        (False, True, "/login/contoso/?remember=yes"),
    ],
)
@pytest.mark.parametrize("button", ["left", "middle", "right"])
def test_a_logo_carries_what_the_tick_says(site, ticked, changed, carried, button):
    given = sign_in(directory=board(groups=[("", [tile("Contoso")])]))
    given["form"] = SignInForm(initial={"email": "", "remember": ticked})
    site.put_up("/login/", SIGN_IN, given)
    page = site.open("/login/")
    page.evaluate("addEventListener('click', (event) => event.preventDefault())")
    page.evaluate("addEventListener('auxclick', (event) => event.preventDefault())")
    logo = page.get_by_role("link", name="Contoso")

    if changed:
        page.get_by_label("Remember my company").evaluate("tick => (tick.checked = !tick.checked)")
    logo.click(button=button)

    expect(logo).to_have_attribute("href", re.compile(f"{re.escape(carried)}$"))
