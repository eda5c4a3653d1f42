"""The addresses a provider gives us: which of them may be used, and how parameters are added."""

import re
from collections.abc import Mapping
from urllib.parse import SplitResult, unquote_plus, urlencode, urlsplit

ENDPOINT_LENGTH = 2048
"""Characters of an endpoint: what every browser and proxy carries."""

_URI_CHARACTERS = re.compile(r"[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]+")
"""RFC 3986, section 2, without ``#``: no endpoint has a fragment (RFC 6749, section 3.1)."""

_DEFAULT_PORTS = {"https": 443, "http": 80}


def is_usable_endpoint(endpoint: str, *, insecure_endpoints: frozenset[str]) -> bool:
    """Return whether *endpoint* may be sent a browser, a code or a secret.

    It must be an absolute ``https`` URL without credentials and fragment. Plain ``http`` is for
    the *insecure_endpoints*, each of them ``host:port``.
    """
    # The pattern comes first: urlsplit silently drops line breaks and tabs, so that what it
    # judges would not be what is sent.
    if len(endpoint) > ENDPOINT_LENGTH or not _URI_CHARACTERS.fullmatch(endpoint):
        return False
    try:
        parts = urlsplit(endpoint)
        authority = _authority(parts)
    except ValueError:
        return False
    if not parts.hostname or "@" in parts.netloc:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and authority in insecure_endpoints)


def with_parameters(
    endpoint: str, parameters: Mapping[str, str], *, reserved: frozenset[str] = frozenset()
) -> str:
    """Return *endpoint* with *parameters* in its query, each of them exactly once.

    The endpoint keeps a query of its own (RFC 6749, section 3.1), but for what *parameters* set
    and what is *reserved*: a provider's document must not choose our redirect URI.
    """
    parts = urlsplit(endpoint)
    ours = reserved | parameters.keys()
    kept = [field for field in parts.query.split("&") if field and _name(field) not in ours]
    return parts._replace(query="&".join([*kept, urlencode(parameters)])).geturl()


def _authority(parts: SplitResult) -> str:
    host = parts.hostname or ""
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _name(field: str) -> str:
    return unquote_plus(field.partition("=")[0])
