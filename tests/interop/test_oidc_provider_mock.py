"""Signing in at a provider that we did not write: oidc-provider-mock, Authlib's reading of it all.

Unlike ours it ignores PKCE, names its key by no algorithm, and sends the audience as a list.
"""

import pytest
import requests
from django.utils import timezone
from oidc_provider_mock import User, run_server_in_thread

from audit.models import Event
from partners.models import Connection, EmailDomain, Partner
from partners.secrets import remember_client_secret
from people.models import FederatedLogin
from tests.support.company import Browser, query_of

# Flask and Authlib announce what they will remove.
pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

REDIRECT_URI = "https://testserver/login/initech/callback/"
ANA = {"email": "ana@initech.example", "email_verified": True, "name": "Ana Sousa"}


@pytest.fixture(scope="module")
def independent():
    """The provider's address; clients have to be registered there."""
    people = [
        User(sub="ana-1", claims=ANA),
        User(sub="eve-1", claims={**ANA, "email_verified": False}),
        User(sub="nobody-1", claims={}),
    ]
    with run_server_in_thread(require_client_registration=True, user_claims=people) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def initech(db, independent, settings, pool):
    """A partner with this provider, where the portal has registered itself."""
    settings.FEDERATION_TRUSTED_ENDPOINTS = frozenset({independent.removeprefix("http://")})
    registered = requests.post(
        f"{independent}/oauth2/clients",
        json={"redirect_uris": [REDIRECT_URI]},
        timeout=10,
    ).json()
    partner = Partner.objects.create(slug="initech", name="Initech", status="live")
    EmailDomain.objects.create(
        partner=partner,
        name="initech.example",
        verified_at=timezone.now(),
        verified_how="operator",
    )
    connection = Connection.objects.create(
        partner=partner,
        issuer=independent,
        client_id=registered["client_id"],
    )
    remember_client_secret(connection, registered["client_secret"])
    return connection


def back_from(browser, url, choice):
    """Return the portal's answer after this *choice* on the provider's page."""
    answer = requests.post(url, data=choice, allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    return browser.get(answer.headers["Location"].removeprefix("https://testserver"))


def test_a_person_signs_in(initech, browser):
    url = browser.authorization_url("initech", "?next=/orders/")

    response = back_from(browser, url, {"sub": "ana-1"})

    assert (response.status_code, response.headers["Location"]) == (302, "/orders/")
    session = browser.session()
    assert (session["email"], session["name"]) == ("ana@initech.example", "Ana Sousa")
    assert session["token"]
    login = FederatedLogin.objects.get()
    assert (login.issuer, login.provider_subject) == (initech.issuer, "ana-1")


def test_the_same_person_is_known_again(initech):
    for browser in (Browser(), Browser()):
        back_from(browser, browser.authorization_url("initech"), {"sub": "ana-1"})

    assert FederatedLogin.objects.count() == 1


@pytest.mark.parametrize(
    ("choice", "reason"),
    [
        pytest.param({"sub": "eve-1"}, "email_not_verified", id="unverified"),
        pytest.param({"sub": "nobody-1"}, "email_missing", id="without-an-address"),
        pytest.param({"sub": "ana@elsewhere.example"}, "email_not_of_partner", id="elsewhere"),
        # Authlib's denial names no state, so that nobody can tell whose it is.
        pytest.param({"action": "deny"}, "attempt_unknown", id="denied"),
    ],
)
def test_a_person_is_refused(initech, browser, choice, reason):
    url = browser.authorization_url("initech")

    response = back_from(browser, url, choice)

    assert response.status_code in {400, 403}
    assert Event.objects.get(what="login.refused").reason == reason
    assert browser.session() is None


def test_a_wrong_secret_is_the_owners_to_mend(initech, browser):
    remember_client_secret(initech, "not the one that we were given")
    url = browser.authorization_url("initech")

    response = back_from(browser, url, {"sub": "ana-1"})

    assert response.status_code == 502
    assert Event.objects.get(what="login.refused").reason == "client_rejected"


def test_signing_out_there_leads_back(initech, browser, independent):
    back_from(browser, browser.authorization_url("initech"), {"sub": "ana-1"})
    browser.post("/logout/")

    url = browser.get("/logout/").context["end_session_url"]
    confirmed = requests.post(
        f"{independent}/oauth2/end_session/confirm",
        data={"redirect_uri": f"https://testserver/logout/?state={query_of(url)['state'][0]}"},
        allow_redirects=False,
        timeout=10,
    )

    assert url.startswith(f"{independent}/oauth2/end_session?")
    assert "https://testserver/logout/" in requests.get(url, timeout=10).text
    back = browser.get(confirmed.headers["Location"].removeprefix("https://testserver"))
    assert back.status_code == 200
    assert back.context["end_session_url"] == ""
