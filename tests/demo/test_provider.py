"""The demo's provider refuses what a strict one refuses, over real HTTP."""

import socket
import time
from urllib.parse import urlsplit

import jwt
import pytest
import requests

from demo.provider import Client, DemoProvider, SigningKey, running_provider
from tests.demo.company import ANA, CALLBACK, DISCOVERY, SECRET, registered
from tests.demo.relying_party import CHALLENGE, RelyingParty, challenge_of, parameters_of


@pytest.mark.parametrize("alg", ["RS256", "RS512", "PS256", "ES256", "ES384", "EdDSA"])
def test_signs_an_id_token_that_its_published_keys_verify(provider, alg):
    party = RelyingParty(registered(provider, id_token_alg=alg))
    party.issuer.sign_in_as(ANA.email)

    answered = party.redeem(party.code())

    claims = party.claims(answered.json()["id_token"])
    assert claims["iss"] == party.issuer.issuer == party.document(DISCOVERY)["issuer"]
    assert (claims["sub"], claims["email"]) == (ANA.subject, ANA.email)
    assert claims["nonce"] == "a-nonce"
    assert answered.headers["Cache-Control"] == "no-store"


def test_names_the_issuer_in_the_response_where_its_metadata_promises_it(signed_in):
    response = parameters_of(signed_in.authorize())

    assert response["iss"] == [signed_in.issuer.issuer]
    assert response["state"] == ["a-state"]
    assert signed_in.document(DISCOVERY)["authorization_response_iss_parameter_supported"] is True


def test_can_be_an_issuer_that_ends_with_a_slash_and_names_itself_nowhere(provider):
    party = RelyingParty(registered(provider, issuer_has_trailing_slash=True, names_issuer=False))
    party.issuer.sign_in_as(ANA.email)

    metadata = party.document(DISCOVERY)

    assert metadata["issuer"] == f"{provider.base_url}/contoso/"
    assert "authorization_response_iss_parameter_supported" not in metadata
    assert "iss" not in parameters_of(party.authorize())


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"client_id": "other"}, id="unknown client"),
        pytest.param({"client_id": ["foyer", "foyer"]}, id="two client ids"),
        pytest.param({"redirect_uri": CALLBACK.rstrip("/")}, id="another redirect URI"),
        pytest.param({"redirect_uri": CALLBACK + "?a=b"}, id="redirect URI with more"),
        pytest.param({"redirect_uri": None}, id="no redirect URI"),
        pytest.param({"redirect_uri": [CALLBACK, CALLBACK]}, id="two redirect URIs"),
    ],
)
def test_sends_nobody_to_a_redirect_uri_it_cannot_trust(signed_in, changes):
    answered = signed_in.authorize(changes)

    assert answered.status_code == 400
    assert "Location" not in answered.headers


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"scope": "email"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": CHALLENGE[:-1]}, "invalid_request"),
        ({"code_challenge": CHALLENGE[:-1] + "="}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"nonce": ["a", "a"]}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "now"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"request_uri": "https://rp.example/r"}, "request_uri_not_supported"),
    ],
)
def test_tells_the_client_what_is_wrong_with_its_request(signed_in, changes, error):
    response = parameters_of(signed_in.authorize(changes))

    assert response["error"] == [error]
    assert response["state"] == ["a-state"]
    assert response["iss"] == [signed_in.issuer.issuer]
    assert "code" not in response


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"code_verifier": CHALLENGE}, "invalid_grant"),
        ({"code_verifier": "v" * 42}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_request"),
        ({"redirect_uri": CALLBACK.rstrip("/")}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"code": "unknown"}, "invalid_grant"),
        ({"code": None}, "invalid_request"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"grant_type": None}, "invalid_request"),
        ({"grant_type": ["authorization_code", "authorization_code"]}, "invalid_request"),
        ({"client_secret": SECRET}, "invalid_request"),
        ({"client_id": "other"}, "invalid_client"),
    ],
)
def test_refuses_a_token_request_that_does_not_match_its_code(signed_in, changes, error):
    answered = signed_in.redeem(signed_in.code(), changes)

    assert answered.status_code == (401 if error == "invalid_client" else 400)
    assert answered.json()["error"] == error
    assert "id_token" not in answered.json()


def test_refuses_a_verifier_too_short_to_be_one_though_it_fits(signed_in):
    code = signed_in.code({"code_challenge": challenge_of("short")})

    answered = signed_in.redeem(code, {"code_verifier": "short"})

    assert answered.json()["error"] == "invalid_grant"


