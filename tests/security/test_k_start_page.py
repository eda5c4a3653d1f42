"""Group K: what the sign-in page tells of partners and people, and where it sends an address."""

import re
import time
from html import unescape
from statistics import median
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest

from demo.provider import IdTokenFault
from tests.support.portal_visitor import TOKEN, continue_url

pytestmark = pytest.mark.portal

VISIBILITY = "UPDATE partners_partner SET visibility = %s WHERE id = %s"
STATE = ("state", "nonce", "code_challenge")


@pytest.fixture
def visibility(case):
    """Change who finds the partner; by address again afterwards."""
    yield lambda value: case.portal.change(VISIBILITY, value, case.adversary.partner_id)
    case.portal.change(VISIBILITY, "by_email", case.adversary.partner_id)


def typed(case, email, *, by=None, **fields):
    """Return the answer to an address that somebody types."""
    return (by or case.browser).post("/login/", {"email": email, **fields})


def asked_for(answer):
    """Return the parameters of the request that the page sends the browser on with."""
    query = parse_qs(urlsplit(continue_url(answer.text)).query)
    return {name: value for name, value in query.items() if name not in STATE}


def without_tokens(answer):
    page = TOKEN.sub("", answer.text)
    return re.sub(r'nonce="[^"]+"', "", page)


def stays(case, answer):
    """Assert that the page has sent nobody anywhere."""
    assert "Refresh" not in answer.headers
    assert 'id="continue"' not in answer.text
    assert not case.browser.attempts()
    case.nothing_happened(answer, status=200)


# --- K01, K02: who exists ------------------------------------------------------------------------


def test_k01_a_partner_that_is_hidden_or_a_draft_answers_like_none(case, visibility):
    email = case.adversary.email("ana")
    set_domain = "UPDATE partners_emaildomain SET verified_at = {} WHERE partner_id = %s"

    visibility("hidden")
    hidden = typed(case, email)
    visibility("by_email")
    case.adversary.set_status("draft")
    draft = typed(case, email)
    case.adversary.set_status("live")
    case.portal.change(set_domain.format("NULL"), case.adversary.partner_id)
    unknown = typed(case, email)
    case.portal.change(set_domain.format("now()"), case.adversary.partner_id)

    assert without_tokens(hidden) == without_tokens(draft) == without_tokens(unknown)
    headers = [dict(one.headers) for one in (hidden, draft, unknown)]
    for one in headers:
        for of_each_answer in ("Date", "Expires", "Set-Cookie", "Content-Security-Policy"):
            one.pop(of_each_answer, None)
    assert headers[0] == headers[1] == headers[2]
    stays(case, hidden)


def test_k01_a_person_who_has_never_come_answers_like_one_who_has(case):
    case.let_in(case.attack(), case.adversary.email("ana"))
    stranger = case.new_browser()

    known = typed(case, case.adversary.email("ana"), by=stranger)
    unknown = typed(case, case.adversary.email("eve"), by=stranger)

    assert asked_for(known) == {**asked_for(unknown), "login_hint": asked_for(known)["login_hint"]}
    assert len(known.text) == len(unknown.text)


def test_k02_a_hidden_partner_takes_no_longer_than_none(case, visibility):
    case.cpu_seconds = 20
    visibility("hidden")
    took = {"adversary.example": [], "adversely.example": []}
    for _ in range(4):
        browser = case.new_browser()
        token = TOKEN.search(browser.get("/login/").text)[1]
        for number in range(40):
            domain = ("adversary.example", "adversely.example")[number % 2]
            form = {"csrfmiddlewaretoken": token, "email": f"ana@{domain}"}
            began = time.monotonic()
            answer = browser._send("POST", "/login/", data=form)
            took[domain].append(time.monotonic() - began)
            assert answer.status_code == 200

    medians = sorted(median(times) for times in took.values())
    assert medians[1] < medians[0] * 1.5
    stays(case, answer)


# --- K03, K04: what is typed ---------------------------------------------------------------------

