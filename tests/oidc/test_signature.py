"""Who signed a token: one case per way in which it could be somebody else."""

import json
from base64 import urlsafe_b64decode
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import HMACAlgorithm

from federation.oidc.discovery import parse_jwks
from federation.oidc.errors import IdTokenError, Reason, UnknownKeyError
from federation.oidc.signature import TOKEN_LENGTH, verify_signature
from federation.oidc.values import ID_TOKEN_ALGS, Jwks
from tests.support.keys import SigningKey, compact, encoded, jwks_document, signing_key

CLAIMS = {"sub": "00u1a2b3c4"}


def published(*keys: SigningKey, **changes: object) -> Jwks:
    return parse_jwks(jwks_document(*(key.jwk(**changes) for key in keys)))


def refusal_of(token: str, jwks: Jwks, *, algorithms=ID_TOKEN_ALGS) -> IdTokenError:
    with pytest.raises(IdTokenError) as refusal:
        verify_signature(token, jwks=jwks, algorithms=algorithms)
    return refusal.value


def changed(token: str, *, segment: int) -> str:
    """Return the token with the first bit of one segment flipped."""
    segments = token.split(".")
    octets = bytearray(urlsafe_b64decode(segments[segment] + "=="))
    octets[0] ^= 0x80
    segments[segment] = encoded(bytes(octets))
    return ".".join(segments)


@pytest.mark.parametrize("algorithm", ID_TOKEN_ALGS)
def test_verifies_every_algorithm(algorithm):
    key = signing_key(algorithm)

    signed = verify_signature(key.sign(CLAIMS), jwks=published(key), algorithms=[algorithm])

    assert signed.algorithm == algorithm
    assert signed.claims == CLAIMS
    assert "00u1a2b3c4" not in repr(signed)


@pytest.mark.parametrize("algorithm", ID_TOKEN_ALGS)
def test_verifies_with_a_key_that_names_no_algorithm(algorithm):
    key = signing_key(algorithm)
    jwks = published(key, alg=None, use=None)

    signed = verify_signature(key.sign(CLAIMS), jwks=jwks, algorithms=[algorithm])

    assert signed.claims == CLAIMS


@pytest.mark.parametrize("typ", [None, "JWT", "jwt", "application/jwt"])
def test_accepts_the_types_of_an_id_token(key, jwks, typ):
    token = key.sign(CLAIMS, header={"typ": typ})

    assert verify_signature(token, jwks=jwks, algorithms=ID_TOKEN_ALGS).claims == CLAIMS


@pytest.mark.parametrize(
    "algorithm",
    [
        pytest.param("RS256", id="invalid-sig-rs256"),
        pytest.param("PS256", id="invalid-sig-ps256"),
        pytest.param("ES256", id="invalid-sig-es256"),
        pytest.param("EdDSA", id="invalid-sig-eddsa"),
    ],
)
def test_refuses_a_signature_with_a_flipped_bit(algorithm):
    key = signing_key(algorithm)
    token = changed(key.sign(CLAIMS), segment=2)

    refusal = refusal_of(token, published(key))

    assert refusal.reason is Reason.SIGNATURE_INVALID
    assert not isinstance(refusal, UnknownKeyError)


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
@pytest.mark.parametrize(
    "signature",
    [b"", b"\0", b"\0" * 64, b"\xff" * 64, b"\0" * 256, b"\x30\x06\x02\x01\1\x02\x01\1"],
)
def test_refuses_what_is_no_signature(algorithm, signature):
    key = signing_key(algorithm)
    signed, _, _ = key.sign(CLAIMS).rpartition(".")

    refusal = refusal_of(f"{signed}.{encoded(signature)}", published(key))

    assert refusal.reason is Reason.SIGNATURE_INVALID


def test_refuses_claims_that_were_changed(key, jwks):
    header, _, signature = key.sign(CLAIMS).split(".")
    claims = encoded({"sub": "somebody else"})

    refusal = refusal_of(f"{header}.{claims}.{signature}", jwks)

    assert refusal.reason is Reason.SIGNATURE_INVALID


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
def test_refuses_a_signature_by_another_key_of_the_same_name(algorithm):
    key, other = signing_key(algorithm), signing_key(algorithm, name="other")
    token = replace(other, kid=key.kid).sign(CLAIMS)

    refusal = refusal_of(token, published(key))

    assert refusal.reason is Reason.SIGNATURE_INVALID


