"""What people meet at the demo's provider: its pages, its session, its sign-out."""

import time

import pytest

from demo.provider import Client, running_provider
from tests.demo.company import ANA, BEN, CALLBACK, LARS, SECRET, registered
from tests.demo.relying_party import RelyingParty, parameters_of


def test_asks_on_a_page_of_its_own_that_may_post_to_the_portal_only(party):
    answered = party.authorize({"login_hint": ANA.email})

    policy = answered.headers["Content-Security-Policy"]
    assert answered.status_code == 200
    assert f'value="{ANA.email}" autocomplete' in answered.text
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://127.0.0.1:8000" in policy
    assert "<script" not in answered.text


def test_escapes_what_the_request_brings_onto_the_page(party):
    answered = party.authorize({"login_hint": '"><script>alert(1)</script>'})

    assert "<script" not in answered.text


def test_signs_in_whom_the_person_chose_and_remembers_them(party):
    chosen = party.choose(BEN.email)

    again = party.authorize()
    token = party.redeem(parameters_of(chosen)["code"][0]).json()["id_token"]
    assert party.claims(token)["sub"] == BEN.subject
    assert chosen.status_code == again.status_code == 303
    assert "code" in parameters_of(again)


@pytest.mark.parametrize(
    "changes",
    [{"prompt": "login"}, {"prompt": "select_account"}, {"login_hint": ANA.email}],
    ids=["login", "select_account", "login_hint of another"],
)
def test_asks_again_where_the_session_is_not_wanted(party, changes):
    party.choose(BEN.email)

    answered = party.authorize(changes)

    assert answered.status_code == 200


def test_asks_again_when_the_session_is_older_than_max_age(party, clock):
    party.choose(BEN.email)
    clock.ahead = 100

    assert party.authorize({"max_age": "200"}).status_code == 303
    assert party.authorize({"max_age": "50"}).status_code == 200


def test_states_when_the_person_signed_in_where_max_age_asks(party):
    before = int(time.time())
    code = parameters_of(party.choose(BEN.email, {"max_age": "60"}))["code"][0]

    claims = party.claims(party.redeem(code).json()["id_token"])

    assert before <= claims["auth_time"] <= time.time()


def test_answers_login_required_when_it_may_not_ask(party):
    assert parameters_of(party.authorize({"prompt": "none"}))["error"] == ["login_required"]

    party.choose(BEN.email)

    assert "code" in parameters_of(party.authorize({"prompt": "none"}))


def test_shows_the_page_again_for_an_address_it_does_not_know(party):
    answered = party.choose("nobody@contoso.example")

    assert answered.status_code == 200
    assert "no account with this address" in answered.text
    assert "Set-Cookie" not in answered.headers


def test_answers_access_denied_to_one_who_cancels_or_is_not_assigned(party):
    cancelled, unassigned = parameters_of(party.cancel()), parameters_of(party.choose(LARS.email))

    assert cancelled["error"] == unassigned["error"] == ["access_denied"]
    assert unassigned["error_description"] == ["Not assigned"]
    assert party.authorize().status_code == 200


def test_asks_nobody_whose_hint_it_knows_where_it_is_automatic():
    with running_provider(is_automatic=True) as provider:
        party = RelyingParty(registered(provider))

        known = party.authorize({"login_hint": ANA.email})
        unknown = party.authorize({"login_hint": "nobody@contoso.example"})

    assert "code" in parameters_of(known)
    assert unknown.status_code == 200


@pytest.fixture
def leaving(party: RelyingParty) -> RelyingParty:
    party.issuer.add_client(
        Client(
            client_id="foyer",
            client_secret=SECRET,
            redirect_uri=CALLBACK,
            post_logout_redirect_uri="http://127.0.0.1:8000/logout/",
            initiate_login_uri="http://127.0.0.1:8000/login/contoso/initiate/",
        )
    )
    party.choose(ANA.email)
    return party


def test_ends_its_session_and_sends_back_to_the_registered_page(leaving):
    there = "http%3A%2F%2F127.0.0.1%3A8000%2Flogout%2F"

    answered = leaving.get(f"/logout?client_id=foyer&state=s&post_logout_redirect_uri={there}")

    assert answered.headers["Location"] == "http://127.0.0.1:8000/logout/?state=s"
    assert leaving.authorize().status_code == 200


def test_ends_its_session_for_a_copy_of_the_cookie_too(leaving):
    copied = leaving.browser.cookies.copy()
    leaving.get("/logout")

    leaving.browser.cookies = copied

    assert leaving.authorize().status_code == 200


def test_ends_no_session_for_an_id_token_of_another_client(leaving):
    token = leaving.redeem(leaving.code()).json()["id_token"]
    leaving.issuer.add_client(Client(client_id="other", redirect_uri=CALLBACK))

    answered = leaving.get(f"/logout?client_id=other&id_token_hint={token}")

    assert answered.status_code == 400


def test_takes_an_id_token_as_the_hint_who_asks(leaving):
    token = leaving.redeem(leaving.code()).json()["id_token"]

    answered = leaving.get(f"/logout?id_token_hint={token}")

    assert answered.status_code == 200
    assert "You are signed out at Contoso" in answered.text


@pytest.mark.parametrize(
    "query",
    [
        "client_id=foyer&post_logout_redirect_uri=https%3A%2F%2Fevil.example%2F",
        "post_logout_redirect_uri=http%3A%2F%2F127.0.0.1%3A8000%2Flogout%2F",
        "client_id=other",
        "id_token_hint=e30.e30.e30",
        "client_id=foyer&state=a&state=b",
    ],
)
def test_ends_no_session_for_a_sign_out_it_cannot_trust(leaving, query):
    answered = leaving.get(f"/logout?{query}")

    assert answered.status_code == 400
    assert leaving.authorize().status_code == 303


def test_offers_the_portal_among_the_applications_as_core_section_4_says(leaving):
    answered = leaving.get("/apps")

    issuer = leaving.issuer.issuer.replace(":", "%3A").replace("/", "%2F")
    expected = f"http://127.0.0.1:8000/login/contoso/initiate/?iss={issuer}&amp;"
    assert expected in answered.text
    assert "login_hint=ana%40contoso.example" in answered.text
