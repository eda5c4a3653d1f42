from datetime import timedelta

import pytest
from django.utils import timezone

from demo.provider import Fault
from partners.models import EmailDomain, Partner
from people.models import Session
from tests.support.company import Browser

pytestmark = pytest.mark.django_db


def hidden(slug="secretive"):
    partner = Partner.objects.create(
        slug=slug, name="Secretive", status="live", visibility="hidden"
    )
    EmailDomain.objects.create(
        partner=partner,
        name=f"{slug}.example",
        verified_at=timezone.now(),
        verified_how="operator",
    )
    return partner


def test_shows_the_field_and_the_listed_companies(acme, globex, browser):
    Partner.objects.filter(slug="globex").update(visibility="by_email")

    page = browser.get("/login/")

    text = page.content.decode()
    assert page.status_code == 200
    assert 'name="email"' in text
    assert 'type="password"' not in text
    assert "/login/acme/" in text
    assert "globex" not in text.lower()
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Enter your work email"),
        ("ana", "Enter an email address in the correct format"),
        ("ana@acme", "Enter an email address in the correct format"),
        ("a@" + "a." * 5000, "Enter an email address in the correct format"),
        ("ana@acme.example@globex.example", "Enter an email address in the correct format"),
        ("ana@gmail.com", "Personal addresses such as gmail.com"),
        ("{{7*7}}@x", "Enter an email address in the correct format"),
        ("(" * 1000 + ">", "Enter an email address in the correct format"),
        ("A <a@acme.example>, B <b@acme.example>", "Enter an email address in the correct format"),
    ],
    ids=[
        *("empty", "no at", "no dot", "endless", "two ats", "personal", "template"),
        *("many comments", "two people"),
    ],
)
def test_says_what_is_wrong_and_keeps_what_was_typed(db, browser, typed, message):
    response = browser.post("/login/", {"email": typed})

    page = response.content.decode()
    assert response.status_code == 200
    assert message in page
    assert "<title>Error: " in page
    assert typed in page or "&" in page


@pytest.mark.parametrize(
    "typed",
    [
        "ana@acme.example",
        "  ANA@Acme.Example ",
        "ana@acme.example.",
        "Ana Sousa <ana@acme.example>",
        "mailto:ana@acme.example",
    ],
)
def test_takes_an_address_as_people_paste_it(acme, browser, typed):
    response = browser.post("/login/", {"email": typed})

    assert acme.issuer.url in response.headers["Refresh"]


def test_an_unknown_domain_gets_advice(acme, browser):
    response = browser.post("/login/", {"email": "ana@acmee.example"})

    page = response.content.decode()
    assert response.status_code == 200
    assert "We couldn’t find a company for this email" in page
    assert "acmee.example" in page
    assert "Did you mean" in page
    assert 'value="ana@acme.example"' in page


def test_a_hidden_partners_domain_gets_the_unknown_domains_answer_to_the_byte(db):
    hidden()

    def answer(domain):
        # The token and the domain itself differ; a browser of its own has no cookies yet.
        client = Browser()
        page = client.post("/login/", {"email": f"ana@{domain}"})
        return (
            page.status_code,
            page.content.decode().replace(domain, "DOMAIN").replace(csrf_of(page), "TOKEN"),
            sorted(page.cookies),
        )

    assert answer("secretive.example") == answer("unknownly.example")


def csrf_of(page):
    return page.content.decode().partition('csrfmiddlewaretoken" value="')[2].partition('"')[0]


def test_hidden_partners_are_found_by_nothing_but_their_own_link(acme, browser):
    hidden("acmehidden")

    assert "acmehidden" not in browser.get("/login/?q=acme").content.decode()
    assert browser.get("/login/?domain_hint=acmehidden.example").status_code == 200
    assert browser.get("/login/?partner=acmehidden").status_code == 302


def test_a_draft_is_unknown_and_a_paused_partner_says_so(acme, browser):
    Partner.objects.update(status="draft")
    draft = browser.post("/login/", {"email": "ana@acme.example"}).content.decode()
    Partner.objects.update(status="paused")
    paused = browser.post("/login/", {"email": "ana@acme.example"}).content.decode()

    assert "We couldn’t find a company" in draft
    assert "Sign‑in for Acme is paused" in paused


def test_a_paused_company_tells_by_address_what_it_tells_by_link(acme, browser):
    note = "Back on Monday <b>"
    Partner.objects.update(status="paused", paused_note=note, help_email="it@acme.example")

    by_address = browser.post("/login/", {"email": "ana@acme.example"})

    page = by_address.content.decode()
    assert by_address.status_code == 200
    for words in (
        "Back on Monday &lt;b&gt;",
        "has paused it. Your work is safe.",
        "mailto:it@acme",
    ):
        assert words in page
        assert words in browser.get("/login/acme/").content.decode()
    assert 'value="ana@acme.example"' in page
    assert "<title>Error" not in page


