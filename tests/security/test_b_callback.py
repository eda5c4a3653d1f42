"""Group B, the callback: of another browser, again, too late, or with something else in it."""

from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from demo.provider import IdTokenFault
from federation import attempts
from partners.secrets import seal
from tests.security.forging import with_parameters

pytestmark = pytest.mark.portal

# --- B04, B05: another browser -------------------------------------------------------------------


def test_b04_without_any_cookie(case):
    callback = case.callback()
    stranger = case.new_browser()

    page = case.refused(stranger.get(callback), "attempt_unknown", by=stranger)

    assert "cookie" in page.lower()


def test_b05_a_victim_finishes_what_the_attacker_began(case):
    """The attacker keeps the attempt, and sends its victim to the provider with it."""
    url = case.browser.begin(case.adversary.slug)
    victim = case.new_browser()

    answer = victim.get(victim.come_back(url))

    case.refused(answer, "attempt_unknown", by=victim)
    assert case.browser.who() is None


def test_b05_the_attacker_sends_its_victim_the_finished_callback(case):
    """Login CSRF: the victim would work in the attacker's account."""
    callback = case.callback()
    victim = case.new_browser()
    victim.begin(case.adversary.slug)

    case.refused(victim.get(callback), "attempt_unknown", by=victim)
    case.let_in(case.browser.get(callback), case.adversary.email("ana"))


def test_b05_an_attempt_under_the_name_of_another(case):
    """Each attempt's cookie opens under its own name alone."""
    callback = case.callback()
    ((name, own),) = case.browser.attempts().items()
    victim = case.new_browser()
    victim.begin(case.adversary.slug)
    ((_, theirs),) = victim.attempts().items()
    victim.plant(name, theirs)

    case.refused(victim.get(callback), "attempt_unknown", by=victim)
    assert own != theirs


DAMAGED_COOKIES = {
    "empty": lambda value: "",
    "cut": lambda value: value[:-1],
    "longer": lambda value: f"{value}A",
    "flipped": lambda value: value[:40] + ("A" if value[40] != "A" else "B") + value[41:],
    "without-key": lambda value: value.partition(".")[2],
    "another-key": lambda value: f"00000000.{value.partition('.')[2]}",
    "twice": lambda value: value + value,
    "json": lambda value: "%7B%7D",
    "nonsense": lambda value: "x" * 2000,
}


@pytest.mark.parametrize("way", [pytest.param(way, id=f"B05-{way}") for way in DAMAGED_COOKIES])
def test_b05_a_cookie_that_somebody_changed(case, way):
    callback = case.callback()
    ((name, value),) = case.browser.attempts().items()
    case.browser.plant(name, DAMAGED_COOKIES[way](value))

    case.refused(case.browser.get(callback), "attempt_unknown")


# --- B06 to B09: again, at once, too late --------------------------------------------------------


def test_b06_the_callback_again_after_a_sign_in(case):
    callback = case.callback()
    who = case.let_in(case.browser.get(callback), case.adversary.email("ana"))

    again = case.browser.get(callback)

    case.nothing_happened(again, status=302)
    assert again.headers["Location"] == "/"
    assert case.browser.who() == who
    assert len(case.adversary.issuer.requests_to("token")) == 1


def test_b06_the_callback_again_after_signing_out(case):
    callback = case.callback()
    case.let_in(case.browser.get(callback), case.adversary.email("ana"))
    cookies = case.browser.cookies()
    case.browser.post("/logout/", {}, page="/logout/")
    case._rows(case.browser)
    for name, value in cookies.items():
        case.browser.plant(name, value)

    case.refused(case.browser.get(callback), "attempt_unknown", token_requests=1)
    assert case.browser.who() is None


def test_b06_the_callback_again_with_the_attempt_put_back(case):
    callback = case.callback()
    held = case.browser.attempts()
    case.let_in(case.browser.get(callback), case.adversary.email("ana"))
    thief = case.new_browser()
    for name, value in held.items():
        thief.plant(name, value)

    case.refused(thief.get(callback), "attempt_unknown", by=thief, token_requests=1)