@pytest.mark.parametrize("alg", ["none", "None", "NONE"])
@pytest.mark.parametrize("signature", ["", "c2ln"])
def test_refuses_a_token_without_a_signature(jwks, alg, signature):
    # idtoken-sig-none; the connection even allows it, as nobody should.
    token = f"{encoded({'alg': alg})}.{encoded(CLAIMS)}.{signature}"

    refusal = refusal_of(token, jwks, algorithms=["RS256", alg])

    assert refusal.reason is Reason.ALGORITHM_NOT_ALLOWED


def public_forms(key: SigningKey) -> dict[str, bytes]:
    """Return what an attacker could take a public key for, as a shared secret."""
    public = key.private_key.public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    numbers = public.public_numbers()
    return {
        "client-secret": b"s3cret",
        "empty": b"",
        "pem": pem,
        "pem-stripped": pem.strip(),
        "pem-pkcs1": public.public_bytes(Encoding.PEM, PublicFormat.PKCS1),
        "der": public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "der-pkcs1": public.public_bytes(Encoding.DER, PublicFormat.PKCS1),
        "jwk": json.dumps(key.jwk()).encode(),
        "modulus": numbers.n.to_bytes(256, "big"),
        "modulus-base64url": str(key.jwk()["n"]).encode(),
        "exponent": b"AQAB",
        "type": b"RSA",
        "algorithm": b"RS256",
        "kid": key.kid.encode(),
    }


@pytest.mark.parametrize("form", list(public_forms(signing_key())))
@pytest.mark.parametrize("alg", ["HS256", "HS384", "HS512"])
def test_refuses_a_shared_secret_whatever_it_is(key, jwks, form, alg):
    # invalid-sig-hs256; the connection even allows it, as nobody should.
    header = {"alg": alg, "kid": key.kid}
    digest = {"HS256": "SHA256", "HS384": "SHA384", "HS512": "SHA512"}[alg]
    signed = f"{encoded(header)}.{encoded(CLAIMS)}"
    mac = HMACAlgorithm(getattr(HMACAlgorithm, digest)).sign(
        signed.encode(), public_forms(key)[form]
    )

    refusal = refusal_of(f"{signed}.{encoded(mac)}", jwks, algorithms=[*ID_TOKEN_ALGS, alg])

    assert refusal.reason is Reason.ALGORITHM_NOT_ALLOWED


@pytest.mark.parametrize(
    "alg", [None, "", "RS1", "ES256K", "rs256", "RSA-OAEP", 256, ["RS256"], {}]
)
def test_refuses_an_algorithm_that_is_none_of_ours(key, jwks, alg):
    token = key.sign(CLAIMS, header={"alg": alg})

    assert refusal_of(token, jwks).reason is Reason.ALGORITHM_NOT_ALLOWED


def test_refuses_an_algorithm_that_the_connection_does_not_allow():
    key = signing_key("ES256")

    refusal = refusal_of(key.sign(CLAIMS), published(key), algorithms=["RS256"])

    assert refusal.reason is Reason.ALGORITHM_NOT_ALLOWED


@pytest.mark.parametrize("alg", ["RS512", "PS256", "ES256"])
def test_refuses_an_algorithm_that_the_key_is_not_for(key, jwks, alg):
    other = replace(signing_key(alg), kid=key.kid)

    refusal = refusal_of(other.sign(CLAIMS), jwks)

    assert refusal.reason is Reason.ALGORITHM_NOT_ALLOWED
    assert not isinstance(refusal, UnknownKeyError)


def test_refuses_a_header_that_names_another_algorithm_than_it_was_signed_with(key):
    token = key.sign(CLAIMS, header={"alg": "PS256"})

    assert refusal_of(token, published(key, alg=None)).reason is Reason.SIGNATURE_INVALID


@pytest.mark.parametrize(
    "trap",
    [
        pytest.param("jwk", id="key-in-the-header"),
        pytest.param("jku", id="address-of-keys"),
        pytest.param("x5u", id="address-of-certificates"),
        pytest.param("x5c", id="certificates"),
    ],
)
def test_takes_no_key_from_the_token(key, jwks, trap):
    attacker = replace(signing_key(name="attacker"), kid=key.kid)
    value = {"jwk": attacker.jwk(), "x5c": ["AA=="]}.get(trap, "https://evil.example/keys")

    refusal = refusal_of(attacker.sign(CLAIMS, header={trap: value}), jwks)

    assert refusal.reason is Reason.SIGNATURE_INVALID


