import pytest

from federation.models import UsedState
from partners.models import Connection, EmailDomain, Partner
from people.models import Session
from tests.support.company import query_of

pytestmark = pytest.mark.django_db


def attempts_in(response):
    return [name for name in response.cookies if name.startswith("__Host-foyer-a-")]


def test_redirects_to_the_provider_and_writes_no_row(acme, browser):
    response = browser.get("/login/acme/")

    assert response.status_code == 302
    assert response.headers["Location"].startswith(f"{acme.issuer.url}/authorize?")
    assert response.headers["Cache-Control"] == "no-store"
    assert len(attempts_in(response)) == 1
    assert not UsedState.objects.exists()
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-purpose": "prefetch"},
        {"sec-purpose": "prefetch;prerender"},
        {"sec-fetch-dest": "image"},
        {"sec-fetch-dest": "iframe"},
        {"sec-fetch-dest": "empty"},
    ],
    ids=lambda headers: str(*headers.values()),
)
def test_what_is_no_navigation_stores_nothing(acme, browser, headers):
    response = browser.get("/login/acme/", **headers)

    assert response.status_code == 204
    assert not response.cookies


def test_looking_at_the_head_stores_nothing(acme, browser):
    response = browser.portal.head("/login/acme/", secure=True)

    assert response.status_code == 204
    assert not response.cookies


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_is_only_for_getting(acme, browser, method):
    assert getattr(browser.portal, method)("/login/acme/", secure=True).status_code == 405


@pytest.mark.parametrize(("status", "answer"), [("draft", 404), ("paused", 503), ("live", 302)])
def test_answers_by_how_far_the_partner_is(acme, browser, status, answer):
    Partner.objects.update(status=status)

    assert browser.get("/login/acme/").status_code == answer


@pytest.mark.parametrize("typed", ["/login/acme", "/login/ACME", "/login/ACME/", "/login/Acme/"])
def test_finds_a_company_as_people_type_it(acme, browser, typed):
    response = browser.get(f"{typed}?next=/orders/&prompt=login")

    there = "/login/acme/?next=/orders/&prompt=login"
    assert (response.status_code, response.headers["Location"]) == (302, there)


@pytest.mark.parametrize("typed", ["/login", "/login/help", "/logout", "/admin"])
def test_finds_a_page_without_its_slash(db, browser, typed):
    response = browser.get(f"{typed}")

    assert (response.status_code, response.headers["Location"]) == (302, f"{typed}/")


@pytest.mark.parametrize(
    "typed", ["/login/nobody", "/login/acme/callback", "/login/ACME/callback/", "/login/acme/x"]
)
def test_leaves_what_it_does_not_know_and_every_callback(acme, browser, typed):
    assert browser.get(f"{typed}?state=x&code=y").status_code == 404


@pytest.mark.parametrize("slug", ["nobody", "NOBODY", "acme%2f..", "..%2fadmin"])
def test_does_not_know_anybody_else(acme, browser, slug):
    assert browser.get(f"/login/{slug}/").status_code == 404


@pytest.mark.parametrize(
    ("kind", "query", "sent"),
    [
        ("entra", "?login_hint=ana@acme.example", ["acme.example"]),
        ("entra", "?login_hint=ana@globex.example", None),
        ("entra", "", None),
        ("okta", "?login_hint=ana@acme.example", None),
    ],
)
def test_tells_entra_the_domain_so_that_it_does_not_ask_again(acme, browser, kind, query, sent):
    Connection.objects.update(provider=kind)

    assert query_of(browser.authorization_url("acme", query)).get("domain_hint") == sent


@pytest.mark.parametrize(
    ("hint", "sent"),
    [
        ("Ana@acme.example", ["ana@acme.example"]),
        ("ana@globex.example", None),
        ("ana", None),
        ("<script>", None),
    ],
)
def test_passes_on_a_hint_only_inside_the_partners_domains(acme, browser, hint, sent):
    url = browser.authorization_url("acme", f"?login_hint={hint}")

    assert query_of(url).get("login_hint") == sent


