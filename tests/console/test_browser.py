"""The admin in real Chromium: under the portal's policy, and for everybody who works there."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from demo.names import ADMIN_EMAIL
from tests.browser.conftest import open_window, window
from tests.support.portal import ADMIN_PASSWORD

__all__ = ["open_window", "window"]

pytestmark = pytest.mark.browser

PAGES = (
    "/admin/",
    "/admin/partners/partner/",
    "/admin/partners/partner/add/",
    "/admin/partners/partner/1/change/",
    "/admin/partners/partner/1/pause/",
    "/admin/partners/partner/1/domains/",
    "/admin/partners/partner/1/versions/",
    "/admin/people/user/",
    "/admin/people/user/add/",
    "/admin/people/user/1/change/",
    "/admin/people/session/",
    "/admin/audit/event/",
    "/admin/where/",
)

OF_DJANGO = ("label-title-only", "empty-table-header", "aria-prohibited-attr")
"""Rules that stock parts break: the search field, tables, the choice of permissions."""

AXE = """rules => axe.run({
    preload: false,
    resultTypes: ["violations"],
    rules: Object.fromEntries(rules.map(rule => [rule, {enabled: false}])),
})"""


@pytest.fixture
def admin(window):
    """Give a tab of a member of staff."""
    page = window.open("/admin/")
    page.fill("#id_username", ADMIN_EMAIL)
    page.fill("#id_password", ADMIN_PASSWORD)
    page.click("input[type=submit]")
    page.wait_for_selector("#user-tools")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_breaks_the_policy_or_a_rule_of_axe(admin, portal, scheme):
    admin.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    violations = {}
    for address in PAGES:
        assert admin.goto(portal.base_url + address).status == 200, address
        admin.evaluate(Axe().axe_script)
        violations[address] = [
            f"{violation['id']}: {node['html']}"
            for violation in admin.evaluate(AXE, OF_DJANGO)["violations"]
            for node in violation["nodes"]
        ]

    assert not any(violations.values()), violations


def test_a_new_partners_slug_follows_its_name(admin, portal):
    admin.goto(f"{portal.base_url}/admin/partners/partner/add/")

    admin.locator("#id_name").press_sequentially("Initech Söhne")

    assert admin.input_value("#id_slug") == "initech-sohne"


def test_the_redirect_uri_is_copied_at_a_press(admin, portal):
    admin.context.grant_permissions(["clipboard-read", "clipboard-write"])
    admin.goto(f"{portal.base_url}/admin/partners/partner/1/change/")

    admin.click("button[data-copy=redirect-uri]")

    admin.get_by_text("Copied").wait_for()
    copied = admin.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"{portal.base_url}/login/")
    assert copied.endswith("/callback/")


def test_a_mistake_in_a_folded_part_of_the_form_is_seen(admin, portal):
    admin.goto(f"{portal.base_url}/admin/partners/partner/1/change/")
    admin.get_by_role("heading", name="What is required of a sign-in").click()
    admin.fill("#id_connections-0-pinned_claims", "[1]")

    admin.click("input[name=_continue]")

    mistake = admin.locator(".field-pinned_claims .errorlist")
    mistake.wait_for(state="visible")
    assert mistake.inner_text()


def test_the_connection_is_tested_at_a_press(admin, portal):
    # A partner at whose provider no other test has our secret refused: the trail would tell.
    ((partner,),) = portal.rows("SELECT id FROM partners_partner WHERE slug = %s", "tidemark")
    admin.goto(f"{portal.base_url}/admin/partners/partner/{partner}/change/")

    admin.get_by_role("button", name="Test connection").click()

    assert admin.get_by_text("Nothing that can be seen from here stands in the way").is_visible()


def test_a_new_partners_addresses_follow_its_name(admin, portal):
    admin.goto(f"{portal.base_url}/admin/partners/partner/add/")

    admin.locator("#id_name").press_sequentially("Adatum Works")
    admin.get_by_text("/login/adatum-works/callback/").wait_for()
    admin.fill("#id_slug", "adatum")

    admin.get_by_text("/.well-known/foyer/adatum/jwks.json").wait_for()
