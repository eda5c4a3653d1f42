"""Group D, requests: to whom a code and a secret are sent, how, how often, and for how long."""

import re
import ssl
import time
import warnings
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from urllib.parse import unquote_plus

import pytest

from demo.provider import Fault
from tests.security.conftest import AWKWARD
from tests.support.certificates import Authority
from tests.support.loopback import answer as http_answer
from tests.support.loopback import answering, serving

pytestmark = pytest.mark.portal

DEADLINE_SECONDS = 10


# --- D02, D03: how the portal proves who it is ---------------------------------------------------


@pytest.mark.parametrize("method", ["basic", "post"])
def test_d02_every_visible_character_arrives(case, at, method):
    """RFC 6749, section 2.3.1: encoded before they are joined by a colon."""
    awkward = at(f"awkward-{method}")
    case.adversaries.append(awkward)

    case.let_in(case.browser.sign_in(awkward.slug), awkward.email("ana"), at=awkward)

    (sent,) = awkward.issuer.requests_to("token")
    secret = f"{AWKWARD} {awkward.slug}"
    if method == "post":
        assert "authorization" not in sent.headers
        assert sent.parameters["client_secret"] == [secret]
    else:
        assert "client_secret" not in sent.parameters
        credentials = b64decode(sent.headers["authorization"].removeprefix("Basic ")).decode()
        client_id, colon, rest = credentials.partition(":")
        assert colon
        assert ":" not in rest
        assert (unquote_plus(client_id), unquote_plus(rest)) == (awkward.client_id, secret)
    assert sent.path == "/token"


def accepting(case, method):
    """Let the provider know our client by another method."""
    for client in list(case.adversary.issuer.clients.values()):
        changed = replace(client, token_endpoint_auth_method=method)
        case.adversary.issuer.add_client(changed)


def test_d03_a_provider_that_wants_the_secret_in_the_form_gets_it_there_alone(case):
    accepting(case, "client_secret_post")

    case.let_in(case.attack(discovery=methods("client_secret_post")), case.adversary.email("ana"))

    (sent,) = case.adversary.issuer.requests_to("token")
    assert "authorization" not in sent.headers


def test_d03_of_both_ways_the_one_that_no_log_has(case):
    offered = methods("client_secret_post", "client_secret_basic")

    case.let_in(case.attack(discovery=offered), case.adversary.email("ana"))

    (sent,) = case.adversary.issuer.requests_to("token")
    assert "client_secret" not in sent.parameters


def test_d03_a_provider_that_says_nothing_means_basic(case):
    silent = Fault(without=["token_endpoint_auth_methods_supported"])

    case.let_in(case.attack(discovery=silent), case.adversary.email("ana"))


OFFERS = {
    "none": ["none"],
    "client-secret-jwt": ["client_secret_jwt"],
    "tls": ["tls_client_auth", "self_signed_tls_client_auth"],
    "upper-case": ["CLIENT_SECRET_BASIC"],
    "blank": ["client_secret_basic "],
    "in-one-text": ["client_secret_basic client_secret_post"],
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"D03-{name}") for name in OFFERS])
def test_d03_a_secret_is_sent_in_no_way_that_is_not_offered(case, name):
    answer = case.attack(discovery=methods(*OFFERS[name]))

    case.refused(answer, "provider_misconfigured", token_requests=0)


@pytest.mark.parametrize("registered", ["client_secret_basic", "client_secret_post"])
def test_d03_nor_in_another_way_than_was_agreed(case, registered):
    case.adversary.configure(token_endpoint_auth_method=registered)
    other = {"client_secret_basic": "client_secret_post"}.get(registered, "client_secret_basic")

    answer = case.attack(discovery=methods(other))

    case.refused(answer, "provider_misconfigured", token_requests=0)


@pytest.mark.parametrize(
    "value", ["client_secret_basic", 1, {}, [1], ["client_secret_basic", None]]
)
def test_d03_what_is_no_list_of_ways(case, value):
    offered = {"token_endpoint_auth_methods_supported": value}
    case.adversary.misbehave(discovery=Fault(members=offered))

    answer = case.browser.get(f"/login/{case.adversary.slug}/")

    case.refused(answer, "provider_misconfigured", token_requests=0)


def methods(*offered):
    return Fault(members={"token_endpoint_auth_methods_supported": list(offered)})


# --- D04: elsewhere ------------------------------------------------------------------------------


