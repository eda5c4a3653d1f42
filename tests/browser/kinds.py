"""Every kind of page that people see, and how a window comes to show it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, Route

from demo.provider import IdTokenFault
from tests.browser.window import Window
from tests.support.portal import Portal
from tests.support.portal_visitor import Visitor

Kind = Callable[[Window], Page]


def signed_in(window: Window, slug: str, name: str) -> Page:
    """Return a new tab after a sign-in by the logo, as the person of this name."""
    page = window.open(f"/login/{slug}/")
    page.get_by_role("button", name=name).click()
    page.wait_for_url(f"{window.portal.base_url}/**")
    return page


@contextmanager
def nobody_hidden(portal: Portal) -> Iterator[None]:
    """Have no hidden partner in the block: an unknown address gets advice then, and no promise."""
    show = "UPDATE partners_partner SET visibility = %s WHERE visibility = %s RETURNING id"
    shown = [pk for (pk,) in portal.rows(show, "by_email", "hidden")]
    try:
        yield
    finally:
        hide = "UPDATE partners_partner SET visibility = 'hidden' WHERE id = ANY(%s)"
        portal.change(hide, shown)


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


def _advised(email: str) -> Kind:
    def shown(window: Window) -> Page:
        with nobody_hidden(window.portal):
            return _typed(email)(window)

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
        issuer = visitor.portal.issuer(slug)
        issuer.sign_in_as(email)
        visitor.sign_in(slug)
        issuer.sign_in_as(None)

    return sign_in


def _leaving(visitor: Visitor) -> None:
    visitor.post("/logout/", {})


def _ended(visitor: Visitor) -> None:
    visitor.portal.change(
        "DELETE FROM people_session WHERE user_id IN"
        " (SELECT id FROM people_user WHERE email = 'mei@brightwater.example')"
    )


def _starting(visitor: Visitor) -> None:
    visitor.begin("contoso")


def _refused(slug: str, email: str) -> Kind:
    def shown(window: Window) -> Page:
        issuer = window.portal.issuer(slug)
        issuer.sign_in_as(email)
        page = window.open(f"/login/{slug}/")
        issuer.sign_in_as(None)
        return page

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


def _untrusted(window: Window) -> Page:
    issuer = window.portal.issuer("contoso")
    issuer.misbehave(id_token=IdTokenFault(members={"nonce": "another"}, times=1))
    return _refused("contoso", "ana@contoso.example")(window)


def _form_of_yesterday(window: Window) -> Page:
    page = _after(_ANA, at="/logout/")(window)
    window.context.clear_cookies()
    page.locator("main form button").first.click()
    page.wait_for_load_state()
    return page


SIGN_IN = "Sign in with your company account"

PORTAL: dict[str, tuple[Kind, str]] = {
    "sign-in": (_at("/login/"), SIGN_IN),
    "sign-in-searched": (_at("/login/?q=zzz"), SIGN_IN),
    "sign-in-empty": (_typed(""), SIGN_IN),
    "sign-in-unknown": (_advised("ana@nowhere.example"), SIGN_IN),
    "sign-in-typo": (_advised("ana@contosso.example"), SIGN_IN),
    "sign-in-mailed": (_typed("ana@nowhere.example"), "Check your email"),
    "sign-in-paused": (_typed("iris@dunmore.example"), "Sign‑in for Dunmore Press is paused"),
    "sign-in-ended": (_after(_MEI, _ended, at="/login/"), "Welcome back"),
    "sign-in-remembered": (_after(_ANA, _leaving, at="/login/"), "Welcome back"),
    "sign-in-several-remembered": (_several_remembered, "Welcome back"),
    "sign-in-stalled": (_after(_starting, at="/login/"), "Didn’t get through?"),
    "taking-you": (_taking_you, "Taking you to Contoso…"),
    "paused": (_at("/login/dunmore/"), "Sign‑in for Dunmore Press is paused"),
    "initiate-unknown": (
        _at("/login/initiate/?iss=https://nobody.example"),
        "We couldn’t tell which company this link is for",
    ),
    "refused-by-company": (
        _refused("contoso", "lars@contoso.example"),
        "Contoso hasn’t given you access yet",
    ),
    "refused-account": (
        _refused("contoso", "priya@freelance.example"),
        "That account isn’t a Contoso account",
    ),
    "refused-attempt": (
        _at("/login/contoso/callback/?state=unknown"),
        "Your browser didn’t send the cookie we need",
    ),
    "refused-untrusted": (_untrusted, "We couldn’t trust the answer from Contoso"),
    "home": (_after(_ANA, at="/"), "Your services"),
    "sign-out": (_after(_ANA, at="/logout/"), "Sign out of Northlake?"),
    "signed-out": (_after(_ANA, _leaving, at="/logout/"), "You’re signed out of Northlake"),
    "form-of-yesterday": (_form_of_yesterday, "Please try that once more"),
    "timed-out": (
        _at("/login/timed-out/?next=/"),
        "You were signed out to keep your account safe",
    ),
    "help": (_at("/login/help/"), "Help with signing in"),
    "help-signed-in": (_after(_ANA, at="/login/help/"), "Help with signing in"),
    "not-for-looking": (_at("/login/forget/"), "There is nothing to see at this address"),
    "not-found": (_at("/nowhere/"), "We can’t find that page"),
}
"""By name: how to come to a page of the portal, and its heading."""

PROVIDER: dict[str, tuple[Kind, str]] = {
    "provider-sign-in": (_at("/login/contoso/"), "Sign in"),
    "provider-unknown-account": (_provider_unknown, "Sign in"),
    "provider-apps": (_at_provider("apps"), "Your applications"),
    "provider-signed-out": (_at_provider("logout"), "You are signed out at Contoso"),
    "provider-problem": (
        _at_provider("authorize?client_id=nobody"),
        "This sign-in can’t go on",
    ),
}
"""The same of the demo's provider."""