@pytest.mark.parametrize(
    ("prompt", "sent"), [("select_account", ["select_account"]), ("evil", None), ("", None)]
)
def test_passes_on_the_prompts_of_the_standard(acme, browser, prompt, sent):
    assert query_of(browser.authorization_url("acme", f"?prompt={prompt}")).get("prompt") == sent


def test_asks_for_what_the_owner_requires(acme, browser):
    acme.connection.acr_values = ["phr", "phrh"]
    acme.connection.max_age = 3600
    acme.connection.save()

    sent = query_of(browser.authorization_url("acme"))

    assert (sent["acr_values"], sent["max_age"]) == (["phr phrh"], ["3600"])


def test_keeps_five_attempts_and_lets_the_oldest_go(acme, browser):
    for _ in range(7):
        browser.get("/login/acme/")

    held = [
        name
        for name, cookie in browser.portal.cookies.items()
        if name.startswith("__Host-foyer-a-") and cookie.value
    ]
    assert len(held) == 5


def test_every_request_has_a_state_of_its_own(acme, browser):
    states = {query_of(browser.authorization_url("acme"))["state"][0] for _ in range(20)}

    assert len(states) == 20


def test_starts_again_for_somebody_who_is_signed_in(acme, browser):
    browser.sign_in(acme)

    assert browser.get("/login/acme/").status_code == 302


@pytest.mark.parametrize(
    ("issuer", "status"),
    [("its own", 302), ("https://evil.example", 400), ("", 400), ("its own/", 400)],
)
def test_a_partners_portal_starts_a_sign_in_with_its_own_issuer(acme, browser, issuer, status):
    issuer = issuer.replace("its own", acme.issuer.issuer)
    for place in ("/login/acme/initiate/", "/login/initiate/"):
        response = browser.get(
            f"{place}?iss={issuer}&login_hint=ana@acme.example&target_link_uri=/orders/"
        )

        assert response.status_code == status


def test_a_post_starts_nothing_and_is_sent_to_its_get(acme, browser):
    response = browser.post("/login/acme/initiate/", {"iss": acme.issuer.issuer, "other": "x"})

    assert response.status_code == 303
    assert response.headers["Location"].startswith("/login/acme/initiate/?iss=http")
    assert "other" not in response.headers["Location"]
    assert not attempts_in(response)
    assert browser.get(response.headers["Location"]).status_code == 302


def test_an_issuer_of_two_partners_does_not_say_which(acme, globex, browser):
    globex.connection.issuer = acme.connection.issuer
    globex.connection.save()

    assert browser.get(f"/login/initiate/?iss={acme.issuer.issuer}").status_code == 400
    assert browser.get(f"/login/acme/initiate/?iss={acme.issuer.issuer}").status_code == 302


def test_an_issuer_that_no_database_can_look_for_is_nobodys(acme, browser):
    assert browser.get(f"/login/initiate/?iss={acme.issuer.issuer}%00").status_code == 400


@pytest.mark.parametrize(
    ("target", "place"), [("/orders/", "/orders/"), ("https://evil.example/", "/")]
)
def test_a_partners_portal_names_a_place_of_ours_or_none(acme, browser, target, place):
    acme.issuer.sign_in_as("ana@acme.example")
    start = browser.get(f"/login/acme/initiate/?iss={acme.issuer.issuer}&target_link_uri={target}")

    response = browser.get(browser.callback_path(start.headers["Location"]))

    assert response.headers["Location"] == place


def test_a_more_specific_domain_of_another_partner_is_not_the_parents(acme, globex, browser):
    EmailDomain.objects.filter(name="acme.example").update(subdomains=True)
    EmailDomain.objects.filter(name="globex.example").update(name="labs.acme.example")

    response = browser.post("/login/", {"email": "ana@labs.acme.example"})

    assert globex.issuer.url in response.headers["Refresh"]