def test_takes_a_parameter_without_a_value_as_omitted(signed_in):
    answered = signed_in.authorize({"state": ""})

    assert "state=" not in answered.headers["Location"]


def test_spends_the_code_even_when_the_verifier_is_wrong(signed_in):
    code = signed_in.code()
    signed_in.redeem(code, {"code_verifier": "w" * 43})

    answered = signed_in.redeem(code)

    assert answered.json()["error"] == "invalid_grant"


def test_revokes_what_a_code_gave_when_the_code_comes_again(signed_in):
    code = signed_in.code()
    bearer = f"Bearer {signed_in.redeem(code).json()['access_token']}"
    assert signed_in.get("/userinfo", Authorization=bearer).status_code == 200

    answered = signed_in.redeem(code)

    assert answered.json()["error"] == "invalid_grant"
    assert signed_in.get("/userinfo", Authorization=bearer).status_code == 401


def test_refuses_a_code_after_a_minute(signed_in, clock):
    code = signed_in.code()
    clock.ahead = 61

    answered = signed_in.redeem(code)

    assert answered.json()["error"] == "invalid_grant"


def test_refuses_the_code_of_another_client(signed_in):
    code = signed_in.code()
    signed_in.issuer.add_client(
        Client(client_id="other", client_secret="other", redirect_uri=CALLBACK)
    )

    answered = signed_in.redeem(code, credentials=("other", "other"))

    assert answered.json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "credentials", [("foyer", "wrong"), ("other", SECRET)], ids=["secret", "client"]
)
def test_refuses_a_client_that_does_not_prove_itself(signed_in, credentials):
    answered = signed_in.redeem(signed_in.code(), credentials=credentials)

    assert (answered.status_code, answered.json()["error"]) == (401, "invalid_client")
    assert answered.headers["WWW-Authenticate"] == "Basic"


@pytest.mark.parametrize("registered_method", ["client_secret_basic", "client_secret_post"])
@pytest.mark.parametrize("used_method", ["client_secret_basic", "client_secret_post"])
def test_accepts_only_the_registered_way_of_authentication(
    provider, registered_method, used_method
):
    party = RelyingParty(registered(provider, method=registered_method))
    party.issuer.sign_in_as(ANA.email)

    answered = party.redeem(party.code(), method=used_method)

    offered = party.document(DISCOVERY)["token_endpoint_auth_methods_supported"]
    assert offered == [registered_method]
    assert answered.status_code == (200 if used_method == registered_method else 401)


@pytest.fixture
def with_key(provider: DemoProvider) -> tuple[RelyingParty, SigningKey]:
    key = SigningKey.generate("ES256")
    issuer = registered(provider)
    issuer.sign_in_as(ANA.email)
    issuer.add_client(
        Client(
            client_id="foyer",
            redirect_uri=CALLBACK,
            token_endpoint_auth_method="private_key_jwt",
            jwks={"keys": [key.jwk()]},
        )
    )
    return RelyingParty(issuer), key


def assertion(party: RelyingParty, key: SigningKey, **changes: object) -> dict[str, str]:
    claims = {
        "iss": "foyer",
        "sub": "foyer",
        "aud": party.issuer.issuer,
        "exp": int(time.time()) + 60,
        "jti": "once",
        **changes,
    }
    kid = next(iter(party.client.jwks["keys"]))["kid"]
    return {
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode(claims, key.private_key, key.alg, headers={"kid": kid}),
    }


def test_accepts_a_client_assertion_by_the_registered_key_once(with_key):
    party, key = with_key
    proof = assertion(party, key)

    first = party.redeem(party.code(), proof, method="private_key_jwt")
    second = party.redeem(party.code(), proof, method="private_key_jwt")

    assert first.status_code == 200
    assert (second.status_code, second.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://other.example"},
        {"aud": ["https://other.example", "{issuer}"]},
        {"iss": "other"},
        {"sub": "other"},
        {"exp": 1},
        {"jti": None},
    ],
    ids=["aud", "two audiences", "iss", "sub", "exp", "jti"],
)
def test_refuses_a_client_assertion_that_does_not_hold(with_key, changes):
    party, key = with_key
    issuer = party.issuer.issuer
    if isinstance(changes.get("aud"), list):
        changes = {"aud": [part.format(issuer=issuer) for part in changes["aud"]]}

    answered = party.redeem(
        party.code(), assertion(party, key, **changes), method="private_key_jwt"
    )

    assert (answered.status_code, answered.json()["error"]) == (401, "invalid_client")


