"""A provider's metadata: each real document parses, each hostile one is refused."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from federation.oidc.discovery import (
    OFFERS,
    configuration_url,
    parse_metadata,
    settle_algorithms,
)
from federation.oidc.endpoints import ENDPOINT_LENGTH
from federation.oidc.errors import ProviderError, Reason
from federation.oidc.values import ID_TOKEN_ALGS, ProviderMetadata
from tests.oidc.conftest import ISSUER

DOCUMENTS = Path(__file__).parent.parent / "documents"
KINDS = sorted(folder.name for folder in DOCUMENTS.iterdir() if folder.is_dir())

ENDPOINTS = ["authorization_endpoint", "token_endpoint", "jwks_uri"]


def document(**changes: object) -> bytes:
    """Return metadata without fault, with changes."""
    members: dict[str, object] = {
        "issuer": ISSUER,
        "authorization_endpoint": f"{ISSUER}/authorize",
        "token_endpoint": f"{ISSUER}/token",
        "jwks_uri": f"{ISSUER}/keys",
        "userinfo_endpoint": f"{ISSUER}/userinfo",
        "end_session_endpoint": f"{ISSUER}/logout",
    }
    return json.dumps(members | changes).encode()


def without(name: str) -> bytes:
    members = json.loads(document())
    del members[name]
    return json.dumps(members).encode()


def refusal_of(served: bytes, **options: frozenset[str]) -> ProviderError:
    with pytest.raises(ProviderError) as refusal:
        parse_metadata(served, issuer=ISSUER, **options)
    assert refusal.value.reason is Reason.PROVIDER_MISCONFIGURED
    return refusal.value


@pytest.mark.parametrize(
    ("issuer", "url"),
    [
        ("https://a.example", "https://a.example/.well-known/openid-configuration"),
        ("https://a.example/", "https://a.example/.well-known/openid-configuration"),
        ("https://a.example/x/v2.0", "https://a.example/x/v2.0/.well-known/openid-configuration"),
    ],
)
def test_knows_where_an_issuer_publishes_its_metadata(issuer, url):
    assert configuration_url(issuer) == url


@pytest.mark.parametrize("kind", KINDS)
def test_parses_what_providers_really_serve(kind):
    served = (DOCUMENTS / kind / "openid-configuration.json").read_bytes()
    members = json.loads(served)

    metadata = parse_metadata(served, issuer=members["issuer"])

    assert metadata == ProviderMetadata(
        issuer=members["issuer"],
        authorization_endpoint=members["authorization_endpoint"],
        token_endpoint=members["token_endpoint"],
        jwks_uri=members["jwks_uri"],
        userinfo_endpoint=members["userinfo_endpoint"],
        end_session_endpoint=members.get("end_session_endpoint"),
        token_endpoint_auth_methods=tuple(members["token_endpoint_auth_methods_supported"]),
        token_endpoint_auth_algs=tuple(
            members.get("token_endpoint_auth_signing_alg_values_supported", ())
        ),
        id_token_algs=tuple(members["id_token_signing_alg_values_supported"]),
        authorization_response_iss_parameter_supported=kind == "keycloak",
    )


@pytest.mark.parametrize(
    "issuer",
    [
        pytest.param("https://login.fabrikam.example", id="discovery-issuer-mismatch"),
        pytest.param(ISSUER + "/", id="trailing-slash"),
        pytest.param(ISSUER.upper(), id="case"),
        pytest.param([ISSUER], id="list"),
        pytest.param("https://login.microsoftonline.com/{tenantid}/v2.0", id="template"),
    ],
)
def test_refuses_the_metadata_of_another_issuer(issuer):
    refusal = refusal_of(document(issuer=issuer))

    assert refusal.detail == "the metadata is of another issuer"


@pytest.mark.parametrize("name", ["issuer", *ENDPOINTS])
def test_names_what_the_metadata_lacks(name):
    assert refusal_of(without(name)).detail == f"the metadata lacks {name}"
    assert refusal_of(document(**{name: None})).detail == f"the metadata lacks {name}"


def test_names_all_that_the_metadata_lacks():
    refusal = refusal_of(b"{}")

    assert refusal.detail == (
        "the metadata lacks issuer, authorization_endpoint, token_endpoint, jwks_uri"
    )


@pytest.mark.parametrize("name", [*ENDPOINTS, "userinfo_endpoint"])
@pytest.mark.parametrize(
    "address",
    [
        pytest.param("http://login.contoso.example/x", id="http"),
        pytest.param("javascript:alert(1)", id="javascript"),
        pytest.param("data:text/html,x", id="data"),
        pytest.param("file:///etc/passwd", id="file"),
        pytest.param("gopher://login.contoso.example/x", id="gopher"),
        pytest.param("/authorize", id="relative"),
        pytest.param("//login.contoso.example/x", id="no-scheme"),
        pytest.param("https:///x", id="no-host"),
        pytest.param("https://:443/x", id="no-host-but-a-port"),
        pytest.param("https://me:secret@login.contoso.example/x", id="credentials"),
        pytest.param("https://login.contoso.example@evil.example/x", id="user"),
        pytest.param("https://@login.contoso.example/x", id="empty-user"),
        pytest.param("https://login.contoso.example/x#", id="fragment"),
        pytest.param("https://login.contoso.example\\.evil.example/x", id="backslash"),
        pytest.param("https://login.contoso.example/x\r\nSet-Cookie: a=b", id="line-break"),
        pytest.param("https://login.contoso.example/\tx", id="tab"),
        pytest.param(" https://login.contoso.example/x", id="blank-before"),
        pytest.param("https://login.contoso.example/\u2028x", id="line-separator"),
        pytest.param("https://lоgin.contoso.example/x", id="cyrillic"),
        pytest.param("https://login.contoso.example:port/x", id="port-no-number"),
        pytest.param("https://login.contoso.example:99999/x", id="port-beyond"),
        pytest.param("https://[::1/x", id="bracket-left-open"),
        pytest.param("https://login.contoso.example/" + "x" * 2048, id="long"),
        pytest.param(["https://login.contoso.example/x"], id="list"),
        pytest.param(17, id="number"),
        pytest.param("", id="empty"),
    ],
)
def test_refuses_an_address_that_nothing_may_be_sent_to(name, address):
    refusal = refusal_of(document(**{name: address}))

    assert refusal.detail == f"{name} is no address that we may use"


@pytest.mark.parametrize("address", ["javascript:alert(1)", "http://a.example/", 17])
def test_signs_in_without_a_sign_out_address_that_it_may_not_use(address):
    metadata = parse_metadata(document(end_session_endpoint=address), issuer=ISSUER)

    assert metadata.end_session_endpoint is None


@pytest.mark.parametrize("name", ["userinfo_endpoint", "end_session_endpoint"])
def test_does_without_what_is_optional(name):
    assert getattr(parse_metadata(without(name), issuer=ISSUER), name) is None
    assert getattr(parse_metadata(document(**{name: None}), issuer=ISSUER), name) is None


@pytest.mark.parametrize(
    ("address", "trusted"),
    [
        ("http://127.0.0.1:9001/contoso/token", "127.0.0.1:9001"),
        ("http://provider.test/token", "provider.test:80"),
        ("http://[::1]:9001/token", "[::1]:9001"),
    ],
)
def test_allows_plain_http_at_a_trusted_endpoint_only(address, trusted):
    served = document(token_endpoint=address)

    metadata = parse_metadata(served, issuer=ISSUER, insecure_endpoints=frozenset({trusted}))

    assert metadata.token_endpoint == address
    refusal_of(served, insecure_endpoints=frozenset({"127.0.0.1:9002"}))


def test_trusts_an_endpoint_with_plain_http_and_nothing_else():
    served = document(token_endpoint="ftp://127.0.0.1:9001/token")

    refusal_of(served, insecure_endpoints=frozenset({"127.0.0.1:9001"}))


@pytest.mark.parametrize(
    "name",
    [
        "token_endpoint_auth_methods_supported",
        "token_endpoint_auth_signing_alg_values_supported",
        "id_token_signing_alg_values_supported",
    ],
)
@pytest.mark.parametrize(
    "offers",
    [
        pytest.param("client_secret_basic", id="text"),
        pytest.param({"RS256": True}, id="object"),
        pytest.param(["RS256", 1], id="number-in-list"),
        pytest.param(["RS256", None], id="null-in-list"),
        pytest.param(["RS256"] * (OFFERS + 1), id="endless"),
    ],
)
def test_refuses_a_list_that_is_none(name, offers):
    refusal = refusal_of(document(**{name: offers}))

    assert refusal.detail.startswith(name)


def test_reads_an_address_and_a_list_that_are_as_long_as_allowed():
    address = f"{ISSUER}/".ljust(ENDPOINT_LENGTH, "x")

    metadata = parse_metadata(
        document(token_endpoint=address, token_endpoint_auth_methods_supported=["x"] * OFFERS),
        issuer=ISSUER,
    )

    assert metadata.token_endpoint == address
    assert len(metadata.token_endpoint_auth_methods) == OFFERS


def test_nobody_is_kept_out_by_what_no_decision_reads():
    assert parse_metadata(document(scopes_supported="openid email"), issuer=ISSUER)


@pytest.mark.parametrize("flag", ["true", 1, [], {}])
def test_refuses_a_flag_that_is_none(flag):
    refusal_of(document(authorization_response_iss_parameter_supported=flag))


@pytest.mark.parametrize(
    "served",
    [
        pytest.param(b"<html>", id="a-page"),
        pytest.param(b"[]", id="a-list"),
        pytest.param(document()[:-1] + b', "issuer": "https://evil.example"}', id="issuer-twice"),
    ],
)
def test_refuses_a_document_that_is_none(served):
    assert refusal_of(served).detail.startswith("the metadata is refused: ")


def test_settles_on_those_of_our_algorithms_that_the_provider_offers(registration, metadata):
    served = document(id_token_signing_alg_values_supported=["HS256", "none", "ES256", "RS256"])
    metadata = parse_metadata(served, issuer=ISSUER)

    settled = settle_algorithms(registration, metadata)

    assert settled.id_token_algs == ("RS256", "ES256")


def test_settles_on_all_of_our_algorithms_where_the_provider_is_silent(registration, metadata):
    assert settle_algorithms(registration, metadata).id_token_algs == ID_TOKEN_ALGS


def test_leaves_the_algorithms_that_the_connection_names(registration, metadata):
    registration = replace(registration, id_token_algs=("PS256",))

    assert settle_algorithms(registration, metadata) is registration


def test_refuses_a_provider_that_signs_with_a_shared_secret_only(registration):
    served = document(id_token_signing_alg_values_supported=["HS256"])

    with pytest.raises(ProviderError) as refusal:
        settle_algorithms(registration, parse_metadata(served, issuer=ISSUER))

    assert refusal.value.reason is Reason.PROVIDER_MISCONFIGURED
