"""Who is asking ``/api/*``: the portal's own pages, another origin, a proxy for a path."""

import re
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest

RETURN_TO_CHARACTERS = 256
"""The sign-in page drops a longer ``next``."""

LOCAL_PATH = re.compile(r"/(?!/)[!-\[\]-~]*")
"""A path at this host and nothing else: no second slash, and no backslash, which is one too."""


def is_own_origin(request: HttpRequest) -> bool:
    """Return whether the portal's own pages ask, or a person at the address bar.

    Browsers say so in ``Sec-Fetch-Site``; those that do not, and other programs, may name an
    ``Origin``.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    return request.headers.get("Origin", settings.BASE_URL) == settings.BASE_URL


def login_url_for(request: HttpRequest) -> str:
    """Return where to send the browser to sign in, absolute.

    A proxy names the path that was asked for in ``X-Forwarded-Uri``, and the person returns there.
    Whoever sends the header can only name a path at the portal's own host.
    """
    url: str = settings.BASE_URL + settings.LOGIN_URL
    wanted = request.headers.get("X-Forwarded-Uri", "")
    if len(wanted) > RETURN_TO_CHARACTERS or not LOCAL_PATH.fullmatch(wanted):
        return url
    return f"{url}?{urlencode({'next': wanted})}"
