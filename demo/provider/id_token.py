"""The ID Token's claims: OpenID Connect Core 1.0, section 2."""

import hashlib

from jwt.utils import base64url_encode

from demo.provider.faults import signed_id_token
from demo.provider.grants import CodeGrant
from demo.provider.issuer import Issuer
from demo.provider.values import Account

ID_TOKEN_LIFETIME_SECONDS = 300


def id_token(issuer: Issuer, grant: CodeGrant, access_token: str) -> str:
    """Return the signed ID Token for *grant*, spoilt where the issuer misbehaves."""
    account = grant.session.account
    now = int(issuer.clock())
    claims: dict[str, object] = {
        "iss": issuer.issuer,
        "sub": account.subject,
        "aud": grant.client.client_id,
        "exp": now + ID_TOKEN_LIFETIME_SECONDS,
        "iat": now,
        "at_hash": at_hash(issuer.config.id_token_alg, access_token),
    }
    grant.session.clients.add(grant.client.client_id)
    if issuer.config.names_session:
        claims["sid"] = grant.session.sid
    if grant.nonce is not None:
        claims["nonce"] = grant.nonce
    if grant.states_auth_time:
        claims["auth_time"] = grant.session.auth_time
    if account.acr:
        claims["acr"] = account.acr
    if account.amr:
        claims["amr"] = list(account.amr)
    if not issuer.config.thin_id_token:
        claims.update(profile_claims(issuer, account, grant.scopes))
    claims.update(issuer.config.claims)
    claims.update(account.claims)
    return signed_id_token(
        claims,
        key=issuer.key,
        client_secret=grant.client.client_secret,
        fault=issuer.take_id_token_fault(),
    )


def profile_claims(issuer: Issuer, account: Account, scopes: frozenset[str]) -> dict[str, object]:
    """Return what *scopes* let the client know of the person: Core 1.0, section 5.4."""
    claims: dict[str, object] = {}
    if "email" in scopes:
        claims["email"] = account.email
        if issuer.config.sends_email_verified:
            claims["email_verified"] = account.email_verified
    if "profile" in scopes and account.name:
        given_name, _, family_name = account.name.rpartition(" ")
        claims["name"] = account.name
        claims["given_name"] = given_name or family_name
        claims["family_name"] = family_name
        claims["preferred_username"] = account.email
    return claims


def at_hash(alg: str, access_token: str) -> str:
    """Return the access token's hash for an ID Token signed with *alg*: Core 1.0, 3.1.3.6."""
    # EdDSA names no hash; SHA-512 is what Ed25519 uses inside, and what others send.
    digest = hashlib.new(f"sha{alg[2:]}" if alg[2:].isdigit() else "sha512", access_token.encode())
    return base64url_encode(digest.digest()[: digest.digest_size // 2]).decode()
