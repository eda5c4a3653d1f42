"""What an issuer can be told to do wrong: one fault for what it answers, one for its ID Tokens."""

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from jwt.utils import base64url_encode

from demo.provider.keys import SigningKey, as_json, compact
from demo.provider.messages import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """How one endpoint's answers differ from honest ones.

    *members* are set in what it says, *without* are left out of it: members of a JSON document,
    parameters of an authorization response (a list repeats one). *body* replaces the bytes, or is
    a function of the honest ones. Waiting is in seconds: *delay* before the answer, *drip* before
    each byte of the body, or of the head too with *drips_head*. With *endless* the body is sent
    over and over, with *closes* the connection ends without an answer. Only the first *times*
    answers are spoilt, or all.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Callable[[bytes], bytes] | None = None
    members: Mapping[str, object] = field(default_factory=dict)
    without: Sequence[str] = ()
    delay: float = 0
    drip: float = 0
    drips_head: bool = False
    endless: bool = False
    closes: bool = False
    times: int | None = None

    def spoil(self, answer: Answer) -> Answer:
        """Return *answer* with this fault's status, headers and content."""
        said = answer.said
        if said is not None:
            said = changed(said, self.members, self.without)
        spoilt = replace(
            answer,
            said=said,
            status=self.status or answer.status,
            headers={**answer.headers, **self.headers},
        )
        if self.body is None:
            return spoilt
        headers, honest = spoilt.written()
        body = self.body(honest) if callable(self.body) else self.body
        return Answer(status=spoilt.status, headers=headers, body=body)


class Signature(StrEnum):
    """How an ID Token is signed."""

    VALID = "valid"
    FLIPPED = "flipped"
    NONE = "none"
    HS256_CLIENT_SECRET = "hs256_client_secret"  # noqa: S105 - a fault's name
    HS256_PUBLIC_KEY = "hs256_public_key"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdTokenFault:
    """How an issuer's ID Tokens differ from honest ones.

    *members* and *without* change the claims, *header* and *without_header* the JOSE header.
    *key* signs instead of the issuer's, under the issuer's ``kid`` unless *header* says otherwise.
    *payload* replaces the claims' bytes and *token* the whole token; both may be a function of
    the honest ones.
    """

    members: Mapping[str, object] = field(default_factory=dict)
    without: Sequence[str] = ()
    header: Mapping[str, object] = field(default_factory=dict)
    without_header: Sequence[str] = ()
    signature: Signature = Signature.VALID
    key: SigningKey | None = None
    payload: bytes | Callable[[bytes], bytes] | None = None
    token: str | Callable[[str], str] | None = None
    times: int | None = None


HONEST = IdTokenFault()


def signed_id_token(
    claims: Mapping[str, object], *, key: SigningKey, client_secret: str, fault: IdTokenFault
) -> str:
    """Return the ID Token with *claims*, spoilt by *fault*."""
    payload = as_json(changed(claims, fault.members, fault.without))
    if fault.payload is not None:
        payload = fault.payload(payload) if callable(fault.payload) else fault.payload
    signing_key = fault.key or key
    alg = {
        Signature.NONE: "none",
        Signature.HS256_CLIENT_SECRET: "HS256",
        Signature.HS256_PUBLIC_KEY: "HS256",
    }.get(fault.signature, signing_key.alg)
    header = changed({"alg": alg, "kid": key.kid}, fault.header, fault.without_header)
    signing_input = compact(header, payload)
    signature = _signature(signing_input, fault.signature, signing_key, client_secret)
    token = b".".join((signing_input, base64url_encode(signature))).decode()
    if fault.token is not None:
        return fault.token(token) if callable(fault.token) else fault.token
    return token


def changed(
    said: Mapping[str, object], members: Mapping[str, object], without: Sequence[str]
) -> dict[str, object]:
    """Return *said* with *members* set and those in *without* left out."""
    return {name: value for name, value in {**said, **members}.items() if name not in without}


def _signature(signing_input: bytes, kind: Signature, key: SigningKey, client_secret: str) -> bytes:
    match kind:
        case Signature.NONE:
            return b""
        case Signature.HS256_CLIENT_SECRET:
            return hmac.digest(client_secret.encode(), signing_input, "sha256")
        case Signature.HS256_PUBLIC_KEY:
            return hmac.digest(key.public_pem(), signing_input, "sha256")
        case Signature.FLIPPED:
            honest = key.signature(signing_input)
            return bytes((honest[0] ^ 1,)) + honest[1:]
        case Signature.VALID:
            return key.signature(signing_input)
