"""Group H, keys: how a provider's keys come, stay and go, and how often they are asked for."""

import json
import secrets
import time

import pytest

from demo.provider import Fault, IdTokenFault
from tests.security.test_d_token_requests import all_at_once

pytestmark = pytest.mark.portal

DOCUMENTS = ("discovery", "jwks")
SOFT_MINUTES = 11
"""Past these the keys are asked for again, in the background."""

HARD_MINUTES = 24 * 60 + 1
"""Past these nobody signs in by keys that were not asked for again."""


@pytest.fixture
def warm(case):
    """A case whose provider's documents the portal has, after one sign-in."""
    case.adversary.forget_documents()
    case.let_in(case.attack(), case.adversary.email("ana"))
    return case


def fetches(case):
    return len(case.adversary.issuer.requests_to("jwks"))


def begun(case):
    return case.browser.get(f"/login/{case.adversary.slug}/")


REFRESHED = """
SELECT 1 FROM federation_providerdocuments
WHERE connection_id = %s AND greatest(fetched_at, failed_at) > now() - interval '1 minute'
"""


def await_refresh(case):
    """Wait until the documents, which are old, have been asked for in the background."""
    deadline = time.monotonic() + 10
    while not case.portal.rows(REFRESHED, case.adversary.connection_id):
        assert time.monotonic() < deadline, "the documents were not asked for"
        time.sleep(0.02)
    assert fetches(case) == 2


def published(*jwks):
    return Fault(body=json.dumps({"keys": jwks}).encode())


# --- H10, H11: new keys, and names of keys that never were ---------------------------------------


@pytest.mark.parametrize("keeps_old", [True, False])
def test_h10_a_rotation_right_before_the_sign_in(warm, keeps_old):
    """``signing-key-rotation-just-before-signing``."""
    warm.adversary.issuer.rotate(keeps_old=keeps_old)

    warm.let_in(warm.attack(), warm.adversary.email("ana"))

    assert fetches(warm) == 2


def test_h10_a_rotation_between_start_and_callback(warm):
    callback = warm.callback()
    warm.adversary.issuer.rotate()

    warm.let_in(warm.browser.get(callback), warm.adversary.email("ana"))


def test_h10_a_key_that_was_announced_before_it_signs_costs_no_fetch(warm, keys):
    first, second = keys("ES256"), keys("ES256", "another")
    warm.adversary.signs_with(first, second)
    warm.let_in(warm.attack(), warm.adversary.email("ana"))
    fetched = fetches(warm)
    warm.adversary.issuer._keys = [second, first]

    warm.let_in(warm.attack(), warm.adversary.email("ana"))

    assert fetches(warm) == fetched


def test_h11_names_of_keys_that_never_were_are_asked_for_once(warm):
    warm.cpu_seconds = 3

    for number in range(20):
        kid = secrets.token_hex(8)
        answer = warm.attack(id_token=IdTokenFault(header={"kid": kid}))
        warm.refused(answer, "key_unknown", token_requests=2 + number)

    assert fetches(warm) == 2
    assert len(warm.adversary.issuer.requests_to("discovery")) == 2


def test_h11_and_a_rotation_still_works_after_the_cool_down(warm):
    answer = warm.attack(id_token=IdTokenFault(header={"kid": "never"}))
    warm.refused(answer, "key_unknown", token_requests=2)
    warm.adversary.issuer.rotate()
    warm.adversary.misbehave(id_token=IdTokenFault())
    warm.refused(warm.browser.sign_in(warm.adversary.slug), "key_unknown", token_requests=3)

    warm.adversary.age_documents(minutes=1)

    warm.let_in(warm.attack(), warm.adversary.email("ana"))
    assert fetches(warm) == 3


def test_h11_names_that_come_all_at_once(warm):
    warm.cpu_seconds = 3
    kid = secrets.token_hex(8)
    warm.adversary.misbehave(id_token=IdTokenFault(header={"kid": kid}))

    answers = all_at_once(warm, [warm.adversary] * 8)

    assert {answer.status_code for answer, _ in answers} == {400}
    assert all("key_unknown" in answer.text for answer, _ in answers)
    assert fetches(warm) == 2
    warm._new_lines()
    warm.adversary.misbehave(id_token=IdTokenFault())
    warm.let_in(warm.attack(), warm.adversary.email("ana"))


