"""A provider's key set: which keys are used, which are passed over, which spoil the set."""

import json
from base64 import urlsafe_b64encode
from math import prod

import pytest
from jwt.algorithms import RSAAlgorithm

from federation.oidc.discovery import KEYS, parse_jwks
from federation.oidc.errors import ProviderError, Reason
from tests.oidc.test_discovery import DOCUMENTS, KINDS
from tests.support.keys import jwks_document, rsa_key, signing_key

RSA = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}
ALL = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]


def number(value: int) -> str:
    octets = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def rsa_jwk(bits: int) -> dict[str, object]:
    public = RSAAlgorithm.to_jwk(rsa_key(bits=bits).public_key(), as_dict=True)
    return {"kty": "RSA", "n": public["n"], "e": public["e"]}


def roca_jwk() -> dict[str, object]:
    """Return a key whose modulus is a power of 65537 in every small group, as those cards made."""
    group = prod((11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157))
    modulus = group * (2**2047 // group) + pow(65537, 1001, group)
    while modulus % 2 == 0 or modulus.bit_length() < 2048:
        modulus += group
    return {"kty": "RSA", "n": number(modulus), "e": "AQAB"}


def refusal_of(served: bytes) -> ProviderError:
    with pytest.raises(ProviderError) as refusal:
        parse_jwks(served)
    assert refusal.value.reason is Reason.PROVIDER_MISCONFIGURED
    return refusal.value


@pytest.mark.parametrize("kind", KINDS)
def test_parses_the_key_sets_that_providers_really_serve(kind):
    served = (DOCUMENTS / kind / "jwks.json").read_bytes()
    for_signatures = [key for key in json.loads(served)["keys"] if key["use"] == "sig"]

    jwks = parse_jwks(served)

    assert [key.kid for key in jwks.keys] == [key["kid"] for key in for_signatures]


def test_misses_nothing_in_the_key_with_which_keycloak_encrypts():
    jwks = parse_jwks((DOCUMENTS / "keycloak" / "jwks.json").read_bytes())

    assert jwks.unusable == ()


def test_refuses_a_key_set_that_has_only_keys_to_encrypt_with():
    refusal = refusal_of(jwks_document(signing_key().jwk(use="enc")))

    assert refusal.detail.endswith("key 0: it is not for signatures")


@pytest.mark.parametrize("algorithm", [*ALL, "Ed25519"])
def test_uses_a_key_for_the_algorithm_that_it_names(algorithm):
    jwks = parse_jwks(jwks_document(signing_key(algorithm).jwk()))

    assert jwks.keys[0].algorithms == {algorithm}


@pytest.mark.parametrize(
    ("algorithm", "possible"),
    [
        ("RS256", RSA),
        ("ES256", {"ES256"}),
        ("ES384", {"ES384"}),
        ("ES512", {"ES512"}),
        ("EdDSA", {"EdDSA", "Ed25519"}),
    ],
)
def test_uses_a_key_that_names_no_algorithm_for_those_of_its_type(algorithm, possible):
    jwk = signing_key(algorithm).jwk(alg=None, use=None)

    jwks = parse_jwks(jwks_document(jwk))

    assert jwks.keys[0].algorithms == possible


def test_uses_a_key_whose_operations_name_verification():
    jwk = signing_key().jwk(key_ops=["verify"])

    assert len(parse_jwks(jwks_document(jwk)).keys) == 1


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"n": number(2**8191 + 1), "e": "AQAB"}, id="modulus"),
        pytest.param({"n": rsa_jwk(2048)["n"], "e": number(2**32 - 1)}, id="exponent"),
    ],
)
def test_uses_a_key_whose_numbers_are_as_large_as_allowed(members):
    jwks = parse_jwks(jwks_document({"kty": "RSA", **members}))

    assert len(jwks.keys) == 1


