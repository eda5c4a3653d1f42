"""The token request and its response: Core 1.0, sections 3.1.3.1 to 3.1.3.4."""

import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from urllib.parse import quote_plus, urlencode

from federation.oidc.client_assertion import ASSERTION_TYPE, client_assertion
from federation.oidc.errors import (
    AuthorizationError,
    FederationError,
    IdTokenError,
    ProviderError,
    Reason,
    require_able,
)
from federation.oidc.json_document import DocumentError, read_json_object
from federation.oidc.values import (
    ClientRegistration,
    ProviderMetadata,
    TokenRequest,
    TokenResponse,
    UnverifiedIdToken,
)

SECRET_METHODS = ("client_secret_basic", "client_secret_post")
"""How we can prove who we are by a secret, the better one first: RFC 6749, section 2.3.1."""

KEY_METHOD = "private_key_jwt"
"""How we prove who we are by a key: Core 1.0, section 9."""

AUTH_METHODS = (*SECRET_METHODS, KEY_METHOD)
"""All that we know."""

_ACCESS_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}")
"""RFC 6749, appendix A.12, without the blank that would end it in an Authorization header."""

# RFC 6749, section 5.2. Keycloak says unauthorized_client where others say invalid_client.
_CLIENT_ERRORS = frozenset({"invalid_client", "unauthorized_client"})


def token_request(
    metadata: ProviderMetadata,
    registration: ClientRegistration,
    *,
    code: str,
    code_verifier: str,
    now: datetime,
    jti: str,
) -> TokenRequest:
    """Return the request that redeems *code*: Core 1.0, section 3.1.3.1; RFC 7636, section 4.5.

    An assertion in it is made *now* and named *jti*. Raises ``ProviderError`` with
    ``provider_misconfigured`` when the provider does not offer the registered way to authenticate,
    or none that we can use.
    """
    grant = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": registration.redirect_uri,
        "code_verifier": code_verifier,
    }
    return _authenticated(metadata, registration, grant, now=now, jti=jti)


def client_credentials_request(
    metadata: ProviderMetadata,
    registration: ClientRegistration,
    *,
    scope: str,
    now: datetime,
    jti: str,
) -> TokenRequest:
    """Return a request for a token that is nobody's, to see whether we are known.

    RFC 6749, section 4.4. For a provider that looks at the code before it looks at who brings it.
    Raises what ``token_request`` raises.
    """
    grant = {"grant_type": "client_credentials", "scope": scope}
    return _authenticated(metadata, registration, grant, now=now, jti=jti)


def _authenticated(
    metadata: ProviderMetadata,
    registration: ClientRegistration,
    grant: Mapping[str, str],
    *,
    now: datetime,
    jti: str,
) -> TokenRequest:
    fields = dict(grant)
    headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    method = _auth_method(metadata, registration)
    if method == "client_secret_basic":
        headers["Authorization"] = _basic(registration.client_id, registration.client_secret)
    elif method == KEY_METHOD:
        fields["client_assertion_type"] = ASSERTION_TYPE
        fields["client_assertion"] = client_assertion(metadata, registration, now=now, jti=jti)
    else:
        fields["client_id"] = registration.client_id
        fields["client_secret"] = registration.client_secret
    body = urlencode(fields).encode("ascii")
    return TokenRequest(url=metadata.token_endpoint, headers=headers, body=body)


def read_token_response(status: int, body: bytes) -> TokenResponse:
    """Return what the token endpoint gave: Core 1.0, section 3.1.3.3; RFC 6749, section 5.

    Raises ``ProviderError`` with ``client_rejected`` when it refuses us, ``provider_unreachable``
    when it is unable to answer, and ``provider_misconfigured`` when its answer is none;
    ``AuthorizationError`` with ``token_request_refused`` when it refuses the code; and
    ``IdTokenError`` when there is no ID Token.
    """
    require_able(status, whose="the token endpoint")
    try:
        members = read_json_object(body)
    except DocumentError as error:
        raise _unreadable(status, str(error)) from error
    if status != HTTPStatus.OK or "error" in members:
        raise _refusal(status, members)
    return TokenResponse(id_token=_id_token(members), access_token=_access_token(members))


def _auth_method(metadata: ProviderMetadata, registration: ClientRegistration) -> str:
    # Discovery 1.0, section 3: a provider that lists no methods offers client_secret_basic.
    offered = metadata.token_endpoint_auth_methods or ("client_secret_basic",)
    registered = registration.token_endpoint_auth_method
    wanted = (registered,) if registered else _methods_of_choice(registration)
    # A secret sent in a way that nobody asked for may end up where nobody guards it, in a log.
    for method in wanted:
        if method in offered and method in AUTH_METHODS:
            return method
    raise ProviderError(
        Reason.PROVIDER_MISCONFIGURED,
        f"the token endpoint does not offer {' or '.join(wanted)}",
    )


def _methods_of_choice(registration: ClientRegistration) -> tuple[str, ...]:
    # The partner may not have registered our keys yet: a secret that there is works.
    is_keyed = registration.client_key is not None and not registration.client_secret
    return (KEY_METHOD,) if is_keyed else SECRET_METHODS


def _basic(client_id: str, client_secret: str) -> str:
    # RFC 6749, section 2.3.1: encoded before they are joined, or a colon would divide elsewhere.
    credentials = f"{quote_plus(client_id)}:{quote_plus(client_secret)}"
    return f"Basic {b64encode(credentials.encode('ascii')).decode('ascii')}"


def _id_token(members: dict[str, object]) -> UnverifiedIdToken:
    compact = members.get("id_token")
    if not isinstance(compact, str):
        raise IdTokenError(Reason.ID_TOKEN_MALFORMED, "the token response has no ID Token")
    return UnverifiedIdToken(compact=compact)


def _access_token(members: dict[str, object]) -> str | None:
    token_type, access_token = members.get("token_type"), members.get("access_token")
    # RFC 6749, section 7.1: a type that we do not know must not be used as if we did.
    if not isinstance(token_type, str) or token_type.lower() != "bearer":
        raise _misconfigured("the token_type is not Bearer")
    if access_token is None:
        return None
    if not isinstance(access_token, str) or not _ACCESS_TOKEN.fullmatch(access_token):
        raise _misconfigured("the access token cannot be sent in a header")
    return access_token


def _unreadable(status: int, why: str) -> ProviderError:
    if status == HTTPStatus.UNAUTHORIZED:
        return ProviderError(Reason.CLIENT_REJECTED, "the token endpoint refuses our client")
    return _misconfigured(f"the token endpoint answered with status {status}, and {why}")


def _refusal(status: int, members: dict[str, object]) -> FederationError:
    error, description = _text(members, "error"), _text(members, "error_description")
    if status == HTTPStatus.UNAUTHORIZED or error in _CLIENT_ERRORS:
        return ProviderError(
            Reason.CLIENT_REJECTED,
            "the token endpoint refuses our client",
            provider_error=error,
            provider_description=description,
        )
    if not error and status < HTTPStatus.BAD_REQUEST:
        return _misconfigured(f"the token endpoint answered with status {status}")
    return AuthorizationError(
        Reason.TOKEN_REQUEST_REFUSED,
        "the token endpoint refuses the code",
        provider_error=error,
        provider_description=description,
    )


def _text(members: dict[str, object], name: str) -> str:
    value = members.get(name)
    return value if isinstance(value, str) else ""


def _misconfigured(detail: str) -> ProviderError:
    return ProviderError(Reason.PROVIDER_MISCONFIGURED, detail)