def test_b07_twenty_callbacks_at_once_are_one_sign_in(case):
    callback = case.callback()
    held = case.browser.attempts()
    browsers = [case.new_browser() for _ in range(20)]
    for browser in browsers:
        for name, value in held.items():
            browser.plant(name, value)

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda browser: browser.get(callback), browsers))

    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [302, *[400] * 19]
    assert len(case.adversary.issuer.requests_to("token")) == 1
    (winner,) = (index for index, answer in enumerate(answers) if answer.status_code == 302)
    case._seen_event = case._first_event
    case.let_in(answers[winner], case.adversary.email("ana"), by=browsers[winner])
    assert [browser.who() for browser in browsers].count(None) == 19


def test_b08_a_new_code_with_a_used_state(case):
    url = case.browser.begin(case.adversary.slug)
    held = case.browser.attempts()
    first, second = case.browser.come_back(url), case.browser.come_back(url)
    case.let_in(case.browser.get(first), case.adversary.email("ana"))
    other = case.new_browser()
    for name, value in held.items():
        other.plant(name, value)

    case.refused(other.get(second), "attempt_unknown", by=other, token_requests=1)


def test_b08_a_refused_attempt_is_used_up(case):
    url = case.browser.begin(case.adversary.slug)
    held = case.browser.attempts()
    denied = with_parameters(case.browser.come_back(url), code=None, error="access_denied")
    case.refused(case.browser.get(denied), "authorization_denied")
    assert not case.browser.attempts()
    for name, value in held.items():
        case.browser.plant(name, value)

    case.refused(case.browser.get(case.browser.come_back(url)), "attempt_unknown")


def aged(case, settings, **age):
    """Let the browser's one attempt be so much older."""
    settings.SECRETS_KEYS = [b64decode(case.portal.environment["SECRETS_KEYS"])]
    ((name, value),) = case.browser.attempts().items()
    attempt = attempts._opened(value)
    older = replace(attempt, started_at=attempt.started_at - timedelta(**age))
    case.browser.plant(name, seal(attempts._written(older), context=attempts._CONTEXT))


@pytest.mark.parametrize("age", [{"minutes": 16}, {"days": 2}, {"days": -1}])
def test_b09_an_attempt_of_another_time(case, settings, age):
    callback = case.callback("?next=/orders/42")
    aged(case, settings, **age)

    page = case.refused(case.browser.get(callback), "attempt_expired")

    assert f"/login/{case.adversary.slug}/" in page


def test_b09_an_attempt_of_some_minutes_ago(case, settings):
    callback = case.callback("?next=/orders/42")
    aged(case, settings, minutes=14)

    case.let_in(case.browser.get(callback), case.adversary.email("ana"), to="/orders/42")


# --- B10, B11, B15, B22, B23: what the address says ----------------------------------------------

CODES = {
    "missing": None,
    "empty": "",
    "4097-characters": "a" * 4097,
    "nul": "a\0b",
    "crlf": "a\r\nb",
    "tab": "a\tb",
    "escape": "\x1b[2J",
    "delete": "a\x7f",
    "beyond-ascii": "cödé",
    "line-separator": "a\u2028b",
    "full-width": "ｃｏｄｅ",
    "emoji": "🔑" * 20,
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"B10-{name}") for name in CODES])
def test_b10_what_is_no_code(case, name):
    callback = with_parameters(case.callback(), code=CODES[name])

    case.refused(case.browser.get(callback), "response_malformed")
    assert not case.browser.attempts()


@pytest.mark.parametrize("size", [9_000, 100_000])
def test_b10_a_code_that_is_longer_than_any_address(case, size):
    callback = with_parameters(case.callback(), code="a" * size)

    answer = case.browser.get(callback)

    assert answer.status_code in {400, 414, 431}
    case.nothing_happened(answer, status=answer.status_code)
    assert not case.adversary.issuer.requests_to("token")


