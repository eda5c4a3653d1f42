"""The token endpoint: OpenID Connect Core 1.0, section 3.1.3; RFC 6749, section 5."""

import hashlib
import hmac
import re

from jwt.utils import base64url_encode

from demo.provider.endpoints.client_authentication import (
    ClientRejectedError,
    authenticated_client,
)
from demo.provider.grants import ACCESS_TOKEN_LIFETIME_SECONDS, AccessGrant, CodeGrant
from demo.provider.id_token import id_token
from demo.provider.issuer import Issuer
from demo.provider.messages import NO_STORE, Answer, Parameters, Request
from demo.provider.values import Client

CODE_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
"""RFC 7636, section 4.1."""


class RefusedTokenRequestError(Exception):
    """The token request is refused; *error* is the OAuth error code."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error


def answer(issuer: Issuer, request: Request) -> Answer:
    """Answer with an ID Token and an access token for a code, or with an error."""
    try:
        client = authenticated_client(issuer, request)
        grant = redeemed(issuer, client, request.form)
    except RefusedTokenRequestError as refused:
        return _error(400, refused.error, str(refused))
    except ClientRejectedError as rejected:
        return _error(
            401 if rejected.error == "invalid_client" else 400, rejected.error, str(rejected)
        )
    access_token = issuer.access.issue(
        AccessGrant(account=grant.session.account, scopes=grant.scopes)
    )
    issuer.spent_codes.remember(request.form.value("code") or "", access_token)
    return Answer(
        headers=NO_STORE,
        said={
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": ACCESS_TOKEN_LIFETIME_SECONDS,
            "scope": " ".join(sorted(grant.scopes)),
            "id_token": id_token(issuer, grant, access_token),
        },
    )


def redeemed(issuer: Issuer, client: Client, form: Parameters) -> CodeGrant:
    """Return what the code of this token request stands for, and spend the code.

    Raises ``RefusedTokenRequestError``. The code is spent by a refused request too, so that
    nobody can try verifiers on it.
    """
    if form.duplicated:
        raise RefusedTokenRequestError("invalid_request", "a parameter is repeated")
    grant_type = form.value("grant_type")
    if grant_type is None:
        raise RefusedTokenRequestError("invalid_request", "grant_type is missing")
    if grant_type != "authorization_code":
        raise RefusedTokenRequestError("unsupported_grant_type", "only authorization_code")
    code, verifier = form.value("code"), form.value("code_verifier")
    if code is None or verifier is None or form.value("redirect_uri") is None:
        raise RefusedTokenRequestError(
            "invalid_request", "code, code_verifier and redirect_uri are needed"
        )
    grant = issuer.codes.take(code)
    if grant is None:
        _revoke(issuer, code)
        raise RefusedTokenRequestError("invalid_grant", "the code is unknown, used or expired")
    if grant.client != client:
        raise RefusedTokenRequestError("invalid_grant", "the code was issued to another client")
    if form.value("redirect_uri") != grant.redirect_uri:
        raise RefusedTokenRequestError("invalid_grant", "redirect_uri is not the one of the code")
    if not _fits(verifier, grant.code_challenge):
        raise RefusedTokenRequestError("invalid_grant", "code_verifier does not fit the challenge")
    return grant


def _fits(verifier: str, challenge: str) -> bool:
    if not CODE_VERIFIER.fullmatch(verifier):
        return False
    digest = base64url_encode(hashlib.sha256(verifier.encode()).digest()).decode()
    return hmac.compare_digest(digest, challenge)


def _revoke(issuer: Issuer, code: str) -> None:
    """Revoke what a code was redeemed for, when it comes a second time: RFC 6749, 4.1.2."""
    access_token = issuer.spent_codes.access_token(code)
    if access_token is not None:
        issuer.access.take(access_token)


def _error(status: int, error: str, description: str) -> Answer:
    headers = {**NO_STORE, "WWW-Authenticate": "Basic"} if status == 401 else NO_STORE  # noqa: PLR2004 - RFC 6749, 5.2
    return Answer(
        status=status, headers=headers, said={"error": error, "error_description": description}
    )