def test_h11_a_token_that_names_no_key_has_nothing_fetched_twice(warm, keys):
    warm.adversary.signs_with(keys("ES256"), keys("ES256", "another"))
    nameless = IdTokenFault(without_header=["kid"])

    for number in range(3):
        answer = warm.attack(id_token=nameless)
        warm.refused(answer, "key_unknown", token_requests=2 + number)

    assert fetches(warm) <= 3


# --- H12, H13, H14: old keys, no keys, bad keys --------------------------------------------------


def test_h12_a_key_that_was_withdrawn(warm):
    old = warm.adversary.issuer.key
    warm.adversary.issuer.rotate()
    by_the_old_one = IdTokenFault(key=old, header={"kid": old.kid})
    warm.adversary.age_documents(minutes=SOFT_MINUTES)
    warm.browser.begin(warm.adversary.slug)
    await_refresh(warm)

    answer = warm.attack(id_token=by_the_old_one)

    warm.refused(answer, "key_unknown", token_requests=2)


def test_h12_a_key_that_was_withdrawn_is_gone_once_a_newer_one_has_been_fetched(warm):
    old = warm.adversary.issuer.key
    warm.adversary.issuer.rotate()
    warm.let_in(warm.attack(), warm.adversary.email("ana"))

    answer = warm.attack(id_token=IdTokenFault(key=old, header={"kid": old.kid}))

    warm.refused(answer, "key_unknown", token_requests=3)


def test_h12_the_owner_has_the_keys_fetched_at_once(warm, owner):
    old = warm.adversary.issuer.key
    warm.adversary.issuer.rotate()
    owner.change_connection(warm.adversary, accepts_hosts="on")

    answer = warm.attack(id_token=IdTokenFault(key=old, header={"kid": old.kid}))

    warm.refused(answer, "key_unknown", token_requests=2)


DOWN = {
    "503": Fault(status=503),
    "404": Fault(status=404),
    "html": Fault(body=b"<html>"),
    "hung-up": Fault(closes=True),
}


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("name", [pytest.param(name, id=f"H13-{name}") for name in DOWN])
def test_h13_keys_that_are_known_serve_through_an_outage(outage, document, name):
    case = outage
    case.let_in(case.attack(), case.adversary.email("ana"))
    case.adversary.issuer.misbehave(**{document: DOWN[name]})
    case.adversary.age_documents(minutes=23 * 60)

    case.let_in(case.attack(), case.adversary.email("ana"))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_h13_but_not_for_ever(warm, document):
    warm.adversary.issuer.misbehave(**{document: Fault(status=503)})
    warm.adversary.age_documents(minutes=HARD_MINUTES)
    warm.look()

    warm.refused(begun(warm), "provider_unreachable", token_requests=1)


def test_h13_and_whoever_is_on_the_way_when_they_end_is_refused(warm):
    callback = warm.callback()
    warm.adversary.issuer.misbehave(jwks=Fault(status=503))
    warm.adversary.age_documents(minutes=HARD_MINUTES)

    warm.refused(warm.browser.get(callback), "provider_unreachable", token_requests=1)


BAD_SETS = {
    "no-keys": b'{"keys": []}',
    "no-member": b"{}",
    "html": b"<html>",
    "empty": b"",
    "secret": b'{"keys": [{"kty": "oct", "k": "AAAA"}]}',
    "of-another-use": b'{"keys": [{"kty": "RSA", "use": "enc", "n": "AQAB", "e": "AQAB"}]}',
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"H14-{name}") for name in BAD_SETS])
def test_h14_a_bad_set_takes_nothing_good_away(warm, name):
    warm.adversary.issuer.misbehave(jwks=Fault(body=BAD_SETS[name]))
    warm.adversary.age_documents(minutes=SOFT_MINUTES)
    warm.let_in(warm.attack(), warm.adversary.email("ana"))
    await_refresh(warm)

    warm.let_in(warm.attack(), warm.adversary.email("ana"))

    assert "documents.refresh_failed" in warm._logged()


def test_h14_after_a_bad_set_a_good_one_is_taken(warm):
    warm.adversary.issuer.misbehave(jwks=Fault(body=b'{"keys": []}', times=1))
    warm.adversary.age_documents(minutes=SOFT_MINUTES)
    warm.let_in(warm.attack(), warm.adversary.email("ana"))
    await_refresh(warm)
    warm.adversary.issuer.rotate()
    # What failed a moment ago is not asked for again at once.
    warm.portal.change(
        "UPDATE federation_providerdocuments SET failed_at = failed_at - interval '1 minute'"
        " WHERE connection_id = %s",
        warm.adversary.connection_id,
    )

    warm.let_in(warm.attack(), warm.adversary.email("ana"))


