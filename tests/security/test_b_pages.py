"""Group B, what is shown and asked: the provider's words, refusals, other methods, machines."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from tests.security.forging import with_parameters

pytestmark = pytest.mark.portal

# --- B12 to B14: the provider says no ------------------------------------------------------------


def test_b12_the_person_cancels_at_the_provider(case):
    case.adversary.issuer.sign_in_as(None)
    url = urlsplit(case.browser.begin(case.adversary.slug))
    there = url._replace(path=f"/{case.adversary.slug}/sign-in").geturl()
    cancelled = case.browser._send("POST", there, data={"cancel": "1"})

    page = case.refused(
        case.browser.get(cancelled.headers["Location"]), "authorization_denied", token_requests=0
    )

    assert "try again" in page.lower()
    assert "access_denied" in page


WORDS = {
    "script": "<script>alert(1)</script>",
    "image": '"><img src=x onerror=alert(1)>',
    "attribute": "' onmouseover='alert(1)",
    "svg": "<svg/onload=alert(1)>",
    "entity": "&lt;script&gt;",
    "template": "{{ 7*7 }}{% debug %}${7*7}",
    "link": "https://evil.example/call-us-now",
    "phone": "Your account is locked. Call +1 555 0100 at once!!!",
    "right-to-left": "\u202egnp.exe",
    "zero-width": "a\u200b\u200d\ufeffb",
    "line-breaks": 'a\r\n\r\n{"event": "login.succeeded"}',
    "escape": "\x1b]0;owned\x07",
    "long": "very " * 1000,
    "one-long-word": "a" * 3000,
    "zalgo": "Z" + "\u0301" * 200,
    "emoji": "🔥" * 200,
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"B13-{name}") for name in WORDS])
def test_b13_a_providers_words_are_a_short_quotation_and_nothing_more(case, name):
    said = {
        "error": "access_denied",
        "error_description": WORDS[name],
        "error_uri": "javascript:alert(document.cookie)",
    }
    callback = with_parameters(case.callback(), code=None, **said)

    page = case.refused(case.browser.get(callback), "authorization_denied")

    assert "javascript:" not in page
    assert "document.cookie" not in page
    for markup in ("<script>", "<img src=x", "<svg/", "onmouseover='", 'href="https://evil'):
        assert markup not in page
    assert "\u202e" not in page
    assert "\x1b" not in page
    assert len(re.findall(r"very|🔥|a{50}", page)) <= 121
    assert "49" not in re.findall(r"<bdi>“(.*?)”", page, re.DOTALL)


ERRORS = ["<script>alert(1)</script>", "x" * 3000, "a\nb", "login_required", "constructor", "é"]


@pytest.mark.parametrize("error", [pytest.param(e, id=f"B13-error-{e[:12]!r}") for e in ERRORS])
def test_b13_an_error_that_nobody_knows(case, error):
    callback = with_parameters(case.callback(), code=None, error=error)

    page = case.refused(case.browser.get(callback), "authorization_denied")

    assert "<script>alert" not in page
    assert "x" * 121 not in page


@pytest.mark.parametrize("error", ["server_error", "temporarily_unavailable"])
def test_b13_a_provider_that_is_unable_to_answer(case, error):
    callback = with_parameters(case.callback(), code=None, error=error)

    case.refused(case.browser.get(callback), "provider_unreachable", token_requests=0)


@pytest.mark.parametrize("state", [None, "x", "a" * 43])
@pytest.mark.parametrize("name", ["script", "phone", "link"])
def test_b14_words_without_an_attempt_are_not_shown_at_all(case, state, name):
    case.secrets |= {WORDS[name], "access_denied_by_evil", "words-of-evil"}
    said = {"error": "access_denied_by_evil", "error_description": WORDS[name]}
    query = urlencode({**said, "error_uri": "words-of-evil", **({"state": state} if state else {})})

    answer = case.browser.get(f"/login/{case.adversary.slug}/callback/?{query}")

    case.refused(answer, "attempt_unknown")


@pytest.mark.parametrize(
    "slug", ["nobody", "Adversary", "adversary%00", "ädversary", "-", "a" * 200]
)
def test_b14_at_a_partner_that_there_is_not(case, slug):
    answer = case.browser.get(f"/login/{slug}/callback/?error=x&error_description=words-of-evil")

    case.nothing_happened(answer, status=404)
    assert "<title>We can’t find that page" in answer.text


# --- B17 to B21: pages, methods, machines --------------------------------------------------------


def test_b17_a_refusals_page_carries_its_address_nowhere(case):
    callback = with_parameters(case.callback("?next=/orders/42"), code="a-code-that-is-not-known")

    page = case.refused(case.browser.get(callback), "token_request_refused")

    assert "a-code-that-is-not-known" not in page
    assert "/callback/" not in page
    links = re.findall(r'(?:href|action|src)="([^"]+)"', page)
    assert links
    assert all(link.startswith(("/", "mailto:", "#")) for link in links)
    assert not [link for link in links if link.startswith("//")]


METHODS = ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "FOO"]


@pytest.mark.parametrize("method", METHODS)
def test_b20_other_methods_do_nothing(case, method):
    callback = case.callback()

    answer = case.browser.ask(method, callback)

    case.nothing_happened(answer, status=405)
    assert answer.headers["Allow"] == "GET"
    case.let_in(case.browser.get(callback), case.adversary.email("ana"))


@pytest.mark.parametrize("where", ["form", "address"])
def test_b18_a_callback_by_post_does_nothing(case, where):
    callback = case.callback()
    bare, _, query = callback.partition("?")

    address = callback if where == "address" else bare
    answer = case.browser._send("POST", address, data=dict(parse_qsl(query)))

    case.nothing_happened(answer, status=405)
    case.let_in(case.browser.get(callback), case.adversary.email("ana"))


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Sec-Purpose": "prefetch"}, id="B21-prefetch"),
        pytest.param({"Sec-Purpose": "prefetch;prerender"}, id="B21-prerender"),
        pytest.param({"Sec-Fetch-Dest": "image", "Sec-Fetch-Mode": "no-cors"}, id="B21-image"),
        pytest.param({"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Mode": "navigate"}, id="B21-frame"),
        pytest.param({"Sec-Fetch-Dest": "script"}, id="B21-script"),
        pytest.param({"Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors"}, id="B21-fetch"),
        pytest.param({"Sec-Fetch-Dest": "object"}, id="B21-object"),
    ],
)
def test_b21_what_is_no_navigation_starts_nothing(case, headers):
    answer = case.browser.get(f"/login/{case.adversary.slug}/", **headers)

    case.nothing_happened(answer, status=204)
    assert not case.browser.cookies()


def test_b21_a_mail_scanner_starts_attempts_that_end_by_themselves(case):
    used = "SELECT count(*) FROM federation_usedstate"
    before = case.portal.rows(used)

    answers = [case.new_browser().get(f"/login/{case.adversary.slug}/") for _ in range(5)]

    case.nothing_happened(answers[0], status=302)
    assert case.portal.rows(used) == before
    case.nothing_happened(case.browser.ask("HEAD", f"/login/{case.adversary.slug}/"), status=204)
