"""Where the browser signs out at the provider: RP-Initiated Logout 1.0."""

from federation.oidc.endpoints import with_parameters
from federation.oidc.values import ClientRegistration, ProviderMetadata, UnverifiedIdToken


def end_session_url(
    metadata: ProviderMetadata,
    registration: ClientRegistration,
    *,
    state: str,
    post_logout_redirect_uri: str,
    id_token_hint: UnverifiedIdToken | None = None,
) -> str | None:
    """Return the address at which the person can sign out of the provider, too.

    It is ``None`` where the provider has none. *id_token_hint* is sent only to a provider that
    does not sign out without it: an ID Token in a URL ends up in logs and histories.
    """
    if metadata.end_session_endpoint is None:
        return None
    parameters = {
        "client_id": registration.client_id,
        "post_logout_redirect_uri": post_logout_redirect_uri,
        "state": state,
    }
    if registration.needs_id_token_hint and id_token_hint is not None:
        parameters["id_token_hint"] = id_token_hint.compact
    return with_parameters(
        metadata.end_session_endpoint, parameters, reserved=frozenset({"id_token_hint"})
    )
