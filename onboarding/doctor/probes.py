"""Asking a provider's endpoints what only a sign-in asks, without one: nothing changes there.

The token endpoint gets a code that nobody issued: a provider that knows us refuses the code, and
one that doesn't refuses us. The authorization endpoint gets ``prompt=none``: a provider that knows
our redirect URI sends us back there, and one that doesn't shows a page.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto

from django.utils import timezone

from federation import attempts
from federation.last_good import unaccepted_hosts
from federation.oidc.authorization import authorization_url
from federation.oidc.errors import AuthorizationError, FederationError, ProviderError, Reason
from federation.oidc.token import (
    SECRET_METHODS,
    client_credentials_request,
    read_token_response,
    token_request,
)
from federation.oidc.values import ClientRegistration, ProviderMetadata, TokenRequest
from federation.outbound import OutboundError, RedirectRefusedError, outbound
from federation.registration import registration_of
from onboarding.doctor.refusals import code_of_words
from onboarding.providers import product_of
from partners.models import Connection

DEADLINE_SECONDS = 5.0
"""For one probe."""

NO_SCOPE = "{client_id}/.default"
"""Microsoft's word for what an app may have by itself, which is nothing."""


class Known(Enum):
    """What an endpoint has told of whether it knows us."""

    YES = auto()
    NO = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a probe has told.

    Where it is no, *code* is that of the diagnostic which it points at, *error* and *description*
    are the provider's own words. *method* is how we proved who we are.
    """

    known: Known
    code: str = ""
    error: str = ""
    description: str = ""
    method: str = ""


def told_by_token_endpoint(connection: Connection, metadata: ProviderMetadata) -> Told:
    """Return what the token endpoint says of us, by the first method that it takes.

    Nothing is sent to a host that nobody has accepted: the secret would go there.
    """
    if unaccepted_hosts(connection, metadata):
        return Told(known=Known.UNKNOWN)
    first: Told | None = None
    try:
        for registration in _by_each_method(registration_of(connection), metadata):
            told = _asked(connection, metadata, registration)
            if told.known is not Known.NO:
                return told
            first = first or told
    except ProviderError:
        return Told(known=Known.UNKNOWN)
    return first or Told(known=Known.UNKNOWN)


def told_by_authorization_endpoint(connection: Connection, metadata: ProviderMetadata) -> Told:
    """Return whether the authorization endpoint knows our redirect URI."""
    try:
        registration = registration_of(connection)
    except ProviderError:
        return Told(known=Known.UNKNOWN)
    attempt = attempts.new_attempt(connection, return_to="/", remember=False)
    url = authorization_url(metadata, registration, attempt, prompt="none")
    try:
        answer = outbound().fetch(url, deadline=DEADLINE_SECONDS, headers={"Accept": "text/html"})
    except RedirectRefusedError as redirect:
        comes_back = redirect.location.startswith(registration.redirect_uri)
        return Told(known=Known.YES if comes_back else Known.UNKNOWN)
    except OutboundError:
        return Told(known=Known.UNKNOWN)
    # Its own page and an error: RFC 6749, section 4.1.2.1.
    is_refused = 400 <= answer.status < 500  # noqa: PLR2004 -- the class of statuses
    return Told(known=Known.NO if is_refused else Known.UNKNOWN, code="OD-307")


def _by_each_method(
    registration: ClientRegistration, metadata: ProviderMetadata
) -> Iterator[ClientRegistration]:
    """Yield the registration as it is, and with the other way to send the secret where there is."""
    yield registration
    if registration.client_key is not None or not registration.client_secret:
        return
    offered = metadata.token_endpoint_auth_methods or SECRET_METHODS[:1]
    ours = registration.token_endpoint_auth_method or next(
        (method for method in SECRET_METHODS if method in offered), ""
    )
    for method in SECRET_METHODS:
        if method != ours and method in offered:
            yield replace(registration, token_endpoint_auth_method=method)


def _asked(
    connection: Connection, metadata: ProviderMetadata, registration: ClientRegistration
) -> Told:
    request = _request(connection, metadata, registration)
    method = registration.token_endpoint_auth_method
    try:
        answer = outbound().post(
            request.url, headers=request.headers, body=request.body, deadline=DEADLINE_SECONDS
        )
        # A token that it may hold is nobody's, and is dropped here.
        read_token_response(answer.status, answer.body)
    except AuthorizationError as refusal:
        is_the_code = refusal.provider_error == "invalid_grant"
        return Told(known=Known.YES if is_the_code else Known.UNKNOWN, method=method)
    except FederationError as refusal:
        return _refused(connection, refusal, method=method)
    except OutboundError:
        return Told(known=Known.UNKNOWN, method=method)
    return Told(known=Known.YES, method=method)


def _request(
    connection: Connection, metadata: ProviderMetadata, registration: ClientRegistration
) -> TokenRequest:
    now, jti = timezone.now(), secrets.token_urlsafe(24)
    if product_of(connection.provider).reads_code_first:
        scope = NO_SCOPE.format(client_id=registration.client_id)
        return client_credentials_request(metadata, registration, scope=scope, now=now, jti=jti)
    made_up = secrets.token_urlsafe(32)
    return token_request(
        metadata, registration, code=made_up, code_verifier=made_up, now=now, jti=jti
    )


def _refused(connection: Connection, refusal: FederationError, *, method: str) -> Told:
    if refusal.reason is Reason.ID_TOKEN_MALFORMED:
        # There is a token, and no ID Token with it: we are known.
        return Told(known=Known.YES, method=method)
    if refusal.reason is not Reason.CLIENT_REJECTED:
        return Told(known=Known.UNKNOWN, method=method)
    error, description = refusal.provider_error, refusal.provider_description
    return Told(
        known=Known.NO,
        code=code_of_words(connection, error=error, description=description, otherwise="OD-301"),
        error=error,
        description=description,
        method=method,
    )
