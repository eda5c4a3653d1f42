"""Group C, the way between providers: mix-up, and what one says in the name of another."""

from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest

from demo.provider import Fault, IdTokenFault
from tests.security.forging import signed_with, with_parameters

pytestmark = pytest.mark.portal


def redirected_to(honest, url):
    """Return where an evil provider sends the browser on to: the honest one, with its own state."""
    wanted = dict(parse_qsl(urlsplit(url).query))
    wanted["client_id"] = honest.client_id
    wanted["redirect_uri"] = wanted["redirect_uri"].rsplit("/login/", 1)[0] + (
        f"/login/{honest.slug}/callback/"
    )
    return f"{honest.issuer.url}/authorize?{urlencode(wanted)}"


def at_callback_of(adversary, callback):
    parts = urlsplit(callback)
    return parts._replace(path=f"/login/{adversary.slug}/callback/").geturl()


# --- C01, C07: the classic mix-up ----------------------------------------------------------------


@pytest.mark.parametrize("names_issuer", [True, False], ids=["C01-with-iss", "C01-without-iss"])
def test_c01_the_honest_providers_code_is_sent_nowhere(case, accomplice, names_issuer):
    """RFC 9700, section 4.4.1: the person began at the evil provider, and signs in at the other."""
    case.adversaries.append(accomplice)
    accomplice.behaves(names_issuer=names_issuer)
    url = case.browser.begin(case.adversary.slug)

    answer = case.browser.get(case.browser.come_back(redirected_to(accomplice, url)))

    case.refused(answer, "attempt_of_another_partner", at=accomplice)
    assert not case.adversary.issuer.requests_to("token")


@pytest.mark.parametrize("announces", [True, False], ids=["announced", "unannounced"])
def test_c01_nor_where_it_is_carried_to_the_evil_partners_callback(case, accomplice, announces):
    case.adversaries.append(accomplice)
    case.adversary.behaves(names_issuer=announces)
    url = case.browser.begin(case.adversary.slug)
    callback = case.browser.come_back(redirected_to(accomplice, url))

    answer = case.browser.get(at_callback_of(case.adversary, callback))

    case.refused(answer, "response_from_another_issuer")
    assert not accomplice.issuer.requests_to("token")


def test_c07_the_state_of_one_partner_at_the_callback_of_another(case, accomplice):
    case.adversaries.append(accomplice)

    answer = case.browser.get(at_callback_of(accomplice, case.callback()))

    case.refused(answer, "attempt_of_another_partner", at=accomplice)
    assert not case.adversary.issuer.requests_to("token")


def test_c07_the_answer_of_one_partner_with_the_state_of_another(case, accomplice):
    case.adversaries.append(accomplice)
    theirs = case.browser.come_back(case.browser.begin(accomplice.slug))
    state = parse_qs(urlsplit(theirs).query)["state"][0]

    answer = case.browser.get(with_parameters(case.callback(), state=state))

    case.refused(answer, "attempt_of_another_partner")
    assert not accomplice.issuer.requests_to("token")


# --- C02, C03, C05: who says that it answers -----------------------------------------------------

ISSUERS = {
    "evil": lambda own: "https://evil.example",
    "another-partner": lambda own: own.replace("adversary", "bystander"),
    "trailing-slash": lambda own: f"{own}/",
    "upper-case": lambda own: own.upper(),
    "https": lambda own: own.replace("http:", "https:"),
    "other-name": lambda own: own.replace("localhost", "127.0.0.1"),
    "longer": lambda own: f"{own}x",
    "shorter": lambda own: own[:-1],
    "empty": lambda own: "",
    "blank-after": lambda own: f"{own} ",
    "line-break": lambda own: f"{own}\n",
    "nul": lambda own: f"{own}\0",
    "homograph": lambda own: own.replace("a", "а"),
    "encoded-twice": lambda own: own.replace("/", "%2F"),
    "null": lambda own: "null",
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"C02-{name}") for name in ISSUERS])
@pytest.mark.parametrize("announces", [True, False], ids=["announced", "unannounced"])
def test_c02_an_answer_of_another_issuer(case, name, announces):
    case.adversary.behaves(names_issuer=announces)
    issuer = ISSUERS[name](case.adversary.issuer_url)

    answer = case.browser.get(with_parameters(case.callback(), iss=issuer))

    case.refused(answer, "response_from_another_issuer")


