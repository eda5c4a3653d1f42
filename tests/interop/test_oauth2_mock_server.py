"""Signing in at oauth2-mock-server, which looks at PKCE and at no secret, and names its keys oddly.

Its ID Tokens have ``nbf`` and neither ``at_hash`` nor ``sid``; its responses have no ``iss``.
"""

import time

import pytest

from tests.interop.strangers import import_partners, reasons_of, running_node

pytestmark = [pytest.mark.interop, pytest.mark.xdist_group("interop")]

ANA = {"email_verified": True, "name": "Ana Sousa"}
BY_SECRET = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}

ADMITTED = {
    "mock-rs256": {},
    "mock-es256": {"alg": "ES256"},
    "mock-eddsa": {"alg": "EdDSA"},
    "mock-user-info": {"id_token": {}, "user_info": {"email": ..., **ANA}},
    "mock-text": {"id_token": {"email": ..., "email_verified": "true", "name": "Ana Sousa"}},
    "mock-list": {"id_token": {"email": ..., **ANA, "aud": ["foyer-at-mock-list"]}},
}
REFUSED = {
    "mock-issuer": ({"iss": "http://localhost/"}, "claim_mismatch"),
    "mock-audience": ({"aud": ["foyer-at-mock-audience", "another"]}, "claim_mismatch"),
    "mock-nonce": ({"nonce": "another"}, "claim_mismatch"),
    "mock-expired": ({"exp": int(time.time()) - 120}, "outside_validity"),
    "mock-early": ({"nbf": int(time.time()) + 3600}, "outside_validity"),
    "mock-unverified": ({"email_verified": "false"}, "email_not_verified"),
    "mock-elsewhere": ({"email": "ana@elsewhere.example"}, "email_not_of_partner"),
    "mock-another": ({"email": None}, "subject_mismatch"),
}


@pytest.fixture(scope="module")
def portal(interop_portal, ports):
    """The portal, with a partner and an issuer for each of what is to be tried."""
    port = ports["oauth2_mock_server"]
    providers = {slug: provider_of(slug, **about) for slug, about in ADMITTED.items()}
    for slug, (claims, _) in REFUSED.items():
        id_token = {"email": ..., **ANA, **claims}
        providers[slug] = provider_of(slug, id_token=id_token, user_info={"sub": "ben"})
    providers["mock-public"] = provider_of("mock-public", metadata={})
    import_partners(
        interop_portal,
        {slug: {"issuer": f"http://localhost:{port}/{slug}"} for slug in providers},
    )
    with running_node("oauth2_mock_server", port=port, providers=providers):
        yield interop_portal


def provider_of(slug, *, alg="RS256", id_token=None, user_info=None, metadata=None):
    """Return what the server is told; an address of ``...`` is Ana's at this partner."""
    own = {"email": f"ana@{slug}.example"}
    return {
        "alg": alg,
        "id_token": placed({"email": ..., **ANA} if id_token is None else id_token, own),
        "user_info": placed(user_info or {}, own),
        "metadata": BY_SECRET | {"id_token_signing_alg_values_supported": [alg]}
        if metadata is None
        else metadata,
    }


def placed(claims, own):
    return {name: own[name] if value is ... else value for name, value in claims.items()}


@pytest.mark.parametrize("slug", ADMITTED)
def test_a_person_signs_in(portal, person, slug):
    back = person.sign_in(slug)

    assert back.status_code == 302, back.text
    session = person.who()
    assert (session["email"], session["name"]) == (f"ana@{slug}.example", "Ana Sousa")


@pytest.mark.parametrize(("slug", "reason"), [(slug, why) for slug, (_, why) in REFUSED.items()])
def test_a_person_is_refused(portal, person, slug, reason):
    back = person.sign_in(slug)

    assert back.status_code in {400, 403}
    assert reasons_of(portal, slug) == [reason]
    assert person.who() is None


def test_no_secret_goes_to_a_provider_that_asks_for_none(portal, person):
    back = person.sign_in("mock-public")

    assert back.status_code == 502
    assert reasons_of(portal, "mock-public") == ["provider_misconfigured"]
