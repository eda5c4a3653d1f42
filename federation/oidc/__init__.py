"""OpenID Connect for a relying party, as pure functions over frozen values.

No Django, no socket, no clock: what must be sent is returned as a value, what came back is passed
in, and is parsed or refused. In the order of one sign-in:

    discovery       the provider's document and keys     -> ProviderMetadata, Jwks
    authorization   where the browser goes               -> a URL
                    what it brings back                  -> the authorization code
    token           the code, redeemed                   -> TokenRequest, TokenResponse
                    with a key of ours (client_assertion)
    id_token        the judgement of Core 3.1.3.7        -> IdToken
    userinfo        claims that the ID Token lacks       -> UserInfoRequest, Claims
    step_up         how the person was to be signed in   -> nothing, or a refusal
    logout          where the browser signs out          -> a URL
    logout_token    that somebody signed out there       -> LogoutToken

``values`` are what passes between them, ``errors`` is every way to stop, and ``json_document`` is
how all of them read what a provider wrote.
"""
