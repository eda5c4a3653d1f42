"""A browser window on the running portal, and everything that it complains of."""

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, WebError

from tests.support.portal import Portal
from tests.support.portal_visitor import Visitor

ORDINARY = "Failed to load resource: the server responded with a status of"
"""What Chromium says of every page that comes with 4xx or 5xx, as pages about refusals do."""


class Window:
    """One window: its cookies, its tabs, what the console said in them."""

    def __init__(self, context: BrowserContext, portal: Portal) -> None:
        self.context = context
        self.portal = portal
        self.complaints: list[str] = []
        context.set_default_timeout(10_000)
        context.on("console", self._hear)
        context.on("weberror", self._fail)

    def open(self, address: str) -> Page:
        """Return a new tab, at a path of the portal."""
        page = self.context.new_page()
        page.goto(self.portal.base_url + address)
        return page

    def take_over(self, visitor: Visitor) -> None:
        """Go on as the browser of this visitor: with its cookies at the portal."""
        cookies = visitor.cookies().items()
        url = self.portal.base_url
        self.context.add_cookies(
            [{"name": name, "value": value, "url": url} for name, value in cookies]
        )

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(ORDINARY):
            self.complaints.append(message.text)

    def _fail(self, error: WebError) -> None:
        self.complaints.append(str(error.error))
