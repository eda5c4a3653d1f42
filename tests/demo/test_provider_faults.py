"""The demo's provider misbehaves exactly as told, and records what it was asked."""

import gzip
import hmac
import json
import time
from itertools import islice

import jwt
import pytest
import requests
from jwt.utils import base64url_decode

from demo.provider import Fault, IdTokenFault, Signature, SigningKey, running_provider
from tests.demo.company import ANA, DISCOVERY, SECRET, registered
from tests.demo.relying_party import TIMEOUT_SECONDS, RelyingParty, parameters_of


def id_token(party: RelyingParty) -> str:
    token: str = party.redeem(party.code()).json()["id_token"]
    return token


def unverified_claims(token: str) -> dict[str, object]:
    claims: dict[str, object] = jwt.decode(token, options={"verify_signature": False})
    return claims


def test_sets_and_leaves_out_claims(signed_in):
    signed_in.issuer.misbehave(
        id_token=IdTokenFault(members={"iss": "https://evil.example", "exp": None}, without=["sub"])
    )

    token = id_token(signed_in)

    claims = json.loads(base64url_decode(token.split(".")[1]))
    assert (claims["iss"], claims["exp"]) == ("https://evil.example", None)
    assert "sub" not in claims


def test_replaces_the_claims_bytes_or_the_whole_token(signed_in):
    signed_in.issuer.misbehave(
        id_token=IdTokenFault(payload=lambda honest: b'{"sub":"victim",' + honest[1:])
    )
    assert id_token(signed_in).split(".")[1].startswith("eyJzdWIiOiJ2aWN0aW0iL")

    signed_in.issuer.misbehave(id_token=IdTokenFault(token="no token"))

    assert id_token(signed_in) == "no token"


def test_flips_a_bit_of_the_signature(signed_in):
    signed_in.issuer.misbehave(id_token=IdTokenFault(signature=Signature.FLIPPED))

    with pytest.raises(jwt.InvalidSignatureError):
        signed_in.claims(id_token(signed_in))


def test_leaves_the_token_unsigned(signed_in):
    signed_in.issuer.misbehave(id_token=IdTokenFault(signature=Signature.NONE))

    token = id_token(signed_in)

    assert jwt.get_unverified_header(token)["alg"] == "none"
    assert token.endswith(".")


def test_signs_with_the_client_secret(signed_in):
    signed_in.issuer.misbehave(id_token=IdTokenFault(signature=Signature.HS256_CLIENT_SECRET))

    claims = jwt.decode(id_token(signed_in), SECRET, algorithms=["HS256"], audience="foyer")

    assert claims["sub"] == ANA.subject


def test_signs_with_the_public_key_as_a_secret(signed_in):
    signed_in.issuer.misbehave(id_token=IdTokenFault(signature=Signature.HS256_PUBLIC_KEY))

    signing_input, _, signature = id_token(signed_in).encode().rpartition(b".")

    pem = signed_in.issuer.key.public_pem()
    assert base64url_decode(signature) == hmac.digest(pem, signing_input, "sha256")


def test_signs_with_another_key_under_the_name_of_its_own(signed_in):
    stranger = SigningKey.generate("ES256")
    signed_in.issuer.misbehave(id_token=IdTokenFault(key=stranger, header={"jwk": stranger.jwk()}))

    token = id_token(signed_in)

    header = jwt.get_unverified_header(token)
    assert header["kid"] == signed_in.issuer.key.kid
    assert jwt.decode(token, jwt.PyJWK(header["jwk"]), audience="foyer")["sub"] == ANA.subject


def test_names_a_key_nobody_knows_or_none(signed_in):
    signed_in.issuer.misbehave(id_token=IdTokenFault(header={"kid": "unknown"}))
    assert jwt.get_unverified_header(id_token(signed_in))["kid"] == "unknown"

    signed_in.issuer.misbehave(id_token=IdTokenFault(without_header=["kid"]))

    assert "kid" not in jwt.get_unverified_header(id_token(signed_in))


@pytest.mark.parametrize("keeps_old", [True, False])
def test_rotates_its_key(signed_in, keeps_old):
    old = signed_in.issuer.key

    new = signed_in.issuer.rotate(keeps_old=keeps_old)

    published = [key["kid"] for key in signed_in.document("/jwks")["keys"]]
    assert published == ([new.kid, old.kid] if keeps_old else [new.kid])
    assert jwt.get_unverified_header(id_token(signed_in))["kid"] == new.kid


def test_changes_what_its_documents_say(party):
    party.issuer.misbehave(
        discovery=Fault(members={"issuer": "https://evil.example"}, without=["jwks_uri"]),
        jwks=Fault(members={"keys": [party.issuer.key.jwk(insecure_private=True)]}),
    )

    metadata, jwks = party.document(DISCOVERY), party.document("/jwks")

    assert metadata["issuer"] == "https://evil.example"
    assert "jwks_uri" not in metadata
    assert "d" in jwks["keys"][0]


def test_answers_with_any_status_header_and_body(party):
    bomb = gzip.compress(b" " * 1_000_000)
    party.issuer.misbehave(
        discovery=Fault(status=307, headers={"Location": "https://evil.example/"}),
        jwks=Fault(headers={"Content-Encoding": "gzip"}, body=bomb),
    )

    redirect, inflated = party.get(DISCOVERY), party.get("/jwks")

    assert (redirect.status_code, redirect.headers["Location"]) == (307, "https://evil.example/")
    assert len(inflated.content) == 1_000_000


