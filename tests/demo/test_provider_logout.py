"""Whom the provider tells when somebody signs out there: Back-Channel Logout 1.0."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread
from urllib.parse import parse_qs

import jwt
import pytest

from demo.provider import ProviderConfig
from demo.provider.logout_token import EVENT
from tests.demo.company import ANA
from tests.demo.relying_party import RelyingParty, parameters_of


@dataclass
class Listener:
    """A client's address for logout tokens, and the forms it was sent."""

    uri: str
    forms: "Queue[dict[str, list[str]]]" = field(default_factory=Queue)


@pytest.fixture
def listener() -> Iterator[Listener]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            listening.forms.put(parse_qs(body.decode()))

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening = Listener(uri=f"http://127.0.0.1:{server.server_address[1]}/logout")
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield listening
    server.shutdown()
    server.server_close()


def at_work(party: RelyingParty) -> str:
    """Sign Ana in as a person does, whose browser is remembered; return the ID Token."""
    (code,) = parameters_of(party.choose(ANA.email))["code"]
    token: str = party.redeem(code).json()["id_token"]
    return token


def listen(party: RelyingParty, uri: str) -> None:
    party.issuer.add_client(replace(party.client, backchannel_logout_uri=uri))


def sign_out(party: RelyingParty) -> None:
    answer = party.browser.get(f"{party.issuer.url}/logout", timeout=5)
    assert answer.status_code == 200


def test_a_client_is_told_of_the_session_that_ended(party, listener):
    listen(party, listener.uri)
    id_token = party.claims(at_work(party))

    sign_out(party)

    (token,) = listener.forms.get(timeout=5)["logout_token"]
    key = jwt.PyJWK(party.issuer.key.jwk())
    options = {"verify_iat": False, "verify_exp": False}
    claims = jwt.decode(token, key, audience="foyer", issuer=party.issuer.issuer, options=options)
    assert jwt.get_unverified_header(token)["typ"] == "logout+jwt"
    assert claims["events"] == {EVENT: {}}
    assert (claims["sub"], claims["sid"]) == (ANA.subject, id_token["sid"])
    assert claims["jti"]
    assert "nonce" not in claims


def test_a_client_that_the_session_never_signed_in_at_is_not_told(party, listener):
    listen(party, listener.uri)
    party.issuer.add_client(
        replace(party.client, client_id="other", backchannel_logout_uri=f"{listener.uri}-other")
    )
    at_work(party)

    sign_out(party)

    told = listener.forms.get(timeout=5)["logout_token"][0]
    claims = jwt.decode(told, options={"verify_signature": False})
    assert claims["aud"] == "foyer"
    assert listener.forms.empty()


def test_signing_out_waits_for_nobody_who_is_away(party):
    listen(party, "http://127.0.0.1:9/logout")
    at_work(party)

    sign_out(party)


def test_the_metadata_say_that_clients_are_told(party, listener):
    before = party.document("/.well-known/openid-configuration")
    listen(party, listener.uri)

    after = party.document("/.well-known/openid-configuration")

    assert "backchannel_logout_supported" not in before
    assert after["backchannel_logout_supported"] is True
    assert after["backchannel_logout_session_supported"] is True


def test_an_issuer_may_give_its_sessions_no_names(party, listener):
    party.issuer.config = ProviderConfig(names_session=False)
    listen(party, listener.uri)

    id_token = party.claims(at_work(party))
    sign_out(party)

    told = listener.forms.get(timeout=5)["logout_token"][0]
    claims = jwt.decode(told, options={"verify_signature": False})
    assert "sid" not in id_token
    assert "sid" not in claims