def places(case, other):
    return {
        "another-provider": f"{other.issuer.url}/token",
        "inside": f"http://127.0.0.1:{case.canary.port}/",
        "the-same-place": f"{case.adversary.issuer.url}/token",
        "relative": "/bystander/token",
        "without-scheme": f"//127.0.0.1:{case.canary.port}/",
        "metadata": "http://169.254.169.254/latest/meta-data/iam/security-credentials/",
        "file": "file:///etc/passwd",
        "javascript": "javascript:alert(1)",
    }


REDIRECTS = [
    *(
        (status, place)
        for status in (301, 302, 303, 307, 308)
        for place in ("another-provider", "inside")
    ),
    *((307, place) for place in ("the-same-place", "relative", "without-scheme", "metadata")),
    *((308, place) for place in ("file", "javascript")),
    *((status, "another-provider") for status in (300, 304, 305, 399)),
]


@pytest.mark.parametrize(
    ("status", "place"), [pytest.param(*one, id=f"D04-{one[0]}-{one[1]}") for one in REDIRECTS]
)
def test_d04_nothing_is_sent_to_where_a_redirect_leads(outage, accomplice, status, place):
    there = places(outage, accomplice)[place]

    answer = outage.attack(token=Fault(status=status, headers={"Location": there}))

    # Whom it leads to is none of those that may be called: the case looks at that at its end.
    outage.refused(answer, "provider_misconfigured", token_requests=1)


@pytest.mark.parametrize("status", [200, 201])
def test_d04_nor_where_an_answer_only_hints(case, accomplice, status):
    there = f"{accomplice.issuer.url}/token"
    headers = {"Location": there, "Content-Location": there, "Refresh": f"0;url={there}"}
    headers |= {"Link": f"<{there}>; rel=next", "Alt-Svc": f'h2="127.0.0.1:{case.canary.port}"'}

    answer = case.attack(token=Fault(status=status, headers=headers))

    if status == 200:
        case.let_in(answer, case.adversary.email("ana"))
    else:
        case.refused(answer, "provider_misconfigured", token_requests=1)


@pytest.mark.parametrize("document", ["discovery", "jwks"])
def test_d04_documents_are_fetched_from_nowhere_else_either(outage, accomplice, document):
    there = f"{accomplice.issuer.url}/jwks"
    redirect = Fault(status=302, headers={"Location": there})
    outage.adversary.misbehave(**{document: redirect})

    answer = outage.browser.get(f"/login/{outage.adversary.slug}/")

    outage.refused(answer, "provider_misconfigured", token_requests=0)


# --- D08, D18: slow ------------------------------------------------------------------------------

SLOW = {
    "hangs": Fault(delay=60),
    "drips": Fault(drip=0.2),
    "drips-head": Fault(drip=0.2, drips_head=True),
    "announces-more": Fault(headers={"Content-Length": "100000"}),
    "drips-blanks": Fault(body=b" " * 1000, drip=0.05),
}


@pytest.fixture
def slow(at, disposable):
    """Give a partner for each way to be slow, so that all can be waited for at once."""
    found = {name: at(next(disposable).slug) for name in SLOW}
    for name, adversary in found.items():
        adversary.misbehave(token=SLOW[name])
    return found


def test_d08_whoever_is_slow_is_given_up_after_ten_seconds_and_not_asked_again(case, slow):
    case.seconds = DEADLINE_SECONDS + 5
    case.adversaries += slow.values()
    answers = all_at_once(case, list(slow.values()))

    for answer, seconds in answers:
        assert answer.status_code == 504
        assert "provider_unreachable" in answer.text
        assert DEADLINE_SECONDS - 1 < seconds < DEADLINE_SECONDS + 3
    assert {len(one.issuer.requests_to("token")) for one in slow.values()} == {1}
    case.let_in(case.attack(), case.adversary.email("ana"))


def test_d18_twenty_sign_ins_at_a_provider_that_hangs_hold_up_nobody_else(case, disposable, at):
    case.seconds = DEADLINE_SECONDS
    case.cpu_seconds = 2
    crowded = at(next(disposable).slug)
    crowded.misbehave(token=Fault(delay=5))
    case.adversaries.append(crowded)
    waited = []

    def meanwhile():
        time.sleep(2.5)
        began = time.monotonic()
        answer = case.attack()
        waited.append(time.monotonic() - began)
        case.let_in(answer, case.adversary.email("ana"))

    answers = all_at_once(case, [crowded] * 20, meanwhile=meanwhile)

    assert waited[0] < 1
    # Whoever waits for it gets in when it answers at last; the others are told at once.
    assert {one.status_code for one, _ in answers} == {302, 504}
    hung = [one for one, _ in answers if one.status_code == 302]
    assert len(crowded.issuer.requests_to("token")) == len(hung)


