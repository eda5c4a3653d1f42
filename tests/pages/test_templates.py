"""What people see, page by page."""

import re
from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from federation.oidc.errors import Reason
from tests.pages.contexts import (
    BRIGHTWATER,
    CONTOSO,
    PAGES,
    board,
    home,
    refused,
    remembered,
    sign_in,
    stalled,
    tile,
    typed,
    unknown,
)

SIGN_IN = "federation/sign_in.html"
every_page = pytest.mark.parametrize(("template", "context"), PAGES.values(), ids=PAGES.keys())


@every_page
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_page_has_a_language_a_title_and_one_heading(render, template, context, language):
    with translation.override(language):
        page = render(template, context)

    assert f'<html lang="{language}" dir="ltr">' in page
    assert re.search(r"<title>\S.*</title>", page)
    assert len(re.findall(r"<h1\b", page)) == 1


@every_page
def test_a_page_has_nothing_that_a_strict_content_security_policy_stops(render, template, context):
    page = render(template, context)

    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?! src=)", page)


@every_page
def test_a_page_reads_from_right_to_left_where_the_language_does(render, template, context):
    with translation.override("ar"):
        page = render(template, context)

    assert '<html lang="ar" dir="rtl">' in page


@pytest.mark.parametrize("template", ["400.html", "500.html"])
def test_the_last_resorts_need_nothing_that_may_be_broken(template):
    page = render_to_string(template)

    assert '<a class="btn" href="/login/">' in page
    assert "card" not in page


def test_the_board_stays_light_whatever_the_number_of_partners(render):
    page = render(SIGN_IN, sign_in(directory=board(), return_to="/orders/"))

    assert page.count('class="tile"') == 48
    assert len(page.encode()) < 30_000


def test_a_tile_has_its_name_beside_the_logo_and_keeps_where_the_person_wanted_to_go(render):
    one = board(groups=[("A", [tile("Anchor & Oak", logo="/logos/anchor", note="anchor.example")])])

    page = render(SIGN_IN, sign_in(directory=one, return_to="/orders/?a=1&b=2"))

    assert 'src="/logos/anchor" alt=""' in page
    assert "Anchor &amp; Oak <small>anchor.example</small>" in page
    assert 'href="/login/anchor-oak/?next=/orders/%3Fa%3D1%26b%3D2"' in page


def test_a_link_has_no_empty_parameters(render):
    page = render(SIGN_IN, sign_in(directory=board(groups=[("", [tile("Contoso")])])))

    assert '<a class="tile" href="/login/contoso/"' in page


def test_a_company_without_a_logo_shows_its_initials(render):
    page = render(SIGN_IN, sign_in(directory=board(groups=[("", [tile("Contoso")])])))

    assert '<span class="initials" aria-hidden="true">C</span>' in page
    assert "<h3" not in page


def test_letters_without_a_company_are_no_links(render):
    page = render(SIGN_IN, sign_in(directory=board()))

    assert '<a href="?letter=A" aria-current="true">A</a>' in page
    assert '<span>Q<span class="vh"> (no companies)</span></span>' in page


def test_the_pager_counts_in_the_language_of_the_page(render):
    with translation.override("de"):
        page = render(SIGN_IN, sign_in(directory=board()))

    assert "A bis C · 48 von 1.184 Firmen" in page


def test_a_search_that_finds_nothing_gives_advice(render):
    nothing = board(0, query="<b>", total=0, groups=[], letters=[])

    page = render(SIGN_IN, sign_in(directory=nothing))

    assert "No company matches “&lt;b&gt;”." in page
    assert "type only the first letters" in page
    assert "Show all companies" in page


def test_where_nobody_is_listed_the_form_stands_alone(render):
    page = render(SIGN_IN, sign_in())

    assert "login--alone" in page
    assert 'class="directory"' not in page


@pytest.mark.parametrize(
    ("email", "message"),
    [
        ("", "Enter your work email"),
        ("ana.contoso", "Enter an email address in the correct format, like name@company.com"),
    ],
)
def test_a_faulty_address_is_kept_and_explained_at_the_field(render, email, message):
    page = render(SIGN_IN, sign_in(form=typed(email)))

    assert "<title>Error: Sign in" in page
    assert page.count(message) == 2
    assert f'value="{email}" aria-invalid="true" aria-describedby="email-error"' in page