@pytest.mark.parametrize(
    "kid",
    ["RS256-b", "", "https://evil.example/keys", "../../dev/null", "' OR 1=1 --", "a\u2028b"],
)
def test_asks_for_newer_keys_where_it_does_not_know_one(key, jwks, kid):
    # signing-key-rotation: the caller fetches the keys again, once.
    refusal = refusal_of(key.sign(CLAIMS, header={"kid": kid}), jwks)

    assert isinstance(refusal, UnknownKeyError)
    assert refusal.reason is Reason.KEY_UNKNOWN
    assert refusal.detail == "no key fits; 1 usable, 0 not"


def test_accepts_a_token_that_names_no_key_where_one_fits(key):
    # kid-absent-single-jwks
    jwks = published(key, signing_key("ES256"))
    token = key.sign(CLAIMS, header={"kid": None})

    assert verify_signature(token, jwks=jwks, algorithms=["RS256"]).claims == CLAIMS


def test_refuses_a_token_that_names_no_key_where_several_fit(key):
    # kid-absent-multiple-jwks
    jwks = published(signing_key(name="other"), key)

    refusal = refusal_of(key.sign(CLAIMS, header={"kid": None}), jwks)

    assert refusal.reason is Reason.KEY_UNKNOWN
    assert not isinstance(refusal, UnknownKeyError)


def test_asks_for_newer_keys_where_a_token_names_none_and_none_fits(key):
    refusal = refusal_of(key.sign(CLAIMS, header={"kid": None}), published(signing_key("ES256")))

    assert isinstance(refusal, UnknownKeyError)
    assert refusal.reason is Reason.KEY_UNKNOWN


def test_asks_for_newer_keys_where_the_only_one_has_no_name_and_does_not_verify(key):
    jwks = published(signing_key(name="old"), kid=None)

    refusal = refusal_of(key.sign(CLAIMS, header={"kid": None}), jwks)

    assert isinstance(refusal, UnknownKeyError)
    assert refusal.reason is Reason.SIGNATURE_INVALID


def test_tells_keys_of_one_name_apart_by_their_algorithm():
    keys = [replace(signing_key(algorithm), kid="k") for algorithm in ("RS256", "ES256", "RS512")]

    for key in keys:
        signed = verify_signature(key.sign(CLAIMS), jwks=published(*keys), algorithms=ID_TOKEN_ALGS)
        assert signed.algorithm == key.algorithm


def test_refuses_to_choose_between_keys_of_one_name_and_algorithm(key):
    jwks = published(key, replace(signing_key(name="other"), kid=key.kid))

    assert refusal_of(key.sign(CLAIMS), jwks).reason is Reason.KEY_UNKNOWN


@pytest.mark.parametrize(
    "header",
    [
        pytest.param({"crit": ["x"], "x": 1}, id="crit"),
        pytest.param({"crit": ["b64"], "b64": True}, id="crit-b64"),
        pytest.param({"crit": []}, id="crit-empty"),
        pytest.param({"crit": "exp"}, id="crit-text"),
        pytest.param({"b64": False}, id="b64-false"),
        pytest.param({"b64": True}, id="b64-true"),
    ],
)
def test_refuses_a_header_that_demands_an_extension(key, jwks, header):
    refusal = refusal_of(key.sign(CLAIMS, header=header), jwks)

    assert refusal.reason is Reason.ID_TOKEN_MALFORMED
    assert refusal.detail == "the header demands an extension"


@pytest.mark.parametrize(
    "header",
    [
        pytest.param({"typ": "at+jwt"}, id="access-token"),
        pytest.param({"typ": "application/at+jwt"}, id="access-token-in-full"),
        pytest.param({"typ": "logout+jwt"}, id="logout-token"),
        pytest.param({"typ": "dpop+jwt"}, id="dpop-proof"),
        pytest.param({"typ": "secevent+jwt"}, id="security-event"),
        pytest.param({"typ": ["JWT"]}, id="typ-list"),
        pytest.param({"kid": 1}, id="kid-number"),
        pytest.param({"kid": {"a": "b"}}, id="kid-object"),
        pytest.param({"kid": "a\0b"}, id="kid-nul"),
    ],
)
def test_refuses_a_header_that_an_id_token_does_not_have(key, jwks, header):
    token = key.sign(CLAIMS, header=header)

    assert refusal_of(token, jwks).reason is Reason.ID_TOKEN_MALFORMED


