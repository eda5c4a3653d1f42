"""Group E, signatures: who signed, with what, and whether it is a signature at all."""

import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from demo.provider import Fault, IdTokenFault, Signature
from tests.security.forging import (
    claims_of,
    emsa,
    encoded,
    header_of,
    mac,
    raw_rsa,
    resigned,
    signed_by,
    signed_with,
)

pytestmark = pytest.mark.portal

ORDER_OF_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def forged(case, forgery):
    return case.attack(id_token=IdTokenFault(token=forgery))


# --- E01: a signature that is damaged, or of somebody else ---------------------------------------

ALGORITHMS = ["RS256", "RS512", "PS256", "PS384", "ES256", "ES384", "ES512", "EdDSA"]


@pytest.mark.parametrize("alg", [pytest.param(alg, id=f"E01-{alg.lower()}") for alg in ALGORITHMS])
def test_e01_a_flipped_bit(case, keys, alg):
    case.adversary.signs_with(keys(alg))

    answer = case.attack(id_token=IdTokenFault(signature=Signature.FLIPPED))

    case.refused(answer, "signature_invalid")


DAMAGE = {
    "first-bit": lambda signature: bytes([signature[0] ^ 0x80]) + signature[1:],
    "last-bit": lambda signature: signature[:-1] + bytes([signature[-1] ^ 1]),
    "cut": lambda signature: signature[:-1],
    "longer": lambda signature: signature + b"\0",
    "leading-zero": lambda signature: b"\0" + signature,
    "halved": lambda signature: signature[: len(signature) // 2],
    "doubled": lambda signature: signature * 2,
    "reversed": lambda signature: signature[::-1],
    "zeroes": lambda signature: bytes(len(signature)),
    "ones": lambda signature: b"\xff" * len(signature),
    "empty": lambda signature: b"",
    "one-octet": lambda signature: b"\0",
}


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "EdDSA"])
@pytest.mark.parametrize("damage", [pytest.param(name, id=f"E01-{name}") for name in DAMAGE])
def test_e01_a_damaged_signature(case, keys, alg, damage):
    case.adversary.signs_with(keys(alg))

    answer = forged(case, resigned(DAMAGE[damage]))

    case.refused(answer, "signature_invalid")


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "EdDSA"])
def test_e01_the_signature_of_other_claims(case, keys, alg):
    case.adversary.signs_with(keys(alg))

    def forge(token):
        header, _, signature = token.split(".")
        claims = {**claims_of(token), "email": case.adversary.email("ben")}
        return f"{header}.{encoded(claims)}.{signature}"

    case.refused(forged(case, forge), "signature_invalid")


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "ES384", "EdDSA"])
def test_e01_another_key_under_the_name_of_the_published_one(case, keys, alg):
    case.adversary.signs_with(keys(alg))

    answer = forged(case, signed_with(keys(alg, "of somebody else")))

    case.refused(answer, "signature_invalid")


# --- E03, E04: a public key, or the client secret, taken for a shared one ------------------------


def public_forms(key):
    """Return what an RSA key can be taken for, as a shared secret."""
    public = key.private_key.public_key()
    numbers = public.public_numbers()
    jwk = key.jwk()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    pkcs1 = public.public_bytes(Encoding.PEM, PublicFormat.PKCS1)
    modulus = numbers.n.to_bytes(256, "big")
    return {
        "pem": pem,
        "pem-stripped": pem.strip(),
        "pem-crlf": pem.replace(b"\n", b"\r\n"),
        "pem-one-line": b"".join(pem.splitlines()),
        "pem-body": b"".join(pem.splitlines()[1:-1]),
        "pem-pkcs1": pkcs1,
        "pem-pkcs1-stripped": pkcs1.strip(),
        "der": public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "der-pkcs1": public.public_bytes(Encoding.DER, PublicFormat.PKCS1),
        "jwk": json.dumps(jwk).encode(),
        "jwk-compact": json.dumps(jwk, separators=(",", ":"), sort_keys=True).encode(),
        "jwk-thumbprint": json.dumps(
            {"e": jwk["e"], "kty": "RSA", "n": jwk["n"]}, separators=(",", ":")
        ).encode(),
        "jwks": json.dumps({"keys": [jwk]}).encode(),
        "modulus": modulus,
        "modulus-signed": b"\0" + modulus,
        "modulus-base64url": str(jwk["n"]).encode(),
        "modulus-decimal": str(numbers.n).encode(),
        "modulus-hexadecimal": modulus.hex().encode(),
        "exponent": b"AQAB",
        "exponent-decimal": b"65537",
        "type": b"RSA",
        "algorithm": b"RS256",
        "kid": key.kid.encode(),
        "empty": b"",
        "nul": b"\0",
        "null": b"null",
    }


