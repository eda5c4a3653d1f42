"""Group O, third-party initiated login: OpenID Connect Core 1.0, section 4."""

import re
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest

from demo.provider import IdTokenFault

pytestmark = pytest.mark.portal

PLACES = ["/login/initiate/", "/login/adversary/initiate/"]
CROSS_SITE = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}


def initiated(case, place, *, by=None, **wanted):
    """Return the answer to a partner's portal that sends the browser here."""
    wanted = {"iss": case.adversary.issuer_url, **wanted}
    return (by or case.browser).get(f"{place}?{urlencode(wanted)}", **CROSS_SITE)


def posted(case, place, by=None, **wanted):
    form = {"iss": case.adversary.issuer_url, **wanted}
    headers = {**CROSS_SITE, "Origin": case.portal.provider.base_url}
    return (by or case.browser)._send("POST", place, data=form, headers=headers)


def query_of(answer):
    return parse_qs(urlsplit(answer.headers["Location"]).query)


def without_tokens(page):
    # Each has a token of its own; the address is in the form for the language.
    page = re.sub(r'name="next" value="[^"]*"', "", page)
    return re.sub(r'(?:value|nonce)="[A-Za-z0-9]{20,}"', "", page)


# --- O05: by the partner's portal ----------------------------------------------------------------


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_o05_a_partners_portal_begins_a_sign_in_like_any_other(case, place, method):
    wanted = {"login_hint": case.adversary.email("ana"), "target_link_uri": "/orders/42"}
    if method == "POST":
        onward = posted(case, place, **wanted)
        assert onward.status_code == 303
        assert onward.headers["Location"].startswith(f"{place}?")
        assert not case.browser.attempts()
        answer = case.browser.get(onward.headers["Location"], **CROSS_SITE)
    else:
        answer = initiated(case, place, **wanted)

    assert answer.status_code == 302
    sent = query_of(answer)
    assert sent["login_hint"] == [case.adversary.email("ana")]
    assert sent["code_challenge_method"] == ["S256"]
    callback = case.browser.come_back(answer.headers["Location"])
    case.let_in(case.browser.get(callback), case.adversary.email("ana"), to="/orders/42")


def test_o05_every_one_is_an_attempt_of_its_own(case):
    sent = [query_of(initiated(case, PLACES[0])) for _ in range(5)]

    for name in ("state", "nonce", "code_challenge"):
        assert len({query[name][0] for query in sent}) == 5
    case.nothing_happened(initiated(case, PLACES[0]), status=302)


CHOSEN = {
    "state": "chosen-by-evil",
    "nonce": "chosen-by-evil",
    "client_id": "chosen-by-evil",
    "redirect_uri": "https://chosen-by-evil.example/",
    "code_challenge_method": "plain",
    "scope": "offline_access",
    "response_type": "token",
    "prompt": "none",
    "next": "/chosen-by-evil",
}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_o05_a_partners_portal_chooses_nothing_else(case, method):
    if method == "POST":
        onward = posted(case, PLACES[1], **CHOSEN)
        assert "chosen" not in onward.headers["Location"]
        answer = case.browser.get(onward.headers["Location"])
    else:
        answer = initiated(case, PLACES[1], **CHOSEN)

    sent = query_of(answer)
    assert "chosen" not in answer.headers["Location"]
    assert "prompt" not in sent
    assert (sent["response_type"], sent["code_challenge_method"]) == (["code"], ["S256"])
    callback = case.browser.come_back(answer.headers["Location"])
    case.let_in(case.browser.get(callback), case.adversary.email("ana"))


# --- O06: an issuer that does not say whose people they are --------------------------------------

