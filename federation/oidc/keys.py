"""A provider's public keys: which of them may verify a signature, and with which algorithms.

RFC 7517 and RFC 7518, section 6, for RSA and elliptic curves; RFC 8037 for Ed25519.
"""

from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from federation.oidc.values import ProviderKey, PublicKey

RSA_KEY_BITS = range(2048, 8193)
"""RSA moduli: shorter ones can be factored, longer ones make a verification slow enough to harm."""

_RSA_ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
_CURVE_ALGORITHMS = {
    ("EC", "P-256"): frozenset({"ES256"}),
    ("EC", "P-384"): frozenset({"ES384"}),
    ("EC", "P-521"): frozenset({"ES512"}),
    # RFC 9864 names the curve; EdDSA is the name that most providers still send.
    ("OKP", "Ed25519"): frozenset({"EdDSA", "Ed25519"}),
}
_PUBLIC_MEMBERS = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}
_SECRET_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_MEMBER_LENGTH = 1366
"""Characters of a member in base64url: 8192 bits."""
_MEMBER_LENGTHS = {"e": 6}
"""An exponent has at most 32 bits: 65537 is what is used."""

_ROCA_RESIDUES = {
    prime: frozenset(pow(65537, exponent, prime) for exponent in range(prime))
    for prime in (11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157)
}
"""The smart cards of CVE-2017-15361 made primes of powers of 65537, and so their modulus is one in
every small group: a modulus made otherwise is one in all of these by chance once in 2 ** 27."""


class UnusableKeyError(ValueError):
    """This key cannot verify an ID Token. Its text says why, and may be shown and logged."""


class OtherUseError(UnusableKeyError):
    """This key is not meant to: it is one that encrypts."""


def is_secret(jwk: Mapping[str, object]) -> bool:
    """Return whether *jwk* holds a private or a shared key: RFC 7518, sections 6.2.2 to 6.4."""
    return jwk.get("kty") == "oct" or not _SECRET_MEMBERS.isdisjoint(jwk)


def parse_key(jwk: Mapping[str, object]) -> ProviderKey:
    """Return the public key that *jwk* describes, or raise ``UnusableKeyError``."""
    use, operations, kid = jwk.get("use"), jwk.get("key_ops"), jwk.get("kid")
    if use not in (None, "sig"):
        raise OtherUseError("it is not for signatures")
    if operations is not None and not (isinstance(operations, list) and "verify" in operations):
        raise UnusableKeyError("it is not for verification")
    if kid is not None and not isinstance(kid, str):
        raise UnusableKeyError("its kid is no text")
    return ProviderKey(kid=kid, algorithms=_algorithms(jwk), public_key=_public_key(jwk))


def _algorithms(jwk: Mapping[str, object]) -> frozenset[str]:
    kty, crv, alg = jwk.get("kty"), jwk.get("crv"), jwk.get("alg")
    if kty == "RSA":
        possible = _RSA_ALGORITHMS
    elif isinstance(kty, str) and isinstance(crv, str):
        possible = _CURVE_ALGORITHMS.get((kty, crv), frozenset())
    else:
        possible = frozenset()
    if not possible:
        raise UnusableKeyError("its type or curve is unknown to us")
    if alg is None:
        return possible
    if not isinstance(alg, str) or alg not in possible:
        raise UnusableKeyError("its algorithm is unknown to us, or of another type")
    return frozenset({alg})


def _public_key(jwk: Mapping[str, object]) -> PublicKey:
    kty = str(jwk["kty"])
    members = {name: jwk.get(name) for name in _PUBLIC_MEMBERS[kty]}
    for name, value in members.items():
        # Before numbers are made of it: a long exponent makes every verification slow.
        if not isinstance(value, str) or len(value) > _MEMBER_LENGTHS.get(name, _MEMBER_LENGTH):
            raise UnusableKeyError(f"its {name} is missing or out of bounds")
    try:
        key: PublicKey = PyJWK({"kty": kty, **members}).key
    except PyJWTError as error:
        raise UnusableKeyError("it is no key, or no point on its curve") from error
    if isinstance(key, RSAPublicKey):
        _refuse_weak_modulus(key)
    return key


def _refuse_weak_modulus(key: RSAPublicKey) -> None:
    if key.key_size not in RSA_KEY_BITS:
        raise UnusableKeyError(f"its modulus has {key.key_size} bits")
    modulus = key.public_numbers().n
    if modulus % 2 == 0:
        # No product of two large primes is even: this one is factored at sight.
        raise UnusableKeyError("its modulus is even")
    if all(modulus % prime in powers for prime, powers in _ROCA_RESIDUES.items()):
        raise UnusableKeyError("its modulus can be factored: CVE-2017-15361")
