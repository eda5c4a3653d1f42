"""A partner's IT department sets its sign-in up in Chromium, with nothing but the mail."""

import re
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, expect

from demo.provider import Account, Fault, Issuer, ProviderConfig
from tests.browser.kinds import signed_in
from tests.browser.set_ups import cookie_of_set_up, enter, own_domain, send_link
from tests.browser.window import Window
from tests.support.portal import Portal

pytestmark = pytest.mark.browser

SECRET = "the secret of 100 % Meridian"
TENANT = "5b0f2c1e-8d3a-4c66-9a57-2f1d7e90c4ab"


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A product as the demo has it: how its provider behaves, and what is typed of it."""

    product: str
    config: ProviderConfig = field(default_factory=ProviderConfig)
    typed: dict[str, str] = field(default_factory=dict)
    method: str = "client_secret_basic"


SHAPES = {
    "entra": Shape(
        product="Microsoft Entra ID",
        config=ProviderConfig(
            sends_email_verified=False, announces_pkce=False, claims={"tid": TENANT}
        ),
        typed={"Directory (tenant) ID": TENANT},
    ),
    "okta": Shape(product="Okta", config=ProviderConfig(id_token_alg="ES256", thin_id_token=True)),
    "auth0": Shape(product="Auth0", config=ProviderConfig(issuer_has_trailing_slash=True)),
    "google": Shape(
        product="Google Workspace",
        config=ProviderConfig(claims={"hd": "meridian-google.example"}),
        typed={"Workspace domain": "meridian-google.example"},
    ),
    "keycloak": Shape(
        product="Keycloak",
        config=ProviderConfig(id_token_alg="PS256"),
        method="client_secret_post",
    ),
    "other": Shape(product="Another OpenID Connect provider"),
}


def provider_of(portal: Portal, slug: str, shape: Shape, **client: str) -> Issuer:
    """Do at the provider what the guide says: register the portal there."""
    known = {
        "client_id": "northlake",
        "client_secret": SECRET,
        "redirect_uri": f"{portal.base_url}/login/{slug}/callback/",
        "token_endpoint_auth_method": shape.method,
        **client,
    }
    return portal.provider.register(
        slug,
        **known,
        accounts=[
            Account(subject="1", email=f"ana@{slug}.example", name="Ana Sousa"),
            Account(subject="2", email=f"ben@{slug}.example", name="Ben Okafor"),
            Account(
                subject="3",
                email=f"lars@{slug}.example",
                name="Lars Berg",
                refusal="access_denied",
                refusal_description="User is not assigned to the client application.",
            ),
            Account(subject="4", email="mei@elsewhere.example", name="Mei Tanaka"),
        ],
        config=shape.config,
    )


def connect(page: Page, shape: Shape, **typed: str) -> None:
    """Fill in the third step, from wherever the page is, and send it."""
    page.goto(re.sub(r"/setup/.*", "/setup/connect/", page.url))
    for label, value in {**shape.typed, "Client ID": "northlake", **typed}.items():
        if label == "Issuer or discovery address" and shape.product != SHAPES["other"].product:
            summary = page.get_by_text("Its address is another one")
            if not page.get_by_label(label).is_visible():
                summary.click()
        if label == "Client secret" and page.get_by_label("With a client secret").count():
            page.get_by_label("With a client secret").check()
        page.get_by_label(label, exact=label == "Client secret").fill(value)
    page.get_by_role("radio", name="In 12 months").check()
    page.get_by_role("button", name="Save and continue").click()


def test_from_the_mail_to_the_first_colleague(open_window, portal):
    shape = SHAPES["entra"]
    issuer = provider_of(portal, "meridian", shape)
    link = send_link(portal, "meridian", "Meridian Works")
    page = open_window().open(link.removeprefix(portal.base_url))

    page.get_by_role("button", name="Send me the code").click()
    page.get_by_label("Code").fill(code_for(portal, "it@meridian.example"))
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("link", name="Begin").click()
    page.get_by_label(shape.product).check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text(f"{portal.base_url}/login/meridian/callback/")).to_be_visible()
    page.get_by_role("button", name="I’ve done this, continue").click()
    secret = {"Issuer or discovery address": issuer.issuer, "Client secret": SECRET}
    connect(page, shape, **secret)
    prove(page, portal, "meridian.example")
    page.get_by_role("button", name="Run the checks").click()
    result = sign_in_as_yourself(page, "Ana Sousa")
    expect(result.get_by_role("heading", level=1)).to_have_text("The test sign-in has passed")
    page.reload()
    page.get_by_role("main").get_by_role("link", name="Continue").click()
    page.get_by_label("Email address").first.fill("help@meridian.example")
    page.get_by_role("button", name="Switch on now").click()
    expect(page.get_by_role("main")).to_contain_text(f"{portal.base_url}/login/meridian/")

    home = signed_in(open_window(), "meridian", "Ben Okafor")

    expect(home.locator(".person")).to_contain_text("Ben Okafor")
    expect(home.get_by_role("banner")).to_contain_text("Meridian Works")


def code_for(portal: Portal, address: str) -> str:
    """Return the code from the last mail to *address*."""
    mail = portal.mails_to(address)[0]
    found = re.search(r"^\s*(\d[\d ]{5,})\s*$", mail.get_content(), re.MULTILINE)
    assert found, mail.get_content()
    return found[1]


def prove(page: Page, portal: Portal, domain: str) -> None:
    """Add the domain, and its record to the DNS, and go on."""
    page.get_by_label("Email domain").fill(domain)
    page.get_by_role("button", name="Add domain").click()
    name, value = (one.inner_text() for one in page.locator(".copy__val").all()[:2])
    portal.name_server.texts[name] = [value]
    page.get_by_role("button", name="Check now").click()
    expect(page.locator(".checks .ok")).to_contain_text(domain)
    page.get_by_role("link", name="Continue").click()


def sign_in_as_yourself(page: Page, name: str) -> Page:
    """Sign in as a test, in the tab that opens; return it at its end."""
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Sign in as yourself").click()
    tab = opened.value
    tab.get_by_role("button", name=name).click()
    return tab


@pytest.mark.parametrize("kind", [kind for kind in SHAPES if kind != "entra"])
def test_each_shape_of_a_provider_can_be_set_up(open_window, portal, kind):
    slug, shape = f"meridian-{kind}", SHAPES[kind]
    issuer = provider_of(portal, slug, shape)
    # Nothing in a set-up needs a script.
    window = open_window(java_script_enabled=kind != "other")
    page = chosen(window, portal, slug, shape)

    connect(
        page,
        shape,
        **{"Issuer or discovery address": issuer.issuer, "Client secret": SECRET},
    )
    expect(page).to_have_url(re.compile("/setup/domains/$"))
    page.goto(f"{portal.base_url}/setup/test/")
    page.get_by_role("button", name="Run the checks").click()
    sign_in_as_yourself(page, "Ana Sousa")
    page.reload()

    expect(page.locator(".checks .bad")).to_have_count(0)
    expect(page.get_by_role("main").get_by_role("link", name="Continue")).to_be_visible()


def chosen(window: Window, portal: Portal, slug: str, shape: Shape) -> Page:
    """Return a page in the set-up of a new partner with a proved domain and this product."""
    enter(window, cookie_of_set_up(portal, slug, slug.title()))
    own_domain(portal, slug)
    page = window.open("/setup/provider/")
    page.get_by_label(shape.product).check()
    page.get_by_role("button", name="Continue").click()
    return page


@pytest.mark.parametrize(
    ("name", "typed", "code", "remedy"),
    [
        ("wrong-secret", {"Client secret": "wrong"}, "OD-301", "Copy the Value column now"),
        ("wrong-client", {"Client ID": "object-id"}, "OD-303", "Application (client) ID"),
    ],
)
def test_a_mistake_in_what_was_typed_is_named_with_its_remedy(
    open_window, portal, name, typed, code, remedy
):
    shape = SHAPES["entra"]
    issuer = provider_of(portal, name, shape)
    page = chosen(open_window(), portal, name, shape)
    right = {"Issuer or discovery address": issuer.issuer, "Client secret": SECRET}

    connect(page, shape, **{**right, **typed})
    page.goto(f"{portal.base_url}/setup/test/")
    page.get_by_role("button", name="Run the checks").click()

    found = page.locator(".checks .bad", has_text=code)
    expect(found).to_contain_text(remedy)
    expect(page.get_by_role("main").get_by_role("link", name="Continue")).to_have_count(0)


def test_the_secrets_id_instead_of_its_value_is_named_before_it_is_saved(open_window, portal):
    shape = SHAPES["entra"]
    issuer = provider_of(portal, "secret-id", shape)
    page = chosen(open_window(), portal, "secret-id", shape)

    typed = {"Issuer or discovery address": issuer.issuer, "Client secret": TENANT}
    connect(page, shape, **typed)

    expect(page.get_by_role("alert")).to_contain_text("This is the Secret ID. Copy the Value")
    expect(page.get_by_label("Client ID")).to_have_value("northlake")


def test_a_slash_is_taken_as_the_provider_writes_it(open_window, portal):
    shape = SHAPES["auth0"]
    issuer = provider_of(portal, "slash", shape)
    page = chosen(open_window(), portal, "slash", shape)

    typed = {"Issuer or discovery address": issuer.issuer.rstrip("/"), "Client secret": SECRET}
    connect(page, shape, **typed)

    expect(page.get_by_role("status")).to_contain_text(issuer.issuer)
    page.get_by_role("button", name="Save and continue").click()
    expect(page).to_have_url(re.compile("/setup/domains/$"))


def test_a_wrong_directory_is_named_as_soon_as_it_is_typed(open_window, portal):
    shape = SHAPES["entra"]
    issuer = provider_of(portal, "wrong-tenant", shape)
    page = chosen(open_window(), portal, "wrong-tenant", shape)

    typed = {"Issuer or discovery address": f"{issuer.issuer}-x", "Client secret": SECRET}
    connect(page, shape, **typed)

    found = page.locator(".checks .bad", has_text="OD-107")
    expect(found).to_contain_text("Compare the Directory (tenant) ID")


def test_a_redirect_uri_that_is_not_registered_is_named_with_the_one_to_paste(open_window, portal):
    shape = SHAPES["keycloak"]
    issuer = provider_of(portal, "uri", shape, redirect_uri=f"{portal.base_url}/login/uri/callback")
    page = chosen(open_window(), portal, "uri", shape)
    connect(page, shape, **{"Issuer or discovery address": issuer.issuer, "Client secret": SECRET})
    page.goto(f"{portal.base_url}/setup/test/")

    page.get_by_role("button", name="Run the checks").click()

    found = page.locator(".checks .bad", has_text="OD-307")
    expect(found).to_contain_text(f"{portal.base_url}/login/uri/callback/")


def test_who_is_stopped_at_the_provider_says_what_its_page_said(open_window, portal):
    shape = SHAPES["keycloak"]
    issuer = provider_of(portal, "stopped", shape)
    page = chosen(open_window(), portal, "stopped", shape)
    connect(page, shape, **{"Issuer or discovery address": issuer.issuer, "Client secret": SECRET})
    page.goto(f"{portal.base_url}/setup/test/")
    page.get_by_role("button", name="Run the checks").click()
    with page.context.expect_page():
        page.get_by_role("button", name="Sign in as yourself").click()
    page.reload()

    page.get_by_role("link", name="Invalid parameter: redirect_uri").click()

    stuck = page.get_by_role("region", name="You went there but didn’t come back?")
    expect(stuck).to_contain_text("Valid redirect URIs")
    expect(stuck).to_contain_text(f"{portal.base_url}/login/stopped/callback/")


@pytest.mark.parametrize(
    ("slug", "person", "code", "remedy"),
    [
        ("not-assigned", "Lars Berg", "OD-402", "Assignments"),
        ("no-email", "Ana Sousa", "OD-408", "Primary email"),
        ("wrong-domain", "Mei Tanaka", "OD-410", "Your domains"),
    ],
)
def test_what_only_a_sign_in_shows_is_named_with_its_remedy(
    open_window, portal, slug, person, code, remedy
):
    shape = SHAPES["okta"]
    issuer = provider_of(portal, slug, shape)
    if code == "OD-408":
        issuer.misbehave(userinfo=Fault(without=["email"]))
    page = chosen(open_window(), portal, slug, shape)
    connect(page, shape, **{"Issuer or discovery address": issuer.issuer, "Client secret": SECRET})
    page.goto(f"{portal.base_url}/setup/test/")
    page.get_by_role("button", name="Run the checks").click()

    result = sign_in_as_yourself(page, person)
    expect(result.get_by_role("heading", level=1)).to_have_text("The test sign-in has stopped")
    expect(result.get_by_role("main")).to_contain_text(remedy)
    result.get_by_role("link", name="Back to the results").click()

    found = result.locator(".checks .bad", has_text=code)
    expect(found).to_contain_text(remedy)
    expect(result.get_by_role("main").get_by_role("link", name="Continue")).to_have_count(0)
