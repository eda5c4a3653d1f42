"""Group E, keys: which key is taken, whatever a token or a key set says of it."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from math import prod

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from jwt.algorithms import RSAAlgorithm

from demo.provider import Fault, IdTokenFault, SigningKey
from tests.security.forging import emsa, encoded, raw_rsa, signed_by, signed_with

pytestmark = pytest.mark.portal


def published(*jwks):
    return Fault(body=json.dumps({"keys": jwks}).encode())


def certificate(key):
    """Return a certificate that says whatever its owner wanted, in base64 as in ``x5c``."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "login.adversary.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.private_key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key.private_key, SHA256())
    )
    return b64encode(made.public_bytes(Encoding.DER)).decode()


# --- E06, E08: a key that the token brings, or says where to get ---------------------------------


def brought(key, canary):
    """Return the header members by which a token could bring a key of its own."""
    there = f"http://127.0.0.1:{canary.port}/keys"
    own, chain = key.jwk(), certificate(key)
    return {
        "jwk": {"jwk": own},
        "jwk-private": {"jwk": key.jwk(insecure_private=True)},
        "jwk-without-kid": {"jwk": {n: v for n, v in own.items() if n != "kid"}},
        "jwk-as-text": {"jwk": json.dumps(own)},
        "jwks": {"jwks": {"keys": [own]}},
        "jku": {"jku": there},
        "jku-and-jwk": {"jku": there, "jwk": own},
        "jku-of-the-issuer-with-user": {"jku": f"http://localhost@127.0.0.1:{canary.port}/"},
        "x5u": {"x5u": there},
        "x5c": {"x5c": [chain]},
        "x5c-text": {"x5c": chain},
        "x5c-twice": {"x5c": [chain, chain]},
        "x5c-of-nothing": {"x5c": []},
        "x5c-garbage-first": {"x5c": ["AA==", chain]},
        "x5c-and-thumbprint": {"x5c": [chain], "x5t": "AA", "x5t#S256": "AA"},
        "all-of-them": {"jwk": own, "jku": there, "x5u": there, "x5c": [chain]},
    }


BROUGHT = [
    *("jwk", "jwk-private", "jwk-without-kid", "jwk-as-text", "jwks", "jku", "jku-and-jwk"),
    *("jku-of-the-issuer-with-user", "x5u", "x5c", "x5c-text", "x5c-twice", "x5c-of-nothing"),
    *("x5c-garbage-first", "x5c-and-thumbprint", "all-of-them"),
]


@pytest.mark.parametrize(
    "way", [pytest.param(w, id=f"{'E08' if 'x5' in w else 'E06'}-{w}") for w in BROUGHT]
)
def test_e06_e08_a_key_that_the_token_brings(case, keys, way):
    own = keys("ES256", "brought")
    header = brought(own, case.canary)[way]

    answer = case.attack(id_token=IdTokenFault(token=signed_with(own, header=header)))

    case.refused(answer, "signature_invalid")


def test_e06_under_a_name_that_is_not_published(case, keys):
    own = keys("ES256", "brought")
    forgery = signed_with(own, header={"jwk": own.jwk(), "kid": own.kid})

    answer = case.attack(id_token=IdTokenFault(token=forgery))

    case.refused(answer, "key_unknown")


def test_e06_without_a_name(case, keys):
    own = keys("ES256", "brought")
    forgery = signed_with(own, header={"jwk": own.jwk()})

    answer = case.attack(id_token=IdTokenFault(token=forgery, without_header=["kid"]))

    case.refused(answer, "signature_invalid")


def test_e06_an_honest_token_with_hostile_addresses_has_nobody_called(case):
    there = f"http://127.0.0.1:{case.canary.port}/"
    header = {"jku": there, "x5u": there, "jwk": {"kty": "RSA"}, "x5c": ["AA=="]}

    answer = case.attack(id_token=IdTokenFault(header=header))

    case.let_in(answer, case.adversary.email("ana"))


# --- E09: a name that is more than a name --------------------------------------------------------

NAMES = {
    "url": "http://127.0.0.1:1/keys",
    "file-url": "file:///etc/passwd",
    "path": "../../../../dev/null",
    "absolute-path": "/dev/null",
    "proc": "/proc/self/environ",
    "sql": "' OR '1'='1' --",
    "sql-union": "x' UNION SELECT 'a key",
    "sleep": "'; SELECT pg_sleep(10); --",
    "shell": "$(id)|;`id`",
    "template": "{{7*7}}${7*7}#{7*7}%(x)s{0}",
    "jndi": "${jndi:ldap://127.0.0.1:1/a}",
    "line-break": 'a\n{"event": "login.succeeded", "level": "info"}',
    "carriage-return": "a\r\nSet-Cookie: b=c",
    "escape": "\x1b[2J\x1b]0;a\x07",
    "right-to-left": "\u202ecba",
    "line-separator": "a\u2028b",
    "beyond-ascii": "schlüssel-鍵-🔑",
    "blank": " ",
    "empty": "",
    "long": "a" * 8000,
    "number-as-text": "0",
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"E09-{name}") for name in NAMES])
def test_e09_a_name_that_is_more_than_a_name(case, name):
    kid = NAMES[name]
    if len(kid) > 4:
        case.secrets.add(kid)

    answer = case.attack(id_token=IdTokenFault(header={"kid": kid}))

    case.refused(answer, "key_unknown")