# --- H15, H16, H17: how many keys, whose, and for how long ---------------------------------------


def test_h15_keys_of_kinds_that_nobody_knows_are_passed_over(case, keys):
    unknown = [
        {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA", "kid": "1"},
        {"kty": ["RSA"], "kid": "2"},
        {"kid": "3"},
        {},
    ]
    good = keys("ES256")
    case.adversary.signs_with(good)
    case.adversary.misbehave(jwks=published(*unknown, good.jwk()))

    case.let_in(case.attack(), case.adversary.email("ana"))


@pytest.mark.parametrize("place", ["first", "last"])
def test_h15_as_many_keys_as_any_provider_has(case, keys, place):
    case.cpu_seconds = 1
    good = keys("ES256")
    others = [{**keys("ES256", "another").jwk(), "kid": f"{number}"} for number in range(99)]
    case.adversary.signs_with(good)
    ordered = [good.jwk(), *others] if place == "first" else [*others, good.jwk()]
    case.adversary.misbehave(jwks=published(*ordered))

    case.let_in(case.attack(), case.adversary.email("ana"))


@pytest.mark.parametrize("number", [101, 1000, 10_000])
def test_h15_more_keys_than_any_provider_has(outage, keys, number):
    good = keys("ES256")
    outage.adversary.signs_with(good)
    small = [{"kty": "EC", "kid": str(n)} for n in range(number - 1)]
    outage.adversary.misbehave(jwks=published(good.jwk(), *small))

    outage.refused(begun(outage), "provider_misconfigured", token_requests=0)


@pytest.mark.parametrize("entry", ["text", None, 1, [], True])
def test_h15_what_is_no_key_at_all(case, keys, entry):
    case.adversary.misbehave(jwks=published(keys("ES256").jwk(), entry))

    case.refused(begun(case), "provider_misconfigured", token_requests=0)


@pytest.mark.parametrize("leaked", ["p", "q", "dp", "dq", "qi", "oth", "k", "d"])
def test_h15_one_private_member_spoils_the_set(case, keys, leaked):
    own = keys("RS256").jwk()
    case.adversary.misbehave(jwks=published(keys("ES256").jwk(), {**own, leaked: "AQAB"}))

    case.refused(begun(case), "provider_misconfigured", token_requests=0)
    assert "AQAB" not in case._logged()


def test_h16_two_partners_with_one_key_set_have_each_their_own_copy(case, accomplice, keys):
    """What was served under one address to one partner is not what the other one is given."""
    case.adversaries.append(accomplice)
    there = {"jwks_uri": f"{accomplice.issuer.url}/jwks"}
    case.adversary.misbehave(discovery=Fault(members=there))
    accomplice.forget_documents()
    poison = Fault(body=json.dumps({"keys": [keys("ES256", "evil").jwk()]}).encode(), times=1)
    accomplice.issuer.misbehave(jwks=poison)
    case.refused(case.attack(), "key_unknown")
    theirs = case.new_browser()

    answer = theirs.sign_in(accomplice.slug)

    case.let_in(answer, accomplice.email("ana"), by=theirs, at=accomplice)


CACHE_HEADERS = {
    "a-year": {"Cache-Control": "public, max-age=31536000, immutable", "Age": "0"},
    "no-store": {"Cache-Control": "no-store, no-cache, max-age=0", "Pragma": "no-cache"},
    "past": {"Expires": "Thu, 01 Jan 1970 00:00:00 GMT", "Cache-Control": "max-age=-1"},
    "garbage": {"Cache-Control": 'max-age=99999999999999999999999, x="', "Expires": "never"},
    "aged": {"Age": "999999999", "Cache-Control": "max-age=1"},
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"H17-{name}") for name in CACHE_HEADERS])
def test_h17_how_long_documents_are_kept_is_not_the_providers_to_say(case, name):
    fault = Fault(headers=CACHE_HEADERS[name])
    case.let_in(case.attack(discovery=fault, jwks=fault), case.adversary.email("ana"))
    case.adversary.issuer.misbehave(discovery=fault, jwks=fault)
    case.let_in(case.browser.sign_in(case.adversary.slug), case.adversary.email("ana"))
    assert fetches(case) == 1

    case.adversary.age_documents(minutes=SOFT_MINUTES)
    case.let_in(case.browser.sign_in(case.adversary.slug), case.adversary.email("ana"))

    await_refresh(case)
