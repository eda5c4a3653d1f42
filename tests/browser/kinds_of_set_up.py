"""Every kind of page of a set-up, and how a window comes to show it."""

from collections.abc import Callable

from playwright.sync_api import Page

from demo.provider import Account, ProviderConfig
from tests.browser.kinds import Kind
from tests.browser.set_ups import cookie_of_set_up, enter, own_domain, send_link
from tests.browser.window import Window

SLUG, NAME = "tern", "Tern Marine"
SECRET = "the secret of Tern"

_cookies: dict[str, tuple[str, str]] = {}


def _at(step: str, *, product: str = "Keycloak") -> Kind:
    """Return a step's page, in the set-up of a company that has this product."""

    def shown(window: Window) -> Page:
        portal = window.portal
        if portal.base_url not in _cookies:
            _cookies[portal.base_url] = cookie_of_set_up(portal, SLUG, NAME)
            own_domain(portal, SLUG)
        enter(window, _cookies[portal.base_url])
        page = window.open("/setup/provider/")
        page.get_by_role("radio", name=product).check()
        page.locator(".wizard button.btn:not(.btn--quiet)").click()
        page.goto(f"{portal.base_url}/setup/{step}/")
        return page

    return shown


def _then(kind: Kind, *acts: Callable[[Page], object]) -> Kind:
    def shown(window: Window) -> Page:
        page = kind(window)
        for act in acts:
            act(page)
            page.wait_for_load_state()
        return page

    return shown


def _guess(page: Page) -> None:
    page.locator("details.more summary").click()
    page.locator("details.more button").click()


def _send(page: Page) -> None:
    page.locator(".wizard form[action='/setup/connect/'] button").click()


def _connected(*, slash: str = "", wrong: str = "", to_test: bool = False) -> Kind:
    """Return the third step after it was saved, or the fifth when it has been examined."""

    def shown(window: Window) -> Page:
        portal = window.portal
        issuer = portal.provider.register(
            SLUG,
            client_id="northlake",
            client_secret=SECRET,
            redirect_uri=f"{portal.base_url}/login/{SLUG}/callback/",
            accounts=[Account(subject="1", email=f"ana@{SLUG}.example", name="Ana Sousa")],
            config=ProviderConfig(name=NAME),
        )
        page = _at("connect", product="Amazon Cognito")(window)
        if not page.locator("#address").is_visible():
            page.locator("details.more summary").click()
        page.locator("#address").fill(issuer.issuer + slash + wrong)
        page.locator("#client_id").fill("northlake")
        page.locator("#client_secret").fill(SECRET)
        _send(page)
        page.wait_for_load_state()
        if to_test:
            page.goto(f"{portal.base_url}/setup/test/")
            page.locator("button[value=examine]").click()
            page.wait_for_load_state()
        return page

    return shown


def _stuck(page: Page) -> None:
    with page.context.expect_page():
        page.locator("button[value=sign-in]").click()
    page.goto(page.url + "?said=0")


def _link(window: Window) -> Page:
    link = send_link(window.portal, f"{SLUG}-link", NAME)
    return window.open(link.removeprefix(window.portal.base_url))


SET_UP: dict[str, tuple[Kind, str]] = {
    "setup-link": (_link, "Set up Northlake sign-in for Tern Marine"),
    "setup-resume": (lambda window: window.open("/setup/"), "Go on with a set-up"),
    "setup-welcome": (_at("welcome"), "Let your colleagues sign in with their Tern Marine account"),
    "setup-provider": (_at("provider"), "Which provider do your colleagues sign in with?"),
    "setup-provider-guessed": (
        _then(_at("provider"), _guess),
        "Which provider do your colleagues sign in with?",
    ),
    "setup-register": (_at("register"), "Register Northlake in Keycloak"),
    "setup-register-entra": (
        _at("register", product="Microsoft Entra ID"),
        "Register Northlake in Microsoft Entra ID",
    ),
    "setup-connect": (_at("connect"), "Connect Keycloak"),
    "setup-connect-mistakes": (
        _then(_at("connect", product="Microsoft Entra ID"), _send),
        "Connect Microsoft Entra ID",
    ),
    "setup-connect-adopted": (_connected(slash="/"), "Connect Amazon Cognito"),
    "setup-connect-wrong": (_connected(wrong="x"), "Connect Amazon Cognito"),
    "setup-domains": (_at("domains"), "Which email domains are yours?"),
    "setup-test": (_at("test"), "Test your connection"),
    "setup-test-found": (_connected(to_test=True), "Test your connection"),
    "setup-test-wrong": (_connected(wrong="x", to_test=True), "Test your connection"),
    "setup-test-stuck": (_then(_connected(to_test=True), _stuck), "Test your connection"),
    "setup-switch-on": (_at("switch-on"), "Switch on"),
    "setup-colleague": (_at("colleague"), "Send these steps to a colleague"),
    "setup-log": (_at("log"), "Sign-ins of your people"),
}
"""By name: how to come to a page of the set-up, and its heading."""
