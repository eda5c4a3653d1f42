"""Group B, the session: who is signed in before a callback, and who after it."""

import re

import pytest

from demo.provider import Fault, IdTokenFault, Signature
from tests.security.forging import with_parameters
from tests.support.portal_visitor import TOKEN

pytestmark = pytest.mark.portal

# --- B24 to B26: the session before and after ----------------------------------------------------

REFUSALS = {
    "attempt_unknown": lambda case: case.browser.get(with_parameters(case.callback(), state="x")),
    "response_malformed": lambda case: case.browser.get(
        with_parameters(case.callback(), code=None)
    ),
    "response_from_another_issuer": lambda case: case.browser.get(
        with_parameters(case.callback(), iss="https://evil.example")
    ),
    "authorization_denied": lambda case: case.browser.get(
        with_parameters(case.callback(), code=None, error="access_denied")
    ),
    "token_request_refused": lambda case: case.browser.get(
        with_parameters(case.callback(), code="x")
    ),
    "provider_unreachable": lambda case: case.attack(token=Fault(status=503)),
    "provider_misconfigured": lambda case: case.attack(token=Fault(body=b"no JSON")),
    "client_rejected": lambda case: case.attack(
        token=Fault(status=401, body=b'{"error": "invalid_client"}')
    ),
    "id_token_malformed": lambda case: case.attack(id_token=IdTokenFault(token="a.b")),
    "signature_invalid": lambda case: case.attack(
        id_token=IdTokenFault(signature=Signature.FLIPPED)
    ),
    "claim_mismatch": lambda case: case.attack(id_token=IdTokenFault(members={"nonce": "x"})),
    "email_not_of_partner": lambda case: case.attack(
        id_token=IdTokenFault(members={"email": "victim@bystander.example"})
    ),
    "email_missing": lambda case: case.attack(id_token=IdTokenFault(members={"email": 1})),
}


@pytest.mark.parametrize("reason", [pytest.param(r, id=f"B24-{r}") for r in REFUSALS])
def test_b24_a_refusal_leaves_whoever_is_signed_in_alone(case, accomplice, reason):
    """An attacker's page can send a browser through a sign-in that ends badly."""
    case.adversaries.append(accomplice)
    before = case.let_in(
        case.browser.sign_in(accomplice.slug), accomplice.email("ana"), at=accomplice
    )
    session = case.browser.cookies()["foyer-session"]

    answer = REFUSALS[reason](case)

    case.refused(answer, reason)
    assert case.browser.who() == before
    assert case.browser.cookies()["foyer-session"] == session
    assert before["email"] in case.browser.get("/").text


def test_b24_a_callback_of_the_attackers_does_not_change_who_is_signed_in(case, accomplice):
    case.adversaries.append(accomplice)
    attacker = case.new_browser()
    callback = attacker.come_back(attacker.begin(case.adversary.slug))
    before = case.let_in(
        case.browser.sign_in(accomplice.slug), accomplice.email("ana"), at=accomplice
    )

    case.refused(case.browser.get(callback), "attempt_unknown")

    assert case.browser.who() == before


def test_b24_who_signs_in_as_somebody_else_is_somebody_else_everywhere(case, accomplice):
    case.adversaries.append(accomplice)
    case.let_in(case.browser.sign_in(accomplice.slug), accomplice.email("ana"), at=accomplice)
    thief = case.new_browser()
    thief.plant("foyer-session", case.browser.cookies()["foyer-session"])
    assert thief.who() is not None

    case.let_in(case.attack(), case.adversary.email("ana"))

    assert thief.who() is None
    home = case.browser.get("/").text
    assert case.adversary.email("ana") in home
    assert accomplice.email("ana") not in re.sub(
        r"<aside.*|Remembered.*", "", home, flags=re.DOTALL
    )


def test_b25_a_session_key_that_was_planted_is_not_the_one_of_the_sign_in(case):
    planted = "a" * 32
    case.browser.plant("foyer-session", planted)
    case.browser.plant("sessionid", planted)
    attacker = case.new_browser()
    attacker.plant("foyer-session", planted)

    case.let_in(case.attack(), case.adversary.email("ana"))

    assert case.browser.cookies()["foyer-session"] != planted
    assert attacker.who() is None


def test_b25_every_sign_in_has_a_session_key_and_a_csrf_token_of_its_own(case):
    case.browser.get("/login/")
    before = case.browser.cookies()["foyer-csrf"]
    form = TOKEN.search(case.browser.get("/login/").text)[1]

    case.let_in(case.attack(), case.adversary.email("ana"))
    first = case.browser.cookies()
    case.let_in(case.attack(), case.adversary.email("ana"))
    second = case.browser.cookies()

    assert len({before, first["foyer-csrf"], second["foyer-csrf"]}) == 3
    assert first["foyer-session"] != second["foyer-session"]
    thief = case.new_browser()
    thief.plant("foyer-session", first["foyer-session"])
    assert thief.who() is None
    stale = case.browser._send("POST", "/logout/", data={"csrfmiddlewaretoken": form})
    assert stale.status_code == 403
    assert case.browser.who() is not None


@pytest.mark.parametrize("place", ["address", "header"])
def test_b25_a_session_key_elsewhere_than_in_the_cookie_opens_nothing(case, place):
    case.let_in(case.attack(), case.adversary.email("ana"))
    key = case.browser.cookies()["foyer-session"]
    thief = case.new_browser()

    answer = (
        thief.get(f"/?foyer-session={key}&sessionid={key}")
        if place == "address"
        else thief.get("/", Authorization=f"Bearer {key}", **{"X-Session": key})
    )

    assert answer.status_code == 302
    assert thief.who() is None


def test_b26_what_a_browser_carried_before_the_sign_in_opens_nothing_after_it(case):
    callback = case.callback()
    before = case.browser.cookies()
    case.let_in(case.browser.get(callback), case.adversary.email("ana"))
    thief = case.new_browser()
    for name, value in before.items():
        thief.plant(name, value)

    assert thief.who() is None
    assert thief.get("/").status_code == 302
    case.refused(thief.get(callback), "attempt_unknown", by=thief, token_requests=1)


def test_b26_there_is_no_session_before_somebody_is_signed_in(case):
    case.browser.get("/login/")
    answer = case.browser.get(f"/login/{case.adversary.slug}/")

    case.nothing_happened(answer, status=302)
    assert "foyer-session" not in case.browser.cookies()
