"""Group A: what the portal sends to a provider by the browser, and what it never sends."""

import re
from base64 import urlsafe_b64decode
from urllib.parse import parse_qs, parse_qsl, quote, urlencode, urlsplit

import pytest

from demo.provider import Fault
from tests.security.forging import decoded
from tests.support.portal_visitor import continue_url

pytestmark = pytest.mark.portal

RANDOM = ("state", "nonce", "code_challenge")
EXPECTED = {
    *("response_type", "client_id", "redirect_uri", "scope", "state", "nonce"),
    *("code_challenge", "code_challenge_method", "ui_locales"),
}


def query_of(url):
    return parse_qs(urlsplit(url).query, keep_blank_values=True)


def begun(case, query="", *, by=None):
    """Return the parameters of the request, each of which is there once."""
    url = (by or case.browser).begin(case.adversary.slug, query)
    pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    assert len(dict(pairs)) == len(pairs), "a parameter is there twice"
    return dict(pairs)


def finished(case, url):
    case.let_in(case.browser.get(case.browser.come_back(url)), case.adversary.email("ana"))


# --- A01 to A04: the request, and its random parts -----------------------------------------------


def test_a01_the_request_is_complete_has_nothing_twice_and_asks_for_no_more(case):
    wanted = begun(case)

    assert wanted.keys() == EXPECTED
    assert wanted["response_type"] == "code"
    assert wanted["scope"].split() == ["openid", "email", "profile"]
    assert wanted["client_id"] == case.adversary.client_id
    callback = f"{case.portal.base_url}/login/{case.adversary.slug}/callback/"
    assert wanted["redirect_uri"] == callback
    assert wanted["code_challenge_method"] == "S256"
    finished(case, case.browser.begin(case.adversary.slug))


def test_a02_a03_a_thousand_attempts_share_nothing(case):
    case.cpu_seconds = 30
    used_before = case.portal.rows("SELECT count(*) FROM federation_usedstate")

    answer = case.browser.get(f"/login/{case.adversary.slug}/")
    sent = [query_of(answer.headers["Location"])]
    sent += [query_of(case.browser.begin(case.adversary.slug)) for _ in range(999)]

    words = [wanted[name][0] for wanted in sent for name in RANDOM]
    assert len(set(words)) == 3000
    assert {len(word) for word in words} == {43}
    for name in RANDOM:
        numbers = [int.from_bytes(urlsafe_b64decode(f"{wanted[name][0]}=")) for wanted in sent]
        # Every one of 256 bits is as often set as not: no clock, no counter, no name is in there.
        often = [sum(number >> bit & 1 for number in numbers) for bit in range(256)]
        assert min(often) > 380
        assert max(often) < 620
    case.nothing_happened(answer, status=302)
    assert len(case.browser.attempts()) <= 5
    # Nobody's starts cost the database a row.
    assert case.portal.rows("SELECT count(*) FROM federation_usedstate") == used_before


def test_a04_what_is_sent_says_nothing_of_who_and_where_to(case, at):
    case.let_in(case.attack(), case.adversary.email("ana"))
    session = case.browser.cookies()["foyer-session"]
    hint = quote(case.adversary.email("ana"))

    url = case.browser.begin(case.adversary.slug, f"?next=/orders/42&login_hint={hint}")

    wanted = query_of(url)
    assert wanted.pop("login_hint") == [case.adversary.email("ana")]
    sent = [value for values in wanted.values() for value in values]
    sent += [repr(decoded(wanted[name][0])) for name in RANDOM]
    for known in ("orders", case.adversary.email("ana"), session, session[:12]):
        assert known not in "\n".join(sent)


# --- A05, A06: S256 whatever the provider says of PKCE -------------------------------------------

OF_PKCE = {
    "A05-plain": Fault(members={"code_challenge_methods_supported": ["plain"]}),
    "A05-none-of-them": Fault(members={"code_challenge_methods_supported": []}),
    "A05-unknown": Fault(members={"code_challenge_methods_supported": ["S512"]}),
    "A05-text": Fault(members={"code_challenge_methods_supported": "plain"}),
    "A05-null": Fault(members={"code_challenge_methods_supported": None}),
    "A05-number": Fault(members={"code_challenge_methods_supported": 1}),
    "A06-silent": Fault(without=["code_challenge_methods_supported"]),
}


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in OF_PKCE])
def test_a05_a06_a_challenge_is_sent_whatever_the_provider_says_of_it(case, name):
    case.adversary.misbehave(discovery=OF_PKCE[name])

    wanted = begun(case)

    assert wanted["code_challenge_method"] == "S256"
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", wanted["code_challenge"])
    finished(case, case.browser.begin(case.adversary.slug))