ISSUERS = {
    "unknown": lambda case: "https://evil.example",
    "one-that-would-answer": lambda case: f"http://127.0.0.1:{case.canary.port}",
    "one-that-would-answer-https": lambda case: f"https://127.0.0.1:{case.canary.port}/x",
    "inside": lambda case: "http://169.254.169.254/latest/meta-data/",
    "file": lambda case: "file:///etc/passwd",
    "empty": lambda case: "",
    "slash-after": lambda case: f"{case.adversary.issuer_url}/",
    "upper-case": lambda case: case.adversary.issuer_url.upper(),
    "https": lambda case: case.adversary.issuer_url.replace("http:", "https:"),
    "longer": lambda case: f"{case.adversary.issuer_url}x",
    "shorter": lambda case: case.adversary.issuer_url[:-1],
    "wildcard": lambda case: case.adversary.issuer_url[:-1] + "%",
    "blank-after": lambda case: f"{case.adversary.issuer_url} ",
    "line-break": lambda case: f"{case.adversary.issuer_url}\n",
    "nul": lambda case: f"{case.adversary.issuer_url}\0",
    "query": lambda case: f"{case.adversary.issuer_url}?x",
    "fragment": lambda case: f"{case.adversary.issuer_url}#",
    "user": lambda case: case.adversary.issuer_url.replace("//", "//x@"),
    "homograph": lambda case: case.adversary.issuer_url.replace("adv", "аdv"),
    "surrogate": lambda case: "\ufffd",
    "markup": lambda case: "<script>alert(1)</script>",
    "long": lambda case: "https://" + "a" * 4000,
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", [pytest.param(name, id=f"O06-{name}") for name in ISSUERS])
def test_o06_an_issuer_that_is_nobodys_here_gets_one_page_and_no_call(case, place, name):
    unknown = case.browser.get(f"{place}?iss=https://nobody.example")

    answer = initiated(case, place, iss=ISSUERS[name](case))

    case.nothing_happened(answer, status=400)
    assert without_tokens(answer.text) == without_tokens(unknown.text)
    assert not case.browser.attempts()
    assert not case.adversary.issuer.requests_to("discovery")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("query", ["", "?", "?iss", "?ISS={iss}", "?issuer={iss}", "?iss[]={iss}"])
def test_o06_no_issuer(case, place, query):
    issuer = quote(case.adversary.issuer_url, safe="")

    answer = case.browser.get(f"{place}{query.format(iss=issuer)}")

    case.nothing_happened(answer, status=400)


def test_o06_an_issuer_that_companies_share_does_not_say_which(case, at):
    tenant = at("tenant-one")
    case.adversaries.append(tenant)
    unknown = initiated(case, PLACES[0], iss="https://nobody.example")

    shared = initiated(case, PLACES[0], iss=tenant.issuer_url)

    case.nothing_happened(shared, status=400)
    assert without_tokens(shared.text) == without_tokens(unknown.text)
    own = initiated(case, f"/login/{tenant.slug}/initiate/", iss=tenant.issuer_url)
    assert own.status_code == 302


def test_o06_the_issuer_of_one_partner_at_the_address_of_another(case, accomplice):
    answer = initiated(case, f"/login/{accomplice.slug}/initiate/")

    case.nothing_happened(answer, status=400)
    assert not case.browser.attempts()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("status", "code"), [("draft", 400), ("paused", 503)])
def test_o06_a_partner_that_is_not_live(case, place, status, code):
    case.adversary.set_status(status)

    answer = initiated(case, place)

    case.nothing_happened(answer, status=code)
    assert not case.browser.attempts()


# --- O08, O09: hints and places ------------------------------------------------------------------

HINTS = {
    "another-partners": "victim@bystander.example",
    "look-alike": "ana＠bystander.example@adversary.example",
    "markup": '"><script>alert(1)</script>',
    "header": "ana@adversary.example\r\nSet-Cookie: foyer-session=x",
    "parameters": "ana@adversary.example&prompt=none&client_id=evil",
    "long": "a" * 3000,
    "jwt": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", [pytest.param(name, id=f"O08-{name}") for name in HINTS])
def test_o08_a_hint_that_is_no_address_of_the_partners_is_dropped(case, place, name):
    answer = initiated(case, place, login_hint=HINTS[name])

    sent = query_of(answer)
    assert "login_hint" not in sent
    assert "prompt" not in sent
    assert sent["client_id"] == [case.adversary.client_id]
    callback = case.browser.come_back(answer.headers["Location"])
    case.let_in(case.browser.get(callback), case.adversary.email("ana"))


@pytest.mark.parametrize("size", [600, 10_000])
def test_o08_a_form_with_very_much_in_it(case, size):
    onward = posted(case, PLACES[0], login_hint="a" * size, target_link_uri="/" + "a" * size)

    assert onward.status_code == 303
    assert len(onward.headers["Location"]) < 2000
    answer = case.browser.get(onward.headers["Location"])
    assert "login_hint" not in query_of(answer)
    callback = case.browser.come_back(answer.headers["Location"])
    case.let_in(case.browser.get(callback), case.adversary.email("ana"))


FOREIGN = ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]