def test_whose_company_is_paused_while_signed_in_is_told_so(acme, browser):
    browser.sign_in(acme)
    browser.post("/login/forget/")
    Partner.objects.update(status="paused")

    there = browser.get("/").headers["Location"]

    assert there == "/login/?next=/"
    assert "Sign‑in for Acme is paused" in browser.get(there).content.decode()
    assert "Sign‑in for Acme is paused" not in browser.get("/login/").content.decode()


def test_a_paused_company_can_be_forgotten_and_hides_the_others_no_longer(acme, globex, browser):
    browser.sign_in(globex)
    browser.sign_in(acme)
    browser.post("/logout/")
    Partner.objects.filter(slug="acme").update(status="paused")
    assert "Forget Acme on this device" in browser.get("/login/").content.decode()

    browser.post("/login/forget/", {"partner": "acme"})

    page = browser.get("/login/").content.decode()
    assert "paused" not in page
    assert "Continue with Globex" in page


def test_whoever_was_signed_in_with_a_paused_company_last_is_told_that_it_is(acme, browser):
    browser.sign_in(acme)
    browser.post("/logout/")
    Partner.objects.update(status="paused")

    assert "Sign‑in for Acme is paused" in browser.get("/login/").content.decode()


def test_whose_session_was_ended_is_told_so_once(acme, browser):
    browser.sign_in(acme)
    Session.objects.all().delete()

    there = browser.get("/").headers["Location"]

    assert there == "/login/?next=/"
    assert "You were signed out" in browser.get(there).content.decode()
    assert "You were signed out" not in browser.get("/login/").content.decode()


def test_the_sign_in_page_tells_it_as_well(acme, browser):
    browser.sign_in(acme)
    Session.objects.all().delete()

    assert "You were signed out" in browser.get("/login/").content.decode()


def test_an_idle_person_is_told_after_how_long(acme, browser):
    browser.sign_in(acme)
    Session.objects.update(last_seen_at=timezone.now() - timedelta(hours=1), idle_seconds=600)

    page = browser.get("/login/timed-out/?next=/").content.decode()

    assert "You hadn’t used Foyer for 10 minutes." in page


def test_a_domain_is_shown_as_it_is_written(acme, browser):
    page = browser.post("/login/", {"email": "ana@bücher.example"}).content.decode()

    assert "<bdi>bücher.example</bdi>" in page
    assert "xn--" not in page


def test_an_old_page_asks_again_and_keeps_what_was_typed(acme):
    browser = Browser()
    browser.portal.handler.enforce_csrf_checks = True

    response = browser.post("/login/", {"email": "ana@acme.example"})

    assert response.status_code == 200
    assert 'value="ana@acme.example"' in response.content.decode()
    assert "This page had been open for too long" in response.content.decode()


def test_who_is_signed_in_goes_on(acme, browser):
    browser.sign_in(acme)

    response = browser.get("/login/?next=/orders/")

    assert (response.status_code, response.headers["Location"]) == (302, "/orders/")


@pytest.mark.parametrize("query", ["partner=acme", "domain_hint=acme.example"])
def test_a_link_that_names_the_company_goes_straight_on(acme, browser, query):
    response = browser.get(f"/login/?{query}&next=/orders/&login_hint=ana@acme.example")

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/login/acme/?next=/orders/&login_hint=ana")


@pytest.mark.parametrize(
    "query", ["partner=nobody", "partner=%00", "domain_hint=nobody.example", "domain_hint=x"]
)
def test_a_link_that_names_nobody_shows_the_page(acme, browser, query):
    response = browser.get(f"/login/?{query}")

    assert response.status_code == 200
    assert "Error" not in response.content.decode()


def test_remembers_the_company_only_after_a_sign_in_and_only_if_ticked(acme, browser):
    acme.issuer.sign_in_as("ana@acme.example")
    unticked = browser.post("/login/", {"email": "ana@acme.example"})
    browser.get(browser.callback_path(unticked.headers["Refresh"].removeprefix("0;url=")))
    assert "__Host-foyer-remember" not in browser.portal.cookies

    browser.post("/logout/")
    ticked = browser.post("/login/", {"email": "ana@acme.example", "remember": "on"})
    assert "__Host-foyer-remember" not in browser.portal.cookies
    browser.get(browser.callback_path(ticked.headers["Refresh"].removeprefix("0;url=")))
    browser.post("/logout/")
    page = browser.get("/login/").content.decode()

    assert "Continue with Acme" in page
    assert "ana@acme.example" in page
    assert "ana@acme.example" not in browser.portal.cookies["__Host-foyer-remember"].value


