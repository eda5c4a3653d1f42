"""Signing keys, generated once and kept, and the compact signatures made with them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm, get_default_algorithms
from jwt.utils import base64url_encode

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

ALGORITHMS = get_default_algorithms()
CURVES: dict[str, ec.EllipticCurve] = {
    "ES256": ec.SECP256R1(),
    "ES384": ec.SECP384R1(),
    "ES512": ec.SECP521R1(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """One private key, for one algorithm; *kid* is a digest of its public half."""

    alg: str
    kid: str
    private_key: PrivateKey = field(repr=False)

    @classmethod
    def generate(cls, alg: str) -> Self:
        """Return a new key that fits *alg*: RS, PS or ES with 256 to 512 bits, or EdDSA."""
        if alg in CURVES:
            return cls.of(alg, ec.generate_private_key(CURVES[alg]))
        if alg == "EdDSA":
            return cls.of(alg, ed25519.Ed25519PrivateKey.generate())
        return cls.of(alg, rsa.generate_private_key(public_exponent=65537, key_size=2048))

    @classmethod
    def of(cls, alg: str, private_key: PrivateKey) -> Self:
        """Return *private_key* as a signing key."""
        public = private_key.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
        kid = hashlib.sha256(public).hexdigest()[:16]
        return cls(alg=alg, kid=kid, private_key=private_key)

    def jwk(self, *, insecure_private: bool = False) -> dict[str, object]:
        """Return the key as a JWK, RFC 7517; the private half only for a provider that leaks it."""
        key = self.private_key if insecure_private else self.private_key.public_key()
        members: dict[str, object]
        if isinstance(key, rsa.RSAPrivateKey | rsa.RSAPublicKey):
            members = RSAAlgorithm.to_jwk(key, as_dict=True)
        elif isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey):
            members = ECAlgorithm.to_jwk(key, as_dict=True)
        else:
            members = OKPAlgorithm.to_jwk(key, as_dict=True)
        members.pop("key_ops", None)
        return {**members, "kid": self.kid, "alg": self.alg, "use": "sig"}

    def public_pem(self) -> bytes:
        """Return the public half as PEM, the way it is misused as a shared secret."""
        return self.private_key.public_key().public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )

    def signature(self, signing_input: bytes) -> bytes:
        """Return the signature of *signing_input* by this key's algorithm."""
        return ALGORITHMS[self.alg].sign(signing_input, self.private_key)


class KeyStore:
    """The newest key of each issuer, on disk when a directory is named, else in memory."""

    def __init__(self, directory: Path | None = None) -> None:
        """Keep keys in *directory*, made when missing."""
        self._directory = directory

    def key(self, slug: str, alg: str) -> SigningKey:
        """Return the kept key of this issuer and algorithm, or a new one."""
        path = self._path(slug, alg)
        if path is None or not path.exists():
            return self.replace(slug, alg)
        private_key = load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(private_key, PrivateKey):
            raise TypeError(f"{path} holds no key that signs ID Tokens")
        return SigningKey.of(alg, private_key)

    def replace(self, slug: str, alg: str) -> SigningKey:
        """Return a new key, kept in place of the old one."""
        key = SigningKey.generate(alg)
        path = self._path(slug, alg)
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_bytes(
                key.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            )
        return key

    def _path(self, slug: str, alg: str) -> Path | None:
        return self._directory / f"{slug}-{alg}.pem" if self._directory else None


def compact(header: Mapping[str, object], payload: bytes) -> bytes:
    """Return the signing input of a compact JWS: RFC 7515, section 7.1."""
    return b".".join((base64url_encode(as_json(header)), base64url_encode(payload)))


def as_json(document: object) -> bytes:
    """Return *document* as JSON without spaces."""
    return json.dumps(document, separators=(",", ":")).encode()
