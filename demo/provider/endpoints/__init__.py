"""What one issuer answers, an endpoint a module.

Each endpoint is a function from an issuer and a request to an answer. ``ROUTES`` names them by
method and path; the first word is the name under which requests are recorded and faults applied.
"""

from collections.abc import Callable

from demo.provider.endpoints import (
    authorization,
    discovery,
    logout,
    pages,
    sign_in,
    token,
    userinfo,
)
from demo.provider.issuer import Issuer
from demo.provider.messages import Answer, Request

Endpoint = Callable[[Issuer, Request], Answer]

ROUTES: dict[str, tuple[str, dict[str, Endpoint]]] = {
    "/.well-known/openid-configuration": ("discovery", {"GET": discovery.metadata}),
    "/jwks": ("jwks", {"GET": discovery.jwks}),
    "/authorize": ("authorization", {"GET": authorization.answer, "POST": authorization.answer}),
    "/sign-in": ("authorization", {"POST": sign_in.answer}),
    "/token": ("token", {"POST": token.answer}),
    "/userinfo": ("userinfo", {"GET": userinfo.answer, "POST": userinfo.answer}),
    "/logout": ("logout", {"GET": logout.answer, "POST": logout.answer}),
    "/apps": ("apps", {"GET": pages.apps}),
    "/style.css": ("style", {"GET": pages.style}),
    "/logo.png": ("logo", {"GET": pages.logo}),
}
