"""The service owner adds a company in the admin, and its people can sign in at once."""

import pytest
from playwright.sync_api import expect

from demo.names import ADMIN_EMAIL
from demo.provider import Account
from tests.browser.kinds import signed_in
from tests.support.portal import ADMIN_PASSWORD, ROOT

pytestmark = pytest.mark.browser

SECRET = "the secret of 100 % Larkspur"


@pytest.fixture
def larkspur(portal):
    """A company's provider, with the portal registered there."""
    return portal.provider.register(
        "larkspur",
        client_id="northlake",
        client_secret=SECRET,
        redirect_uri=f"{portal.base_url}/login/larkspur-design/callback/",
        accounts=[Account(subject="1", email="ana@larkspur.example", name="Ana Sousa")],
    )


@pytest.fixture
def form(window):
    """The owner's form for a new partner."""
    page = window.open("/admin/")
    page.get_by_label("Email").fill(ADMIN_EMAIL)
    page.get_by_label("Password").fill(ADMIN_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator("a.addlink[href$='/partners/partner/add/']").click()
    return page


def test_a_company_is_added_with_its_logo_and_its_people_can_sign_in(form, open_window, larkspur):
    form.get_by_label("Name:").first.press_sequentially("Larkspur Design")
    form.locator("#id_wide_logo").set_input_files(ROOT / "demo" / "logos" / "juniper.png")
    form.get_by_label("Live").check()
    form.get_by_label("Listed: logo on the sign-in page").check()
    form.locator("#id_connections-0-issuer").fill(larkspur.issuer)
    form.locator("#id_connections-0-client_id").fill("northlake")
    form.locator("#id_connections-0-client_secret").fill(SECRET)
    form.locator("#id_domains-0-name").fill("Larkspur.example")
    form.locator("#id_domains-0-confirmed").check()
    form.locator("#id_domains-0-verified_why").fill("In our contract")
    form.get_by_role("button", name="Save", exact=True).click()
    expect(form.locator("ul.messagelist")).to_contain_text("was added successfully")

    window = open_window()
    tile = window.open("/login/").locator("a.tile[href='/login/larkspur-design/']")
    expect(tile).to_contain_text("Larkspur Design")
    assert tile.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)")
    page = signed_in(window, "larkspur-design", "Ana Sousa")

    expect(page.locator(".person")).to_contain_text("Ana Sousa")
    expect(page.get_by_role("banner")).to_contain_text("Larkspur Design")


def test_a_mistake_in_the_issuer_is_explained_and_what_was_typed_is_kept(form, portal):
    form.get_by_label("Name:").first.press_sequentially("Nowhere")
    form.locator("#id_connections-0-issuer").fill(f"{portal.provider.base_url}/nobody")
    form.locator("#id_connections-0-client_id").fill("northlake")
    form.locator("#id_domains-0-name").fill("nowhere.example")
    form.get_by_label("Live").check()

    form.get_by_role("button", name="Save", exact=True).click()

    expect(form.locator(".errornote")).to_be_visible()
    expect(form.locator("ul.errorlist").first).to_be_visible()
    expect(form.locator("#id_connections-0-client_id")).to_have_value("northlake")
    assert not portal.rows("select 1 from partners_partner where slug = 'nowhere'")