# --- A08: an authorization endpoint with a query of its own --------------------------------------

HOSTILE_QUERIES = {
    "client-id": "client_id=evil",
    "redirect-uri": "redirect_uri=https%3A%2F%2Fevil.example%2F",
    "state": "state=chosen&nonce=chosen",
    "challenge": "code_challenge=chosen&code_challenge_method=plain",
    "response-type": "response_type=token&response_mode=fragment",
    "scope": "scope=offline_access",
    "all-twice": urlencode([(name, "evil") for name in sorted(EXPECTED) for _ in range(2)]),
    "encoded-names": "%73tate=chosen&client%5Fid=evil&redirect%5furi=https://evil.example/",
    "encoded-plus": "client_id=evil&client_id+=evil",
    "request": "request=eyJhbGciOiJub25lIn0.e30.&request_uri=https://evil.example/r",
    "registration": "registration=%7B%7D&claims=%7B%7D&id_token_hint=x",
    "prompt": "prompt=none&max_age=0&acr_values=low&login_hint=victim%40bystander.example",
    "empty": "&&&state&=x&client_id=",
    "semicolons": "a=1;client_id=evil",
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"A08-{name}") for name in HOSTILE_QUERIES])
def test_a08_an_endpoints_own_query_chooses_nothing(case, name):
    endpoint = f"{case.adversary.issuer.url}/authorize?{HOSTILE_QUERIES[name]}"
    case.adversary.misbehave(discovery=Fault(members={"authorization_endpoint": endpoint}))

    url = case.browser.begin(case.adversary.slug)

    wanted = query_of(url)
    assert {name: len(wanted[name]) for name in EXPECTED} == dict.fromkeys(EXPECTED, 1)
    assert wanted["client_id"] == [case.adversary.client_id]
    assert wanted["redirect_uri"][0].startswith(f"{case.portal.base_url}/login/")
    assert wanted["code_challenge_method"] == ["S256"]
    assert wanted["response_type"] == ["code"]
    smuggled = {"request", "request_uri", "response_mode", "registration", "claims"}
    assert not wanted.keys() & (smuggled | {"prompt", "login_hint", "id_token_hint", "max_age"})
    finished(case, url)


def test_a08_an_endpoint_keeps_what_is_its_own(case):
    endpoint = f"{case.adversary.issuer.url}/authorize?p=B2C_1_policy&x=a%20b"
    case.adversary.misbehave(discovery=Fault(members={"authorization_endpoint": endpoint}))

    url = case.browser.begin(case.adversary.slug)

    assert query_of(url)["p"] == ["B2C_1_policy"]
    finished(case, url)


# --- A09, A10: an authorization endpoint that is none --------------------------------------------

ENDPOINTS = {
    "A09-javascript": "javascript:alert(1)",
    "A09-javascript-slashes": "javascript://localhost/%0aalert(1)",
    "A09-data": "data:text/html,<script>alert(1)</script>",
    "A09-vbscript": "vbscript:msgbox(1)",
    "A09-file": "file:///etc/passwd",
    "A09-ftp": "ftp://evil.example/",
    "A09-blob": "blob:https://evil.example/1",
    "A09-http": "http://evil.example/authorize",
    "A09-http-other-port": "http://localhost:1/authorize",
    "A09-http-other-name": "http://127.0.0.1:{port}/adversary/authorize",
    "A09-relative": "/adversary/authorize",
    "A09-without-scheme": "//evil.example/authorize",
    "A09-without-slashes": "https:evil.example",
    "A09-one-slash": "https:/evil.example",
    "A09-without-host": "https:///authorize",
    "A09-blank-before": " https://evil.example/",
    "A09-upper-case-http": "HTTP://EVIL.EXAMPLE/",
    "A09-empty": "",
    "A09-number": 1,
    "A09-list": ["https://evil.example/"],
    "A09-object": {},
    "A10-crlf": "https://evil.example/\r\nSet-Cookie: foyer-session=1",
    "A10-lf": "https://evil.example/\nLocation: https://evil.example/",
    "A10-cr": "https://evil.example/\ra",
    "A10-tab": "https://evil\t.example/",
    "A10-nul-ish": "https://evil.example/\x01",
    "A10-line-separator": "https://evil.example/\u2028",
    "A10-paragraph-separator": "https://evil.example/\u2029",
    "A10-beyond-ascii": "https://evil.example/ü",
    "A10-full-width-host": "https://ｅvil.example/",
    "A10-backslash": "https://evil.example\\@localhost/",
    "A10-backslashes": "https:\\\\evil.example",
    "A10-user": "https://localhost@evil.example/",
    "A10-password": "https://a:b@evil.example/",
    "A10-empty-user": "https://@evil.example/",
    "A10-fragment": "https://evil.example/#",
    "A10-quote": 'https://evil.example/"onmouseover="alert(1)',
    "A10-angle-brackets": "https://evil.example/<script>",
    "A10-blank-inside": "https://evil.example/a b",
    "A10-bad-port": "https://evil.example:99999/",
    "A10-bad-address": "https://[::1/",
    "A10-very-long": "https://evil.example/" + "a" * 3000,
}


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in ENDPOINTS])
def test_a09_a10_nobody_is_sent_to_what_is_no_endpoint(case, name):
    endpoint = ENDPOINTS[name]
    if isinstance(endpoint, str):
        endpoint = endpoint.replace("{port}", str(urlsplit(case.adversary.issuer.url).port))
    case.adversary.misbehave(discovery=Fault(members={"authorization_endpoint": endpoint}))

    answer = case.browser.get(f"/login/{case.adversary.slug}/")

    page = case.refused(answer, "provider_misconfigured", token_requests=0)
    assert "evil" not in page
    assert not case.browser.attempts()