FORMS = [
    "pem",
    "pem-stripped",
    "pem-crlf",
    "pem-one-line",
    "pem-body",
    "pem-pkcs1",
    "pem-pkcs1-stripped",
    "der",
    "der-pkcs1",
    "jwk",
    "jwk-compact",
    "jwk-thumbprint",
    "jwks",
    "modulus",
    "modulus-signed",
    "modulus-base64url",
    "modulus-decimal",
    "modulus-hexadecimal",
    "exponent",
    "exponent-decimal",
    "type",
    "algorithm",
    "kid",
    "empty",
    "nul",
    "null",
]


@pytest.mark.parametrize("form", [pytest.param(form, id=f"E03-{form}") for form in FORMS])
def test_e03_the_public_key_as_a_shared_secret(case, keys, form):
    key = keys("RS256")
    case.adversary.signs_with(key)

    answer = forged(case, signed_by(mac(public_forms(key)[form]), header={"alg": "HS256"}))

    case.refused(answer, "algorithm_not_allowed")


@pytest.mark.parametrize("alg", ["HS384", "HS512", "hs256"])
def test_e03_with_another_digest(case, keys, alg):
    key = keys("RS256")
    case.adversary.signs_with(key)

    answer = forged(case, signed_by(mac(key.public_pem(), alg.upper()), header={"alg": alg}))

    case.refused(answer, "algorithm_not_allowed")


def test_e03_under_the_algorithm_of_the_key(case, keys):
    key = keys("RS256")
    case.adversary.signs_with(key)

    case.refused(forged(case, signed_by(mac(key.public_pem()))), "signature_invalid")


def test_e03_where_the_provider_offers_shared_secrets_as_well(case, keys):
    key = keys("RS256")
    case.adversary.signs_with(key)
    offered = {"id_token_signing_alg_values_supported": ["HS256", "RS256", "none"]}
    forgery = signed_by(mac(key.public_pem()), header={"alg": "HS256"})

    answer = case.attack(discovery=Fault(members=offered), id_token=IdTokenFault(token=forgery))

    case.refused(answer, "algorithm_not_allowed")


@pytest.mark.parametrize("alg", [pytest.param(alg, id=f"E04-{alg}") for alg in ("HS256", "HS512")])
def test_e04_the_client_secret(case, alg):
    (secret,) = case.adversary.secrets()

    answer = forged(case, signed_by(mac(secret.encode(), alg), header={"alg": alg}))

    case.refused(answer, "algorithm_not_allowed")


def test_e04_the_client_secret_at_a_provider_that_offers_nothing_else(case):
    offered = {"id_token_signing_alg_values_supported": ["HS256", "none"]}
    case.adversary.configure(id_token_algs=[])
    case.adversary.misbehave(discovery=Fault(members=offered))

    answer = case.browser.get(f"/login/{case.adversary.slug}/")

    case.refused(answer, "provider_misconfigured", token_requests=0)


# --- E14, E25: an algorithm that is not the key's, or none of ours -------------------------------


@pytest.mark.parametrize("alg", ["RS384", "RS512", "PS256", "ES256", "EdDSA"])
def test_e14_another_algorithm_than_the_keys(case, keys, alg):
    key = keys("RS256")
    case.adversary.signs_with(key)
    case.adversary.configure(id_token_algs=["RS256", alg])

    answer = forged(case, signed_by(_as(alg, key, keys), header={"alg": alg}))

    case.refused(answer, "algorithm_not_allowed")


def test_e14_signed_otherwise_than_the_header_says(case, keys):
    key = keys("RS256")
    case.adversary.signs_with(key)

    case.refused(forged(case, signed_by(_as("PS256", key, keys))), "signature_invalid")


def test_e14_an_algorithm_that_fits_the_curve_of_another_key(case, keys):
    case.adversary.signs_with(keys("ES256"), keys("ES384"))
    case.adversary.configure(id_token_algs=["ES256", "ES384"])

    answer = forged(case, signed_by(keys("ES384").signature, header={"alg": "ES384"}))

    case.refused(answer, "algorithm_not_allowed")


