"""Group H, metadata: what a provider says of itself, when the owner saves it and ever after."""

import json

import pytest

from demo.provider import Fault
from tests.security.owner import mistakes_on
from tests.security.test_d_token_answers import NO_ANSWERS, TOO_MUCH

pytestmark = pytest.mark.portal

REQUIRED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
DOCUMENTS = ("discovery", "jwks")


def issuer_of(adversary):
    query = "SELECT issuer FROM partners_connection WHERE id = %s"
    return adversary.portal.rows(query, adversary.connection_id)[0][0]


def begun(case):
    return case.browser.get(f"/login/{case.adversary.slug}/")


def declined(case, answer):
    """Assert that the form came back with what was wrong, and nothing was saved; return that."""
    case.nothing_happened(answer, status=200)
    mistakes = mistakes_on(answer.text)
    assert mistakes
    assert issuer_of(case.adversary) == case.adversary.issuer_url
    return mistakes


# --- H02, H03: what the owner types --------------------------------------------------------------

PASTED = {
    "discovery-document": "{}/.well-known/openid-configuration",
    "discovery-document-with-query": "{}/.well-known/openid-configuration?appid=1",
    "slash": "{}/",
    "blanks": "  {}  ",
    "upper-case-host": "HTTP://LOCALHOST",
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"H02-{name}") for name in PASTED])
def test_h02_an_issuer_as_people_paste_it(case, owner, name):
    own = case.adversary.issuer_url
    typed = PASTED[name].format(own)
    if name == "upper-case-host":
        typed = own.replace("http://localhost", typed)

    answer = owner.change_connection(case.adversary, issuer=typed)

    assert answer.status_code == 302, mistakes_on(answer.text)
    assert issuer_of(case.adversary) == own
    case.let_in(case.attack(), case.adversary.email("ana"))


NO_ISSUERS = {
    "query": "https://login.adversary.example/?x=1",
    "empty-query": "https://login.adversary.example?",
    "fragment": "https://login.adversary.example/#x",
    "user": "https://user@login.adversary.example",
    "user-and-password": "https://a:b@login.adversary.example",
    "host-after-at": "https://login.adversary.example@127.0.0.1",
    "dots": "https://login.adversary.example/a/../b",
    "dots-encoded": "https://login.adversary.example/a/%2e%2e/b",
    "dot": "https://login.adversary.example/./b",
    "http": "http://login.adversary.example",
    "ftp": "ftp://login.adversary.example",
    "file": "file:///etc/passwd",
    "data": "data://text/html,x",
    "javascript": "javascript://x/%0aalert(1)",
    "gopher": "gopher://127.0.0.1:6379/_INFO",
    "no-host": "https://",
    "no-host-but-a-path": "https:///a",
    "no-host-but-a-port": "https://:443/",
    "backslash": "https://login.adversary.example\\@127.0.0.1",
    "backslashes": "https:\\\\login.adversary.example",
    "blank-inside": "https://login.adversary.example/a b",
    "tab-inside": "https://login.adver\tsary.example",
    "line-break-inside": "https://login.adver\r\nsary.example",
    "nul": "https://login.adversary.example/\0",
    "beyond-ascii": "https://lögin.adversary.example",
    "full-width": "https://login。adversary。example",
    "two-dots": "https://login..adversary.example",
    "trailing-dot": "https://login.adversary.example.",
    "underscore-alone": "https://_/",
    "port-22": "https://login.adversary.example:22",
    "port-0": "https://login.adversary.example:0",
    "port-65536": "https://login.adversary.example:65536",
    "port-empty-and-path": "https://login.adversary.example:x/",
    "long": "https://login.adversary.example/" + "a" * 300,
    "text": "our provider",
    "html": "<script>alert(1)</script>",
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"H03-{name}") for name in NO_ISSUERS])
def test_h03_what_is_no_issuer(case, owner, name):
    case.look()

    answer = owner.change_connection(case.adversary, issuer=NO_ISSUERS[name])

    declined(case, answer)
    assert "<script>alert" not in answer.text
    assert not case.adversary.issuer.requests_to(*DOCUMENTS)


