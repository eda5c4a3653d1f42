"""The fifth step: what is found, the test sign-in, and what is next."""

from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from demo.provider import Account, Fault, ProviderConfig
from onboarding.connecting import EXAMINATIONS, Settings, save_settings
from onboarding.findings import Outcome
from onboarding.models import Examination
from onboarding.providers import all_products, product_of
from onboarding.steps import Step
from partners.models import Connection, EmailDomain
from tests.support.company import Browser

SECRET = "a secret of theirs"


@pytest.fixture
def issuer(provider):
    return provider.register(
        "brightwater",
        client_id="foyer",
        client_secret=SECRET,
        redirect_uri="https://testserver/login/brightwater/callback/",
        accounts=[Account(subject="1", email="ana@brightwater.example", name="Ana Sousa")],
        config=ProviderConfig(name="Brightwater"),
    )


@pytest.fixture
def connected(set_up, issuer):
    """Give a set-up that has come to its fifth step, everything right."""
    set_up.save(Step.PROVIDER, provider="keycloak")
    settings = Settings(
        issuer=issuer.issuer,
        client_id="foyer",
        pinned_claims={},
        uses_key=False,
        client_secret=SECRET,
    )
    save_settings(set_up.partner, settings)
    EmailDomain.objects.create(
        partner=set_up.partner,
        name="brightwater.example",
        verified_at=timezone.now(),
        verified_how="operator",
    )
    return set_up


def html_of(set_up, path="/setup/test/"):
    return set_up.get(path).content.decode()


def main_button(html):
    return html.partition('class="btn"')[2].partition(">")[2].partition("<")[0]


def walk(set_up, issuer):
    """Sign in as a test, and return the page at which it ends."""
    issuer.sign_in_as("ana@brightwater.example")
    page = set_up.post("/setup/test/", {"do": "sign-in"})
    address = page.headers["Refresh"].removeprefix("0;url=")
    browser = Browser()
    browser.portal = set_up.client
    return browser.get(browser.callback_path(address))


def test_before_anything_is_connected_it_says_what_comes_first(set_up):
    html = html_of(set_up)

    assert main_button(html) == "Connect"
    assert "Run the checks" not in html


def test_nothing_is_red_before_something_was_tried(connected):
    html = html_of(connected)

    assert main_button(html) == "Run the checks"
    assert 'class="bad"' not in html


def test_what_was_found_is_shown_to_whoever_comes_later(connected):
    answer = connected.post("/setup/test/", {"do": "examine"})

    html = html_of(connected)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/setup/test/")
    assert Examination.objects.get().by == connected.link.address
    assert "Reaching your provider" in html
    assert "Proving who we are" in html
    assert main_button(html) == "Sign in as yourself"


def test_what_has_to_be_mended_comes_with_the_steps_at_this_product(connected, issuer):
    Connection.objects.update(issuer=f"{issuer.issuer}-wrong")
    connected.post("/setup/test/", {"do": "examine"})

    html = html_of(connected)

    assert "Compare the realm: large and small letters differ." in html
    assert "OD-107" in html
    assert main_button(html) == "Run the checks again"


def test_a_test_sign_in_that_passes_leads_on(connected, issuer):
    connected.post("/setup/test/", {"do": "examine"})

    page = walk(connected, issuer)

    html = html_of(connected)
    assert "The test sign-in has passed" in page.content.decode()
    assert main_button(html) == "Continue"
    assert connected.client.cookies.get("sessionid") is None
    assert f'href="{Step.SWITCH_ON.url}"' in html


def test_after_a_test_that_passed_a_fault_of_today_still_comes_first(connected, issuer):
    connected.post("/setup/test/", {"do": "examine"})
    walk(connected, issuer)
    issuer.misbehave(discovery=Fault(status=500))

    connected.post("/setup/test/", {"do": "examine"})

    assert main_button(html_of(connected)) == "Run the checks again"


def test_a_test_sign_in_shows_what_a_probe_could_not_tell(connected, issuer):
    # Entra ID looks at the code before it looks at the secret.
    Connection.objects.update(provider="entra")
    connected.post("/setup/test/", {"do": "examine"})
    before = Examination.objects.first().outcomes["OD-301"]

    walk(connected, issuer)

    after = Examination.objects.first().outcomes["OD-301"]
    assert (before, after) == ("could_not_tell", "passed")


