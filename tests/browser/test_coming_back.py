"""What a browser keeps and what it does with it: memory, Back, tabs, leaving."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.kinds import signed_in
from tests.support.portal_visitor import Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def provider_page(portal):
    return re.compile(re.escape(portal.provider.base_url))


def leave(page):
    page.get_by_role("banner").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You’re signed out of Northlake")


# What is remembered


def test_a_remembered_person_is_back_in_with_three_key_presses(window, portal):
    page = signed_in(window, "contoso", "Ana Sousa")
    leave(page)
    page.goto(f"{portal.base_url}/login/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome back")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")

    expect(page).to_have_url(f"{portal.base_url}/")
    expect(page.locator(".person")).to_contain_text("Ana Sousa")


def test_what_is_remembered_can_be_forgotten(either_window, portal):
    page = signed_in(either_window, "contoso", "Ana Sousa")
    leave(page)
    page.goto(f"{portal.base_url}/login/")
    expect(page.get_by_role("link", name="Continue with Contoso")).to_contain_text("ana@contoso")

    page.get_by_role("button", name="Forget this company").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in with your company account")
    names = {cookie["name"] for cookie in either_window.context.cookies(portal.base_url)}
    assert "foyer-remember" not in names


def test_on_a_shared_computer_nothing_is_remembered(either_window, portal):
    page = either_window.open("/login/")
    page.get_by_label("Remember my company on this device").uncheck()
    page.get_by_label("Work email").fill("ana@contoso.example")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Sign in", exact=True).click()
    leave(page)

    page.goto(f"{portal.base_url}/login/")

    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in with your company account")


def test_on_a_shared_computer_a_logo_has_nothing_remembered_either(window, portal):
    page = window.open("/login/")
    page.get_by_label("Remember my company on this device").uncheck()
    page.get_by_role("link", name="Contoso").click()
    page.get_by_role("button", name="Ana Sousa").click()
    leave(page)

    page.goto(f"{portal.base_url}/login/")

    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in with your company account")


def test_without_scripts_the_tick_says_whom_it_is_for_and_what_to_do(open_window, portal):
    page = open_window(java_script_enabled=False).open("/login/")

    page.get_by_role("link", name="have nothing remembered").click()
    page.get_by_role("link", name="Contoso").click()
    page.get_by_role("button", name="Ana Sousa").click()
    leave(page)

    page.goto(f"{portal.base_url}/login/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in with your company account")


# Leaving


def test_signing_out_at_the_company_too_leads_there_and_back(either_window, portal, provider_page):
    page = signed_in(either_window, "contoso", "Ana Sousa")
    leave(page)

    page.get_by_role("link", name="Sign out of Contoso").click()

    expect(page).to_have_url(re.compile(f"^{re.escape(portal.base_url)}/logout/"))
    expect(page.get_by_role("link", name="Sign out of Contoso")).to_have_count(0)
    page.goto(f"{portal.base_url}/login/contoso/")
    expect(page).to_have_url(provider_page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_signing_out_here_alone_leaves_the_person_signed_in_there(window, portal):
    page = signed_in(window, "contoso", "Ana Sousa")
    leave(page)

    page.goto(f"{portal.base_url}/login/contoso/")

    expect(page.locator(".person")).to_contain_text("Ana Sousa")


def test_back_after_signing_out_shows_nothing_of_the_person(window):
    page = signed_in(window, "contoso", "Ana Sousa")
    leave(page)

    page.go_back()

    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome back")


# Back and tabs


def test_back_from_the_company_offers_to_try_again_and_whom_to_ask(either_window, provider_page):
    page = either_window.open("/login/")
    page.get_by_role("link", name="Contoso").click()
    expect(page).to_have_url(provider_page)

    page.go_back()

    expect(page.get_by_role("heading", level=1)).to_have_text("Didn’t get through?")
    expect(page.get_by_role("link", name="it@contoso.example")).to_be_visible()
    page.get_by_role("link", name="Try Contoso again").click()
    expect(page).to_have_url(provider_page)


def test_back_after_a_sign_in_ends_at_home_and_at_no_error(window, portal):
    page = window.open("/login/")
    page.get_by_label("Work email").fill("ana@contoso.example")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(f"{portal.base_url}/")

    page.go_back()
    page.wait_for_load_state()
    if page.url.startswith(portal.provider.base_url):
        page.get_by_role("button", name="Sign in", exact=True).click()

    expect(page).to_have_url(f"{portal.base_url}/")
    expect(page.locator(".person")).to_contain_text("Ana Sousa")


def test_a_callback_that_is_loaded_again_leads_home(window, portal):
    callbacks = []
    window.context.on(
        "request",
        lambda request: "/callback/" in request.url and callbacks.append(request.url),
    )
    page = signed_in(window, "contoso", "Ana Sousa")

    page.goto(callbacks[0])

    expect(page).to_have_url(f"{portal.base_url}/")
    expect(page.locator(".person")).to_contain_text("Ana Sousa")


def test_two_tabs_do_not_disturb_each_other(window, portal):
    one = window.open("/login/contoso/?next=/%3Ftab=one")
    two = window.open("/login/brightwater/?next=/%3Ftab=two")

    two.get_by_role("button", name="Mei Tanaka").click()
    expect(two).to_have_url(f"{portal.base_url}/?tab=two")
    one.get_by_role("button", name="Ana Sousa").click()

    expect(one).to_have_url(f"{portal.base_url}/?tab=one")
    two.reload()
    expect(two.locator(".person")).to_contain_text("Ana Sousa")


# What stops a sign-in


def test_a_refusal_says_who_can_help_and_its_details_can_be_copied(open_window, portal):
    window = open_window(permissions=["clipboard-read", "clipboard-write"])
    page = window.open("/login/contoso/?next=/orders/")
    page.get_by_role("button", name="lars@contoso.example").click()
    expect(page.get_by_role("heading", name="Ask the Contoso IT help desk")).to_be_visible()

    page.get_by_role("button", name="Copy details").click()

    expect(page.get_by_role("status")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    [(reference,)] = portal.rows(
        "select reference from audit_event where what = 'login.refused' order by id desc limit 1"
    )
    assert copied.startswith(f"Reference: {reference} authorization_denied")
    assert "You tried to open: /orders/" in copied


def test_who_cancels_at_the_company_can_try_again_or_use_another_account(
    either_window, provider_page
):
    page = either_window.open("/login/contoso/")

    page.get_by_role("button", name="Cancel").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("You stopped before finishing")
    page.get_by_role("link", name="Use another account").click()
    expect(page).to_have_url(provider_page)


def test_a_wrong_account_can_be_changed_for_the_right_one(either_window, portal):
    page = signed_in(either_window, "contoso", "Priya Nair")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "That account isn’t a Contoso account"
    )

    page.get_by_role("link", name="Use another account").click()
    page.get_by_role("button", name="Ana Sousa").click()

    expect(page).to_have_url(f"{portal.base_url}/")


# German


def test_german_is_chosen_kept_and_asked_of_the_company(either_window, provider_page):
    page = either_window.open("/login/?next=/%3Fa=b")
    page.locator("details.lang summary").click()

    page.get_by_role("button", name="Deutsch").click()

    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page).to_have_url(re.compile(r"/login/\?next="))
    page.get_by_role("link", name="Contoso").click()
    expect(page).to_have_url(re.compile("ui_locales=de"))
    page.get_by_role("button", name="Ana Sousa").click()
    expect(page.locator(".person")).to_contain_text("Ana Sousa")


# Pausing


def test_a_session_that_the_owner_ended_is_over_at_the_next_click(window, portal):
    visitor = Visitor(portal)
    portal.issuer("acme").sign_in_as("ana@acme.example")
    visitor.sign_in("acme")
    window.take_over(visitor)
    page = window.open("/")
    expect(page.locator(".person")).to_contain_text("Ana Sousa")

    portal.change(
        "delete from people_session where user_id in"
        " (select id from people_user where email = 'ana@acme.example')"
    )
    page.reload()

    expect(page).to_have_url(re.compile("/login/"))
