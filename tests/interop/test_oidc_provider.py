"""Signing in at oidc-provider, which is certified, in its own process: RFC and Core to the letter.

It demands PKCE, sends ``iss`` (RFC 9207) and ``at_hash``, and holds each client to the algorithm
and the way to authenticate that it has registered.
"""

import re
import time

import pytest

from partners.rules import ID_TOKEN_ALGS
from tests.interop.strangers import SECRET, Person, import_partners, reasons_of, running_node

pytestmark = [pytest.mark.interop, pytest.mark.xdist_group("interop")]

ALGORITHMS = {f"alg-{alg.lower()}": alg for alg in ID_TOKEN_ALGS}
METHODS = {
    "by-basic": "client_secret_basic",
    "by-post": "client_secret_post",
    "by-key": "private_key_jwt",
}
OTHERS = ["at-user-info", "leaving", "step-up", "wrong-secret"]
PATIENCE_SECONDS = 10


@pytest.fixture(scope="module")
def portal(interop_portal, ports):
    """The portal, with a partner and an issuer for each of what is to be tried."""
    port = ports["oidc_provider"]
    slugs = [*ALGORITHMS, *METHODS, *OTHERS]
    connections = {slug: {"issuer": f"http://localhost:{port}/{slug}"} for slug in slugs}
    for slug, method in METHODS.items():
        connections[slug]["token_endpoint_auth_method"] = method
    connections["by-key"]["client_secret"] = None
    connections["step-up"]["max_age"] = 300
    connections["wrong-secret"]["client_secret"] = "not the one that we were given"
    import_partners(interop_portal, connections)
    providers = {
        slug: {"client": client_of(interop_portal, slug), "in_user_info": slug == "at-user-info"}
        for slug in slugs
    }
    with running_node("oidc_provider", port=port, providers=providers):
        yield interop_portal


def client_of(portal, slug):
    """Return how the provider of this slug knows the portal: RFC 7591, section 2."""
    client = {
        "client_id": f"foyer-at-{slug}",
        "client_secret": SECRET,
        "redirect_uris": [f"{portal.base_url}/login/{slug}/callback/"],
        "post_logout_redirect_uris": [f"{portal.base_url}/logout/"],
        "backchannel_logout_uri": f"{portal.base_url}/login/{slug}/backchannel-logout/",
        "backchannel_logout_session_required": True,
        "token_endpoint_auth_method": METHODS.get(slug, "client_secret_basic"),
        "id_token_signed_response_alg": ALGORITHMS.get(slug, "RS256"),
    }
    if slug == "by-key":
        del client["client_secret"]
        client["token_endpoint_auth_signing_alg"] = "ES256"
        client["jwks_uri"] = f"{portal.base_url}/.well-known/foyer/{slug}/jwks.json"
    return client


def sign_out_there(person, address):
    """Confirm the provider's question at *address*, and return its answer."""
    page = person.get(address)
    action = re.search(r'action="([^"]+)"', page.text)
    token = re.search(r'name="xsrf" value="([^"]+)"', page.text)
    assert action, page.text
    assert token, page.text
    return person.submit(action[1], {"xsrf": token[1], "logout": "yes"})


def has_been_signed_out(person):
    ends = time.monotonic() + PATIENCE_SECONDS
    while person.who() is not None and time.monotonic() < ends:
        time.sleep(0.05)
    return person.who() is None


@pytest.mark.parametrize("slug", [*ALGORITHMS, *METHODS, "at-user-info", "step-up"])
def test_a_person_signs_in(portal, person, slug):
    back = person.sign_in(slug, "?next=/orders/")

    assert (back.status_code, back.headers.get("Location")) == (302, "/orders/"), back.text
    session = person.who()
    assert (session["email"], session["name"]) == (f"ana@{slug}.example", "Ana Sousa")
    assert session["token"]


def test_the_same_person_is_known_again_and_a_colleague_is_another(portal):
    people = [Person(portal) for _ in range(3)]

    for one, name in zip(people, ("ana", "ana", "ben"), strict=True):
        one.sign_in("by-post", f"?login_hint={name}@by-post.example")

    subjects = [one.who()["subject"] for one in people]
    assert subjects[0] == subjects[1] != subjects[2]


def test_a_wrong_secret_is_the_owners_to_mend(portal, person):
    back = person.sign_in("wrong-secret")

    assert back.status_code == 502
    assert reasons_of(portal, "wrong-secret") == ["client_rejected"]


def test_who_asks_for_nobody_to_be_asked_is_sent_back_without_a_sign_in(portal, person):
    back = person.sign_in("by-basic", "?prompt=none")

    assert back.status_code == 403
    assert reasons_of(portal, "by-basic") == ["authorization_denied"]


def test_who_signs_out_there_is_signed_out_here_and_nobody_else_is(portal, person, ports):
    colleague = Person(portal)
    person.sign_in("leaving")
    colleague.sign_in("leaving", "?login_hint=ben@leaving.example")
    assert person.who()["email"] == "ana@leaving.example"

    sign_out_there(person, f"http://localhost:{ports['oidc_provider']}/leaving/session/end")

    assert has_been_signed_out(person)
    assert colleague.who()["email"] == "ben@leaving.example"
    assert portal.rows(
        "SELECT email FROM audit_event WHERE partner = 'leaving' AND what = 'logout.backchannel'"
    ) == [("ana@leaving.example",)]


def test_who_signs_out_here_can_sign_out_there_and_comes_back(portal, person):
    person.sign_in("leaving")
    person.post("/logout/", {})
    page = person.get("/logout/").text
    link = re.search(r'href="(http://localhost:[^"]+)"', page)
    assert link, page

    answer = sign_out_there(person, link[1].replace("&amp;", "&"))

    assert answer.headers["Location"].startswith(f"{portal.base_url}/logout/?state=")
    back = person.get(answer.headers["Location"])
    assert back.status_code == 200
    assert "http://localhost:" not in back.text
