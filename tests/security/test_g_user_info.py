"""Group G: what UserInfo may say, of whom, and what the portal never does with it."""

import gzip
import json
import time

import pytest

from demo.provider import Fault, IdTokenFault, SigningKey
from demo.provider.grants import AccessGrant
from demo.provider.keys import compact
from tests.security.forging import encoded

pytestmark = pytest.mark.portal

DEADLINE_SECONDS = 10


@pytest.fixture
def thin(case):
    """A case at a provider whose ID Tokens have no address: UserInfo has to be asked."""
    case.adversary.behaves(thin_id_token=True)
    return case


@pytest.fixture
def silent(case):
    """A case where the ID Token has the address, and nobody says that it is verified.

    The owner requires that somebody does, so that UserInfo has to be asked.
    """
    case.adversary.behaves(sends_email_verified=False)
    case.adversary.configure(require_email_verified=True)
    return case


def told(**members):
    return Fault(members=members)


def asked(case):
    return case.adversary.issuer.requests_to("userinfo")


# --- G01: whether it is asked, how, and how often ------------------------------------------------


def test_g01_an_address_that_only_userinfo_has(thin):
    """``userinfo-bearer-header``: once, and the token in a header alone."""
    thin.let_in(thin.attack(), thin.adversary.email("ana"))

    (request,) = asked(thin)
    (redeemed,) = thin.adversary.issuer.requests_to("token")
    code = redeemed.parameters["code"][0]
    access_token = thin.adversary.issuer.spent_codes.access_token(code)
    assert request.method == "GET"
    assert request.parameters == {}
    assert request.headers["authorization"] == f"Bearer {access_token}"
    assert "cookie" not in request.headers


def test_g01_nobody_asks_where_the_id_token_has_it_all(case):
    case.let_in(case.attack(), case.adversary.email("ana"))

    assert not asked(case)


def test_g01_nobody_asks_with_a_token_that_does_not_hold(thin):
    answer = thin.attack(id_token=IdTokenFault(members={"aud": "another-client"}))

    thin.refused(answer, "claim_mismatch")
    assert not asked(thin)


def test_g01_no_userinfo_where_it_would_be_needed(thin):
    answer = thin.attack(discovery=Fault(without=["userinfo_endpoint"]))

    thin.refused(answer, "email_missing")


def test_g01_no_access_token_to_ask_with(thin):
    answer = thin.attack(
        token=Fault(without=["access_token"]), id_token=IdTokenFault(without=["at_hash"])
    )

    thin.refused(answer, "email_missing")
    assert not asked(thin)


NO_ADDRESSES = [None, "", 1, True, [], ["ana@adversary.example"], {"a": "ana@adversary.example"}]


@pytest.mark.parametrize("email", [pytest.param(e, id=f"G01-{e!r}") for e in NO_ADDRESSES])
def test_g01_what_is_no_address(thin, email):
    thin.refused(thin.attack(userinfo=told(email=email)), "email_missing")


NO_ANSWERS = {
    "empty": Fault(body=b""),
    "html": Fault(body=b"<!doctype html>", headers={"Content-Type": "text/html"}),
    "list": Fault(body=b"[]"),
    "cut": Fault(body=lambda honest: honest[:-1]),
    "two-objects": Fault(body=lambda honest: honest + honest),
    "utf-16": Fault(body=lambda honest: honest.decode().encode("utf-16")),
    "deep": Fault(body=b'{"sub":' + b"[" * 100_000),
    "201": Fault(status=201),
    "204": Fault(status=204, body=b""),
    "400": Fault(status=400),
    "401": Fault(status=401),
    "403": Fault(status=403),
    "404": Fault(status=404),
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"G01-{name}") for name in NO_ANSWERS])
def test_g01_an_answer_that_is_none(thin, name):
    answer = thin.attack(userinfo=NO_ANSWERS[name])

    thin.refused(answer, "provider_misconfigured", token_requests=1)
    assert len(asked(thin)) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_g01_unable_to_answer_and_asked_once(thin, status):
    answer = thin.attack(userinfo=Fault(status=status))

    thin.refused(answer, "provider_unreachable", token_requests=1)
    assert len(asked(thin)) == 1