NO_NAMES = {
    "object": {"a": 1},
    "list": ["a"],
    "number": 1,
    "true": True,
    "null": None,
    "nul": "a\0b",
    "half-a-character": "\ud800",
    "100-kilobytes": "a" * 100_000,
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"E09-{name}") for name in NO_NAMES])
def test_e09_what_is_no_name(case, name):
    answer = case.attack(id_token=IdTokenFault(header={"kid": NO_NAMES[name]}))

    case.refused(answer, "id_token_malformed")


# --- E10, E11, E12: one key, several, and two of one name ----------------------------------------


def test_e10_no_name_where_one_key_fits(case, keys):
    """``oidcc-client-test-kid-absent-single-jwks``."""
    case.adversary.signs_with(keys("RS256"), keys("ES256"))

    answer = case.attack(id_token=IdTokenFault(without_header=["kid"]))

    case.let_in(answer, case.adversary.email("ana"))


@pytest.mark.parametrize("first", [0, 1])
def test_e11_no_name_where_two_keys_fit(case, keys, first):
    """``oidcc-client-test-kid-absent-multiple-jwks``: never by trying one after the other."""
    both = [keys("RS256"), keys("RS256", "another")]
    case.adversary.signs_with(both[first], both[1 - first])

    answer = case.attack(id_token=IdTokenFault(without_header=["kid"]))

    case.refused(answer, "key_unknown")


@pytest.mark.parametrize("alg", ["RS256", "ES256", "EdDSA"])
def test_e12_two_keys_of_one_name_and_different_types(case, keys, alg):
    others = [one for one in ("RS256", "ES256", "EdDSA") if one != alg]
    alike = [
        SigningKey(alg=one, kid="1", private_key=keys(one).private_key) for one in (alg, *others)
    ]
    case.adversary.signs_with(*alike)

    case.let_in(case.attack(), case.adversary.email("ana"))


def test_e12_two_keys_of_one_name_and_one_type(case, keys):
    alike = [
        SigningKey(alg="ES256", kid="1", private_key=keys("ES256", name).private_key)
        for name in ("", "another")
    ]
    case.adversary.signs_with(*alike)

    case.refused(case.attack(), "key_unknown")


def test_e12_the_attackers_key_first_under_the_same_name(case, keys):
    honest = keys("ES256")
    own = SigningKey(alg="EdDSA", kid=honest.kid, private_key=keys("EdDSA").private_key)
    case.adversary.signs_with(honest)
    case.adversary.misbehave(jwks=published(own.jwk(), honest.jwk()))

    answer = case.attack(id_token=IdTokenFault(token=signed_with(own, header={"alg": "EdDSA"})))

    case.refused(answer, "algorithm_not_allowed")


# --- E15: keys with which anybody could sign -----------------------------------------------------


