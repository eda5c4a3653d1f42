"""Group F, claims: whose token it is, for whom, of which attempt, from when until when."""

import json

import pytest

from demo.provider import Fault, IdTokenFault
from tests.security.forging import claims_of, encoded, signed_by

pytestmark = pytest.mark.portal


def saying(**members):
    return IdTokenFault(members=members)


# --- F01, F02: whose it is -----------------------------------------------------------------------

ISSUERS = {
    "other": lambda own: "https://evil.example",
    "trailing-slash": lambda own: f"{own}/",
    "upper-case": lambda own: own.upper(),
    "upper-case-host": lambda own: own.replace("localhost", "LOCALHOST"),
    "https": lambda own: own.replace("http://", "https://"),
    "without-scheme": lambda own: own.partition("//")[2],
    "other-host-name": lambda own: own.replace("localhost", "127.0.0.1"),
    "dot-after-host": lambda own: own.replace("localhost", "localhost."),
    "query": lambda own: f"{own}?",
    "fragment": lambda own: f"{own}#",
    "user": lambda own: own.replace("//", "//a@"),
    "percent": lambda own: own.replace("adversary", "%61dversary"),
    "dot-segment": lambda own: own.replace("/adversary", "/./adversary"),
    "longer": lambda own: f"{own}x",
    "shorter": lambda own: own[:-1],
    "blank-after": lambda own: f"{own} ",
    "blank-before": lambda own: f" {own}",
    "line-break": lambda own: f"{own}\n",
    "homograph": lambda own: own.replace("a", "\u0430"),
    "zero-width": lambda own: f"{own}\u200b",
    "list": lambda own: [own],
    "two": lambda own: [own, "https://evil.example"],
    "object": lambda own: {"iss": own},
    "number": lambda own: 1,
    "true": lambda own: True,
    "another-partner": lambda own: own.replace("adversary", "bystander"),
    "common": lambda own: "https://login.microsoftonline.com/common/v2.0",
    "tenant": lambda own: "https://login.microsoftonline.com/9188040d-6c67-4c5b/v2.0",
    "template": lambda own: "https://login.microsoftonline.com/{tenantid}/v2.0",
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"F01-iss-{name}") for name in ISSUERS])
def test_f01_another_issuer(case, name):
    issuer = ISSUERS[name](case.adversary.issuer_url)

    case.refused(case.attack(id_token=saying(iss=issuer)), "claim_mismatch")


@pytest.mark.parametrize("claim", ["iss", "sub", "aud", "exp", "iat", "nonce"])
@pytest.mark.parametrize("way", ["missing", "null", "empty"])
def test_f01_f03_f07_f10_f13_f14_a_claim_that_is_missing(case, claim, way):
    """``missing-iss``, ``missing-sub``, ``missing-aud``, ``missing-iat`` and the like."""
    fault = IdTokenFault(without=[claim]) if way == "missing" else None
    fault = fault or saying(**{claim: None if way == "null" else ""})

    case.refused(case.attack(id_token=fault), "claim_missing")


# --- F03, F04, F06: for whom ---------------------------------------------------------------------

AUDIENCES = {
    "other": lambda own: "another-client",
    "other-in-a-list": lambda own: ["another-client"],
    "empty-list": lambda own: [],
    "list-of-nothing": lambda own: [""],
    "list-of-null": lambda own: [None],
    "number": lambda own: 1,
    "true": lambda own: True,
    "object": lambda own: {own: True},
    "list-in-a-list": lambda own: [[own]],
    "second": lambda own: [own, "another-client"],
    "second-first": lambda own: ["another-client", own],
    "twice": lambda own: [own, own],
    "upper-case": lambda own: own.upper(),
    "beginning": lambda own: own[:-1],
    "longer": lambda own: f"{own}x",
    "blank": lambda own: f"{own} ",
    "words": lambda own: f"{own} another-client",
    "commas": lambda own: f"{own},another-client",
    "the-issuer": lambda own: "http://localhost/adversary",
    "another-partners": lambda own: own.replace("adversary", "accomplice"),
    "wildcard": lambda own: "*",
}


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, id=f"{'F06' if 'other' in n else 'F03'}-aud-{n}") for n in AUDIENCES],
)
def test_f03_f06_another_audience(case, name):
    audience = AUDIENCES[name](case.adversary.client_id)

    case.refused(case.attack(id_token=saying(aud=audience)), "claim_mismatch")


def test_f04_a_list_with_our_client_id_alone(case):
    answer = case.attack(id_token=saying(aud=[case.adversary.client_id]))

    case.let_in(answer, case.adversary.email("ana"))


