"""Who is calling: for the trail, and for whatever counts what one subscriber does."""

import ipaddress

import structlog
from django.http import HttpRequest

from audit.trail import Caller

IPV6_NETWORK = 64
"""Bits of an IPv6 address that one subscriber cannot choose."""


def caller_of(request: HttpRequest) -> Caller:
    """Return the caller of this request: address, User-Agent and the request's id."""
    return Caller(
        address=request.META.get("REMOTE_ADDR") or None,
        agent=request.META.get("HTTP_USER_AGENT", ""),
        request_id=str(structlog.contextvars.get_contextvars().get("request_id", "")),
    )


def network_of(address: str | None) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """Return the addresses of which one subscriber has as many as it likes.

    ``None`` for what is no address, as where the portal listens at a socket.
    """
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return None
    bits = parsed.max_prefixlen if parsed.version == 4 else IPV6_NETWORK  # noqa: PLR2004 -- as it is called
    return ipaddress.ip_network((parsed, bits), strict=False)
