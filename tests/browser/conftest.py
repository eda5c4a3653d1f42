"""Windows in Chromium. Each test also shows that nothing it did was against a page's policy."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.browser.window import Window


@pytest.fixture
def open_window(chromium, portal) -> Iterator[Callable[..., Window]]:
    """Give what opens windows; the options are Playwright's for a browser context."""
    windows: list[Window] = []
    with ExitStack() as opened:

        def open_one(**options: object) -> Window:
            context = chromium.new_context(**{"locale": "en-GB", **options})
            opened.callback(context.close)
            windows.append(Window(context, portal))
            return windows[-1]

        yield open_one
    assert [window.complaints for window in windows] == [[] for _ in windows]


@pytest.fixture
def window(open_window) -> Window:
    return open_window()


@pytest.fixture(params=[True, False], ids=["with-scripts", "without-scripts"])
def either_window(open_window, request) -> Window:
    """A window that runs scripts, and one that does not."""
    return open_window(java_script_enabled=request.param)