@pytest.mark.parametrize("error", [None, "access_denied"])
def test_c03_no_issuer_where_one_is_always_named(case, error):
    code = {"code": None, "error": error} if error else {}

    answer = case.browser.get(with_parameters(case.callback(), iss=None, **code))

    case.refused(answer, "response_from_another_issuer")


@pytest.mark.parametrize("flag", ["true", 1, [], "yes"])
def test_c03_a_promise_that_is_none(case, flag):
    members = {"authorization_response_iss_parameter_supported": flag}
    case.adversary.misbehave(discovery=Fault(members=members))

    answer = case.browser.get(f"/login/{case.adversary.slug}/")

    case.refused(answer, "provider_misconfigured", token_requests=0)


@pytest.mark.parametrize("names", [True, False], ids=["C05-named", "C05-not-named"])
def test_c05_the_right_issuer_or_none_where_nothing_is_promised(case, names):
    case.adversary.behaves(names_issuer=False)
    issuer = case.adversary.issuer_url if names else None

    answer = case.browser.get(with_parameters(case.callback(), iss=issuer))

    case.let_in(answer, case.adversary.email("ana"))


# --- C08: a document that names the endpoints of somebody else -----------------------------------

ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")


@pytest.mark.parametrize("endpoint", [pytest.param(e, id=f"C08-{e}") for e in ENDPOINTS])
@pytest.mark.parametrize("scheme", ["http", "gopher", "file"])
def test_c08_an_endpoint_that_is_no_https_address(case, endpoint, scheme):
    there = f"{scheme}://127.0.0.1:{case.canary.port}/"
    case.adversary.misbehave(discovery=Fault(members={endpoint: there}))

    answer = case.browser.get(f"/login/{case.adversary.slug}/")

    case.refused(answer, "provider_misconfigured", token_requests=0)


@pytest.mark.parametrize("endpoint", [pytest.param(e, id=f"C08-{e}-inside") for e in ENDPOINTS[1:]])
def test_c08_an_endpoint_inside_our_network(outage, endpoint):
    there = f"https://127.0.0.1:{outage.canary.port}/"
    outage.adversary.behaves(thin_id_token=True)
    outage.adversary.misbehave(discovery=Fault(members={endpoint: there}))

    answer = outage.browser.get(f"/login/{outage.adversary.slug}/")
    if endpoint != "jwks_uri":
        answer = outage.browser.get(outage.browser.come_back(answer.headers["Location"]))

    redeemed = 1 if endpoint == "userinfo_endpoint" else 0
    outage.refused(answer, "provider_misconfigured", token_requests=redeemed)


def test_c08_the_honest_providers_page_and_the_evil_ones_token_endpoint(case, accomplice):
    """The honest provider even knows a client of that name: its answer says whose it is."""
    case.adversaries.append(accomplice)
    there = f"{accomplice.issuer.url}/authorize"
    for client in list(case.adversary.issuer.clients.values()):
        accomplice.issuer.add_client(client)
    case.adversary.misbehave(discovery=Fault(members={"authorization_endpoint": there}))

    answer = case.browser.sign_in(case.adversary.slug)

    case.refused(answer, "response_from_another_issuer")
    assert not accomplice.issuer.requests_to("token")


def test_c08_a_document_that_claims_to_be_another_issuers(case, accomplice):
    case.adversary.misbehave(discovery=Fault(members={"issuer": accomplice.issuer_url}))

    answer = case.browser.get(f"/login/{case.adversary.slug}/")

    case.refused(answer, "provider_misconfigured", token_requests=0)


@pytest.mark.parametrize("name", [pytest.param(n, id=f"C08-issuer-{n}") for n in ISSUERS])
def test_c08_a_document_of_an_issuer_that_only_resembles(case, name):
    issuer = ISSUERS[name](case.adversary.issuer_url)
    case.adversary.misbehave(discovery=Fault(members={"issuer": issuer}))

    answer = case.browser.get(f"/login/{case.adversary.slug}/")

    case.refused(answer, "provider_misconfigured", token_requests=0)


