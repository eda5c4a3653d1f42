"""One attempt at one provider, as values: no database, no client, no patching."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from federation.oidc.discovery import parse_jwks
from federation.oidc.values import (
    ClientRegistration,
    Jwks,
    LoginAttempt,
    ProviderMetadata,
    UnverifiedIdToken,
)
from tests.support.keys import SigningKey, jwks_document, signing_key

ISSUER = "https://login.contoso.example/t/staff"
NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
TIME = int(NOW.timestamp())
NONCE = "n-0S6_WzA2Mj"

Sign = Callable[..., UnverifiedIdToken]


@pytest.fixture
def registration() -> ClientRegistration:
    return ClientRegistration(
        partner="contoso",
        issuer=ISSUER,
        client_id="foyer",
        client_secret="s3cret",
        redirect_uri="https://portal.example/login/contoso/callback/",
    )


@pytest.fixture
def metadata() -> ProviderMetadata:
    return ProviderMetadata(
        issuer=ISSUER,
        authorization_endpoint=f"{ISSUER}/authorize",
        token_endpoint=f"{ISSUER}/token",
        jwks_uri=f"{ISSUER}/keys",
        userinfo_endpoint=f"{ISSUER}/userinfo",
        end_session_endpoint=f"{ISSUER}/logout",
    )


@pytest.fixture
def attempt(registration: ClientRegistration) -> LoginAttempt:
    return LoginAttempt(
        reference="FY-7F3K-92QD",
        partner="contoso",
        connection_id=7,
        issuer=ISSUER,
        redirect_uri=registration.redirect_uri,
        return_to="/",
        remember=False,
        started_at=NOW,
        state="af0ifjsldkj",
        nonce=NONCE,
        code_verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    )


@pytest.fixture
def key() -> SigningKey:
    return signing_key()


@pytest.fixture
def jwks(key: SigningKey) -> Jwks:
    return parse_jwks(jwks_document(key.jwk()))


@pytest.fixture
def claims() -> dict[str, object]:
    """What the provider says of Ana Sousa in a token without fault."""
    return {
        "iss": ISSUER,
        "sub": "00u1a2b3c4",
        "aud": "foyer",
        "exp": TIME + 300,
        "iat": TIME,
        "nonce": NONCE,
        "email": "ana.sousa@contoso.example",
    }


@pytest.fixture
def sign(key: SigningKey, claims: dict[str, object]) -> Sign:
    """Sign that token, with changes: ``sign(aud="other", header={"typ": None})``."""

    def signed(*, header: dict[str, object] | None = None, **changes: object) -> UnverifiedIdToken:
        return UnverifiedIdToken(compact=key.sign(claims | changes, header=header))

    return signed
