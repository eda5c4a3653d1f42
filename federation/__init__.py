"""Per-partner OpenID Connect sign-in.

The walk of one sign-in, from the outside in:

    POST /login/                  views -> partner_of_email          -> the partner's begin
    GET  /login/contoso/          views -> the attempt remembered    -> 302 to the provider
    GET  /login/contoso/callback/ views -> backend                   -> 302 to the portal

``oidc`` is the protocol: pure functions over frozen values, no Django, no network, no clock.
``outbound`` is the only way to the network: the guarded HTTP client.
``provider`` speaks to the partner's OpenID Provider through it and keeps its documents.
``attempts`` remembers what this browser has outstanding, and gives each attempt out once.
``admission`` applies the partner's own rules on who may enter.
``sessions`` signs a person in and out of the portal.
``backend`` is Django's seam: from an authorization response to a user, one step after the other.

Who the partners are is in ``partners``, who has signed in is in ``people``, what they hold for the
services is in ``tokens``.
"""
