"""The values that travel through a sign-in.

Every one of them is frozen, and what must not be shown is left out of its ``repr``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from cryptography.hazmat.primitives.asymmetric.ec import (
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

PublicKey: TypeAlias = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey

Claims: TypeAlias = Mapping[str, object]
"""Claims by their names, as the provider's JSON has them."""

ID_TOKEN_ALGS = (
    "RS256",
    "PS256",
    "ES256",
    "EdDSA",
    "Ed25519",
    "RS384",
    "PS384",
    "ES384",
    "RS512",
    "PS512",
    "ES512",
)
"""The signature algorithms we know, RFC 7518, RFC 8037 and RFC 9864: none that shares a secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientKey:
    """A key of ours with which the portal proves who it is at one provider."""

    kid: str
    algorithm: str
    private_key: EllipticCurvePrivateKey | RSAPrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRegistration:
    """How the portal is known at one partner's provider, and what this connection asks of it.

    An empty ``token_endpoint_auth_method`` or ``id_token_algs`` leaves the choice to what the
    provider offers. ``client_key`` is the key that signs now, for ``private_key_jwt``.
    ``max_age`` is in seconds. ``pinned_claims`` maps a claim to the only value it may have.
    """

    partner: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    client_key: ClientKey | None = None
    token_endpoint_auth_method: str = ""
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    id_token_algs: tuple[str, ...] = ()
    max_age: int | None = None
    acr_values: tuple[str, ...] = ()
    required_amr: tuple[str, ...] = ()
    email_claim: str = "email"
    require_email_verified: bool = False
    pinned_claims: Claims = field(default_factory=dict)
    needs_id_token_hint: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderMetadata:
    """A provider's description of itself: Discovery 1.0, section 3.

    The tuples hold what the provider offers, in its order, and are empty where it is silent.
    """

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    end_session_endpoint: str | None = None
    token_endpoint_auth_methods: tuple[str, ...] = ()
    token_endpoint_auth_algs: tuple[str, ...] = ()
    id_token_algs: tuple[str, ...] = ()
    authorization_response_iss_parameter_supported: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderKey:
    """One public key of a provider, ready for use with each of ``algorithms`` and no other."""

    kid: str | None
    algorithms: frozenset[str]
    public_key: PublicKey = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Jwks:
    """A provider's key set: the keys we can use, and why not the others that are to sign."""

    keys: tuple[ProviderKey, ...]
    unusable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginAttempt:
    """One authorization request that this browser has outstanding.

    It lives sealed in a cookie of its own and nowhere else. ``reference`` is the only part that
    may be logged; ``login_hint``, the address that was typed, is shown in this browser; the rest
    ties the response to it. ``trial`` is empty unless somebody only tests the connection, and is
    then the digest of the settings that are tested: such an attempt lets nobody in. ``for_staff``
    is true of one that leads to the admin, and to nothing else.
    """

    reference: str
    partner: str
    connection_id: int
    issuer: str
    redirect_uri: str
    return_to: str
    remember: bool
    started_at: datetime
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)
    login_hint: str = field(default="", repr=False)
    trial: str = ""
    for_staff: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """The request that redeems an authorization code, to be sent by POST."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserInfoRequest:
    """The request for a person's claims, to be sent by GET."""

    url: str
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnverifiedIdToken:
    """An ID Token as it arrived, in compact form: nothing in it may be believed."""

    compact: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenResponse:
    """What the token endpoint gave for a code. The access token serves UserInfo, then is gone."""

    id_token: UnverifiedIdToken
    access_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdToken:
    """An ID Token that ``verify_id_token`` has judged, for one registration and one attempt.

    ``session_id`` is the provider's ``sid``; ``session_expires_at`` its ``session_expiry``, the
    moment at which the provider wants our session to end.
    """

    issuer: str
    subject: str
    issued_at: datetime
    expires_at: datetime
    session_id: str | None = None
    session_expires_at: datetime | None = None
    claims: Claims = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutToken:
    """A provider's word that a session ended there, judged for one registration.

    ``jti`` is its name, by which it is taken once. It means the session ``session_id`` of the
    person ``subject``; where it lacks one of the two, all that the other one means.
    """

    issuer: str
    jti: str
    subject: str | None
    session_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedIdentity:
    """Who signed in: verified by the provider, admitted by the partner's rules.

    ``email`` is in its one normalised form, and inside the partner's proved domains.
    ``id_token_hint`` is the ID Token itself, kept only for a provider that does not sign anybody
    out without it.
    """

    issuer: str
    subject: str
    email: str
    name: str
    session_id: str
    session_expires_at: datetime | None
    id_token_hint: str = field(default="", repr=False)