def number(value):
    return encoded(value.to_bytes((value.bit_length() + 7) // 8 or 1, "big"))


def rsa_jwk(bits):
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    return RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)


def roca():
    """Return a modulus that is a power of 65537 in every small group: CVE-2017-15361."""
    group = prod((11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157))
    modulus = group * (2**2047 // group) + pow(65537, 1001, group)
    while modulus % 2 == 0 or modulus.bit_length() < 2048:
        modulus += group
    return modulus


MODULUS = number(2**2047 + 1)
X, Y = (encoded(bytes([octet]) * 32) for octet in (1, 2))
WEAK = {
    "rsa-1024": lambda: rsa_jwk(1024),
    "rsa-1536": lambda: rsa_jwk(1536),
    "rsa-512": lambda: {"n": number(2**511 + 111), "e": "AQAB"},
    "rsa-8": lambda: {"n": "_w", "e": "AQAB"},
    "rsa-16384": lambda: {"n": number(2**16383 + 1), "e": "AQAB"},
    "rsa-e-1": lambda: {"n": MODULUS, "e": "AQ"},
    "rsa-e-0": lambda: {"n": MODULUS, "e": "AA"},
    "rsa-e-2": lambda: {"n": MODULUS, "e": "Ag"},
    "rsa-e-even": lambda: {"n": MODULUS, "e": number(65536)},
    "rsa-e-huge": lambda: {"n": MODULUS, "e": number(2**2046 + 1)},
    "rsa-e-missing": lambda: {"n": MODULUS},
    "rsa-n-even": lambda: {"n": number(2**2047), "e": "AQAB"},
    "rsa-n-zero": lambda: {"n": "AA", "e": "AQAB"},
    "rsa-n-no-base64": lambda: {"n": "!" * 342, "e": "AQAB"},
    "rsa-roca": lambda: {"n": number(roca()), "e": "AQAB"},
    "ec-off-the-curve": lambda: {"kty": "EC", "crv": "P-256", "x": X, "y": Y},
    "ec-infinity": lambda: {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
    "ec-zeroes": lambda: {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43},
    "ec-beyond-the-field": lambda: {"kty": "EC", "crv": "P-256", "x": "_" * 43, "y": "_" * 43},
    "ec-without-y": lambda: {"kty": "EC", "crv": "P-256", "x": X},
    "ec-secp256k1": lambda: {"kty": "EC", "crv": "secp256k1", "x": X, "y": Y},
    "ec-p-192": lambda: {"kty": "EC", "crv": "P-192", "x": X, "y": Y},
    "okp-x25519": lambda: {"kty": "OKP", "crv": "X25519", "x": X},
    "okp-short": lambda: {"kty": "OKP", "crv": "Ed25519", "x": "AA"},
    "okp-ed448": lambda: {"kty": "OKP", "crv": "Ed448", "x": X},
    "kty-unknown": lambda: {"kty": "AKP", "pub": X},
}


@pytest.mark.parametrize("kind", [pytest.param(kind, id=f"E15-{kind}") for kind in WEAK])
def test_e15_a_key_with_which_anybody_could_sign_is_none(case, kind):
    jwk = {"kty": "RSA", "use": "sig", "kid": "weak", **WEAK[kind]()}
    case.adversary.misbehave(jwks=published(jwk))

    answer = case.browser.get(f"/login/{case.adversary.slug}/")

    case.refused(answer, "provider_misconfigured", token_requests=0)


@pytest.mark.parametrize(
    "kind", ["rsa-1024", "rsa-e-1", "rsa-roca", "ec-off-the-curve", "okp-short"]
)
def test_e15_a_weak_key_beside_a_good_one_is_passed_over(case, keys, kind):
    good, weak = keys("ES256"), {"kty": "RSA", "use": "sig", "kid": "weak", **WEAK[kind]()}
    case.adversary.signs_with(good)
    case.adversary.misbehave(jwks=published(weak, good.jwk()))

    case.let_in(case.attack(), case.adversary.email("ana"))
    answer = case.attack(id_token=IdTokenFault(header={"kid": "weak"}))

    case.refused(answer, "key_unknown", token_requests=2)


def test_e15_an_exponent_of_one_makes_no_signature(case, keys):
    """With e = 1 the padded digest is its own signature."""
    case.adversary.misbehave(
        jwks=published(
            {"kty": "RSA", "kid": "one", "n": number(2**2047 + 1), "e": "AQ"},
            keys("ES256").jwk(),
        )
    )
    forgery = signed_by(lambda signed: emsa(signed, 256), header={"alg": "RS256", "kid": "one"})
    case.adversary.configure(id_token_algs=["RS256", "ES256"])

    case.refused(case.attack(id_token=IdTokenFault(token=forgery)), "key_unknown")


def test_e15_a_key_of_p256_for_es384(case, keys):
    key = keys("ES256")
    case.adversary.signs_with(key)
    case.adversary.misbehave(jwks=published({**key.jwk(), "alg": "ES384"}))

    answer = case.browser.get(f"/login/{case.adversary.slug}/")

    case.refused(answer, "provider_misconfigured", token_requests=0)


@pytest.mark.parametrize(
    "secret",
    [
        pytest.param({"kty": "oct", "k": "AAAA", "kid": "s"}, id="E15-oct"),
        pytest.param({"kty": "oct", "k": "", "alg": "HS256"}, id="E15-oct-empty"),
        pytest.param("private", id="E15-private"),
    ],
)
def test_e15_a_key_set_that_is_not_public(case, keys, secret):
    leaked = keys("ES256").jwk(insecure_private=True) if secret == "private" else secret
    case.adversary.misbehave(jwks=published(keys("ES256", "another").jwk(), leaked))

    answer = case.browser.get(f"/login/{case.adversary.slug}/")

    case.refused(answer, "provider_misconfigured", token_requests=0)


def test_e15_raw_rsa_of_the_wrong_length(case, keys):
    key = keys("RS256")
    case.adversary.signs_with(key)
    forgery = signed_by(lambda signed: raw_rsa(key.private_key, signed[:200]).lstrip(b"\0")[:200])

    case.refused(case.attack(id_token=IdTokenFault(token=forgery)), "signature_invalid")


@pytest.mark.parametrize("use", ["enc", "Sig", "", 1, None])
def test_e15_a_key_for_something_else(case, keys, use):
    key = keys("ES256")
    case.adversary.signs_with(key)
    case.adversary.misbehave(jwks=published({**key.jwk(), "use": use}))

    answer = case.browser.get(f"/login/{case.adversary.slug}/")

    if use is None:
        back = case.browser.get(case.browser.come_back(answer.headers["Location"]))
        case.let_in(back, case.adversary.email("ana"))
    else:
        case.refused(answer, "provider_misconfigured", token_requests=0)


def test_e15_curves_are_what_they_say(case, keys):
    key = ec.generate_private_key(ec.SECP384R1())
    odd = SigningKey(alg="ES384", kid="odd", private_key=key)
    case.adversary.signs_with(keys("ES256"), odd)
    forgery = signed_by(odd.signature, header={"alg": "ES256", "kid": "odd"})

    case.refused(case.attack(id_token=IdTokenFault(token=forgery)), "algorithm_not_allowed")