NO_ALGORITHM = [
    *("none", "None", "NONE", "nOnE", " none", "none\t", "", "RS1", "ES256K", "rs256", "RS256 "),
    *("RSA-OAEP", "A256GCM", "dir", "HS1", "EdDSA448", "Ed448", "ESB256", "ML-DSA-65"),
    *(None, 256, True, ["ES256"], {"alg": "ES256"}, 1.5),
]


@pytest.mark.parametrize("alg", [pytest.param(alg, id=f"E25-{alg!r}") for alg in NO_ALGORITHM])
def test_e25_an_algorithm_that_is_none_of_ours(case, alg):
    answer = case.attack(id_token=IdTokenFault(header={"alg": alg}))

    case.refused(answer, "algorithm_not_allowed")


@pytest.mark.parametrize("alg", ["none", "None", "nOnE"])
@pytest.mark.parametrize("signature", ["", "c2ln", "AA"])
def test_e25_no_signature_at_all(case, alg, signature):
    def forge(token):
        return f"{encoded({**header_of(token), 'alg': alg})}.{token.split('.')[1]}.{signature}"

    case.refused(forged(case, forge), "algorithm_not_allowed")


def test_e25_no_algorithm_named(case):
    answer = case.attack(id_token=IdTokenFault(without_header=["alg"]))

    case.refused(answer, "algorithm_not_allowed")


def test_e25_secp256k1(case, keys):
    key = ec.generate_private_key(ec.SECP256K1())
    signature = resigned(lambda _: b"\1" * 64)
    case.adversary.configure(id_token_algs=[])
    header = {"alg": "ES256K", "kid": str(key.key_size)}

    answer = case.attack(id_token=IdTokenFault(header=header, token=signature))

    case.refused(answer, "algorithm_not_allowed")


def test_e25_sha1(case, keys):
    key = keys("RS256")
    case.adversary.signs_with(key)
    forgery = signed_by(
        lambda signed: key.private_key.sign(signed, padding.PKCS1v15(), SHA1()),  # noqa: S303 -- E25
        header={"alg": "RS1"},
    )

    case.refused(forged(case, forgery), "algorithm_not_allowed")


@pytest.mark.parametrize("alg", ["RS256", "ES384", "EdDSA"])
def test_e25_ours_but_not_the_connections(case, keys, alg):
    case.adversary.signs_with(keys(alg))
    case.adversary.configure(id_token_algs=["PS512"])

    case.refused(case.attack(), "algorithm_not_allowed")


# --- E21: what ECDSA signatures can be beside r and s --------------------------------------------


def _pair(r, s):
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _der(signature):
    r, s = (int.from_bytes(signature[half : half + 32], "big") for half in (0, 32))
    return utils.encode_dss_signature(r, s)


def _with_s(change):
    def forge(signature):
        r, s = (int.from_bytes(signature[half : half + 32], "big") for half in (0, 32))
        return _pair(*change(r, s))

    return forge


ECDSA = {
    "der": _der,
    "zero-zero": lambda _: _pair(0, 0),
    "zero-one": lambda _: _pair(0, 1),
    "one-zero": lambda _: _pair(1, 0),
    "one-one": lambda _: _pair(1, 1),
    "order": lambda _: _pair(ORDER_OF_P256, ORDER_OF_P256),
    "order-less-one": lambda _: _pair(ORDER_OF_P256 - 1, ORDER_OF_P256 - 1),
    "beyond-order": lambda _: b"\xff" * 64,
    "r-zero": _with_s(lambda r, s: (0, s)),
    "s-zero": _with_s(lambda r, s: (r, 0)),
    "swapped": _with_s(lambda r, s: (s, r)),
    "r-again": _with_s(lambda r, s: (r, r)),
    "der-of-zeroes": lambda _: b"\x30\6\2\1\0\2\1\0",
    "der-of-ones": lambda _: b"\x30\6\2\1\1\2\1\1",
    "96-octets": lambda signature: signature + b"\0" * 32,
}


@pytest.mark.parametrize("way", [pytest.param(way, id=f"E21-{way}") for way in ECDSA])
def test_e21_numbers_that_are_no_signature(case, way):
    case.refused(forged(case, resigned(ECDSA[way])), "signature_invalid")