def test_forgets_a_company_when_told_to(acme, browser):
    browser.sign_in(acme)
    browser.post("/logout/")

    response = browser.post("/login/forget/", {"partner": "acme"})

    assert (response.status_code, response.headers["Location"]) == (303, "/login/")
    assert "Continue with Acme" not in browser.get("/login/").content.decode()


def test_remembers_three_companies_and_the_one_used_last_stands_first(db, provider, pool, browser):
    from tests.support.company import founded

    for slug in ("one", "two", "three", "four"):
        browser.sign_in(founded(slug, provider))
    browser.post("/logout/")

    kept = browser.get("/login/").context["remembered"]

    assert [company.partner.slug for company in kept] == ["four", "three", "two"]


def test_a_computer_of_many_people_remembers_nothing_until_it_is_closed(acme, browser):
    assert "checked" not in browser.get("/login/?shared=1").content.decode()

    browser.sign_in(acme)
    browser.post("/logout/")

    page = browser.get("/login/")
    assert page.context["remembered"] == []
    assert "checked" not in page.content.decode()
    cookie = browser.portal.cookies["__Host-foyer-shared"]
    assert (cookie["max-age"], cookie["expires"]) == ("", "")


@pytest.mark.parametrize(
    ("query", "site", "shared", "kept"),
    [
        ("", "same-origin", False, True),
        ("?remember=no", "same-origin", False, False),
        ("?remember=no", "cross-site", False, False),
        ("?remember=yes", "same-origin", True, True),
        ("?remember=yes", "cross-site", True, False),
        ("?remember=yes", "none", True, False),
    ],
)
def test_a_logo_goes_by_the_tick_and_no_other_page_makes_it_remember_more(
    acme, browser, query, site, shared, kept
):
    if shared:
        browser.get("/login/?shared=1")
    acme.issuer.sign_in_as("ana@acme.example")

    begun = browser.get(f"/login/acme/{query}", **{"sec-fetch-site": site})
    browser.get(browser.callback_path(begun.headers["Location"]))

    assert ("__Host-foyer-remember" in browser.portal.cookies) == kept


def test_nor_does_one_whose_start_page_names_the_company(acme, browser):
    answer = browser.get("/login/?shared=1&partner=acme")

    assert answer.headers["Location"] == "/login/acme/?remember=no"
    assert "__Host-foyer-shared" in browser.portal.cookies


def test_nor_does_any_browser_where_the_owner_does_not_want_it(acme, browser, settings):
    settings.REMEMBER_BY_DEFAULT = False

    browser.sign_in(acme)
    browser.post("/logout/")

    assert browser.get("/login/").context["remembered"] == []


def test_an_attempt_that_never_came_back_is_noticed(acme, browser):
    browser.authorization_url("acme")

    page = browser.get("/login/").content.decode()

    assert "Didn’t get through?" in page
    assert "Try Acme again" in page


def test_and_the_address_that_was_typed_is_kept_if_it_may_be(acme, browser):
    browser.post("/login/", {"email": "ana@acme.example"})
    assert "as <bdi>" not in browser.get("/login/").content.decode()

    browser.post("/login/", {"email": "ana@acme.example", "remember": "on"})

    assert '<data value="ana@acme.example">' in browser.get("/login/").content.decode()


def test_whoever_signs_out_is_not_asked_about_older_attempts(acme, globex, browser):
    browser.authorization_url("globex")
    browser.sign_in(acme)

    browser.post("/logout/")

    assert "Didn’t get through?" not in browser.get("/login/").content.decode()


def test_a_provider_that_is_down_is_named_when_the_address_is_typed(acme, browser):
    acme.issuer.misbehave(discovery=Fault(status=503))

    response = browser.post("/login/", {"email": "ana@acme.example"})

    assert response.status_code == 502
    assert "Acme" in response.content.decode()


def test_the_page_speaks_german(acme, browser):
    page = browser.get("/login/", **{"accept-language": "de"}).content.decode()

    assert '<html lang="de"' in page
    assert "Sign in with your company account" not in page


def test_the_page_costs_few_queries_whatever_the_number_of_companies(
    db, browser, django_assert_max_num_queries
):
    Partner.objects.bulk_create(
        prepared(Partner(slug=f"p{n}", name=f"{chr(65 + n % 26)}-{n}")) for n in range(1184)
    )

    with django_assert_max_num_queries(8):
        response = browser.get("/login/")

    assert len(response.content) < 60_000


def prepared(partner):
    from partners import filing

    partner.status, partner.visibility = "live", "listed"
    partner.search_text = filing.search_text_of([partner.name])
    partner.sort_key = filing.sort_key_of(partner.name)
    partner.letter = filing.letter_of(partner.name)
    return partner
