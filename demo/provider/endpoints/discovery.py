"""The provider metadata, OpenID Connect Discovery 1.0, section 3, and the key set, RFC 7517."""

from demo.provider.issuer import Issuer
from demo.provider.messages import Answer, Request

CACHEABLE = {"Cache-Control": "public, max-age=300"}


def metadata(issuer: Issuer, _request: Request) -> Answer:
    """Answer with the issuer's description of itself."""
    methods = {client.token_endpoint_auth_method for client in issuer.clients.values()}
    said: dict[str, object] = {
        "issuer": issuer.issuer,
        "authorization_endpoint": f"{issuer.url}/authorize",
        "token_endpoint": f"{issuer.url}/token",
        "userinfo_endpoint": f"{issuer.url}/userinfo",
        "jwks_uri": f"{issuer.url}/jwks",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [issuer.config.id_token_alg],
        "scopes_supported": ["openid", "email", "profile"],
        "claims_supported": ["sub", "iss", "name", "email"],
        "token_endpoint_auth_methods_supported": sorted(methods),
        "prompt_values_supported": ["none", "login", "select_account"],
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }
    if "private_key_jwt" in methods:
        said["token_endpoint_auth_signing_alg_values_supported"] = ["RS256", "ES256", "EdDSA"]
    if issuer.config.names_issuer:
        said["authorization_response_iss_parameter_supported"] = True
    if any(client.backchannel_logout_uri for client in issuer.clients.values()):
        said["backchannel_logout_supported"] = True
        said["backchannel_logout_session_supported"] = issuer.config.names_session
    if issuer.config.announces_pkce:
        said["code_challenge_methods_supported"] = ["S256"]
    if issuer.config.has_end_session_endpoint:
        said["end_session_endpoint"] = f"{issuer.url}/logout"
    acr_values = sorted({account.acr for account in issuer.accounts.values() if account.acr})
    if acr_values:
        said["acr_values_supported"] = acr_values
    return Answer(said=said, headers=CACHEABLE)


def jwks(issuer: Issuer, _request: Request) -> Answer:
    """Answer with the public keys."""
    return Answer(said={"keys": [key.jwk() for key in issuer.published_keys()]}, headers=CACHEABLE)
