"""Tokens and callbacks as an attacker makes them, out of honest ones."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from demo.provider import SigningKey

Forgery = Callable[[str], str]
"""What makes another token of an honest one, as ``IdTokenFault`` takes it."""


def encoded(part: Mapping[str, object] | bytes) -> str:
    """Return one segment of a token: base64url without padding."""
    document = part if isinstance(part, bytes) else json.dumps(part).encode()
    return urlsafe_b64encode(document).rstrip(b"=").decode()


def decoded(segment: str) -> bytes:
    return urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def header_of(token: str) -> dict[str, Any]:
    header: dict[str, Any] = json.loads(decoded(token.split(".", maxsplit=1)[0]))
    return header


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(decoded(token.split(".")[1]))
    return claims


def signed_by(
    sign: Callable[[bytes], bytes],
    *,
    header: Mapping[str, object] | bytes | None = None,
    claims: Mapping[str, object] | None = None,
) -> Forgery:
    """Return what signs an honest token's claims anew, under another *header*.

    A header given as a mapping is added to the honest one, as bytes it replaces that.
    """

    def forge(token: str) -> str:
        head = header if isinstance(header, bytes) else {**header_of(token), **(header or {})}
        signed = f"{encoded(head)}.{encoded({**claims_of(token), **(claims or {})})}"
        return f"{signed}.{encoded(sign(signed.encode()))}"

    return forge


def signed_with(key: SigningKey, **how: Any) -> Forgery:
    """Return what signs an honest token's claims with *key*."""
    return signed_by(key.signature, **how)


def mac(secret: bytes, alg: str = "HS256") -> Callable[[bytes], bytes]:
    """Return what authenticates with a shared *secret*."""
    digest = f"sha{alg[2:]}"
    return lambda signed: hmac.digest(secret, signed, digest)


def resigned(signature: Callable[[bytes], bytes]) -> Forgery:
    """Return what puts *signature*, of the honest one's bytes, in its place."""

    def forge(token: str) -> str:
        signed, _, honest = token.rpartition(".")
        return f"{signed}.{encoded(signature(decoded(honest)))}"

    return forge


def emsa(signed: bytes, length: int) -> bytes:
    """Return what RS256 signs: RFC 8017, section 9.2."""
    digest = (
        bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(signed).digest()
    )
    return b"\0\1" + b"\xff" * (length - len(digest) - 3) + b"\0" + digest


def raw_rsa(key: Any, message: bytes) -> bytes:
    """Return *message* to the power of the private key, without any padding of its own."""
    numbers = key.private_numbers()
    modulus = numbers.public_numbers.n
    length = (modulus.bit_length() + 7) // 8
    power: int = pow(int.from_bytes(message, "big") % modulus, numbers.d, modulus)
    return power.to_bytes(length, "big")


def with_parameters(callback: str, **changes: object) -> str:
    """Return *callback* with parameters changed; ``None`` leaves one out, a list repeats it."""
    parts = urlsplit(callback)
    wanted = {**dict(parse_qsl(parts.query)), **changes}
    kept = {name: value for name, value in wanted.items() if value is not None}
    return parts._replace(query=urlencode(kept, doseq=True)).geturl()