def test_an_unknown_domain_gets_advice_and_the_likely_spelling_as_a_button(render):
    near = unknown(suggestion="brightwater.example", suggested_email="priya@brightwater.example")
    form = typed("priya@brightwatr.example")

    page = render(SIGN_IN, sign_in(form=form, unknown=near, return_to="/orders/"))

    assert "<title>Error: Sign in" in page
    assert "Did you mean <bdi>brightwater.example</bdi>?" in page
    assert '<input type="hidden" name="email" value="priya@brightwater.example">' in page
    assert 'value="priya@brightwatr.example" aria-invalid="true"' in page
    assert page.count('<input type="hidden" name="next" value="/orders/">') == 2


def test_a_remembered_company_is_one_click_away_and_can_be_forgotten(render):
    page = render(SIGN_IN, sign_in(remembered=remembered(CONTOSO), return_to="/orders/"))

    assert 'href="/login/contoso/?login_hint=ana%40contoso.example&amp;next=/orders/"' in page
    assert "Continue with Contoso" in page
    assert 'href="/login/contoso/?prompt=select_account&amp;next=/orders/"' in page
    assert "Forget this company" in page


def test_several_remembered_companies_have_a_list_to_edit(render):
    page = render(SIGN_IN, sign_in(remembered=remembered(CONTOSO, BRIGHTWATER)))

    assert page.count('class="resume"') == 2
    assert "Edit this list" in page
    assert page.count('action="/login/forget/"') == 2


def test_the_wide_logo_stands_in_for_a_missing_mark(render):
    page = render(SIGN_IN, sign_in(remembered=remembered(BRIGHTWATER)))

    assert '<span class="mark mark--wide"><img src="/logos/brightwater" alt=""></span>' in page


def test_an_attempt_that_did_not_come_back_names_whom_to_ask_and_the_reference(render):
    page = render(SIGN_IN, sign_in(stalled=stalled(), remembered=remembered(BRIGHTWATER)))

    assert "Didn’t get through?" in page
    assert "08:41 (UTC)" in page
    assert "it@contoso.example" in page
    assert "FY-9B2M-64TC" in page
    assert "Welcome back" not in page


def test_the_way_to_the_provider_is_a_link_as_well(render):
    page = render(*PAGES["taking-you"])

    link = re.search(r'<a [^>]*id="continue" href="([^"]+)"', page)
    assert link
    assert link[1] == "https://login.contoso.example/?a=1&amp;b=2"


def test_a_refusal_that_the_partner_can_mend_shows_its_help_desk(render):
    page = render("federation/refused.html", refused(Reason.EMAIL_MISSING))

    assert "Ask the Contoso IT help desk" in page
    assert '<a href="mailto:it@contoso.example">it@<wbr>contoso.<wbr>example</a>' in page
    assert "FY-7F3K-92QD" in page
    assert "email_missing" in page
    assert "Email them to Contoso" in page


def test_a_refusal_that_the_owner_can_mend_names_the_portals_support(render):
    page = render("federation/refused.html", refused(Reason.PERSON_INACTIVE))

    assert "Ask Northlake support" in page
    assert "it@<wbr>contoso" not in page


def test_a_refusal_of_a_wrong_account_offers_another_one_first(render):
    page = render("federation/refused.html", refused(Reason.EMAIL_NOT_OF_PARTNER))

    assert page.index("Use another account") < page.index("Try again")


def test_a_refusal_quotes_the_provider_as_plain_text(render):
    words = "<img src=x>"

    page = render(
        "federation/refused.html", refused(provider_words=words, provider_error="access_denied")
    )

    assert "“&lt;img src=x&gt;”" in page
    assert words not in page


def test_a_refusal_never_repeats_the_address_that_holds_the_providers_answer(render):
    page = render("federation/refused.html", refused(), "/login/contoso/callback/?code=S3CRET")

    assert "S3CRET" not in page
    assert "callback" not in page


