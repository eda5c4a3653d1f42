"""Group I: whom the portal can be made to call, with what, and what it tells of the answer."""

import json
import time

import pytest

from demo.provider import Fault, IdTokenFault
from tests.security.forging import claims_of, encoded
from tests.security.owner import mistakes_on
from tests.support.loopback import answer as http_answer
from tests.support.loopback import answering, serving

pytestmark = pytest.mark.portal

DOCUMENTS = ("discovery", "jwks")
MARKER = "inside-7f3e9a41c2"
"""What only a host inside our network knows."""


def issuer_of(adversary):
    query = "SELECT issuer FROM partners_connection WHERE id = %s"
    return adversary.portal.rows(query, adversary.connection_id)[0][0]


def begun(case):
    return case.browser.get(f"/login/{case.adversary.slug}/")


# --- I02, I04, I10, I15: where nothing is called -------------------------------------------------

METADATA = [
    *("169.254.169.254", "[fd00:ec2::254]", "100.100.100.200", "192.0.0.192", "168.63.129.16"),
    *("metadata.google.internal", "metadata.local", "instance-data", "169.254.170.2"),
    *("[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "169.254.169.254.", "metadata"),
]
PRIVATE = [
    *("localhost", "localhost.", "a.localhost", "127.0.0.1", "10.0.0.1", "172.16.0.1"),
    *("192.168.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1", "[::1]", "[::]", "[fe80::1]"),  # noqa: S104 -- an address to refuse
    *(
        "[fc00::1]",
        "[::ffff:127.0.0.1]",
        "printer.local",
        "db.internal",
        "nas.home.arpa",
        "intranet",
    ),
]
SPELLINGS = [
    *("2130706433", "0177.0.0.1", "0x7f.1", "127.1", "127.0.1", "192.0x00A80001", "0x7f000001"),
    *("017700000001", "00.00.00.00", "1.1.1.1", "8.8.8.8", "0", "127.0.0.1.", "①②⑦.0.0.1"),
    *("127。0。0。1", "[::127.0.0.1]", "[0:0:0:0:0:ffff:7f00:1]", "[::ffff:7f00:1%25lo]"),
    *("127.0.0.0x1", "0300.0250.0.1", "4294967297", "%31%32%37.0.0.1", "[127.0.0.1]"),
]
PORTS = [22, 25, 80, 2375, 5432, 6379, 8080, 8443, 9200, 11211, 65535]
HOSTS = [
    *(pytest.param(host, id=f"I02-{host}") for host in METADATA),
    *(pytest.param(host, id=f"I02-{host}") for host in PRIVATE),
    *(pytest.param(host, id=f"I04-{host}") for host in SPELLINGS),
    *(pytest.param(f"login.adversary.example:{port}", id=f"I10-{port}") for port in PORTS),
]


UNSEEN = ("inside a private network", "is not called: only 443 is", "An issuer ", "not an address")
"""How the form refuses what it has not looked up, nor called."""


@pytest.mark.parametrize("host", HOSTS)
def test_i02_i04_i10_what_the_owner_cannot_save(case, owner, host):
    case.look()

    answer = owner.change_connection(case.adversary, issuer=f"https://{host}/adversary")

    case.nothing_happened(answer, status=200)
    assert any(reason in mistakes_on(answer.text) for reason in UNSEEN)
    assert issuer_of(case.adversary) == case.adversary.issuer_url


AT_RUN_TIME = [
    *("169.254.169.254", "[fd00:ec2::254]", "metadata.google.internal", "10.0.0.1", "[::1]"),
    *("localhost", "2130706433", "127.1", "0x7f.1", "adversary.example:6379", "intranet"),
]


@pytest.mark.parametrize("host", AT_RUN_TIME)
def test_i02_i04_i10_nor_what_a_document_names_later(outage, host):
    outage.adversary.misbehave(discovery=Fault(members={"jwks_uri": f"https://{host}/jwks"}))

    outage.refused(begun(outage), "provider_misconfigured", token_requests=0)


VENDORS = [
    *("https://accounts.google.com.", "https://login.microsoftonline.com./common/v2.0"),
    *("https://login.microsoftonline.com:443/common/v2.0",),
    *("https://LOGIN.MICROSOFTONLINE.COM/common/v2.0",),
    *("https://login.microsoftonline.com/%63ommon/v2.0",),
    *("https://login.microsoftonline.com/COMMON/v2.0",),
    *("https://login.microsoftonline.com//organizations/v2.0",),
    *("https://login.microsoftonline.com@127.0.0.1/common/v2.0",),
    *("https://accounts.google.com", "https://oauth.id.jumpcloud.com/"),
]


@pytest.mark.parametrize("issuer", [pytest.param(v, id=f"I15-{v[8:]}") for v in VENDORS])
def test_i15_a_vendors_name_in_another_spelling_gets_round_no_rule(case, owner, issuer):
    case.look()

    answer = owner.change_connection(case.adversary, issuer=issuer)

    case.nothing_happened(answer, status=200)
    reasons = ("people of any company", "All customers of this provider share", *UNSEEN)
    assert any(reason in mistakes_on(answer.text) for reason in reasons)
    assert issuer_of(case.adversary) == case.adversary.issuer_url


@pytest.mark.parametrize("kind", ["google", "entra", "cognito", "okta"])
def test_i15_what_product_it_is_said_to_be_opens_nothing(case, owner, kind):
    case.look()
    inside = {"jwks_uri": f"https://127.0.0.1:{case.canary.port}/"}
    case.adversary.misbehave(discovery=Fault(members=inside))

    answer = owner.change_connection(case.adversary, provider=kind, scopes="openid email")

    case.nothing_happened(answer, status=200)
    assert mistakes_on(answer.text)


# --- I05, I06: names that lead inside ------------------------------------------------------------

NAMES = {
    "loopback": [["127.0.0.1"]],
    "private": [["10.1.2.3"]],
    "metadata": [["169.254.169.254"]],
    "loopback-6": [["::1"]],
    "unique-local": [["fd00:ec2::254"]],
    "mapped": [["::ffff:127.0.0.1"]],
    "translated": [["64:ff9b::7f00:1"]],
    "6to4": [["2002:7f00:1::"]],
    "unspecified": [["0.0.0.0"]],  # noqa: S104 -- an address to refuse
    "carriers": [["100.100.100.200"]],
    "public-first": [["93.184.215.14", "127.0.0.1"]],
    "public-last": [["127.0.0.1", "93.184.215.14"]],
    "public-over-ip-6": [["127.0.0.1", "2606:2800:21f::1"]],
    "nowhere": [[]],
    "rebinding": [["127.0.0.1"], ["93.184.215.14"]],
}


@pytest.fixture(scope="module")
def names_file(portal_server):
    file = portal_server.directory / "names.json"
    named = {f"{name}.attacker.example": answers for name, answers in NAMES.items()}
    file.write_text(json.dumps(named))
    return file


@pytest.fixture(scope="module")
def misled_portal(portal_server, names_file):
    """The portal once more, whose names an attacker resolves."""
    how = {"DJANGO_SETTINGS_MODULE": "tests.support.portal_names", "NAMES_FILE": str(names_file)}
    with portal_server.another_process(**how) as process:
        yield process


@pytest.mark.parametrize("name", [pytest.param(name, id=f"I05-{name}") for name in NAMES])
def test_i05_i06_a_name_that_leads_inside(outage, misled_portal, names_file, name):
    """Every address that a name has must be public, and it is looked up once."""
    host = f"{name}.attacker.example"
    outage.adversary.misbehave(discovery=Fault(members={"jwks_uri": f"https://{host}/jwks"}))
    browser = outage.new_browser(port=misled_portal.port)
    looked_up = names_file.with_suffix(".log")

    answer = browser.get(f"/login/{outage.adversary.slug}/")

    reason = "provider_unreachable" if name == "nowhere" else "provider_misconfigured"
    assert (answer.status_code, reason in answer.text) == (502, True)
    if reason == "provider_misconfigured":
        refused = f"{host} leads to an address that is not public"
        assert refused in misled_portal.log.read_text()
    assert looked_up.read_text().splitlines().count(host) == 1
    outage.adversary.issuer.reset()
    outage.adversary.forget_documents()
    outage.adversary.sign_in_as("ana")
    outage.let_in(outage.attack(), outage.adversary.email("ana"))


# --- I07, I11: nothing is told of what an inner host answers -------------------------------------

INNER_ANSWERS = {
    "page": Fault(body=f"<title>{MARKER}</title>".encode(), headers={"Content-Type": "text/html"}),
    "text": Fault(body=MARKER.encode()),
    "json": Fault(body=json.dumps({"AccessKeyId": MARKER}).encode()),
    "json-cut": Fault(body=f'{{"Token": "{MARKER}'.encode()),
    "json-twice": Fault(body=f'{{"{MARKER}": 1, "{MARKER}": 2}}'.encode()),
    "500": Fault(status=500, body=MARKER.encode()),
    "404": Fault(status=404, body=MARKER.encode()),
    "401": Fault(status=401, headers={"WWW-Authenticate": f'Basic realm="{MARKER}"'}),
    "header": Fault(status=404, headers={"Server": MARKER, "Set-Cookie": f"a={MARKER}"}),
}


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("name", [pytest.param(name, id=f"I11-{name}") for name in INNER_ANSWERS])
def test_i11_what_was_answered_is_quoted_nowhere(case, document, name):
    case.secrets.add(MARKER)
    case.adversary.misbehave(**{document: INNER_ANSWERS[name]})

    reason = "provider_unreachable" if name == "500" else "provider_misconfigured"
    case.refused(begun(case), reason, token_requests=0)


@pytest.mark.parametrize("endpoint", ["token", "userinfo"])
@pytest.mark.parametrize("name", ["page", "text", "json-cut", "json-twice", "500", "404", "header"])
def test_i11_nor_what_an_endpoint_answers(case, endpoint, name):
    case.secrets.add(MARKER)
    case.adversary.behaves(thin_id_token=True)

    answer = case.attack(**{endpoint: INNER_ANSWERS[name]})

    found = {"provider_unreachable", "provider_misconfigured", "token_request_refused"}
    (reason,) = {reason for reason in found if reason in answer.text}
    case.refused(answer, reason, token_requests=1)


@pytest.mark.parametrize(
    "name", ["page", "text", "json", "json-cut", "json-twice", "404", "header"]
)
def test_i11_nor_is_it_shown_to_the_owner(case, owner, name):
    case.look()
    case.adversary.misbehave(discovery=INNER_ANSWERS[name])

    answer = owner.change_connection(case.adversary, scopes="openid email")

    case.nothing_happened(answer, status=200)
    assert MARKER not in answer.text


# --- I13, I16: with what it calls ----------------------------------------------------------------


@pytest.fixture(scope="module")
def elsewhere():
    """A place to which the environment would have everything sent."""
    with serving(answering(http_answer())) as server:
        yield server


@pytest.fixture(scope="module")
def furnished_portal(portal_server, elsewhere, tmp_path_factory):
    """The portal once more, in an environment that other clients would heed."""
    home = tmp_path_factory.mktemp("home")
    (home / ".netrc").write_text("default login of-netrc password of-netrc\n")
    (home / ".netrc").chmod(0o600)
    proxy = f"http://127.0.0.1:{elsewhere.port}"
    environment = dict.fromkeys(
        ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), proxy
    )
    environment |= {"HOME": str(home), "NETRC": str(home / ".netrc")}
    # The pool's own client is Amazon's, and does heed them.
    environment |= {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    environment |= {"SSLKEYLOGFILE": str(home / "keys"), "SSH_AUTH_SOCK": str(home / "agent")}
    with portal_server.another_process(**environment) as process:
        yield process


def test_i13_what_the_environment_says_is_not_heeded(case, furnished_portal, elsewhere):
    case.adversary.behaves(thin_id_token=True)
    browser = case.new_browser(port=furnished_portal.port)

    answer = browser.sign_in(case.adversary.slug)

    case.let_in(answer, case.adversary.email("ana"), by=browser)
    assert elsewhere.connections == 0
    told = str([one.headers for one in case.adversary.issuer.requests_to(*DOCUMENTS, "token")])
    assert "of-netrc" not in told


def test_i13_a_cookie_that_a_provider_sets_does_not_come_back(case):
    cookie = Fault(headers={"Set-Cookie": "tracked=by-the-provider; Path=/"})
    case.adversary.behaves(thin_id_token=True)

    answer = case.attack(discovery=cookie, jwks=cookie, token=cookie, userinfo=cookie)

    case.let_in(answer, case.adversary.email("ana"))
    case.let_in(case.browser.sign_in(case.adversary.slug), case.adversary.email("ana"))
    calls = case.adversary.issuer.requests_to(*DOCUMENTS, "token", "userinfo")
    assert len(calls) == 6
    assert not [one for one in calls if "cookie" in one.headers]


SENT = {
    "discovery": {"host", "user-agent", "accept", "accept-encoding"},
    "jwks": {"host", "user-agent", "accept", "accept-encoding"},
    "userinfo": {"host", "user-agent", "accept", "accept-encoding", "authorization"},
    "token": {
        *("host", "user-agent", "accept", "accept-encoding", "authorization"),
        *("content-type", "content-length"),
    },
}


def test_i16_each_call_says_what_it_must_and_nothing_more(case):
    case.adversary.behaves(thin_id_token=True)
    case.browser.get("/", **{"User-Agent": "of-the-person", "Accept-Language": "xx"})

    case.let_in(case.attack(), case.adversary.email("ana"))

    for endpoint, names in SENT.items():
        (request,) = case.adversary.issuer.requests_to(endpoint)
        assert set(request.headers) == names, endpoint
        assert request.headers["user-agent"] == "Foyer"
        assert request.headers["accept-encoding"] == "identity"
        assert request.headers["host"] == case.portal.provider.base_url.removeprefix("http://")


def test_i16_what_a_browser_claims_of_itself_is_not_passed_on(case):
    forged = {
        "X-Forwarded-For": "169.254.169.254",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "for=evil.example",
        "User-Agent": "of-the-person",
        "Authorization": "Bearer of-the-person",
        "X-Amz-Security-Token": "of-the-person",
    }
    answer = case.browser.get(f"/login/{case.adversary.slug}/", **forged)

    back = case.browser.get(case.browser.come_back(answer.headers["Location"]), **forged)

    case.let_in(back, case.adversary.email("ana"))
    told = str([one.headers for one in case.adversary.issuer.requests_to(*DOCUMENTS, "token")])
    assert "evil.example" not in told
    assert "of-the-person" not in told


# --- I14: what a token says leads nowhere --------------------------------------------------------


def unsigned(**members):
    def forge(token):
        header, _, signature = token.split(".")
        return f"{header}.{encoded({**claims_of(token), **members})}.{signature}"

    return forge


@pytest.mark.parametrize("claim", ["iss", "tid", "jku", "jwks_uri", "aud", "azp", "sub", "hd"])
@pytest.mark.parametrize("is_signed", [True, False])
def test_i14_an_address_in_a_token_is_called_by_nobody(case, claim, is_signed):
    there = f"http://127.0.0.1:{case.canary.port}/../.well-known/openid-configuration"
    members = {claim: there}
    fault = IdTokenFault(members=members) if is_signed else IdTokenFault(token=unsigned(**members))

    answer = case.attack(id_token=fault)

    if not is_signed:
        case.refused(answer, "signature_invalid")
    elif claim in {"iss", "aud", "azp"}:
        case.refused(answer, "claim_mismatch")
    else:
        case.let_in(answer, case.adversary.email("ana"))
    assert len(case.adversary.issuer.requests_to("discovery")) <= 1


def test_i14_an_issuer_in_the_response_is_called_by_nobody(case):
    there = f"http://127.0.0.1:{case.canary.port}"
    fault = Fault(members={"iss": there})

    answer = case.attack(authorization=fault)

    case.refused(answer, "response_from_another_issuer")


@pytest.mark.parametrize("path", ["/login/initiate/", "/login/adversary/initiate/"])
def test_i14_an_issuer_that_anybody_names_is_called_by_nobody(case, path):
    began = time.monotonic()

    answer = case.browser.get(f"{path}?iss=http://127.0.0.1:{case.canary.port}")

    case.nothing_happened(answer, status=400)
    assert time.monotonic() - began < 1