@pytest.mark.parametrize("target", [*FOREIGN, "{base}.evil.example/", "{base}@evil.example/"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_o09_a_place_that_is_not_ours_is_home(case, target, method):
    target = target.replace("{base}", case.portal.base_url)
    if method == "POST":
        onward = posted(case, PLACES[1], target_link_uri=target).headers["Location"]
        assert onward.startswith(f"{PLACES[1]}?")
        answer = case.browser.get(onward)
    else:
        answer = initiated(case, PLACES[1], target_link_uri=target)

    callback = case.browser.come_back(answer.headers["Location"])
    case.let_in(case.browser.get(callback), case.adversary.email("ana"))


def test_o09_a_whole_address_of_ours_is_kept(case):
    target = f"{case.portal.base_url}/orders/42"

    answer = initiated(case, PLACES[0], target_link_uri=target)

    callback = case.browser.come_back(answer.headers["Location"])
    case.let_in(case.browser.get(callback), case.adversary.email("ana"), to=target)


# --- O10, O11: by a hostile page -----------------------------------------------------------------


def test_o10_a_sign_in_that_a_hostile_page_begins_and_that_fails_changes_nothing(case, accomplice):
    case.adversaries.append(accomplice)
    before = case.let_in(
        case.browser.sign_in(accomplice.slug), accomplice.email("ana"), at=accomplice
    )
    case.adversary.misbehave(id_token=IdTokenFault(members={"email": before["email"]}))

    answer = initiated(case, PLACES[0])
    callback = case.browser.come_back(answer.headers["Location"])

    case.refused(case.browser.get(callback), "email_not_of_partner")
    assert case.browser.who() == before


def test_o10_one_that_succeeds_ends_the_session_before_and_says_who_is_signed_in(case, accomplice):
    case.adversaries.append(accomplice)
    case.let_in(case.browser.sign_in(accomplice.slug), accomplice.email("ana"), at=accomplice)
    old = case.new_browser()
    old.plant("foyer-session", case.browser.cookies()["foyer-session"])
    assert old.who() is not None

    answer = initiated(case, PLACES[0])
    callback = case.browser.come_back(answer.headers["Location"])

    case.let_in(case.browser.get(callback), case.adversary.email("ana"))
    assert old.who() is None
    assert case.adversary.email("ana") in case.browser.get("/").text


FRAMED = [
    *({"Sec-Fetch-Dest": "iframe"}, {"Sec-Fetch-Dest": "frame"}, {"Sec-Fetch-Dest": "embed"}),
    *({"Sec-Fetch-Dest": "object"}, {"Sec-Fetch-Dest": "image"}, {"Sec-Purpose": "prefetch"}),
    {"Sec-Fetch-Dest": "empty"},
]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("number", range(len(FRAMED)))
def test_o11_nothing_begins_in_a_frame_a_picture_or_a_script(case, place, number):
    wanted = urlencode({"iss": case.adversary.issuer_url})

    answer = case.browser.get(f"{place}?{wanted}", **FRAMED[number])

    case.nothing_happened(answer, status=204)
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert not case.browser.attempts()


@pytest.mark.parametrize(
    "path", ["/login/", "/login/initiate/", "/logout/", "/admin/login/", "/x/"]
)
def test_o11_no_page_is_shown_in_a_frame(case, path):
    answer = case.browser.get(path)

    case.nothing_happened(answer, status=answer.status_code)
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"