def test_a_refusal_names_the_account_whole_and_breaks_it_at_its_dots(render):
    page = render(
        "federation/refused.html",
        refused(Reason.EMAIL_NOT_OF_PARTNER, account="<i>@freelance.example"),
    )

    address = (
        '<data value="&lt;i&gt;@freelance.example">&lt;i&gt;@<wbr>freelance.<wbr>example</data>'
    )
    assert f"You signed in as <bdi>{address}</bdi>." in page


def test_a_refusal_at_a_company_without_a_help_desk_leads_to_the_portals_support(render):
    page = render("federation/refused.html", refused(Reason.EMAIL_MISSING, helper="owner"))

    assert "Ask Northlake support" in page
    assert "Email them to Northlake" in page
    assert "IT help desk" not in page
    assert "Not from Contoso" not in page


def test_a_refusal_quotes_as_the_language_does(render):
    with translation.override("de"):
        page = render("federation/refused.html", refused(provider_words="Nein."))

    assert "„Nein.“" in page


def test_who_typed_the_address_of_a_paused_company_reads_what_its_page_says(render):
    page = render(*PAGES["sign-in-paused"])

    assert "<title>Sign‑in for Contoso is paused" in page
    assert "Northlake has paused it. Your work is safe." in page
    assert "Back on Monday." in page
    assert "mailto:it@contoso.example" in page
    assert "aria-invalid" not in page


def test_the_logos_in_sight_are_loaded_at_once(render):
    page = render(SIGN_IN, sign_in(directory=board()))

    assert page.count('src="/logos/') == 48
    assert page.count('loading="lazy"') == 36


def test_home_says_who_is_signed_in_with_which_company_until_when(render):
    page = render("federation/home.html", home())

    assert "<h1>Your services</h1>" in page
    assert "ana@contoso.example" in page
    assert "Contoso (Okta)" in page
    assert "23 November 2026 at 17:41 (UTC)" in page
    assert "not reachable" not in page


def test_every_page_says_who_is_signed_in_by_address_where_there_is_no_name():
    nameless = SimpleNamespace(is_authenticated=True, name="", email="ana@contoso.example")
    request = SimpleNamespace(session=SimpleNamespace(row=SimpleNamespace(partner=CONTOSO)))

    part = render_to_string("parts/account.html", {"user": nameless, "request": request})

    assert "<b>ana@contoso.example</b><small>Contoso</small>" in part
    assert "Sign out" in part


def test_home_says_that_services_are_not_reachable_yet(render):
    page = render("federation/home.html", home(services_reachable=False))

    assert "Your services are not reachable yet" in page


def test_the_signed_out_page_leads_out_of_the_company_too(render):
    page = render(*PAGES["signed-out"])

    assert "You may still be signed in at Contoso" in page
    assert 'href="https://login.contoso.example/logout"' in page
    assert "Forget Contoso on this device" in page


def test_a_timed_out_person_comes_back_to_where_they_were(render):
    page = render(*PAGES["timed-out"])

    assert 'href="/login/?next=/orders/"' in page


def test_the_language_can_be_chosen_without_losing_the_way(render):
    page = render(SIGN_IN, sign_in(return_to="/orders/"))

    assert '<button name="language" value="de" lang="de">Deutsch</button>' in page
    assert '<input type="hidden" name="next" value="/login/?next=/orders/">' in page


def test_the_foot_of_a_page_leads_to_the_owners_other_pages(render, settings):
    settings.PORTAL_PRIVACY_URL = "/privacy/"
    settings.PORTAL_STATUS_URL = "https://status.portal.example/"

    page = render("404.html", {})

    assert '<a href="/privacy/">Privacy</a>' in page
    assert '<a href="https://status.portal.example/">Status</a>' in page
    assert "Accessibility" not in page


def test_services_are_the_owners_to_give(render, settings):
    settings.PORTAL_SUPPORT_EMAIL = "help@northlake.example"
    assert "mailto:help@northlake.example" in render("federation/home.html", home())

    settings.PORTAL_SUPPORT_EMAIL = ""
    page = render("federation/home.html", home())
    assert "Ask Northlake." in page
    assert "mailto:" not in page