def test_c08_the_keys_of_another_provider_verify_nothing_of_ones_own(case, accomplice):
    case.adversaries.append(accomplice)
    keys = {"jwks_uri": f"{accomplice.issuer.url}/jwks"}

    answer = case.attack(discovery=Fault(members=keys))

    case.refused(answer, "key_unknown")
    theirs = case.new_browser()
    signed_in = theirs.sign_in(accomplice.slug)
    case.let_in(signed_in, accomplice.email("ana"), by=theirs, at=accomplice)


ELSEWHERE = "https://collector.attacker.invalid/"


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_c08_h07_an_endpoint_that_moves_to_a_host_that_nobody_accepted(case, endpoint):
    """The documents that are known serve on, and then nothing does: nothing is sent there."""
    case.let_in(case.attack(), case.adversary.email("ana"))
    case.adversary.issuer.misbehave(discovery=Fault(members={endpoint: ELSEWHERE}))
    case.adversary.age_documents(minutes=60)

    case.let_in(case.attack(), case.adversary.email("ana"))
    case.adversary.age_documents(minutes=24 * 60)
    case.look()
    answer = case.browser.get(f"/login/{case.adversary.slug}/")

    case.refused(answer, "provider_misconfigured", token_requests=2)
    rows = case.portal.rows(
        "SELECT detail FROM audit_event WHERE what = 'provider.move_refused' AND id > %s",
        case._first_event,
    )
    assert rows == [({"hosts": ["collector.attacker.invalid"]},)]


def test_h07_a_move_that_the_owner_accepts(case, owner):
    case.let_in(case.attack(), case.adversary.email("ana"))
    moved = Fault(members={"userinfo_endpoint": ELSEWHERE})
    case.adversary.issuer.misbehave(discovery=moved)
    case.adversary.age_documents(minutes=25 * 60)
    case.look()
    refused = case.browser.get(f"/login/{case.adversary.slug}/")
    case.refused(refused, "provider_misconfigured", token_requests=1)

    answer = owner.change_connection(case.adversary, accepts_hosts="on")

    assert answer.status_code == 302
    told = owner.get(answer.headers["Location"]).text
    assert "collector.attacker.invalid" in told
    case.let_in(case.attack(), case.adversary.email("ana"))


# --- C13, C15: a token and a code of somebody else -----------------------------------------------


@pytest.mark.parametrize("claims", ["theirs", "ours"])
@pytest.mark.parametrize("kid", ["theirs", "ours"])
def test_c13_a_token_that_another_partners_provider_signed(case, accomplice, claims, kid):
    key = accomplice.issuer.key
    said = {"iss": accomplice.issuer_url, "aud": accomplice.client_id} if claims == "theirs" else {}
    header = {"kid": key.kid} if kid == "theirs" else {}

    answer = case.attack(id_token=IdTokenFault(token=signed_with(key, header=header, claims=said)))

    case.refused(answer, "key_unknown" if kid == "theirs" else "signature_invalid")


def test_c13_a_token_that_one_signs_in_the_name_of_another_partner(case, accomplice):
    said = {"iss": accomplice.issuer_url, "aud": accomplice.client_id}

    answer = case.attack(id_token=IdTokenFault(members=said))

    case.refused(answer, "claim_mismatch")


def test_c15_the_attackers_code_in_the_victims_attempt(case):
    """A strict provider refuses it: the verifier is the victim's."""
    attacker = case.new_browser()
    theirs = attacker.come_back(attacker.begin(case.adversary.slug))
    code = parse_qs(urlsplit(theirs).query)["code"][0]

    answer = case.browser.get(with_parameters(case.callback(), code=code))

    case.refused(answer, "token_request_refused")


def test_c15_nor_does_the_portal_where_the_provider_ignores_the_verifier(case):
    attacker = case.new_browser()
    theirs = parse_qs(urlsplit(attacker.begin(case.adversary.slug)).query)
    fault = IdTokenFault(members={"nonce": theirs["nonce"][0]})

    case.refused(case.attack(id_token=fault), "claim_mismatch")


def test_c15_the_verifier_is_the_attempts_own_and_fits_the_challenge(case):
    case.let_in(case.attack(), case.adversary.email("ana"))
    case.let_in(case.attack(), case.adversary.email("ana"))

    redeemed = case.adversary.issuer.requests_to("token")
    verifiers = {request.parameters["code_verifier"][0] for request in redeemed}
    assert len(verifiers) == 2
    assert {len(verifier) for verifier in verifiers} == {43}