NO_ADDRESSES = {
    "two-ats": "ana@bystander.example@adversary.example",
    "full-width-at": "ana@adversary.example＠bystander.example",
    "small-at": "ana﹫bystander.example@adversary.example",
    "zero-width": "ana@adversary.example\u200b",
    "nul": "ana@adversary.example\0.bystander.example",
    "list": "ana@adversary.example,ana@bystander.example",
    "list-of-names": "A <ana@bystander.example>, B <ana@adversary.example>",
    "semicolon-list": "ana@adversary.example; ana@bystander.example",
    "quoted": '"ana@bystander.example"@adversary.example',
    "comment": "ana@adversary.example(bystander.example)",
    "source-route": "<@bystander.example:ana@adversary.example>",
    "route": "@bystander.example,@evil.example:ana@adversary.example",
    "ip-literal": "ana@[127.0.0.1]",
    "kelvin": "\u212aana@adversary.example",
    "full-width": "ａｎａ@adversary.example",
    "ideographic-dot": "ana@adversary。example",
    "full-width-domain": "ana@ａdversary.example",
    "right-to-left": "\u202eana@adversary.example",
    "port": "ana@adversary.example:80",
    "path": "ana@adversary.example/x",
    "header": "ana@adversary.example\r\nRefresh: 0;url=//evil.example",
    "two-mailtos": "mailto:mailto:ana@adversary.example",
    "mailto-with-copy": "mailto:ana@adversary.example?cc=ana@bystander.example",
    "encoded": "ana%40adversary.example",
    "only-a-domain": "adversary.example",
    "nothing": "",
    "template": "{{7*7}}@{{7*7}}",
    "script": "<script>alert(1)</script>",
    "attribute": '" autofocus onfocus="alert(1)',
    "sql": "' OR 1=1 --",
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"K03-{name}") for name in NO_ADDRESSES])
def test_k03_what_is_no_address_goes_nowhere_and_stays_in_the_field(case, name):
    answer = typed(case, NO_ADDRESSES[name])

    stays(case, answer)
    assert "<title>Error: " in answer.text
    assert "<script>alert" not in answer.text
    assert 'onfocus="' not in answer.text
    field = re.search(r'<input class="input" id="email"[^>]* value="([^"]*)"', answer.text)
    kept = unescape(field[1]).replace("\r\n", "").replace("\0", "")
    assert kept.split() == NO_ADDRESSES[name].replace("\r\n", "").replace("\0", "").split()


LOOKING_LIKE = [
    *("ana@xadversary.example", "ana@adversary.example.evil.example", "ana@sub.adversary.example"),
    *("ana@adversary.examples", "ana@аdversary.example", "ana@advërsary.example"),
    *("ana@xn--dversary-2fh.example", "ana@adversary-.example.evil.example", "ana@adversary"),
]


@pytest.mark.parametrize("email", LOOKING_LIKE)
def test_k03_a_domain_that_resembles_a_partners_leads_to_nobody(case, email):
    stays(case, typed(case, email))


AS_PASTED = {
    "upper-case": "ANA@ADVERSARY.EXAMPLE",
    "blanks": "  ana@adversary.example\t",
    "dot": "ana@adversary.example.",
    "name": "Ana Sousa <ana@adversary.example>",
    "name-with-another-address": '"ana@bystander.example" <ana@adversary.example>',
    "brackets": "<ana@adversary.example>",
    "mailto": "MAILTO:ana@adversary.example",
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"K04-{name}") for name in AS_PASTED])
def test_k04_an_address_as_people_paste_it(case, name):
    answer = typed(case, AS_PASTED[name])

    case.nothing_happened(answer, status=200)
    assert asked_for(answer)["login_hint"] == [case.adversary.email("ana")]
    url = continue_url(answer.text)
    assert url.startswith(f"{case.adversary.issuer.url}/")
    assert answer.headers["Refresh"] == f"0;url={url}"


# --- K05: very much ------------------------------------------------------------------------------

