"""Pages as the templates make them, without a view and without a database."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation
from playwright.sync_api import BrowserContext, Page, Route

from tests.pages.contexts import Context

Render = Callable[[str, Context], str]

ORIGIN = "https://portal.example"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


@pytest.fixture(autouse=True)
def _portal(settings) -> None:
    settings.PORTAL_NAME = "Northlake"
    settings.PORTAL_TAGLINE = "Partner services"
    settings.PORTAL_SUPPORT_EMAIL = "support@northlake.example"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def request_of(rf: RequestFactory) -> Callable[[str], HttpRequest]:
    def made(address: str) -> HttpRequest:
        request = rf.get(address)
        request.user = AnonymousUser()
        return request

    return made


@pytest.fixture
def render(request_of) -> Render:
    def rendered(template: str, context: Context, address: str = "/login/?next=/orders/") -> str:
        return render_to_string(template, context, request_of(address))

    return rendered


class Site:
    """The portal as a browser sees it: the pages that a test has put up, and the static files."""

    def __init__(self, context: BrowserContext, render: Render) -> None:
        self.context = context
        self.render = render
        self.pages: dict[str, str] = {}
        self.asked: list[str] = []
        context.route("**/*", self._answer)

    def put_up(self, address: str, template: str, context: Context) -> None:
        self.pages[address] = self.render(template, context, address)

    def open(self, address: str) -> Page:
        page = self.context.new_page()
        page.goto(ORIGIN + address)
        return page

    def _answer(self, route: Route) -> None:
        address = route.request.url.removeprefix(ORIGIN)
        if address.startswith(settings.STATIC_URL):
            route.fulfill(path=Path(settings.BASE_DIR, address[1:]))
            return
        self.asked.append(f"{route.request.method} {address}")
        if address in self.pages:
            headers = {"Content-Type": "text/html", "Content-Security-Policy": POLICY}
            route.fulfill(body=self.pages[address], headers=headers)
        else:
            route.fulfill(status=404, body="")


@pytest.fixture
def site(chromium, render) -> Iterator[Site]:
    context = chromium.new_context(
        timezone_id="Europe/Berlin", permissions=["clipboard-read", "clipboard-write"]
    )
    yield Site(context, render)
    context.close()