@pytest.mark.parametrize("way", [pytest.param(w, id=f"E21-eddsa-{w}") for w in ("s+l", "r-zero")])
def test_e21_numbers_that_are_no_ed25519_signature(case, keys, way):
    case.adversary.signs_with(keys("EdDSA"))
    order = 2**252 + 27742317777372353535851937790883648493

    def forge(signature):
        if way == "r-zero":
            return bytes(32) + signature[32:]
        # RFC 8032, section 5.1.7: S in the range 0 <= s < L, or a signature has two forms.
        scalar = int.from_bytes(signature[32:], "little") + order
        return signature[:32] + scalar.to_bytes(32, "little")

    case.refused(forged(case, resigned(forge)), "signature_invalid")


# --- E24: paddings that are none -----------------------------------------------------------------


def _paddings(signed):
    """Return what a careless verifier would read the right digest out of: 256 octets each."""
    good = emsa(signed, 256)
    digest = hashlib.sha256(signed).digest()
    info = good[-51:]
    without_null = bytes.fromhex("302f300b0609608648016503040201") + b"\4\x20" + digest
    long_form = bytes.fromhex("308131300d060960864801650304020105000420") + digest
    sha1 = bytes.fromhex("3021300906052b0e03021a05000414") + hashlib.sha1(signed).digest()  # noqa: S324 -- an attack
    return {
        "type-2": b"\0\2" + good[2:],
        "type-0": b"\0\0" + good[2:],
        "type-byte-first": b"\1" + good[1:],
        "no-separator": good[:204] + b"\xff" + good[205:],
        "early-separator": good[:10] + b"\0" + good[11:],
        "short-and-garbage": b"\0\1" + b"\xff" * 8 + b"\0" + info + b"\x5a" * (256 - 11 - 51),
        "garbage-before": b"\0\1" + b"\xff" * 8 + b"\0" + b"\x5a" * (256 - 11 - 51) + info,
        "padding-of-zeroes": b"\0\1" + b"\0" * 202 + b"\0" + info,
        "padding-of-fe": b"\0\1" + b"\xfe" * 202 + b"\0" + info,
        "one-wrong-octet": good[:100] + b"\xfe" + good[101:],
        "bare-digest": b"\0\1" + b"\xff" * 221 + b"\0" + digest,
        "without-null": b"\0\1" + b"\xff" * (256 - 3 - len(without_null)) + b"\0" + without_null,
        "long-form-length": b"\0\1" + b"\xff" * (256 - 3 - len(long_form)) + b"\0" + long_form,
        "another-digests-name": b"\0\1" + b"\xff" * (256 - 3 - len(sha1)) + b"\0" + sha1,
        "digest-of-something-else": emsa(b"something else", 256),
        "digest-cut": good[:-1] + b"\0",
        "zero": bytes(256),
        "one": bytes(255) + b"\1",
    }


@pytest.mark.parametrize("way", [pytest.param(way, id=f"E24-{way}") for way in _paddings(b"")])
def test_e24_a_padding_that_is_none(case, keys, way):
    key = keys("RS256")
    case.adversary.signs_with(key)

    answer = forged(
        case, signed_by(lambda signed: raw_rsa(key.private_key, _paddings(signed)[way]))
    )

    case.refused(answer, "signature_invalid")


@pytest.mark.parametrize(
    ("way", "salt", "mask"),
    [
        pytest.param("E24-pss-no-salt", 0, SHA256, id="E24-pss-no-salt"),
        pytest.param("E24-pss-long-salt", 64, SHA256, id="E24-pss-long-salt"),
        pytest.param("E24-pss-mask-of-sha1", 32, SHA1, id="E24-pss-mask-of-sha1"),
    ],
)
def test_e24_another_pss(case, keys, way, salt, mask):
    key = keys("PS256")
    case.adversary.signs_with(key)
    how = padding.PSS(padding.MGF1(mask()), salt)

    answer = forged(case, signed_by(lambda signed: key.private_key.sign(signed, how, SHA256())))

    case.refused(answer, "signature_invalid")


# --- E26: every algorithm of ours ----------------------------------------------------------------

OURS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]


@pytest.mark.parametrize("alg", [pytest.param(alg, id=f"E26-{alg.lower()}") for alg in OURS])
def test_e26_every_algorithm_of_ours_signs_in(case, keys, alg):
    case.adversary.signs_with(keys(alg))

    case.let_in(case.attack(), case.adversary.email("ana"))


def _as(alg, key, keys):
    """Return what signs as *alg* says, with *key* where that can be."""
    if alg[:2] in {"RS", "PS"}:
        return type(key)(alg=alg, kid=key.kid, private_key=key.private_key).signature
    return keys(alg).signature