@pytest.mark.parametrize(
    ("jwk", "why"),
    [
        pytest.param(signing_key().jwk(key_ops=["sign"]), "not for verification", id="key-ops"),
        pytest.param(signing_key().jwk(key_ops="verify"), "not for verification", id="ops-text"),
        pytest.param(signing_key().jwk(kid=1), "kid", id="kid-number"),
        pytest.param(signing_key().jwk(kty="XYZ"), "type or curve", id="kty-unknown"),
        pytest.param(signing_key().jwk(kty=None), "type or curve", id="kty-missing"),
        pytest.param(signing_key().jwk(kty=["RSA"]), "type or curve", id="kty-list"),
        pytest.param(signing_key("ES256").jwk(kty=["EC"]), "type or curve", id="ec-kty-list"),
        pytest.param(signing_key("ES256").jwk(crv="secp256k1"), "type or curve", id="crv-unknown"),
        pytest.param(signing_key("ES256").jwk(crv=None), "type or curve", id="crv-missing"),
        pytest.param(signing_key("ES256").jwk(crv={}), "type or curve", id="crv-object"),
        pytest.param(
            {"kty": "OKP", "crv": "X25519", "x": "A" * 43}, "curve", id="crv-no-signature"
        ),
        pytest.param(signing_key().jwk(alg="RSA-OAEP"), "algorithm", id="alg-encrypts"),
        pytest.param(signing_key().jwk(alg="ES256"), "algorithm", id="alg-of-another-type"),
        pytest.param(signing_key().jwk(alg="HS256"), "algorithm", id="alg-shared"),
        pytest.param(signing_key().jwk(alg=["RS256"]), "algorithm", id="alg-list"),
        pytest.param(signing_key("ES256").jwk(alg="ES384"), "algorithm", id="alg-of-another-curve"),
        pytest.param(signing_key().jwk(n=None), "its n", id="rsa-n-missing"),
        pytest.param(signing_key().jwk(n=17), "its n", id="rsa-n-number"),
        pytest.param(signing_key().jwk(n=number(2**8192 + 1)), "its n", id="rsa-n-huge"),
        pytest.param(signing_key().jwk(n=""), "no key", id="rsa-n-empty"),
        pytest.param(signing_key().jwk(e=None), "its e", id="rsa-e-missing"),
        pytest.param(signing_key().jwk(e=number(2**32 + 1)), "its e", id="rsa-e-huge"),
        pytest.param(signing_key().jwk(e="AQ"), "no key", id="rsa-e-one"),
        pytest.param(signing_key().jwk(e="Ag"), "no key", id="rsa-e-even"),
        pytest.param(rsa_jwk(1024), "1024 bits", id="rsa-1024"),
        pytest.param({"kty": "RSA", "n": number(2**2046 + 1), "e": "AQAB"}, "2047 bits", id="2047"),
        pytest.param({"kty": "RSA", "n": number(2**2047), "e": "AQAB"}, "is even", id="rsa-n-even"),
        pytest.param(roca_jwk(), "CVE-2017-15361", id="roca"),
        pytest.param(signing_key("ES256").jwk(y="A" * 43), "point", id="ec-off-curve"),
        pytest.param(signing_key("ES256").jwk(x="AA"), "no key", id="ec-short"),
        pytest.param(signing_key("ES256").jwk(y=None), "its y", id="ec-y-missing"),
        pytest.param(signing_key("EdDSA").jwk(x="AA"), "no key", id="okp-short"),
        pytest.param(signing_key("EdDSA").jwk(x="é"), "no key", id="okp-no-base64"),
    ],
)
def test_passes_over_a_key_that_it_cannot_use(jwk, why):
    good = signing_key(name="good").jwk(kid="good")

    jwks = parse_jwks(jwks_document(good, jwk))

    assert [key.kid for key in jwks.keys] == ["good"]
    assert len(jwks.unusable) == 1
    assert jwks.unusable[0].startswith("key 1: ")
    assert why in jwks.unusable[0]


def test_says_why_no_key_of_a_set_can_be_used():
    refusal = refusal_of(jwks_document(rsa_jwk(1024)))

    assert refusal.detail == (
        "the key set has no key that we can use; key 0: its modulus has 1024 bits"
    )


@pytest.mark.parametrize(
    "jwk",
    [
        pytest.param({"kty": "oct", "k": "c2VjcmV0"}, id="oct"),
        pytest.param({"kty": "oct"}, id="oct-without-its-value"),
        pytest.param(signing_key().jwk(d="AQAB"), id="rsa-private"),
        pytest.param(signing_key().jwk(p="AQAB"), id="rsa-prime"),
        pytest.param(signing_key("ES256").jwk(d="AQAB"), id="ec-private"),
        pytest.param(signing_key("EdDSA").jwk(d="AQAB"), id="okp-private"),
        pytest.param({"kty": "XYZ", "k": "c2VjcmV0"}, id="unknown-type"),
    ],
)
def test_refuses_a_set_that_publishes_a_secret(jwk):
    served = jwks_document(signing_key().jwk(), jwk)

    assert refusal_of(served).detail == "the key set holds a key that is not public"


@pytest.mark.parametrize(
    "served",
    [
        pytest.param(b'{"keys": []}', id="no-keys"),
        pytest.param(b"{}", id="no-member"),
        pytest.param(b'{"keys": {"a": 1}}', id="object"),
        pytest.param(b'{"keys": 17}', id="number"),
        pytest.param(b'{"keys": ["key"]}', id="text-for-key"),
        pytest.param(b'{"keys": [null]}', id="null-for-key"),
        pytest.param(b"<html>", id="a-page"),
        pytest.param(b'{"keys": [{"kty": "RSA", "kty": "EC"}]}', id="member-twice"),
    ],
)
def test_refuses_a_set_that_is_none(served):
    refusal_of(served)


def test_reads_no_more_keys_than_any_provider_has():
    jwk = signing_key("EdDSA").jwk()

    assert len(parse_jwks(jwks_document(*[jwk] * KEYS)).keys) == KEYS
    assert refusal_of(jwks_document(*[jwk] * (KEYS + 1))).detail == "the key set has too many keys"