BOMB = b"0" * (50 * 1024 * 1024)
TOO_MUCH = {
    "300-kilobytes": Fault(body=b'{"x": "' + b"a" * 300_000 + b'"}'),
    "endless": Fault(body=b'{"x": 1}' * 1000, endless=True),
    "gzip-bomb": Fault(body=gzip.compress(BOMB), headers={"Content-Encoding": "gzip"}),
    "gzip-honest": Fault(body=gzip.compress, headers={"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"G01-{name}") for name in TOO_MUCH])
def test_g01_more_than_any_answer_has(outage, name):
    outage.adversary.behaves(thin_id_token=True)

    answer = outage.attack(userinfo=TOO_MUCH[name])

    outage.refused(answer, "provider_misconfigured", token_requests=1)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("where", ["another-provider", "inside"])
def test_g01_an_access_token_is_sent_nowhere_else(outage, accomplice, status, where):
    inside = f"http://127.0.0.1:{outage.canary.port}/"
    there = f"{accomplice.issuer.url}/userinfo" if where == "another-provider" else inside
    outage.adversary.behaves(thin_id_token=True)

    answer = outage.attack(userinfo=Fault(status=status, headers={"Location": there}))

    # Whom it leads to is none of those that may be called: the case looks at that at its end.
    outage.refused(answer, "provider_misconfigured", token_requests=1)


def test_g01_all_calls_of_a_sign_in_have_one_deadline(outage):
    outage.seconds = DEADLINE_SECONDS + 2
    outage.adversary.behaves(thin_id_token=True)
    began = time.monotonic()

    answer = outage.attack(token=Fault(delay=6), userinfo=Fault(delay=60))

    outage.refused(answer, "provider_unreachable", status=504, token_requests=1)
    assert time.monotonic() - began < DEADLINE_SECONDS + 2


# --- G02: somebody else's claims -----------------------------------------------------------------

SUBJECTS = {
    "another": lambda own: "another",
    "upper-case": str.upper,
    "blank-after": lambda own: f"{own} ",
    "blank-before": lambda own: f" {own}",
    "line-break": lambda own: f"{own}\n",
    "beginning": lambda own: own[:-1],
    "longer": lambda own: f"{own}x",
    "zero-width": lambda own: f"{own}\u200b",
    "empty": lambda own: "",
    "null": lambda own: None,
    "list": lambda own: [own],
    "two": lambda own: [own, "another"],
    "object": lambda own: {own: own},
    "number": lambda own: 0,
    "true": lambda own: True,
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"G02-sub-{name}") for name in SUBJECTS])
def test_g02_another_subject(thin, name):
    """``userinfo-invalid-sub``."""
    subject = SUBJECTS[name](thin.adversary.account("ana").subject)

    thin.refused(thin.attack(userinfo=told(sub=subject)), "subject_mismatch")


def test_g02_no_subject(thin):
    thin.refused(thin.attack(userinfo=Fault(without=["sub"])), "subject_mismatch")


@pytest.mark.parametrize("first", ["own", "another"])
def test_g02_two_subjects(thin, first):
    own = thin.adversary.account("ana").subject
    both = [own, "another"] if first == "own" else ["another", own]
    members = ",".join(f'"sub":{json.dumps(one)}' for one in both)
    body = f'{{{members},"email":"{thin.adversary.email("ben")}"}}'.encode()

    answer = thin.attack(userinfo=Fault(body=body))

    thin.refused(answer, "provider_misconfigured", token_requests=1)


def test_g02_the_claims_of_whoevers_access_token_it_is(thin):
    """A provider that is strict tells Ben's claims to whoever brings Ben's token."""
    issuer, ben = thin.adversary.issuer, thin.adversary.account("ben")
    scopes = frozenset({"openid", "email"})
    access_token = issuer.access.issue(AccessGrant(account=ben, scopes=scopes))
    thin.secrets.add(access_token)

    answer = thin.attack(
        token=Fault(members={"access_token": access_token}),
        id_token=IdTokenFault(without=["at_hash"]),
    )

    thin.refused(answer, "subject_mismatch")


# --- G03, G04: two addresses, and what is said of which ------------------------------------------


def test_g03_another_address_is_not_even_looked_at(case):
    answer = case.attack(userinfo=told(email=case.adversary.email("ben")))

    case.let_in(answer, case.adversary.email("ana"))
    assert not asked(case)


def test_g03_another_address_does_not_replace_the_id_tokens(silent):
    other = silent.adversary.email("ben")

    answer = silent.attack(userinfo=told(email=other, email_verified=True))

    silent.refused(answer, "email_not_verified")


def test_g04_that_the_address_in_both_is_verified(silent):
    answer = silent.attack(userinfo=told(email_verified=True))

    silent.let_in(answer, silent.adversary.email("ana"))
    assert len(asked(silent)) == 1


@pytest.mark.parametrize("email", ["ben@adversary.example", "ANA@adversary.example ", "", None, 1])
def test_g04_that_another_address_is_verified(silent, email):
    answer = silent.attack(userinfo=told(email=email, email_verified=True))

    silent.refused(answer, "email_not_verified")


def test_g04_that_an_address_is_verified_which_is_not_said(silent):
    answer = silent.attack(userinfo=Fault(members={"email_verified": True}, without=["email"]))

    silent.refused(answer, "email_not_verified")


@pytest.mark.parametrize("said", [False, "false", None, 0, [], "yes"])
def test_g04_verified_there_and_not_in_the_id_token(thin, said):
    answer = thin.attack(id_token=IdTokenFault(members={"email_verified": said}))

    thin.refused(answer, "claim_mismatch")


NOT_TRUE = [False, "false", None, 0, 1, "1", [], "yes"]


@pytest.mark.parametrize("said", [pytest.param(said, id=f"G04-{said!r}") for said in NOT_TRUE])
def test_g04_not_verified(thin, said):
    thin.refused(thin.attack(userinfo=told(email_verified=said)), "email_not_verified")


@pytest.mark.parametrize("said", [False, "false", None])
def test_g04_the_id_tokens_word_on_its_own_address_is_final(case, said):
    case.adversary.configure(require_email_verified=True)

    answer = case.attack(id_token=IdTokenFault(members={"email_verified": said}))

    case.refused(answer, "email_not_verified")


@pytest.mark.parametrize("email", ["ana@bystander.example", "ana@adversary.example.evil.example"])
def test_g04_an_address_of_somebody_else(thin, email):
    thin.refused(thin.attack(userinfo=told(email=email)), "email_not_of_partner")


@pytest.mark.parametrize("claim", ["acr", "tid", "hd"])
def test_g04_what_the_owner_requires_is_the_id_tokens_to_say(thin, claim):
    if claim == "acr":
        thin.adversary.configure(acr_values=["gold"])
    else:
        thin.adversary.configure(pinned_claims={claim: "gold"})

    answer = thin.attack(userinfo=told(**{claim: "gold"}))

    thin.refused(answer, "step_up_not_met" if claim == "acr" else "claim_missing")


# --- G05: signed answers -------------------------------------------------------------------------


def signed(claims, key, **header):
    signing_input = compact({"alg": key.alg, "kid": key.kid, **header}, json.dumps(claims).encode())
    return signing_input + b"." + encoded(key.signature(signing_input)).encode()


@pytest.mark.parametrize("content_type", ["application/jwt", "Application/JWT;a=b", "text/plain"])
@pytest.mark.parametrize("way", ["honest", "none", "flipped", "another-key", "another-audience"])
def test_g05_what_is_signed_is_never_read_unverified(thin, keys, content_type, way):
    """``userinfo-signed``: it was not asked for, and so it is refused."""
    ana, client_id = thin.adversary.account("ana"), thin.adversary.client_id
    claims = {"iss": thin.adversary.issuer_url, "aud": client_id, "sub": ana.subject}
    claims |= {"email": ana.email, "email_verified": True}
    key: SigningKey = (
        keys("ES256", "brought") if way == "another-key" else thin.adversary.issuer.key
    )
    if way == "another-audience":
        claims["aud"] = "another-client"
    body = signed(claims, key, kid=thin.adversary.issuer.key.kid)
    if way == "none":
        body = compact({"alg": "none"}, json.dumps(claims).encode()) + b"."
    if way == "flipped":
        body = body[:-1] + (b"A" if body[-1:] != b"A" else b"Q")
    fault = Fault(body=body, headers={"Content-Type": content_type})

    thin.refused(thin.attack(userinfo=fault), "provider_misconfigured", token_requests=1)


def test_g05_nor_what_is_called_signed_and_is_not(thin):
    fault = Fault(headers={"Content-Type": "application/jwt"})

    thin.refused(thin.attack(userinfo=fault), "provider_misconfigured", token_requests=1)


@pytest.mark.parametrize("content_type", ["text/html", "application/json;charset=utf-8", "", "x"])
def test_g05_what_an_answer_is_called_otherwise_is_nothing_to_us(thin, content_type):
    fault = Fault(headers={"Content-Type": content_type})

    thin.let_in(thin.attack(userinfo=fault), thin.adversary.email("ana"))


# --- G08: addresses in claims --------------------------------------------------------------------

INNER = "http://169.254.169.254/latest/meta-data/"
NAMES = ("picture", "profile", "website", "logo_uri", "jwks_uri", "zoneinfo")


@pytest.mark.parametrize("source", ["id-token", "userinfo"])
@pytest.mark.parametrize("where", ["canary", "metadata"])
def test_g08_an_address_in_a_claim_is_neither_fetched_nor_shown(thin, source, where):
    there = f"http://127.0.0.1:{thin.canary.port}/a.png" if where == "canary" else INNER
    claims = dict.fromkeys(NAMES, there)
    said = {"id_token": IdTokenFault(members=claims)}

    answer = thin.attack(**(said if source == "id-token" else {"userinfo": told(**claims)}))

    thin.let_in(answer, thin.adversary.email("ana"))
    assert there not in thin.browser.get("/").text
    assert there not in thin.browser.get("/api/session/").text


@pytest.mark.parametrize("source", ["id-token", "userinfo"])
def test_g08_claims_that_are_said_to_be_elsewhere(thin, source):
    """Core 1.0, section 5.6.2: distributed claims are fetched by nobody."""
    there = {"endpoint": f"http://127.0.0.1:{thin.canary.port}/", "access_token": "a" * 20}
    claims = {"_claim_names": {"email": "there"}, "_claim_sources": {"there": there}}
    fault = Fault(members=claims, without=["email"])
    if source == "id-token":
        thin.adversary.misbehave(id_token=IdTokenFault(members=claims))
        fault = Fault(without=["email"])

    thin.refused(thin.attack(userinfo=fault), "email_missing")


def test_g08_a_name_with_markup_is_only_a_name(thin):
    there = f"//127.0.0.1:{thin.canary.port}/a.png"
    name = f'<img src="{there}"><script>alert(1)</script>'

    answer = thin.attack(userinfo=told(name=name))

    who = thin.let_in(answer, thin.adversary.email("ana"))
    assert who["name"] == name
    page = thin.browser.get("/").text
    assert "<img src=&quot;" in page or "&lt;img" in page
    assert f'src="{there}' not in page
    assert "<script>alert" not in page
