"""What a host name leads to, and which of it is public."""

import ipaddress
import socket
from collections.abc import Callable, Sequence

Resolver = Callable[[str], Sequence[str]]
"""Returns every address of a host name, best first; raises ``OSError`` when there is none."""

_NOT_PUBLIC_4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by carriers; Alibaba's metadata at 100.100.100.200
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's own services on every virtual machine
        "169.254.0.0/16",  # link-local; metadata of AWS, Google, Azure at 169.254.169.254
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments; Oracle's metadata at 192.0.0.192
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays from IPv6
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
)
"""IANA's special-purpose registry and the clouds' own additions.

Not ``ipaddress.is_global``: it changes between patch releases of Python, and takes multicast,
Azure's and Oracle's addresses for global ones.
"""

_PUBLIC_6 = ipaddress.IPv6Network("2000::/3")
"""All that is allocated as global unicast.

Whatever lies outside is refused unseen: loopback, unique local (AWS's metadata at fd00:ec2::254),
link-local, multicast, and the forms that carry an IPv4 address (``::ffff:0:0/96``,
``64:ff9b::/96``, ``64:ff9b:1::/48``).
"""

_NOT_PUBLIC_6 = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, among them Teredo, which carries an IPv4 address
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: carries an IPv4 address
        "3fff::/20",  # documentation
    )
)


def is_public(address: str) -> bool:
    """Return whether *address* is a global unicast address, and nothing special."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in network for network in _NOT_PUBLIC_4)
    return ip in _PUBLIC_6 and not any(ip in network for network in _NOT_PUBLIC_6)


def are_public(addresses: Sequence[str]) -> bool:
    """Return whether every one of *addresses* is: an attacker chooses which one comes first."""
    return all(map(is_public, addresses))


def system_resolver(host: str) -> Sequence[str]:
    """Return every address of *host* as this system resolves it, without a time limit.

    Raises ``OSError`` when there is none.
    """
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