def test_spoils_the_bytes_of_the_token_response(signed_in):
    signed_in.issuer.misbehave(
        token=Fault(body=lambda honest: b'{"id_token": "first", ' + honest.lstrip(b"{"))
    )

    answered = signed_in.redeem(signed_in.code())

    assert answered.text.count('"id_token"') == 2


def test_changes_the_authorization_response(signed_in):
    signed_in.issuer.misbehave(
        authorization=Fault(members={"iss": "https://evil.example", "state": ["a", "b"]})
    )

    response = parameters_of(signed_in.authorize())

    assert response["iss"] == ["https://evil.example"]
    assert response["state"] == ["a", "b"]


def test_drops_the_code_and_names_an_error(signed_in):
    signed_in.issuer.misbehave(
        authorization=Fault(members={"error": "server_error"}, without=["code", "iss"])
    )

    response = parameters_of(signed_in.authorize())

    assert response == {"error": ["server_error"], "state": ["a-state"]}


def test_says_another_subject_at_userinfo(signed_in):
    access_token = signed_in.redeem(signed_in.code()).json()["access_token"]
    signed_in.issuer.misbehave(userinfo=Fault(members={"sub": "victim"}))

    userinfo = signed_in.get("/userinfo", Authorization=f"Bearer {access_token}").json()

    assert userinfo["sub"] == "victim"


def test_misbehaves_only_as_often_as_told(signed_in):
    signed_in.issuer.misbehave(
        jwks=Fault(status=503, times=1), id_token=IdTokenFault(token="no token", times=1)
    )

    statuses = [signed_in.get("/jwks").status_code for _ in range(2)]
    tokens = [id_token(signed_in) for _ in range(2)]

    assert statuses == [503, 200]
    assert tokens[0] == "no token" != tokens[1]


def test_drips(party):
    party.issuer.misbehave(jwks=Fault(body=b"slow", drip=0.05))
    started = time.monotonic()

    answered = party.get("/jwks")

    assert answered.content == b"slow"
    assert time.monotonic() - started >= 0.2


def test_drips_its_head_too(party):
    party.issuer.misbehave(jwks=Fault(body=b"slow", drip=0.002, drips_head=True))
    started = time.monotonic()

    answered = party.get("/jwks")

    assert answered.content == b"slow"
    assert time.monotonic() - started >= 0.1


def test_holds_its_answer_back_until_it_is_stopped():
    with running_provider() as provider:
        party = RelyingParty(registered(provider))
        party.issuer.misbehave(jwks=Fault(delay=3600))

        with pytest.raises(requests.ReadTimeout):
            party.browser.get(f"{party.issuer.url}/jwks", timeout=0.1)

        started = time.monotonic()
    assert time.monotonic() - started < 2


def test_hangs_up(party):
    party.issuer.misbehave(jwks=Fault(closes=True))

    with pytest.raises(requests.ConnectionError):
        party.get("/jwks")


def test_never_stops_talking(party):
    party.issuer.misbehave(jwks=Fault(body=b" " * 1024, endless=True))

    with requests.get(f"{party.issuer.url}/jwks", stream=True, timeout=TIMEOUT_SECONDS) as answered:
        received = list(islice(answered.iter_content(1024), 1000))

    assert len(received) == 1000


def test_behaves_again_after_a_reset(signed_in):
    signed_in.issuer.misbehave(discovery=Fault(status=500), id_token=IdTokenFault(token="no token"))

    signed_in.issuer.reset()

    signed_in.issuer.sign_in_as(ANA.email)
    assert signed_in.get(DISCOVERY).status_code == 200
    assert signed_in.claims(id_token(signed_in))["sub"] == ANA.subject


def test_records_what_it_was_asked(signed_in):
    signed_in.redeem(signed_in.code({"login_hint": "ana@contoso.example"}))

    asked, redeemed = signed_in.issuer.requests
    assert (asked.endpoint, redeemed.endpoint) == ("authorization", "token")
    assert asked.parameters["login_hint"] == ["ana@contoso.example"]
    assert redeemed.headers["authorization"].startswith("Basic ")
    assert signed_in.issuer.requests_to("token") == [redeemed]


def test_records_no_more_than_a_thousand_requests(signed_in):
    for _ in range(1001):
        signed_in.get("/jwks")

    assert len(signed_in.issuer.requests) == 1000


def test_takes_faults_by_http_where_it_is_controllable():
    with running_provider(is_controllable=True) as provider:
        party = RelyingParty(registered(provider))
        control = f"{provider.base_url}/_control/contoso"
        told = {
            "sign_in_as": ANA.email,
            "jwks": {"status": 503, "body": "down"},
            "id_token": {"members": {"sub": "victim"}, "signature": "flipped"},
        }

        accepted = requests.post(control, json=told, timeout=TIMEOUT_SECONDS)
        misunderstood = requests.post(control, json={"jwks": {"x": 1}}, timeout=TIMEOUT_SECONDS)
        spoilt = party.get("/jwks")
        sub = unverified_claims(id_token(party))["sub"]
        recorded = requests.get(control, timeout=TIMEOUT_SECONDS).json()["requests"]
        requests.delete(control, timeout=TIMEOUT_SECONDS)

        assert (accepted.status_code, misunderstood.status_code) == (204, 400)
        assert (spoilt.status_code, spoilt.text, sub) == (503, "down", "victim")
        assert [request["endpoint"] for request in recorded] == ["jwks", "authorization", "token"]
        assert party.get("/jwks").status_code == 200
