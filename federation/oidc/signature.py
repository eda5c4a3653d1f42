"""Who signed a token: RFC 7515 in its compact form, as strict as RFC 8725 asks for.

PyJWT verifies the signature and nothing else. Which key and which algorithm is decided here.
"""

import re
from base64 import urlsafe_b64decode
from collections.abc import Collection
from dataclasses import dataclass, field

from jwt import PyJWS
from jwt.algorithms import OKPAlgorithm
from jwt.exceptions import InvalidSignatureError, PyJWTError

from federation.oidc.errors import IdTokenError, Reason, UnknownKeyError
from federation.oidc.json_document import DocumentError, read_json_object
from federation.oidc.values import ID_TOKEN_ALGS, Jwks, ProviderKey

TOKEN_LENGTH = 16 * 1024
"""Characters of a token: one with all the groups of a person stays below half of it."""

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")

ID_TOKEN_TYPES = frozenset({"jwt", "application/jwt"})
"""RFC 8725, section 3.11: an access token or a logout token says so, and is no ID Token."""

LOGOUT_TOKEN_TYPES = ID_TOKEN_TYPES | {"logout+jwt", "application/logout+jwt"}
"""Back-Channel Logout 1.0, section 2.4: few providers say more than JWT yet."""

_JWS = PyJWS(algorithms=ID_TOKEN_ALGS)
# PyJWT knows the algorithm of RFC 9864 by its older name only.
_JWS.register_algorithm("Ed25519", OKPAlgorithm())


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedClaims:
    """Claims that a key of the provider has signed with ``algorithm``, and nothing more."""

    algorithm: str
    claims: dict[str, object] = field(repr=False)


def verify_signature(
    compact: str,
    *,
    jwks: Jwks,
    algorithms: Collection[str],
    types: Collection[str] = ID_TOKEN_TYPES,
) -> SignedClaims:
    """Return what is signed, by a key of *jwks* with one of *algorithms*: RFC 7515, section 5.2.

    A ``typ`` has to be one of *types*, in lower case; there may be none.

    Raises ``UnknownKeyError`` when no key fits, so that the caller can fetch the provider's
    keys again and try once more; any other ``IdTokenError`` is final.
    """
    header = _header(compact, types)
    algorithm = header.get("alg")
    # The algorithm must be one that the connection allows and that the key is for. A token does
    # not choose how it is checked: RFC 8725, section 3.1.
    if algorithm not in ID_TOKEN_ALGS or algorithm not in algorithms:
        raise IdTokenError(
            Reason.ALGORITHM_NOT_ALLOWED, "alg is not one that this connection allows"
        )
    kid = header.get("kid")
    key = _key(jwks, kid=kid, algorithm=str(algorithm))
    try:
        payload = _JWS.decode(compact, key.public_key, algorithms=[str(algorithm)])
    except InvalidSignatureError as error:
        # A provider whose keys have no names can rotate them unnoticed: to such a token, the
        # key that it needs may be one that we have not fetched.
        refusal = IdTokenError if kid is not None else UnknownKeyError
        raise refusal(
            Reason.SIGNATURE_INVALID, "the signature is not of the provider's key"
        ) from error
    except PyJWTError as error:
        raise _malformed("it is not encoded as RFC 7515 says") from error
    return SignedClaims(algorithm=str(algorithm), claims=_members(payload, "the claims"))


def _header(compact: str, types: Collection[str]) -> dict[str, object]:
    if len(compact) > TOKEN_LENGTH:
        raise _malformed("it is too long")
    if not _COMPACT.fullmatch(compact):
        raise _malformed("it is not in compact form")
    segment = compact.partition(".")[0]
    try:
        document = urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except ValueError as error:
        raise _malformed("its header is not base64url") from error
    header = _members(document, "the header")
    # RFC 7515, section 4.1.11: what is critical must be understood, and we know no extension.
    # RFC 7797: b64 would change what is signed.
    if "crit" in header or "b64" in header:
        raise _malformed("the header demands an extension")
    if "typ" in header and str(header["typ"]).lower() not in types:
        raise _malformed("typ is another kind of token's")
    if not isinstance(header.get("kid", ""), str):
        raise _malformed("kid is no text")
    return header


def _key(jwks: Jwks, *, kid: object, algorithm: str) -> ProviderKey:
    named = [key for key in jwks.keys if kid is None or key.kid == kid]
    fitting = [key for key in named if algorithm in key.algorithms]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        # Trying one after the other would let a key that is about to be retired stand in for
        # the one that the provider means.
        raise IdTokenError(Reason.KEY_UNKNOWN, "more than one key fits")
    if kid is not None and named:
        raise IdTokenError(Reason.ALGORITHM_NOT_ALLOWED, "alg is not what the key is for")
    raise UnknownKeyError(
        Reason.KEY_UNKNOWN, f"no key fits; {len(jwks.keys)} usable, {len(jwks.unusable)} not"
    )


def _members(document: bytes, what: str) -> dict[str, object]:
    try:
        return read_json_object(document)
    except DocumentError as error:
        raise _malformed(f"{what}: {error}") from error


def _malformed(detail: str) -> IdTokenError:
    return IdTokenError(Reason.ID_TOKEN_MALFORMED, detail)