# --- H04: what is missing ------------------------------------------------------------------------

NOTHINGS = {"missing": None, "null": None, "empty": "", "number": 1, "list": ["https://a.example"]}


@pytest.mark.parametrize("member", REQUIRED)
@pytest.mark.parametrize("way", NOTHINGS)
def test_h04_a_member_that_is_missing(case, member, way):
    fault = Fault(members={member: NOTHINGS[way]})
    case.adversary.misbehave(discovery=Fault(without=[member]) if way == "missing" else fault)

    case.refused(begun(case), "provider_misconfigured", token_requests=0)

    if NOTHINGS[way] is None:
        assert f"the metadata lacks {member}" in case._logged()


@pytest.mark.parametrize("member", REQUIRED[1:])
def test_h04_the_owner_is_told_what_is_missing(case, owner, member):
    case.look()
    case.adversary.misbehave(discovery=Fault(without=[member]))

    answer = owner.change_connection(case.adversary, scopes="openid email")

    assert member in declined(case, answer)


# --- H05: what is no document --------------------------------------------------------------------


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("name", [pytest.param(name, id=f"H05-{name}") for name in NO_ANSWERS])
def test_h05_a_document_that_is_none(case, document, name):
    case.adversary.misbehave(**{document: Fault(body=NO_ANSWERS[name])})

    case.refused(begun(case), "provider_misconfigured", token_requests=0)


@pytest.mark.parametrize("status", [201, 204, 206, 400, 401, 403, 404, 410])
def test_h05_a_document_that_is_not_there(case, status):
    case.adversary.misbehave(discovery=Fault(status=status))

    case.refused(begun(case), "provider_misconfigured", token_requests=0)


@pytest.mark.parametrize("status", [500, 502, 503, 511])
def test_h05_a_provider_that_is_unable(case, status):
    case.adversary.misbehave(discovery=Fault(status=status))

    case.refused(begun(case), "provider_unreachable", token_requests=0)


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("name", [pytest.param(name, id=f"H05-{name}") for name in TOO_MUCH])
def test_h05_more_than_any_document_has(outage, document, name):
    outage.adversary.misbehave(**{document: TOO_MUCH[name]})

    answer = begun(outage)

    reasons = {"provider_misconfigured", "provider_unreachable"}
    (reason,) = {reason for reason in reasons if reason in answer.text}
    outage.refused(answer, reason, token_requests=0)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_h05_a_document_that_drips(outage, document):
    outage.seconds = 13
    outage.adversary.misbehave(**{document: Fault(drip=0.1)})

    outage.refused(begun(outage), "provider_unreachable", status=504, token_requests=0)


@pytest.mark.parametrize("name", ["html", "list", "utf-16", "deep-lists", "cut", "empty"])
def test_h05_the_owner_is_told_that_it_is_none(case, owner, name):
    case.look()
    case.adversary.misbehave(discovery=Fault(body=NO_ANSWERS[name]))

    declined(case, owner.change_connection(case.adversary, scopes="openid email"))


# --- H06: elsewhere ------------------------------------------------------------------------------


def places(case, other):
    own = case.adversary.issuer.url
    return {
        "another-provider": f"{other.issuer.url}/.well-known/openid-configuration",
        "inside": f"http://127.0.0.1:{case.canary.port}/",
        "itself": f"{own}/.well-known/openid-configuration",
        "plain-http": "http://login.adversary.example/",
        "file": "file:///etc/passwd",
        "metadata": "http://169.254.169.254/",
    }


REDIRECTS = [
    *((status, "another-provider") for status in (301, 302, 303, 307, 308)),
    *((302, place) for place in ("inside", "itself", "plain-http", "file", "metadata")),
]


