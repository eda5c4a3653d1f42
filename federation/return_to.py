"""Where in the portal a person wanted to go, when that is a place we may send anybody."""

import posixpath
import re
from urllib.parse import unquote

from django.conf import settings

RETURN_TO_CHARACTERS = 256
"""Longer addresses do not fit into the attempt's cookie beside what must be there."""

HOME = "/"

# What browsers read otherwise than we do: a backslash is a slash to them, and they drop tabs and
# line feeds before they look (WHATWG URL, section 4.4). Spaces and everything past ASCII would
# have to be percent-encoded anyway.
_PLAIN = re.compile(r"[!-\[\]-~]+")
_NOT_A_PLACE = re.compile(r"/(?:login|logout|i18n)(?:/|$)")


def safe_return_to(raw: str | None) -> str:
    """Return *raw* if it is a path of the portal or an address at a service's origin, else ``/``.

    Pages of signing in and out are no places to return to.
    """
    if not raw or len(raw) > RETURN_TO_CHARACTERS or not _PLAIN.fullmatch(raw):
        return HOME
    if raw.startswith("/"):
        return HOME if raw.startswith("//") or _NOT_A_PLACE.match(_path_of(raw)) else raw
    origins = (settings.BASE_URL, *settings.SERVICE_ORIGINS)
    # A prefix that ends in a slash leaves no room for a port, a user name or a longer host.
    return raw if raw.startswith(tuple(f"{origin}/" for origin in origins)) else HOME


def _path_of(raw: str) -> str:
    """Return the path that *raw* leads to: browsers take out its dots, and Django its percents."""
    return posixpath.normpath(unquote(re.split("[?#]", raw, maxsplit=1)[0]))