WAYS = {
    "email": lambda case: case.browser.post("/login/", {"email": case.adversary.email("ana")}),
    "partner-portal": lambda case: case.browser.get(
        f"/login/initiate/?{urlencode({'iss': case.adversary.issuer_url})}"
    ),
    "own-partner-portal": lambda case: case.browser.get(
        f"/login/{case.adversary.slug}/initiate/?{urlencode({'iss': case.adversary.issuer_url})}"
    ),
}


@pytest.mark.parametrize("endpoint", ["javascript:alert(1)", "https://evil.example\\@x/"])
@pytest.mark.parametrize("way", [pytest.param(way, id=f"A09-by-{way}") for way in WAYS])
def test_a09_a10_nor_by_any_other_way(case, way, endpoint):
    case.adversary.misbehave(discovery=Fault(members={"authorization_endpoint": endpoint}))

    answer = WAYS[way](case)

    case.refused(answer, "provider_misconfigured", token_requests=0)
    assert not case.browser.attempts()


# --- A11: how the browser is sent ----------------------------------------------------------------


def test_a11_a_redirect_by_302_that_nobody_keeps(case):
    answer = case.browser.get(f"/login/{case.adversary.slug}/?next=/orders/of-a-secret-kind/")

    case.nothing_happened(answer, status=302)
    assert "orders" not in answer.headers["Location"]
    _assert_discreet(answer)


def test_a11_a_form_is_answered_by_a_page_or_303_and_never_by_307(case):
    initiate = f"/login/{case.adversary.slug}/initiate/"
    form = {"iss": case.adversary.issuer_url, "target_link_uri": "/orders/of-a-secret-kind/"}
    email = {"email": case.adversary.email("ana"), "next": "/orders/of-a-secret-kind/"}

    by_post = case.browser._send("POST", initiate, data=form)
    typed = case.browser.post("/login/", email)

    assert by_post.status_code == 303
    assert by_post.headers["Location"].startswith(initiate)
    assert not by_post.cookies
    assert typed.status_code == 200
    url = continue_url(typed.text)
    assert typed.headers["Refresh"] == f"0;url={url}"
    assert "orders" not in url
    _assert_discreet(typed)
    case.nothing_happened(case.browser.get(by_post.headers["Location"]), status=302)


def _assert_discreet(answer):
    assert answer.headers["Cache-Control"] == "no-store"
    policy = answer.headers["Referrer-Policy"]
    assert policy in {"no-referrer", "same-origin", "strict-origin"}


# --- A12: the hint -------------------------------------------------------------------------------


def ours(case, local):
    return f"{local}@{case.adversary.slug}.example"


@pytest.mark.parametrize("local", ["ana", "ana+x", "a&b=c", "o'hara", "a%41", "a#b", "ünal"])
def test_a12_a_hint_inside_the_partners_domains_arrives_as_it_was_meant(case, local):
    wanted = begun(case, f"?{urlencode({'login_hint': ours(case, local)})}")

    assert wanted["login_hint"] == ours(case, local)
    finished(case, case.browser.begin(case.adversary.slug))