@pytest.mark.parametrize("azp", ["another-client", ["a"], 1, "", {}])
def test_f06_authorized_for_somebody_else(case, azp):
    case.refused(case.attack(id_token=saying(azp=azp)), "claim_mismatch")


def test_f06_authorized_for_us(case):
    answer = case.attack(id_token=saying(azp=case.adversary.client_id))

    case.let_in(answer, case.adversary.email("ana"))


# --- F13, F23: of which attempt ------------------------------------------------------------------

NONCES = {
    "other": "another-nonce",
    "constant": "nonce",
    "number": 0,
    "true": True,
    "list": ["nonce"],
    "object": {},
    "long": "a" * 4000,
    "beyond-ascii": "nönce",
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"F13-{name}") for name in NONCES])
def test_f13_another_nonce(case, name):
    case.refused(case.attack(id_token=saying(nonce=NONCES[name])), "claim_mismatch")


CHANGED_NONCES = {
    "in-a-list": lambda nonce: [nonce],
    "upper-case": lambda nonce: nonce.swapcase(),
    "shorter": lambda nonce: nonce[:-1],
    "longer": lambda nonce: f"{nonce}=",
    "blank-after": lambda nonce: f"{nonce} ",
}


@pytest.mark.parametrize("name", [pytest.param(n, id=f"F13-ours-{n}") for n in CHANGED_NONCES])
def test_f13_our_nonce_changed(case, name):
    key = case.adversary.issuer.key

    def forge(token):
        nonce = CHANGED_NONCES[name](claims_of(token)["nonce"])
        return signed_by(key.signature, claims={"nonce": nonce})(token)

    case.refused(case.attack(id_token=IdTokenFault(token=forge)), "claim_mismatch")


def test_f13_the_nonce_of_another_attempt_in_the_same_browser(case):
    sent = []
    case.adversary.misbehave(id_token=kept_in(sent))
    case.let_in(case.attack(), case.adversary.email("ana"))
    nonce = claims_of(sent[0])["nonce"]

    answer = case.attack(id_token=saying(nonce=nonce))

    case.refused(answer, "claim_mismatch", token_requests=2)


def test_f23_the_same_token_for_a_second_code(case):
    sent = []
    case.adversary.misbehave(id_token=kept_in(sent))
    case.let_in(case.attack(), case.adversary.email("ana"))

    answer = case.attack(id_token=IdTokenFault(token=sent[0]))

    case.refused(answer, "claim_mismatch", token_requests=2)


def kept_in(sent):
    """Return what sends honest tokens, and keeps them in *sent*."""

    def keep(token):
        sent.append(token)
        return token

    return IdTokenFault(token=keep)


# --- F14: who it is about ------------------------------------------------------------------------

SUBJECTS = {
    "256-characters": "a" * 256,
    "10-kilobytes": "a" * 10_000,
    "number": 1,
    "zero": 0,
    "float": 1.5,
    "true": True,
    "false": False,
    "list": ["person-1"],
    "object": {"sub": "person-1"},
    "beyond-ascii": "persön-1",
    "line-break": "person-1\nperson-2",
    "tab": "person\t1",
    "delete": "person\x7f",
    "escape": "\x1b[2J",
    "full-width": "ｐｅｒｓｏｎ",
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"F14-{name}") for name in SUBJECTS])
def test_f14_what_is_no_subject(case, name):
    case.refused(case.attack(id_token=saying(sub=SUBJECTS[name])), "claim_mismatch")


def test_f14_subjects_that_differ_in_case_are_different_people(case):
    case.let_in(case.attack(id_token=saying(sub="Person")), case.adversary.email("ana"))

    answer = case.attack(id_token=saying(sub="PERSON"))

    case.refused(answer, "email_taken", token_requests=2)


def test_f14_a_subject_as_long_as_one_may_be(case):
    answer = case.attack(id_token=saying(sub="a" * 255))

    case.let_in(answer, case.adversary.email("ana"))


# --- F16: two readings of one document -----------------------------------------------------------


def with_member(text):
    """Return what adds *text* to the honest claims, as bytes: a second member of one name."""
    return IdTokenFault(payload=lambda honest: honest[:-1] + b"," + text.encode() + b"}")


