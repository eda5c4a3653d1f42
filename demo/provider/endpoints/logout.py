"""The end-session endpoint: OpenID Connect RP-Initiated Logout 1.0, and whom it tells."""

import jwt

from demo.provider.endpoints import pages
from demo.provider.issuer import Issuer
from demo.provider.logout_token import announce_logout
from demo.provider.messages import Answer, Parameters, Request, with_cookie
from demo.provider.values import Client


class UntrustedLogoutError(Exception):
    """The request names no client, or a return address that the client did not register."""


def answer(issuer: Issuer, request: Request) -> Answer:
    """End the browser's session here, and send it back where the client may ask for that."""
    parameters = request.query if request.method == "GET" else request.form
    try:
        client = _client(issuer, parameters)
        return_to = _return_address(client, parameters)
    except UntrustedLogoutError as error:
        return pages.problem(issuer, str(error))
    session = issuer.sessions.take(request.cookie(issuer.cookie_name))
    if session is not None:
        announce_logout(issuer, session)
    state = parameters.value("state")
    if return_to is None:
        done = pages.signed_out(issuer, client)
    else:
        done = Answer(status=303, redirect_to=return_to, said={"state": state} if state else {})
    return with_cookie(done, issuer.cookie_name, "", path=f"/{issuer.slug}")


def _client(issuer: Issuer, parameters: Parameters) -> Client | None:
    """Return the client that asks, None for a person who came by themselves."""
    if parameters.duplicated:
        raise UntrustedLogoutError("a parameter is given more than once")
    client_id = parameters.value("client_id")
    hint = parameters.value("id_token_hint")
    if hint is not None:
        audience = _audience(issuer, hint)
        if client_id not in {None, audience}:
            raise UntrustedLogoutError("id_token_hint was issued to another client")
        client_id = audience
    if client_id is None:
        return None
    client = issuer.clients.get(client_id)
    if client is None:
        raise UntrustedLogoutError("no application with this client_id is registered here")
    return client


def _audience(issuer: Issuer, hint: str) -> str:
    """Return whom the ID Token was issued to; an expired one will do: section 2."""
    key = issuer.key
    try:
        claims = jwt.decode(
            hint,
            jwt.PyJWK(key.jwk()),
            algorithms=[key.alg],
            issuer=issuer.issuer,
            options={"verify_exp": False, "verify_aud": False, "require": ["aud"]},
        )
    except jwt.PyJWTError as error:
        raise UntrustedLogoutError("id_token_hint is not an ID Token of this issuer") from error
    return str(claims["aud"])


def _return_address(client: Client | None, parameters: Parameters) -> str | None:
    wanted = parameters.value("post_logout_redirect_uri")
    if wanted is None:
        return None
    if client is None:
        raise UntrustedLogoutError("post_logout_redirect_uri needs a client_id or id_token_hint")
    if wanted != client.post_logout_redirect_uri:
        raise UntrustedLogoutError("the post_logout_redirect_uri is not the one registered")
    return wanted