FOREIGN = {
    "another-partners": "victim@bystander.example",
    "nobodys": "a@evil.example",
    "suffix": "a@xadversary.example",
    "longer": "a@adversary.example.evil.example",
    "below": "a@sub.adversary.example",
    "two-ats": "a@evil.example@adversary.example",
    "full-width-at": "a＠evil.example@adversary.example",
    "small-at": "a﹫evil.example@adversary.example",
    "full-width-letter": "ａ@adversary.example",
    "full-width-brackets": "a＜b＞@adversary.example",
    "one-dot-leader": "a․b@adversary.example",
    "ideographic-dot": "a@adversary。example",
    "homograph": "a@аdversary.example",
    "zero-width": "a@adversary.example\u200b",
    "right-to-left": "\u202ea@adversary.example",
    "markup": '"><script>alert(1)</script>',
    "markup-in-an-address": '"<script>"@adversary.example',
    "crlf": "a@adversary.example\r\nSet-Cookie: a=b",
    "list": "a@adversary.example,b@adversary.example",
    "no-address": "ana",
    "long": "a" * 4000 + "@adversary.example",
    "kelvin": "\u212a@adversary.example",
    "nul": "a\0@adversary.example",
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"A12-{name}") for name in FOREIGN])
def test_a12_any_other_hint_is_dropped(case, name):
    wanted = begun(case, f"?{urlencode({'login_hint': FOREIGN[name]})}")

    assert wanted.keys() == EXPECTED
    finished(case, case.browser.begin(case.adversary.slug))


def test_a12_ten_kilobytes_of_hint_are_not_even_read(case):
    hint = "a" * 10_000

    answer = case.browser.get(f"/login/{case.adversary.slug}/?login_hint={hint}")

    assert answer.status_code in {400, 414}
    case.nothing_happened(answer, status=answer.status_code)


def test_a12_a_logo_sends_no_hint_and_the_tile_of_a_remembered_company_does(case):
    case.let_in(case.attack(), case.adversary.email("ana"))
    case.browser.post("/logout/", {}, page="/logout/")

    tile = re.search(r'class="resume" href="([^"]+)"', case.browser.get("/login/").text)

    assert "login_hint" not in begun(case)
    assert tile
    answer = case.browser.get(tile[1].replace("&amp;", "&"))
    assert query_of(answer.headers["Location"])["login_hint"] == [case.adversary.email("ana")]


@pytest.mark.parametrize("prompt", ["login", "select_account", "consent"])
def test_a16_a_prompt_that_there_is_is_sent(case, prompt):
    wanted = begun(case, f"?prompt={prompt}")

    assert wanted["prompt"] == prompt
    finished(case, case.browser.begin(case.adversary.slug))


@pytest.mark.parametrize("prompt", ["evil", "", "login none", "LOGIN", "login&max_age=0"])
def test_a16_any_other_prompt_is_dropped(case, prompt):
    wanted = begun(case, f"?{urlencode({'prompt': prompt})}")

    assert wanted.keys() == EXPECTED
    finished(case, case.browser.begin(case.adversary.slug))


# --- A14, A15: two tabs, and back again ----------------------------------------------------------


def test_a14_two_tabs_with_two_partners_each_finish_at_their_own(case, accomplice):
    case.adversaries.append(accomplice)
    first = case.callback()
    second = case.browser.come_back(case.browser.begin(accomplice.slug))

    at_first = case.browser.get(first)
    case.let_in(at_first, case.adversary.email("ana"))
    at_second = case.browser.get(second)

    case.let_in(at_second, accomplice.email("ana"), at=accomplice)


def test_a15_back_and_again_and_then_the_first(case):
    first = case.callback()
    second = case.callback()

    later = case.browser.get(second)
    case.let_in(later, case.adversary.email("ana"))
    earlier = case.browser.get(first)

    case.let_in(earlier, case.adversary.email("ana"))


def test_a15_back_and_again_and_only_the_first_is_finished(case):
    first = case.callback("?next=/orders/1")
    case.browser.begin(case.adversary.slug, "?next=/orders/2")

    answer = case.browser.get(first)

    case.let_in(answer, case.adversary.email("ana"), to="/orders/1")


def test_a15_of_more_attempts_than_a_browser_holds_the_oldest_is_gone(case):
    callbacks = [case.callback() for _ in range(7)]

    case.refused(case.browser.get(callbacks[0]), "attempt_unknown")
    case.let_in(case.browser.get(callbacks[-1]), case.adversary.email("ana"))


# --- A16: what the owner requires ----------------------------------------------------------------


def test_a16_what_the_owner_requires_is_asked_for(case):
    case.adversary.configure(max_age=300, acr_values=["urn:a", "b"], scopes=["openid", "email"])

    wanted = begun(case)

    assert wanted["max_age"] == "300"
    assert wanted["acr_values"] == "urn:a b"
    assert wanted["scope"] == "openid email"
    case.refused(case.attack(), "step_up_not_met")
