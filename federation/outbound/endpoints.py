"""Which URLs the portal calls: judged by their text, before anything is looked up."""

import re
from dataclasses import dataclass

from .errors import AddressRefusedError

HTTPS_PORT = 443

_URL = re.compile(
    r"""
    (?P<scheme> https? ) ://
    (?P<host> [a-z0-9._-]+ | \[ [0-9a-f:.]+ \] )
    (?: : (?P<port> [0-9]{1,5} ) )?
    (?P<target> [/?] [!"$-\[\]-~]* )?
    """,
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)
"""One reading for the judge and the caller alike, of the URLs that all parsers read the same way.

User names, fragments, backslashes, blanks and characters beyond ASCII are where they differ.
"""

_PUBLIC_NAME = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])"
)
"""A host name with a dot, whose last label begins with a letter.

That leaves out every spelling of an IP address (``2130706433``, ``0177.0.0.1``, ``0x7f.1``,
``127.1``), names that a search list completes, and the trailing dot.
"""

_INTERNAL_SUFFIXES = (".localhost", ".local", ".internal", ".home.arpa")
"""RFC 6761, RFC 6762, RFC 8375 and ICANN's choice; ``metadata.google.internal`` is one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a call goes: a URL that was judged, in the parts that are called.

    An endpoint *is_trusted* when the operator named its host and port: only then may it speak
    plain http, use another port, or stand at an address that is not public.
    """

    is_tls: bool
    host: str
    port: int
    target: str
    is_trusted: bool

    @property
    def origin(self) -> tuple[bool, str, int]:
        """What two calls must share to use one connection."""
        return self.is_tls, self.host, self.port


def endpoint_of(url: str, *, trusted: frozenset[str]) -> Endpoint:
    """Return where *url* leads; *trusted* endpoints are each written ``host:port``, lower case.

    Raises ``AddressRefusedError`` for a URL that the portal does not call.
    """
    parts = _URL.fullmatch(url)
    if parts is None:
        raise AddressRefusedError(
            "This is not a URL that the portal can call: it begins with https:// and a host name, "
            "and has no user name, no spaces and no #."
        )
    is_tls = parts["scheme"].lower() == "https"
    host = parts["host"].lower()
    port = int(parts["port"] or (HTTPS_PORT if is_tls else 80))
    is_trusted = f"{host}:{port}" in trusted
    fault = None if is_trusted else _fault(is_tls=is_tls, host=host, port=port)
    if fault:
        raise AddressRefusedError(fault)
    target = parts["target"] or "/"
    return Endpoint(
        is_tls=is_tls,
        host=host.strip("[]"),
        port=port,
        target=f"/{target}" if target.startswith("?") else target,
        is_trusted=is_trusted,
    )


def why_not_outbound(url: str, *, trusted: frozenset[str]) -> str | None:
    """Return in one sentence why the portal would not call *url*, or ``None``.

    What its host name leads to is judged later, at each new connection.
    """
    try:
        endpoint_of(url, trusted=trusted)
    except AddressRefusedError as refusal:
        return refusal.detail
    return None


def why_not_issuer(issuer: str, *, trusted: frozenset[str]) -> str | None:
    """Return in one sentence why *issuer* cannot be one that the portal asks, or ``None``.

    OpenID Connect Discovery 1.0, section 3: an issuer has no query and no fragment.
    """
    if "?" in issuer:
        return "An issuer has no query: leave out the question mark and what follows."
    if "/.." in issuer:
        return "An issuer has no .. in its path."
    return why_not_outbound(issuer, trusted=trusted)


def _fault(*, is_tls: bool, host: str, port: int) -> str | None:
    if not is_tls:
        return "The URL must begin with https://."
    if port != HTTPS_PORT:
        return f"Port {port} is not called: only {HTTPS_PORT} is."
    if not _PUBLIC_NAME.fullmatch(host) or host.endswith(_INTERNAL_SUFFIXES):
        return f"{host} is not a public host name."
    return None
