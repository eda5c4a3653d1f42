"""A pytest plugin: the running portal and Chromium, one of each for each process of the run.

Here and not in a conftest, because the tests of several directories share them.
"""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.support.portal import Portal, running_portal


@pytest.fixture(scope="session")
def portal_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    directory = tmp_path_factory.mktemp("portal")
    with running_portal(directory, database_url=os.environ["DATABASE_URL"]) as portal:
        portal.found(portal.record_of("acme"), portal.record_of("globex"))
        yield portal


@pytest.fixture
def portal(portal_server: Portal) -> Portal:
    """The running portal; all that it depends on is honest when the test begins."""
    portal_server.provider.reset()
    portal_server.pool.recover()
    portal_server.name_server.recover()
    # All tests come from one address, and fail there more often than people do.
    portal_server.change("delete from federation_failurecount")
    return portal_server


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    # Playwright's event loop keeps running in this thread between its calls, and Django takes any
    # later use of the database here for one by asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    arguments = ["--no-sandbox", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=arguments,
            # Switched off by Playwright, and on for everybody else: Back may show a page as it was.
            ignore_default_args=["--disable-back-forward-cache"],
        )
        yield browser
        browser.close()