def test_refuses_a_client_assertion_by_another_key(with_key):
    party, _ = with_key

    answered = party.redeem(
        party.code(), assertion(party, SigningKey.generate("ES256")), method="private_key_jwt"
    )

    assert answered.status_code == 401


def test_refuses_a_client_assertion_of_another_type(with_key):
    party, key = with_key
    proof = {**assertion(party, key), "client_assertion_type": "saml2-bearer"}

    answered = party.redeem(party.code(), proof, method="private_key_jwt")

    assert (answered.status_code, answered.json()["error"]) == (401, "invalid_client")


def test_keeps_email_and_name_for_userinfo_where_the_id_token_is_thin(provider):
    party = RelyingParty(registered(provider, thin_id_token=True))
    party.issuer.sign_in_as(ANA.email)

    answered = party.redeem(party.code()).json()

    userinfo = party.get("/userinfo", Authorization=f"Bearer {answered['access_token']}").json()
    assert "email" not in party.claims(answered["id_token"])
    assert userinfo == {
        "sub": ANA.subject,
        "email": ANA.email,
        "email_verified": True,
        "name": "Ana Sousa",
        "given_name": "Ana",
        "family_name": "Sousa",
        "preferred_username": ANA.email,
    }


def test_gives_only_the_claims_of_the_granted_scopes(signed_in):
    answered = signed_in.redeem(signed_in.code({"scope": "openid"})).json()

    assert not {"email", "name"} & set(signed_in.claims(answered["id_token"]))


@pytest.mark.parametrize("authorization", ["", "Bearer unknown", "Basic Zm9v"])
def test_gives_userinfo_to_nobody_without_an_access_token(signed_in, authorization):
    answered = signed_in.get("/userinfo", Authorization=authorization)

    assert answered.status_code == 401
    assert answered.headers["WWW-Authenticate"].startswith("Bearer")


def test_writes_head_and_body_in_one_packet(issuer):
    address = urlsplit(issuer.url)
    with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
        connection.sendall(b"GET /contoso/jwks HTTP/1.1\r\nHost: x\r\n\r\n")

        first = connection.recv(65536)

    assert first.rstrip().endswith(b"}")


def test_gives_userinfo_only_to_a_bearer(signed_in):
    access_token = signed_in.redeem(signed_in.code()).json()["access_token"]

    answered = signed_in.get("/userinfo", Authorization=f"Basic {access_token}")

    assert answered.status_code == 401


@pytest.mark.parametrize("header", [b"Content-Length: 70000", b"Transfer-Encoding: chunked"])
def test_reads_no_body_that_is_large_or_of_unknown_length(issuer, header):
    address = urlsplit(issuer.url)
    with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
        connection.sendall(b"POST /contoso/token HTTP/1.1\r\nHost: x\r\n" + header + b"\r\n\r\n")

        first = connection.recv(65536)

    assert first.startswith(b"HTTP/1.1 413 ")


def test_refuses_more_parameters_than_anyone_sends(signed_in):
    answered = signed_in.authorize({f"p{number}": "1" for number in range(100)})

    assert answered.status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/contoso/token", 405),
        ("POST", "/contoso/jwks", 405),
        ("GET", "/other/jwks", 404),
        ("GET", "/contoso/other", 404),
        ("GET", "/", 200),
        ("POST", "/", 404),
        ("POST", "/_control/contoso", 404),
        ("HEAD", "/contoso/jwks", 200),
    ],
)
def test_answers_only_what_it_serves(provider, issuer, method, path, status):
    answered = requests.request(method, provider.base_url + path, timeout=5)

    assert answered.status_code == status


def test_keeps_its_keys_over_a_restart_where_it_has_a_place_for_them(tmp_path):
    published = []
    for _ in range(2):
        with running_provider(keys_directory=tmp_path / "keys") as provider:
            published.append(registered(provider).key.jwk())

    assert published[0] == published[1]


def test_ends_the_connections_it_kept_when_it_stops():
    with running_provider() as provider:
        party = RelyingParty(registered(provider))
        party.get("/jwks")

    with pytest.raises(requests.ConnectionError):
        party.get("/jwks")
