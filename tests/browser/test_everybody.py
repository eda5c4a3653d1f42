"""Every kind of page can be used by everybody: contrast, names, reflow, either language."""

from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.kinds import PORTAL, PROVIDER
from tests.browser.kinds_of_set_up import SET_UP

pytestmark = pytest.mark.browser

OURS = PORTAL | SET_UP
KINDS = OURS | PROVIDER
WIDE, NARROW, NARROWEST = 1440, 390, 320
HEIGHT = 900
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("kind", KINDS)
def test_breaks_no_rule_of_axe_and_scrolls_in_one_direction_only(window, kind):
    shown, heading = KINDS[kind]
    page = shown(window)

    violations = {}
    for width, scheme in product((WIDE, NARROW), ("light", "dark")):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        # Without motion, for colours on the way from one scheme to the other are neither's.
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        violations[width, scheme] = violations_on(page)
    page.set_viewport_size({"width": NARROWEST, "height": HEIGHT})

    assert page.get_by_role("heading", level=1).inner_text() == heading
    assert not any(violations.values()), violations
    assert page.evaluate(OVERFLOW) == 0


@pytest.mark.parametrize("kind", OURS)
def test_has_room_for_german_on_the_narrowest_screen(open_window, kind):
    window = open_window(locale="de-DE", viewport={"width": NARROWEST, "height": HEIGHT})

    page = OURS[kind][0](window)

    assert page.locator("html").get_attribute("lang") == "de"
    assert page.evaluate(OVERFLOW) == 0


def test_axe_finds_what_is_wrong(window):
    page = window.open("/login/")

    page.locator("#email").evaluate("field => field.labels[0].remove()")

    assert "label" in violations_on(page)[0]


def violations_on(page):
    """Return what axe finds on *page*, in its words."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    return [
        f"{violation['id']}: {node['html']} {node['failureSummary']}"
        for violation in found
        for node in violation["nodes"]
    ]