def all_at_once(case, adversaries, *, meanwhile=None):
    """Return the answer to a sign-in at each of these partners, and the seconds it took."""
    browsers = [case.new_browser() for _ in adversaries]
    callbacks = [
        browser.come_back(browser.begin(adversary.slug))
        for browser, adversary in zip(browsers, adversaries, strict=True)
    ]

    def timed(browser, callback):
        began = time.monotonic()
        answer = browser.get(callback)
        return answer, time.monotonic() - began

    with ThreadPoolExecutor(len(browsers)) as threads:
        under_way = threads.map(timed, browsers, callbacks)
        if meanwhile:
            meanwhile()
        return list(under_way)


# --- D17: TLS ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def unknown_authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("unknown-authority"))


@pytest.fixture(scope="module")
def endpoints(authority, unknown_authority):
    """Give token endpoints over TLS, each with another fault of its own."""
    outdated = authority.server_context("localhost")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        outdated.minimum_version = ssl.TLSVersion.TLSv1
        outdated.maximum_version = ssl.TLSVersion.TLSv1_1
    outdated.set_ciphers("DEFAULT@SECLEVEL=0")
    contexts = {
        "good": authority.server_context("localhost"),
        "unknown-authority": unknown_authority.server_context("localhost"),
        "another-host": authority.server_context("login.other.example"),
        "expired": authority.server_context("localhost", ends_in=timedelta(minutes=-5)),
        "tls-1.1": outdated,
    }
    body = http_answer(b'{"error": "invalid_grant"}', status="400 Bad Request")
    with ExitStack() as running:
        yield {
            name: running.enter_context(serving(answering(body), tls=context))
            for name, context in contexts.items()
        } | {"no-tls": running.enter_context(serving(lambda peer: peer.send(body)))}


@pytest.fixture(scope="module")
def tls_portal(portal_server, endpoints, authority):
    """The portal once more, which trusts one certificate authority, and those ports."""
    trusted = portal_server.environment["FEDERATION_TRUSTED_ENDPOINTS"]
    ports = [f"localhost:{server.port}" for server in endpoints.values()]
    environment = {
        **portal_server.environment,
        "FEDERATION_TRUSTED_ENDPOINTS": ",".join([trusted, *ports]),
        "SSL_CERT_FILE": authority.bundle,
    }
    with replace(portal_server, environment=environment).another_process() as process:
        yield process


CERTIFICATES = ["unknown-authority", "another-host", "expired", "tls-1.1", "no-tls"]


@pytest.mark.parametrize("kind", [pytest.param(kind, id=f"D17-{kind}") for kind in CERTIFICATES])
def test_d17_a_code_and_a_secret_go_to_nobody_who_does_not_prove_who_it_is(
    case, tls_portal, endpoints, kind
):
    answer = through_tls(case, tls_portal, endpoints[kind])

    assert answer.status_code == 502
    assert "provider_unreachable" in answer.text
    assert not endpoints[kind].requests
    then_all_is_in_order(case)


def test_d17_and_to_whoever_does(case, tls_portal, endpoints):
    answer = through_tls(case, tls_portal, endpoints["good"])

    assert answer.status_code == 400
    assert "token_request_refused" in answer.text
    assert len(endpoints["good"].requests) == 1
    then_all_is_in_order(case)


def through_tls(case, process, server):
    """Return the answer to a sign-in at a provider whose token endpoint is *server*."""
    there = f"https://localhost:{server.port}/token"
    case.adversary.misbehave(discovery=Fault(members={"token_endpoint": there}))
    browser = case.new_browser(port=process.port)
    return browser.sign_in(case.adversary.slug)


def then_all_is_in_order(case):
    """The other process has a log of its own; the rest is the same, and is left in order."""
    case.adversary.misbehave(discovery=Fault())
    case.let_in(case.attack(), case.adversary.email("ana"))


def test_d17_no_setting_of_a_partner_turns_the_proof_off(case):
    columns = case.portal.rows(
        "SELECT column_name FROM information_schema.columns WHERE table_name = ANY(%s)",
        ["partners_connection", "partners_partner"],
    )

    named = [name for (name,) in columns if re.search("tls|ssl|verify|insecure|certificate", name)]
    assert not named
    case.let_in(case.attack(), case.adversary.email("ana"))