MUCH = {
    "labels": "a@" + "a." * 50_000,
    "ats": "@" * 50_000,
    "local-part": "a" * 100_000 + "@adversary.example",
    "brackets": "<" * 30_000 + ">",
    "quotes": '"' * 30_000 + ">",
    "comments": "(" * 30_000 + ">",
    "commas": "a@b," * 10_000 + ">",
    "blanks": " " * 30_000 + "x" + " " * 30_000,
    "emoji": "🔥" * 20_000,
    "combining": "a" + "\u0301" * 30_000 + "@adversary.example",
    "a-labels": "a@" + "xn--" * 10_000,
    "just-short": "(" * 1000 + ">",
    "just-short-quoted": '"\\' * 500 + ">",
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"K05-{name}") for name in MUCH])
def test_k05_very_much_costs_hardly_anything(case, name):
    case.peak_bytes = 32 * 1024 * 1024  # the page has it in the field again
    token = TOKEN.search(case.browser.get("/login/").text)[1]
    began = time.monotonic()

    form = {"csrfmiddlewaretoken": token, "email": MUCH[name]}
    answer = case.browser._send("POST", "/login/", data=form)

    assert time.monotonic() - began < 1
    case.nothing_happened(answer, status=answer.status_code)
    assert answer.status_code in {200, 400, 413}
    assert "Refresh" not in answer.headers


def test_k05_a_megabyte_is_not_read(case):
    token = TOKEN.search(case.browser.get("/login/").text)[1]
    form = {"csrfmiddlewaretoken": token, "email": "a" * 3_000_000}

    answer = case.browser._send("POST", "/login/", data=form)

    assert answer.status_code in {400, 413}
    case.nothing_happened(answer, status=answer.status_code)


@pytest.mark.parametrize("name", ["q", "letter", "page", "next", "partner", "domain_hint", "email"])
@pytest.mark.parametrize(
    "value", ["\0", "%", "'", "{{7*7}}", "<script>alert(1)</script>", "-1", "9" * 40, "\ud83d"]
)
def test_k05_what_the_pages_address_says_breaks_nothing(case, name, value):
    query = urlencode({name: value}, errors="surrogatepass")

    answer = case.browser.get(f"/login/?{query}")

    assert "<script>alert" not in answer.text
    assert ">49<" not in answer.text
    stays(case, answer)


# --- K06: a link that somebody else made ---------------------------------------------------------


@pytest.mark.parametrize("name", ["email", "login_hint"])
def test_k06_an_address_in_a_link_only_fills_the_field(case, name):
    answer = case.browser.get(f"/login/?{name}={quote(case.adversary.email('ana'))}")

    stays(case, answer)
    assert f'value="{case.adversary.email("ana")}"' in answer.text


@pytest.mark.parametrize("name", ["partner=adversary", "domain_hint=adversary.example"])
@pytest.mark.parametrize("hint", ["victim@bystander.example", "a@evil.example", "<script>"])
def test_k06_a_link_to_a_company_carries_no_address_of_others(case, name, hint):
    onward = case.browser.get(f"/login/?{name}&login_hint={quote(hint)}&next=//evil.example")

    assert onward.status_code == 302
    place = onward.headers["Location"]
    assert place.startswith("/login/adversary/")
    assert "next" not in place
    answer = case.browser.get(place)
    case.nothing_happened(answer, status=302)
    assert "login_hint" not in answer.headers["Location"]


# --- K07, K08: who the partners are --------------------------------------------------------------


def test_k07_only_who_wants_to_be_listed_is(case, visibility):
    seen = {}
    for wanted in ("listed", "by_email", "hidden"):
        visibility(wanted)
        browser = case.new_browser()
        pages = [browser.get(f"/login/?{query}").text for query in ("", "q=advers", "letter=A")]
        seen[wanted] = [f'href="/login/{case.adversary.slug}/' in page for page in pages]

    assert any(seen["listed"])
    assert not any(seen["by_email"])
    assert not any(seen["hidden"])
    # And its own link leads there all the same.
    case.let_in(case.attack(), case.adversary.email("ana"))


@pytest.mark.parametrize("guess", ["domain_hint=adversary.example", "q=adversary"])
def test_k07_a_hidden_partner_is_found_by_no_guess(case, visibility, guess):
    visibility("hidden")

    answer = case.browser.get(f"/login/?{guess}")

    stays(case, answer)
    assert "/login/adversary/" not in answer.text


def test_k07_a_misspelt_domain_suggests_only_who_is_listed(case, visibility):
    found = {}
    for wanted in ("listed", "by_email", "hidden"):
        visibility(wanted)
        answer = typed(case, "ana@adversari.example")
        found[wanted] = case.adversary.email("ana") in answer.text

    assert found == {"listed": True, "by_email": False, "hidden": False}
    stays(case, answer)