@pytest.mark.parametrize("code", ["x", "a b", "a" * 4096, "'; DROP TABLE x; --", "%00", "../../x"])
def test_b10_a_code_that_the_provider_does_not_know(case, code):
    callback = with_parameters(case.callback(), code=code)

    page = case.refused(case.browser.get(callback), "token_request_refused")

    assert case.adversary.issuer.requests_to("token")[0].parameters["code"] == [code]
    assert len(page) < 20_000


TWICE = {
    "code-the-same": lambda given: f"code={quote(given['code'])}",
    "code-another": lambda given: "code=another",
    "code-encoded-name": lambda given: "c%6fde=another",
    "code-empty": lambda given: "code=",
    "iss-the-same": lambda given: f"iss={quote(given['iss'])}",
    "iss-another": lambda given: "iss=https://evil.example",
    "error-too": lambda given: "error=access_denied",
    "error-too-and-empty": lambda given: "error=",
    "error-twice": lambda given: "error=access_denied&error=server_error",
    "description-twice": lambda given: "error_description=a&error_description=b",
}


@pytest.mark.parametrize(
    "name", [pytest.param(n, id=f"{'B15' if 'too' in n else 'B11'}-{n}") for n in TWICE]
)
def test_b11_b15_a_parameter_twice_or_two_answers_in_one(case, name):
    callback = case.callback()
    given = {key: values[0] for key, values in parse_qs(urlsplit(callback).query).items()}

    answer = case.browser.get(f"{callback}&{TWICE[name](given)}")

    case.refused(answer, "response_malformed")


@pytest.mark.parametrize("second", ["the-same", "another", ""])
@pytest.mark.parametrize("is_first", [True, False])
def test_b11_two_states(case, second, is_first):
    callback = case.callback()
    state = parse_qs(urlsplit(callback).query)["state"][0]
    other = f"state={state if second == 'the-same' else second}"
    query = urlsplit(callback).query
    both = f"{other}&{query}" if is_first else f"{query}&{other}"

    answer = case.browser.get(urlsplit(callback)._replace(query=both).geturl())

    case.refused(answer, "attempt_unknown")


@pytest.mark.parametrize("state", [None, "", "x", "a" * 4000, "a\0b", "é", "\u2028", "null", "[]"])
def test_b11_what_is_no_state_of_ours(case, state):
    callback = with_parameters(case.callback(), state=state)

    case.refused(case.browser.get(callback), "attempt_unknown")
    assert case.browser.attempts()


EXTRAS = [
    *("session_state=abc", "client_info=eyJ1aWQiOiJ4In0", "scope=openid", "authuser=0&prompt=none"),
    *("hd=evil.example", "response=eyJhbGciOiJub25lIn0.e30.", "id_token=eyJhbGciOiJub25lIn0.e30."),
    *(
        "access_token=x&token_type=bearer",
        "login_hint=ben@adversary.example",
        "next=//evil.example",
    ),
    *("redirect_uri=https://evil.example", "nonce=x&code_verifier=y", "state[]=x&code[]=y", "=x&&"),
    *("STATE=x&Code=y", "a=" + "b" * 3000, "code%20=x", "iss%00=x", "error_uri=javascript:x"),
]


@pytest.mark.parametrize("extra", [pytest.param(extra, id=f"B22-{extra[:20]}") for extra in EXTRAS])
def test_b22_b23_what_else_is_said_there_changes_nothing(case, extra):
    callback = f"{case.callback()}&{extra}"

    case.let_in(case.browser.get(callback), case.adversary.email("ana"))


@pytest.mark.parametrize("name", ["id_token", "response", "access_token"])
def test_b23_nothing_of_the_front_channel_stands_in_for_a_code(case, name):
    sent = []
    case.adversary.misbehave(id_token=IdTokenFault(token=lambda token: sent.append(token) or token))
    case.let_in(case.attack(), case.adversary.email("ana"))
    other = case.new_browser()
    url = other.begin(case.adversary.slug)
    callback = with_parameters(other.come_back(url), code=None, **{name: sent[0]})

    case.refused(other.get(callback), "response_malformed", by=other, token_requests=1)