@pytest.mark.parametrize(
    ("status", "place"), [pytest.param(*one, id=f"H06-{one[0]}-{one[1]}") for one in REDIRECTS]
)
def test_h06_a_document_is_fetched_from_nowhere_else(outage, accomplice, status, place):
    there = places(outage, accomplice)[place]
    redirect = Fault(status=status, headers={"Location": there})
    outage.adversary.misbehave(discovery=redirect)

    outage.refused(begun(outage), "provider_misconfigured", token_requests=0)

    assert len(outage.adversary.issuer.requests_to("discovery")) == 1


def test_h06_the_owner_is_told_that_it_leads_elsewhere(case, owner):
    case.look()
    there = f"http://127.0.0.1:{case.canary.port}/"
    redirect = Fault(status=302, headers={"Location": there})
    case.adversary.misbehave(discovery=redirect)

    declined(case, owner.change_connection(case.adversary, scopes="openid email"))


# --- H20, H21: what it is called, and to whom it is said -----------------------------------------

CONTENT_TYPES = [
    *("text/html", "text/plain", "application/json;charset=x", "application/jwk-set+json"),
    *("application/octet-stream", "image/png", "", "x"),
]


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
def test_h20_a_document_that_is_called_something_else(case, content_type):
    fault = Fault(headers={"Content-Type": content_type})

    answer = case.attack(discovery=fault, jwks=fault)

    case.let_in(answer, case.adversary.email("ana"))


def test_h21_a_provider_cannot_tell_the_owners_look_from_a_sign_in(case, owner):
    case.adversary.forget_documents()
    case.let_in(case.attack(), case.adversary.email("ana"))
    at_run_time = case.adversary.issuer.requests_to(*DOCUMENTS)
    case.adversary.issuer.requests.clear()

    owner.change_connection(case.adversary, scopes="openid email")

    when_saved = case.adversary.issuer.requests_to(*DOCUMENTS)
    assert len(when_saved) == 2
    assert [(one.path, one.headers) for one in when_saved] == [
        (one.path, one.headers) for one in at_run_time
    ]


LATER = {
    "another-issuer": lambda _own: {"issuer": "https://evil.example"},
    "no-token-endpoint": lambda _own: {"token_endpoint": None},
    "no-algorithm-of-ours": lambda _own: {
        "id_token_signing_alg_values_supported": ["none", "HS256"]
    },
    # At the issuer's own host, so that it is no move to another one that is refused.
    "keys-by-gopher": lambda own: {"jwks_uri": own.replace("http:", "gopher:")},
    "token-endpoint-by-ftp": lambda own: {"token_endpoint": own.replace("http:", "ftp:")},
    "login-in-javascript": lambda own: {
        "authorization_endpoint": own.replace("http:", "javascript:")
    },
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"H21-{name}") for name in LATER])
def test_h21_a_document_that_changes_is_judged_like_the_first(outage, name):
    case = outage
    case.let_in(case.attack(), case.adversary.email("ana"))
    case.adversary.configure(id_token_algs=[])
    members = LATER[name](case.adversary.issuer_url)
    case.adversary.issuer.misbehave(discovery=Fault(members=members))
    case.adversary.age_documents(minutes=25 * 60)
    case.look()

    case.refused(begun(case), "provider_misconfigured", token_requests=1)


def test_h21_what_changed_is_in_the_trail(case):
    case.let_in(case.attack(), case.adversary.email("ana"))
    case.adversary.issuer.misbehave(discovery=Fault(without=["userinfo_endpoint"]))
    case.adversary.age_documents(minutes=25 * 60)

    case.let_in(case.attack(), case.adversary.email("ana"))

    rows = case.portal.rows(
        "SELECT detail FROM audit_event WHERE what = 'provider.changed' AND id > %s",
        case._first_event,
    )
    ((detail,),) = rows
    assert json.dumps(detail["after"]) == '{"userinfo_endpoint": null}'
