"""The authorization request and its response: Core 1.0, section 3.1.2, with RFC 7636 and 9207."""

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256

from federation.oidc.endpoints import with_parameters
from federation.oidc.errors import (
    AttemptError,
    AuthorizationError,
    FederationError,
    ProviderError,
    Reason,
)
from federation.oidc.values import ClientRegistration, LoginAttempt, ProviderMetadata

_RESERVED = frozenset(
    {"login_hint", "prompt", "ui_locales", "domain_hint", "max_age", "acr_values"}
    | {"request", "request_uri", "response_mode", "registration", "claims", "id_token_hint"}
)
"""Parameters that an endpoint's own query must not smuggle into a request that leaves them out."""

_READ = ("state", "iss", "code", "error", "error_description")

_CODE = re.compile(r"[\x20-\x7e]{1,4096}")
"""RFC 6749, appendix A.11, and a bound: the longest codes that providers issue have 2 kB."""

_PROVIDER_FAULTS = frozenset({"server_error", "temporarily_unavailable"})


def code_challenge_of(code_verifier: str) -> str:
    """Return the S256 challenge of *code_verifier*: RFC 7636, section 4.2."""
    digest = sha256(code_verifier.encode("ascii")).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def authorization_url(
    metadata: ProviderMetadata,
    registration: ClientRegistration,
    attempt: LoginAttempt,
    *,
    login_hint: str | None = None,
    prompt: str | None = None,
    ui_locales: str | None = None,
    domain_hint: str | None = None,
) -> str:
    """Return where to send the browser for *attempt*: Core 1.0, section 3.1.2.1.

    State, nonce and an S256 challenge are always sent, whatever the provider says it supports:
    one that knows no PKCE must ignore it (RFC 6749, section 3.1).
    """
    max_age = None if registration.max_age is None else str(registration.max_age)
    wanted = {
        "response_type": "code",
        "client_id": registration.client_id,
        "redirect_uri": attempt.redirect_uri,
        "scope": " ".join(dict.fromkeys(("openid", *registration.scopes))),
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": code_challenge_of(attempt.code_verifier),
        "code_challenge_method": "S256",
        "max_age": max_age,
        "acr_values": " ".join(registration.acr_values),
        "login_hint": login_hint,
        "prompt": prompt,
        "ui_locales": ui_locales,
        "domain_hint": domain_hint,
    }
    parameters = {name: value for name, value in wanted.items() if value}
    return with_parameters(metadata.authorization_endpoint, parameters, reserved=_RESERVED)


def read_authorization_response(
    parameters: Mapping[str, Sequence[str]], *, attempt: LoginAttempt, metadata: ProviderMetadata
) -> str:
    """Return the authorization code that answers *attempt*: RFC 6749, sections 4.1.2 and 4.1.2.1.

    *parameters* maps each name in the query to all of its values. Whatever else a provider puts
    there is left alone; an ID Token from the front channel is never looked at.

    Raises ``AttemptError`` when the state is another attempt's; ``AuthorizationError`` when the
    response is malformed, of another issuer, or a denial; and ``ProviderError`` when the provider
    says that it is unable to answer.
    """
    response = _single_values(parameters)
    state = response.get("state", "")
    if not hmac.compare_digest(state.encode(errors="replace"), attempt.state.encode()):
        raise AttemptError(Reason.ATTEMPT_UNKNOWN, "the state is not this attempt's")
    _refuse_other_issuer(response.get("iss"), attempt=attempt, metadata=metadata)
    if "error" in response:
        raise _refusal(response)
    code = response.get("code", "")
    if not _CODE.fullmatch(code):
        raise AuthorizationError(Reason.RESPONSE_MALFORMED, "there is no code, or not a code")
    return code


def _single_values(parameters: Mapping[str, Sequence[str]]) -> dict[str, str]:
    response: dict[str, str] = {}
    for name in _READ:
        values = parameters.get(name, ())
        # RFC 6749, section 3.1: with two of them, a proxy and we might believe different ones.
        if len(values) > 1:
            raise AuthorizationError(Reason.RESPONSE_MALFORMED, f"{name} occurs more than once")
        if values:
            response[name] = values[0]
    return response


def _refuse_other_issuer(
    issuer: str | None, *, attempt: LoginAttempt, metadata: ProviderMetadata
) -> None:
    # Two partners' providers share this browser. Without this, one of them could have us redeem
    # its code at the other's token endpoint, or the other's code at its own: RFC 9207, section 4.
    if issuer is None and metadata.authorization_response_iss_parameter_supported:
        raise AuthorizationError(
            Reason.RESPONSE_FROM_ANOTHER_ISSUER, "iss is missing, and the provider always sends it"
        )
    if issuer is not None and issuer != attempt.issuer:
        raise AuthorizationError(Reason.RESPONSE_FROM_ANOTHER_ISSUER, "iss is another issuer")


def _refusal(response: Mapping[str, str]) -> FederationError:
    if "code" in response:
        return AuthorizationError(Reason.RESPONSE_MALFORMED, "both an error and a code")
    error, description = response["error"], response.get("error_description", "")
    if error in _PROVIDER_FAULTS:
        return ProviderError(
            Reason.PROVIDER_UNREACHABLE,
            "the authorization endpoint says that it is unable to answer",
            provider_error=error,
            provider_description=description,
        )
    return AuthorizationError(
        Reason.AUTHORIZATION_DENIED,
        "the provider answered with an error",
        provider_error=error,
        provider_description=description,
    )