def test_a_change_of_the_settings_asks_for_all_of_it_again(connected, issuer):
    connected.post("/setup/test/", {"do": "examine"})
    walk(connected, issuer)

    connected.save(
        Step.CONNECT,
        address=issuer.issuer,
        client_id="another",
        ends="kept",
    )

    assert main_button(html_of(connected)) == "Run the checks"


def test_a_sign_in_that_stopped_says_what_mends_it(connected, issuer):
    connected.post("/setup/test/", {"do": "examine"})
    EmailDomain.objects.update(verified_at=None, verified_how="")

    walk(connected, issuer)

    html = html_of(connected)
    assert "OD-410" in html
    assert main_button(html) != "Continue"


def test_a_domain_that_waits_is_nothing_red_and_leads_to_its_record(connected):
    EmailDomain.objects.update(verified_at=None, verified_how="")

    connected.post("/setup/test/", {"do": "examine"})

    html = html_of(connected)
    assert "brightwater.example is waiting for its DNS record." in html
    assert 'class="bad"' not in html
    assert f'<a href="{Step.DOMAINS.url}">Your domains</a>' in html


def test_what_only_staff_can_do_is_not_among_the_results(connected):
    connected.post("/setup/test/", {"do": "examine"})

    html = html_of(connected)
    assert "OD-706" in Examination.objects.get().outcomes
    assert "OD-706" not in html
    assert "Ask the partner" not in html
    assert "Enter the day in step 3" in html


def test_checks_that_wait_are_not_among_those_that_ran(connected):
    connected.post("/setup/test/", {"do": "examine"})

    outcomes = [one.outcome for one in Examination.objects.get().shown_to_partner]
    ran = len(outcomes) - outcomes.count(Outcome.WAITING)
    html = html_of(connected)
    assert f"We ran {ran} checks" in html
    assert f"{outcomes.count(Outcome.WAITING)} waiting</span>" in html


@pytest.mark.parametrize(
    ("kind", "place"), [("other", "at your provider"), ("keycloak", "at Keycloak")]
)
def test_what_to_do_is_told_by_the_products_name_if_it_has_one(connected, issuer, kind, place):
    Connection.objects.update(provider=kind)
    issuer.misbehave(token=Fault(status=401, members={"error": "invalid_client"}))

    page = walk(connected, issuer).content.decode()

    assert f"What to do {place}</h2>" in page


def test_who_has_not_come_back_is_asked_what_the_page_said(connected, issuer):
    connected.post("/setup/test/", {"do": "examine"})
    connected.post("/setup/test/", {"do": "sign-in"})

    html = html_of(connected)

    assert "What did the page say?" in html
    assert "Invalid parameter: redirect_uri" in html


@pytest.mark.parametrize("product", all_products(), ids=lambda product: product.kind)
def test_each_saying_of_each_product_leads_to_what_mends_it(connected, product):
    Connection.objects.update(provider=product.kind)

    for number, symptom in enumerate(product.symptoms):
        html = html_of(connected, f"/setup/test/?said={number}")
        assert f">{symptom.code}</p>" in html
        assert "%(" not in html


@pytest.mark.parametrize("said", ["99", "-1", "x", "1" * 40, "²"])
def test_a_saying_that_there_is_not_leads_nowhere(connected, said):
    assert 'role="status"><svg' not in html_of(connected, f"/setup/test/?said={said}")


def test_the_callback_of_a_mended_uri_is_the_partners_own(connected):
    Connection.objects.update(provider="okta")
    number = [one.code for one in product_of("okta").symptoms].index("OD-307")

    html = html_of(connected, f"/setup/test/?said={number}")

    assert urlsplit("https://testserver/login/brightwater/callback/").geturl() in html


def test_a_provider_is_not_asked_without_end(connected, issuer):
    for _ in range(EXAMINATIONS.amount):
        connected.post("/setup/test/", {"do": "sign-in"})
    issuer.requests.clear()

    examined = connected.post("/setup/test/", {"do": "examine"})
    saved = connected.save(Step.CONNECT, address=issuer.issuer, client_id="foyer", ends="kept")

    assert (examined.status_code, saved.status_code) == (429, 429)
    assert not issuer.requests


def test_what_is_not_connected_is_not_tried(set_up):
    answer = set_up.post("/setup/test/", {"do": "examine"})

    assert answer.headers["Location"] == Step.CONNECT.url


def test_m14_a_form_of_another_site_asks_nobody(connected, issuer):
    connected.client.handler.enforce_csrf_checks = True
    issuer.requests.clear()

    answer = connected.post("/setup/test/", {"do": "examine"})

    assert answer.status_code == 403
    assert not issuer.requests
