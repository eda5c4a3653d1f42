"""Every kind of page that people see, and how a window comes to show it."""

from collections.abc import Callable

from playwright.sync_api import Page, Route

from tests.browser.window import Window
from tests.support.portal_visitor import Visitor

Kind = Callable[[Window], Page]


def _at(address: str) -> Kind:
    def shown(window: Window) -> Page:
        return window.open(address)

    return shown


def _typed(email: str) -> Kind:
    def shown(window: Window) -> Page:
        page = window.open("/login/")
        page.locator("#email").fill(email)
        page.locator("form.entry__form button").click()
        page.wait_for_load_state()
        return page

    return shown


def _after(*walk: Callable[[Visitor], object], at: str) -> Kind:
    """Return the page that a browser shows at an address after this walk, done without a screen."""

    def shown(window: Window) -> Page:
        visitor = Visitor(window.portal)
        for step in walk:
            step(visitor)
        window.take_over(visitor)
        return window.open(at)

    return shown


def _as(slug: str, email: str) -> Callable[[Visitor], object]:
    def sign_in(visitor: Visitor) -> None:
        visitor.portal.issuer(slug).sign_in_as(email)
        visitor.sign_in(slug)

    return sign_in


def _leaving(visitor: Visitor) -> None:
    visitor.post("/logout/", {})


def _starting(visitor: Visitor) -> None:
    visitor.begin("contoso")


def _refused(slug: str, email: str) -> Kind:
    def shown(window: Window) -> Page:
        window.portal.issuer(slug).sign_in_as(email)
        return window.open(f"/login/{slug}/")

    return shown


_ANA = _as("contoso", "ana@contoso.example")
_MEI = _as("brightwater", "mei@brightwater.example")


def _several_remembered(window: Window) -> Page:
    page = _after(_ANA, _MEI, _leaving, at="/login/")(window)
    page.locator("details.more summary").click()
    return page


def _taking_you(window: Window) -> Page:
    def wait(route: Route) -> None:
        route.fulfill(status=204)

    window.context.route(f"{window.portal.provider.base_url}/**", wait)
    return _typed("ana@contoso.example")(window)


def _at_provider(path: str) -> Kind:
    def shown(window: Window) -> Page:
        page = window.context.new_page()
        page.goto(f"{window.portal.provider.base_url}/contoso/{path}")
        return page

    return shown


def _provider_unknown(window: Window) -> Page:
    page = window.open("/login/contoso/")
    page.get_by_label("Email address").fill("nobody@contoso.example")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_load_state()
    return page


PORTAL: dict[str, Kind] = {
    "sign-in": _at("/login/"),
    "sign-in-searched": _at("/login/?q=zzz"),
    "sign-in-empty": _typed(""),
    "sign-in-unknown": _typed("ana@nowhere.example"),
    "sign-in-typo": _typed("ana@contosso.example"),
    "sign-in-paused": _typed("iris@dunmore.example"),
    "sign-in-remembered": _after(_ANA, _leaving, at="/login/"),
    "sign-in-several-remembered": _several_remembered,
    "sign-in-stalled": _after(_starting, at="/login/"),
    "taking-you": _taking_you,
    "paused": _at("/login/dunmore/"),
    "initiate-unknown": _at("/login/initiate/?iss=https://nobody.example"),
    "refused-by-company": _refused("contoso", "lars@contoso.example"),
    "refused-account": _refused("contoso", "priya@freelance.example"),
    "refused-to-owner": _at("/login/contoso/callback/?state=unknown"),
    "home": _after(_ANA, at="/"),
    "sign-out": _after(_ANA, at="/logout/"),
    "signed-out": _after(_ANA, _leaving, at="/logout/"),
    "timed-out": _at("/login/timed-out/?next=/"),
    "help": _at("/login/help/"),
    "not-found": _at("/nowhere/"),
}

PROVIDER: dict[str, Kind] = {
    "provider-sign-in": _at("/login/contoso/"),
    "provider-unknown-account": _provider_unknown,
    "provider-apps": _at_provider("apps"),
    "provider-signed-out": _at_provider("logout"),
    "provider-problem": _at_provider("authorize?client_id=nobody"),
}