def signed_bytes(header: bytes, claims: bytes, key: SigningKey) -> str:
    return compact(header, claims, key=key.private_key, algorithm=key.algorithm)


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        pytest.param(b'{"alg":"RS256","alg":"RS256"}', b"{}", id="alg-twice"),
        pytest.param(b'{"alg":"RS256","kid":"a","kid":"RS256-a"}', b"{}", id="kid-twice"),
        pytest.param(b"[]", b"{}", id="header-list"),
        pytest.param(b"RS256", b"{}", id="header-text"),
        pytest.param('{"alg":"RS256"}'.encode("utf-16"), b"{}", id="header-utf-16"),
        pytest.param(b'{"alg":"RS256"}', b'{"sub":"a","sub":"b"}', id="sub-twice"),
        pytest.param(b'{"alg":"RS256"}', b'{"email":"a","email":"a"}', id="email-twice"),
        pytest.param(b'{"alg":"RS256"}', b'{"exp":NaN}', id="nan"),
        pytest.param(b'{"alg":"RS256"}', b'{"exp":1e999}', id="number-beyond-doubles"),
        pytest.param(b'{"alg":"RS256"}', b"[]", id="claims-list"),
        pytest.param(b'{"alg":"RS256"}', b"not json", id="claims-text"),
        pytest.param(b'{"alg":"RS256"}', b'{"a":' + b"[" * 4000 + b"]" * 4000 + b"}", id="nested"),
    ],
)
def test_refuses_a_token_that_two_readers_could_understand_differently(key, jwks, header, claims):
    assert refusal_of(signed_bytes(header, claims, key), jwks).reason is Reason.ID_TOKEN_MALFORMED


def flattened(token: str) -> str:
    protected, payload, signature = token.split(".")
    return json.dumps({"protected": protected, "payload": payload, "signature": signature})


def spoilt(token: str) -> dict[str, str]:
    """Return what resembles *token*, and is none."""
    return {
        "empty": "",
        "two-segments": token.rpartition(".")[0],
        "four-segments": f"{token}.x",
        "encrypted": f"{token}.x.y",
        "dots": "." * 10_000,
        "padded": f"{token}==",
        "line-break": f"{token}\n",
        "blank": f" {token}",
        "beyond-ascii": f"{token[:-1]}é",
        "base64-of-another-kind": f"{token[:-4]}+/+/",
        "header-of-no-octets": f"e{token}",
        "claims-of-no-octets": token.replace(".", ".e", 1),
        "header-no-json": f"x{token[1:]}",
        "json-serialization": flattened(token),
    }


@pytest.mark.parametrize("way", list(spoilt("a.b.c")))
def test_refuses_what_is_not_in_compact_form(key, jwks, way):
    token = spoilt(key.sign(CLAIMS))[way]

    assert refusal_of(token, jwks).reason is Reason.ID_TOKEN_MALFORMED


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "dir", "enc": "A256GCM", "zip": "DEF"},
        {"alg": "PBES2-HS256+A128KW", "enc": "A256GCM", "p2c": 10**9, "p2s": "AA"},
    ],
)
def test_decrypts_nothing(jwks, header):
    token = f"{encoded(header)}.{encoded(CLAIMS)}.c2ln"

    assert refusal_of(token, jwks).reason is Reason.ALGORITHM_NOT_ALLOWED


def test_reads_a_token_that_is_as_long_as_allowed_and_no_longer(key, jwks):
    short = key.sign({"a": ""})
    filling = (TOKEN_LENGTH - len(short)) * 3 // 4
    longest = key.sign({"a": "x" * filling})

    assert TOKEN_LENGTH - 4 < len(longest) <= TOKEN_LENGTH
    verify_signature(longest, jwks=jwks, algorithms=ID_TOKEN_ALGS)
    refusal = refusal_of(key.sign({"a": "x" * (filling + 4)}), jwks)
    assert refusal.detail == "it is too long"
