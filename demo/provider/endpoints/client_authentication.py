"""How a client proves itself at the token endpoint: Core 1.0, section 9; RFC 6749, 2.3.1."""

import base64
import binascii
import hmac
from urllib.parse import unquote_plus

import jwt

from demo.provider.issuer import Issuer
from demo.provider.messages import Parameters, Request
from demo.provider.values import Client

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]


class ClientRejectedError(Exception):
    """The client has not proved itself; *error* is the OAuth error code."""

    def __init__(self, description: str, error: str = "invalid_client") -> None:
        super().__init__(description)
        self.error = error


def authenticated_client(issuer: Issuer, request: Request) -> Client:
    """Return the client that sent *request*, by the one method it registered.

    Raises ``ClientRejectedError`` when no method was used, several were, or another one.
    """
    form = request.form
    used = {
        "client_secret_basic": "authorization" in request.headers,
        "client_secret_post": form.value("client_secret") is not None,
        "private_key_jwt": form.value("client_assertion") is not None,
    }
    methods = [method for method, is_used in used.items() if is_used]
    if len(methods) != 1:
        raise ClientRejectedError(
            "exactly one way of client authentication is needed",
            "invalid_request" if methods else "invalid_client",
        )
    match methods[0]:
        case "client_secret_basic":
            client_id, secret = _basic_credentials(request.headers["authorization"])
            if form.value("client_id") not in {None, client_id}:
                raise ClientRejectedError("client_id differs from the one authenticated")
        case "client_secret_post":
            client_id, secret = form.value("client_id") or "", form.value("client_secret") or ""
        case _:
            return _client_of_assertion(issuer, form)
    client = _registered(issuer, client_id, methods[0])
    if not hmac.compare_digest(client.client_secret.encode(), secret.encode()):
        raise ClientRejectedError("the client secret is wrong")
    return client


def _registered(issuer: Issuer, client_id: str, method: str) -> Client:
    client = issuer.clients.get(client_id)
    if client is None:
        raise ClientRejectedError("the client is unknown")
    if client.token_endpoint_auth_method != method:
        raise ClientRejectedError(f"{method} is not the method registered")
    return client


def _basic_credentials(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise ClientRejectedError("the Authorization header is not of the Basic scheme")
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ClientRejectedError("the Basic credentials are malformed") from error
    client_id, _, secret = decoded.partition(":")
    return unquote_plus(client_id), unquote_plus(secret)


def _client_of_assertion(issuer: Issuer, form: Parameters) -> Client:
    """Return the client that signed the assertion: RFC 7523, section 3."""
    if form.value("client_assertion_type") != JWT_BEARER:
        raise ClientRejectedError("client_assertion_type must be jwt-bearer")
    assertion = form.value("client_assertion") or ""
    try:
        named = jwt.decode(assertion, options={"verify_signature": False})
        client = _registered(issuer, str(named.get("sub", "")), "private_key_jwt")
        claims = jwt.decode(
            assertion,
            _assertion_key(client, assertion),
            algorithms=ASSERTION_ALGORITHMS,
            # The issuer alone: a token endpoint as audience lets another issuer's token
            # endpoint be named, and the assertion be replayed there.
            audience=issuer.issuer,
            issuer=client.client_id,
            options={"require": ["iss", "sub", "aud", "exp", "jti"]},
        )
    except (jwt.PyJWTError, KeyError) as error:  # the latter: no key of that name
        raise ClientRejectedError(f"the client assertion does not hold: {error}") from error
    if not isinstance(claims["aud"], str):
        raise ClientRejectedError("the audience must be the issuer alone")
    if claims["jti"] in issuer.used_assertions:
        raise ClientRejectedError("the client assertion has been used")
    issuer.used_assertions.add(claims["jti"])
    return client


def _assertion_key(client: Client, assertion: str) -> jwt.PyJWK:
    if client.jwks is None:
        return jwt.PyJWKClient(client.jwks_uri, timeout=5).get_signing_key_from_jwt(assertion)
    kid = jwt.get_unverified_header(assertion).get("kid", "")
    return jwt.PyJWKSet.from_dict(dict(client.jwks))[kid]
