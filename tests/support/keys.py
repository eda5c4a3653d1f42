"""Real keys of every algorithm, made once a run, and tokens signed with them, right or wrong."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import Algorithm, OKPAlgorithm, get_default_algorithms

ALGORITHMS: dict[str, Algorithm] = get_default_algorithms() | {"Ed25519": OKPAlgorithm()}
CURVES = {"ES256": ec.SECP256R1, "ES384": ec.SECP384R1, "ES512": ec.SECP521R1}


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A provider's private key, and the algorithm with which it signs."""

    kid: str
    algorithm: str
    private_key: Any = field(repr=False)

    def jwk(self, **changes: object) -> dict[str, object]:
        """Return the public key as the provider publishes it; a change to ``None`` leaves out."""
        public = ALGORITHMS[self.algorithm].to_jwk(self.private_key.public_key(), as_dict=True)
        named = {"kid": self.kid, "alg": self.algorithm, "use": "sig"}
        # RSA's key_ops from PyJWT say what "use" says, and providers send only that.
        members = {**public, "key_ops": None, **named, **changes}
        return {name: value for name, value in members.items() if value is not None}

    def sign(
        self, claims: Mapping[str, object] | bytes, *, header: Mapping[str, object] | None = None
    ) -> str:
        """Return *claims*, or the very bytes given, signed, in compact form.

        *header* changes what the header says, and no more: the signature stays this key's. A
        change to ``None`` leaves out.
        """
        members = {"alg": self.algorithm, "kid": self.kid, "typ": "JWT", **(header or {})}
        sent = {name: value for name, value in members.items() if value is not None}
        return compact(sent, claims, key=self.private_key, algorithm=self.algorithm)


def compact(
    header: Mapping[str, object] | bytes,
    claims: Mapping[str, object] | bytes,
    *,
    key: Any,
    algorithm: str,
) -> str:
    """Return a JWS in compact form, whatever its header says."""
    signed = f"{encoded(header)}.{encoded(claims)}"
    return f"{signed}.{encoded(ALGORITHMS[algorithm].sign(signed.encode(), key))}"


def encoded(part: Mapping[str, object] | bytes) -> str:
    """Return one segment of a token: base64url without padding."""
    document = part if isinstance(part, bytes) else json.dumps(part).encode()
    return urlsafe_b64encode(document).rstrip(b"=").decode()


@cache
def signing_key(algorithm: str = "RS256", *, name: str = "a") -> SigningKey:
    """Return the key of that *name*, the same one all through the run."""
    kid = f"{algorithm}-{name}"
    return SigningKey(kid=kid, algorithm=algorithm, private_key=_private_key(algorithm))


@cache
def rsa_key(*, bits: int = 2048) -> rsa.RSAPrivateKey:
    """Return an RSA key of that many *bits*."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def jwks_document(*keys: Mapping[str, object]) -> bytes:
    """Return a key set as a provider serves it."""
    return json.dumps({"keys": keys}).encode()


def _private_key(algorithm: str) -> Any:
    if algorithm in CURVES:
        return ec.generate_private_key(CURVES[algorithm]())
    if algorithm in {"EdDSA", "Ed25519"}:
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