TWICE = {
    "email": '"email":"ben@adversary.example"',
    "email-the-same": '"email":"ana@adversary.example"',
    "sub": '"sub":"person-2"',
    "iss": '"iss":"https://evil.example"',
    "aud": '"aud":"another-client"',
    "exp": '"exp":9999999999',
    "nonce": '"nonce":"x"',
    "email_verified": '"email_verified":false',
    "escaped-name": '"\\u0065mail":"ben@adversary.example"',
    "unknown": '"x":1,"x":2',
    "nested": '"x":{"a":1,"a":2}',
}
BYTES = {
    "list": lambda honest: b"[" + honest + b"]",
    "two-objects": lambda honest: honest + honest,
    "text": lambda honest: json.dumps(honest.decode()).encode(),
    "null": lambda honest: b"null",
    "empty": lambda honest: b"{}"[:0] + b" ",
    "comment": lambda honest: honest + b"/**/",
    "trailing-comma": lambda honest: honest[:-1] + b",}",
    "single-quotes": lambda honest: honest.replace(b'"', b"'"),
    "nan": lambda honest: honest[:-1] + b',"x":NaN}',
    "infinity": lambda honest: honest[:-1] + b',"x":-Infinity}',
    "beyond-doubles": lambda honest: honest[:-1] + b',"x":1e999}',
    "many-digits": lambda honest: honest[:-1] + b',"x":' + b"9" * 5000 + b"}",
    "utf-16": lambda honest: honest.decode().encode("utf-16"),
    "utf-32": lambda honest: honest.decode().encode("utf-32"),
    "byte-order-mark": lambda honest: b"\xef\xbb\xbf" + honest,
    "latin-1": lambda honest: honest[:-1] + b',"x":"\xe9"}',
    "overlong": lambda honest: honest[:-1] + b',"x":"\xc0\xaf"}',
    "half-a-character": lambda honest: honest[:-1] + b',"x":"\\ud800"}',
    "nul": lambda honest: honest[:-1] + b',"x":"\\u0000"}',
    "control": lambda honest: honest[:-1] + b',"x":"\n"}',
    "deep": lambda honest: honest[:-1] + b',"x":' + b"[" * 2000 + b"]" * 2000 + b"}",
    "deep-objects": lambda honest: honest[:-1] + b',"x":' + b'{"a":' * 500 + b"1" + b"}" * 501,
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"F16-{name}-twice") for name in TWICE])
def test_f16_a_member_twice(case, name):
    case.refused(case.attack(id_token=with_member(TWICE[name])), "id_token_malformed")


@pytest.mark.parametrize("name", [pytest.param(name, id=f"F16-{name}") for name in BYTES])
def test_f16_claims_that_two_readers_read_differently(case, name):
    answer = case.attack(id_token=IdTokenFault(payload=BYTES[name]))

    case.refused(answer, "id_token_malformed")


# --- F24: claims from elsewhere ------------------------------------------------------------------


def elsewhere(canary):
    there = f"http://127.0.0.1:{canary.port}/claims"
    return {
        "distributed": {"a": {"endpoint": there, "access_token": "x"}},
        "distributed-without-token": {"a": {"endpoint": there}},
        "aggregated": {"a": {"JWT": f"{encoded({'alg': 'none'})}.{encoded({'email': 'x'})}."}},
        "inner-metadata": {"a": {"endpoint": "http://169.254.169.254/latest/meta-data/"}},
        "file": {"a": {"endpoint": "file:///etc/passwd"}},
    }


SOURCES = ["distributed", "distributed-without-token", "aggregated", "inner-metadata", "file"]


@pytest.mark.parametrize("kind", [pytest.param(kind, id=f"F24-{kind}") for kind in SOURCES])
@pytest.mark.parametrize("is_needed", [True, False], ids=["needed", "beside"])
def test_f24_claims_from_elsewhere_are_not_fetched(case, kind, is_needed):
    sources = elsewhere(case.canary)[kind]
    members = {"_claim_names": {"email": "a"}, "_claim_sources": sources}
    case.adversary.behaves(thin_id_token=is_needed)
    fault = IdTokenFault(members=members)

    if is_needed:
        # UserInfo has no address either, but the same promise.
        nothing = Fault(members=members, without=["email"])
        answer = case.attack(id_token=fault, userinfo=nothing)
        case.refused(answer, "email_missing")
    else:
        case.let_in(case.attack(id_token=fault), case.adversary.email("ana"))


@pytest.mark.parametrize("claim", ["picture", "profile", "website"])
def test_f24_addresses_in_claims_are_not_opened(case, claim):
    there = f"http://127.0.0.1:{case.canary.port}/"

    answer = case.attack(id_token=saying(**{claim: there}))
    home = case.browser.get("/").text

    case.let_in(answer, case.adversary.email("ana"))
    assert there not in home
