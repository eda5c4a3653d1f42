"""The README's walk, against the production server, over HTTP alone."""

import jwt
import pytest
import requests

from tests.support.portal_visitor import Visitor, continue_url

pytestmark = pytest.mark.portal


@pytest.fixture
def ana(portal):
    """Ana's browser, signed in with Contoso."""
    portal.issuer("contoso").sign_in_as("ana@contoso.example")
    visitor = Visitor(portal)
    visitor.sign_in("contoso")
    return visitor


def test_an_address_leads_to_the_company_and_back_to_where_the_person_wanted_to_go(portal):
    portal.issuer("contoso").sign_in_as("ana@contoso.example")
    visitor = Visitor(portal)
    form = {"email": "Ana@Contoso.example", "next": "/orders/?of=today"}

    taking = visitor.post("/login/", form)
    url = continue_url(taking.text)
    back = visitor.get(visitor.come_back(url))

    assert taking.status_code == 200
    assert taking.headers["Refresh"] == f"0;url={url}"
    assert "login_hint=ana%40contoso.example" in url
    assert (back.status_code, back.headers["Location"]) == (302, "/orders/?of=today")
    assert visitor.who()["email"] == "ana@contoso.example"


def test_a_logo_leads_to_the_company_and_back_home(portal):
    portal.issuer("brightwater").sign_in_as("mei@brightwater.example")
    visitor = Visitor(portal)

    back = visitor.sign_in("brightwater")
    home = visitor.get("/")

    assert (back.status_code, back.headers["Location"]) == (302, "/")
    assert "<b>Mei Tanaka</b>" in home.text
    assert "Brightwater Labs" in home.text


@pytest.mark.parametrize(
    ("slug", "email"),
    [
        ("avalon", "noor@avalon.example"),
        ("contoso", "ana@contoso.example"),
        ("fabrikam", "sam@fabrikam.example"),
        ("juniper", "harriet@juniper.example"),
        ("kestrel", "grace@kestrel.example"),
        ("marigold", "amara@marigold.example"),
        ("osprey", "finn@osprey.example"),
        ("quillstone", "edith@quillstone.example"),
        ("tidemark", "ingrid@tidemark.example"),
        ("verdant", "lucia@verdant.example"),
    ],
)
def test_people_of_every_company_of_the_demo_get_in(portal, slug, email):
    visitor = Visitor(portal)
    url = visitor.begin(slug)
    form = visitor.get(url)
    choice = requests.post(
        url.replace("/authorize?", "/sign-in?"), {"email": email}, allow_redirects=False, timeout=10
    )

    back = visitor.get(choice.headers["Location"])

    assert form.status_code == 200
    assert back.status_code == 302, back.text
    assert visitor.who()["partner"]["slug"] == slug


def test_the_token_verifies_with_a_jwt_library_and_the_issuers_published_keys_alone(portal, ana):
    held = ana.get("/api/token/").json()

    issuer = jwt.decode(held["token"], options={"verify_signature": False})["iss"]
    discovery = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=10).json()
    key = jwt.PyJWKClient(discovery["jwks_uri"]).get_signing_key_from_jwt(held["token"])
    claims = jwt.decode(
        held["token"], key, algorithms=["RS512"], issuer=issuer, audience=portal.pool.pool_id
    )
    assert claims["sub"] == held["issuer_subject"]


def test_a_proxy_learns_who_it_is_and_gets_the_token(portal, ana):
    answer = ana.get("/api/authorize/")

    (subject,) = portal.rows("select subject from people_user where email = 'ana@contoso.example'")[
        0
    ]
    assert answer.status_code == 204
    assert answer.headers["X-Foyer-Email"] == "ana@contoso.example"
    assert answer.headers["X-Foyer-Partner"] == "contoso"
    assert answer.headers["X-Foyer-Subject"] == subject
    assert answer.headers["Authorization"] == f"Bearer {ana.get('/api/token/').json()['token']}"


def test_signing_out_ends_it(ana):
    left = ana.post("/logout/", {})

    assert (left.status_code, left.headers["Location"]) == (303, "/logout/")
    assert ana.who() is None
    assert ana.get("/api/token/").status_code == 401
    assert ana.get("/").headers["Location"] == "/login/?next=/"


def test_health_is_told_without_versions_and_without_secrets(portal):
    live = portal.ask("GET", "/health/live/")
    ready = portal.ask("GET", "/health/ready/")

    assert (live.status, ready.status) == (200, 200)
    assert live.body == b'{"status": "ok"}'
    assert b'"database": {"status": "ok"}' in ready.body
    assert portal.environment["COGNITO_IDENTITY_POOL_ID"] not in ready.text
    assert portal.base_url not in ready.text
