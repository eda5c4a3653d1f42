"""The walk of the README in Chromium, with scripts and without."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.kinds import nobody_hidden

pytestmark = pytest.mark.browser


def test_by_email_the_address_is_typed_once(either_window, portal):
    page = either_window.open("/")
    page.get_by_label("Work email").fill("mei@brightwater.example")

    page.get_by_role("button", name="Continue").click()

    expect(page).to_have_url(re.compile(re.escape(portal.provider.base_url)))
    expect(page.get_by_label("Email address")).to_have_value("mei@brightwater.example")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(f"{portal.base_url}/")
    expect(page.locator(".person")).to_contain_text("Mei Tanaka")
    expect(page.get_by_role("banner")).to_contain_text("Brightwater Labs")
    expect(page.locator("dl.facts")).to_contain_text("Session ends")


def test_by_logo_it_is_two_clicks(either_window, portal):
    page = either_window.open("/")

    page.get_by_role("link", name="Contoso").click()
    page.get_by_role("button", name="Ana Sousa").click()

    expect(page).to_have_url(f"{portal.base_url}/")
    expect(page.locator(".person")).to_contain_text("Ana Sousa")


def test_who_wanted_to_go_somewhere_arrives_there(either_window, portal):
    wanted = f"{portal.base_url}/?of=today&for=Ana"
    page = either_window.open("/?of=today&for=Ana")
    page.get_by_label("Work email").fill("ana@contoso.example")
    page.get_by_role("button", name="Continue").click()

    page.get_by_role("button", name="Sign in", exact=True).click()

    expect(page).to_have_url(wanted)


def test_an_unknown_domain_gets_advice_and_a_typo_the_right_domain(either_window, portal):
    with nobody_hidden(portal):
        page = either_window.open("/login/")
        page.get_by_label("Work email").fill("ana@contosso.example")
        page.get_by_role("button", name="Continue").click()
    expect(page).to_have_title(re.compile("^Error:"))
    expect(page.get_by_role("alert")).to_contain_text("We couldn’t find a company")
    expect(page.get_by_label("Work email")).to_have_value("ana@contosso.example")

    page.get_by_role("button", name="Did you mean contoso.example?").click()

    expect(page.get_by_label("Email address")).to_have_value("ana@contoso.example")


def test_a_page_that_was_left_open_over_night_still_works(window, portal):
    page = window.open("/login/")
    page.get_by_label("Work email").fill("ana@contoso.example")
    window.context.clear_cookies()

    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_label("Work email")).to_have_value("ana@contoso.example")
    page.get_by_role("button", name="Try again").click()

    expect(page).to_have_url(re.compile(re.escape(portal.provider.base_url)))


def test_the_keyboard_is_enough(window, portal):
    page = window.open("/login/")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to sign in")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Work email")).to_be_focused()
    page.keyboard.type("ana@contoso.example")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Email address")).to_have_value("ana@contoso.example")
    page.get_by_label("Email address").press("Enter")

    expect(page).to_have_url(f"{portal.base_url}/")


def test_a_company_starts_the_sign_in_from_its_own_page(either_window, portal):
    page = either_window.context.new_page()
    page.goto(f"{portal.provider.base_url}/contoso/apps")
    page.get_by_role("button", name="Ana Sousa").click()

    page.get_by_role("link", name="Northlake").click()

    expect(page).to_have_url(f"{portal.base_url}/")
    expect(page.locator(".person")).to_contain_text("Ana Sousa")


def test_the_policy_is_at_work_and_its_complaints_are_heard(window):
    page = window.open("/login/")

    page.evaluate("document.body.setAttribute('style', 'color: red')")
    page.wait_for_timeout(100)

    assert [complaint for complaint in window.complaints if "style-src" in complaint]
    window.complaints.clear()