NO_SLUGS = [
    *(
        "nobody",
        "adversary%00",
        "adversary%20",
        "adversary%2f",
        "%2e%2e",
        "..%2fadmin",
    ),
    *(
        "ädversary",
        "adversary%e2%80%8b",
        "аdversary",
        "adversary;x",
        "adversary'--",
        "-",
        "a" * 300,
    ),
    *("%252e%252e", "adversary%0d%0aSet-Cookie:a=b", "adversary.json", "*", "1", "link"),
]


@pytest.mark.parametrize("slug", NO_SLUGS)
@pytest.mark.parametrize("rest", ["", "initiate/"])
def test_k08_what_is_no_partners_name_is_a_page_that_is_not_there(case, slug, rest):
    answer = case.browser.ask_exactly("GET", f"/login/{quote(slug, safe='%;*')}/{rest}")

    assert answer.status_code in ({404} if not rest else {400, 404})
    case.nothing_happened(answer, status=answer.status_code)
    assert not case.browser.attempts()


def test_k08_a_draft_is_not_told_from_none(case):
    none = case.browser.get("/login/nobody-at-all/")
    case.adversary.set_status("draft")

    draft = case.browser.get(f"/login/{case.adversary.slug}/")

    case.nothing_happened(draft, status=404)
    assert without_tokens(draft).replace(case.adversary.slug, "nobody-at-all") == without_tokens(
        none
    )


# --- K09: very often -----------------------------------------------------------------------------


def test_k09_whoever_tries_domain_after_domain_has_to_wait_and_nobody_else(case):
    case.cpu_seconds = 10
    browser = case.new_browser()
    token = TOKEN.search(browser.get("/login/").text)[1]

    answers = [
        browser._send(
            "POST",
            "/login/",
            data={"csrfmiddlewaretoken": token, "email": f"ana@guess-{number}.example"},
        )
        for number in range(70)
    ]

    statuses = [answer.status_code for answer in answers]
    assert statuses[:60] == [200] * 60
    assert set(statuses[62:]) == {429}
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert [row[0] for row in case._rows(browser)] == ["limit.reached"]
    assert browser.get("/login/").status_code == 200
    assert "Refresh" in typed(case, case.adversary.email("ana")).headers
    case.let_in(case.attack(), case.adversary.email("ana"))


# --- K10 to K12: domains beside and below each other ----------------------------------------------


def test_k10_a_domain_below_another_is_its_own_partners_alone(case, accomplice):
    """The parent has all that is below it, but for what was given to somebody else."""
    case.adversaries.append(accomplice)
    email = "ana@sub.shared.example"
    with (
        case.adversary.having_domain("shared.example", subdomains=True),
        accomplice.having_domain("sub.shared.example"),
    ):
        of_sub = continue_url(typed(case, email).text)
        of_parent = continue_url(typed(case, "ana@shared.example").text)
        deeper = continue_url(typed(case, "ana@other.shared.example").text)

        assert of_sub.startswith(f"{accomplice.issuer.url}/")
        assert of_parent.startswith(f"{case.adversary.issuer.url}/")
        assert deeper.startswith(f"{case.adversary.issuer.url}/")
        below = IdTokenFault(members={"email": email})
        case.refused(case.attack(id_token=below), "email_not_of_partner")
        accomplice.misbehave(id_token=IdTokenFault(members={"email": "ana@shared.example"}))
        other = case.new_browser()
        beside = other.sign_in(accomplice.slug)
        case.refused(beside, "email_not_of_partner", by=other, at=accomplice)


def test_k11_another_domain_of_the_same_partner(case):
    with case.adversary.having_domain("second.example"):
        answer = typed(case, "ana@second.example")
        assert continue_url(answer.text).startswith(f"{case.adversary.issuer.url}/")

        second = IdTokenFault(members={"email": "ana@second.example"})
        case.let_in(case.attack(id_token=second), "ana@second.example")


@pytest.mark.parametrize("way", ["logo", "email"])
def test_k12_one_partners_way_in_does_not_lead_into_another(case, way):
    fault = IdTokenFault(members={"email": "victim@bystander.example"})
    case.adversary.misbehave(id_token=fault)
    page = typed(case, case.adversary.email("ana")) if way == "email" else None
    url = continue_url(page.text) if page else case.browser.begin(case.adversary.slug)

    answer = case.browser.get(case.browser.come_back(url))

    case.refused(answer, "email_not_of_partner")
