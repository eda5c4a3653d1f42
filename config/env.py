"""How settings are read from the environment, with one clear line for a wrong value."""

import base64
import binascii
import ipaddress
from collections.abc import Callable
from email.utils import parseaddr
from typing import Any, TypeVar
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

from tokens.values import DEVELOPER_PROVIDER_NAME, IDENTITY_POOL_ID

T = TypeVar("T")

KEY_BYTES = 32
"""AES-256 takes keys of 32 bytes, and no other length is accepted."""

LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""Hosts at which plain http is allowed: what is said there never leaves the machine."""

MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}
"""Ways to a mail server, and their usual ports: RFC 8314, section 7.3."""

NAME_SERVERS_AT_LEAST = 2
"""One that lies, or is lied to, must not be believed alone."""

source = environ.Env()


def read(name: str, parse: Callable[[str], T], *, default: str | None = None) -> T:
    """Return variable *name* as *parse* understands it.

    Raises ``ImproperlyConfigured`` with one line that names the variable when it is required and
    missing, or when *parse* raises ``ValueError``, whose text says what is expected.
    """
    raw = source.str(name, default="").strip() or default
    if raw is None:
        raise ImproperlyConfigured(f"{name} is required and not set.")
    try:
        return parse(raw)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}") from error


def text(raw: str) -> str:
    """Return *raw* as it is."""
    return raw


def secret_key(raw: str) -> str:
    """Return Django's SECRET_KEY; short or default-looking ones are refused."""
    if len(raw) < 50 or raw.startswith("django-insecure-"):  # noqa: PLR2004 -- Django's own rule
        raise ValueError("expected at least 50 random characters.")
    return raw


def boolean(raw: str) -> bool:
    """Return the truth value written as true/false, yes/no, on/off or 1/0."""
    value = {"true": True, "yes": True, "on": True, "1": True}.get(raw.lower())
    if value is None and raw.lower() not in {"false", "no", "off", "0"}:
        raise ValueError(f"expected true or false, not {raw!r}.")
    return bool(value)


def integer(*, least: int, most: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from *least* to *most*."""

    def parse(raw: str) -> int:
        if not raw.isascii() or not raw.isdecimal() or not least <= int(raw) <= most:
            raise ValueError(f"expected a whole number from {least} to {most}, not {raw!r}.")
        return int(raw)

    return parse


def words(raw: str) -> list[str]:
    """Return the comma-separated words, without blanks and empty ones."""
    return [word for part in raw.split(",") if (word := part.strip())]


def origin(raw: str) -> str:
    """Return an origin, as in ``https://portal.example``; http only at a loopback host."""
    parts = urlsplit(raw)
    host = parts.netloc.rpartition("@")[2].lower()
    name = host if host.startswith("[") and host.endswith("]") else host.rpartition(":")[0] or host
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc:
        raise ValueError(f"expected an origin such as https://portal.example, not {raw!r}.")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"expected an origin without a path, not {raw!r}.")
    if parts.scheme == "http" and name not in LOOPBACK_HOSTS:
        raise ValueError("plain http is refused unless the host is loopback; use https.")
    # A wrong port raises ValueError here; a browser leaves the scheme's own away.
    is_usual = parts.port == {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{name if is_usual else host}"


def origins(raw: str) -> list[str]:
    """Return the comma-separated origins."""
    return [origin(word) for word in words(raw)]


def endpoints(raw: str) -> frozenset[str]:
    """Return the comma-separated ``host:port`` pairs."""
    pairs = words(raw.lower())
    for pair in pairs:
        host, _, port = pair.rpartition(":")
        if not host or not port.isdecimal():
            raise ValueError(f"expected host:port, not {pair!r}.")
    return frozenset(pairs)


def web_address(raw: str) -> str:
    """Return a page's address, ``https://…`` or a path of the portal's own host, or nothing."""
    parts = urlsplit(raw)
    is_path = raw.startswith("/") and not parts.netloc
    if raw and not is_path and not (parts.scheme == "https" and parts.netloc):
        raise ValueError(
            f"expected an address such as https://portal.example/privacy, not {raw!r}."
        )
    return raw


def networks(raw: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Return the comma-separated networks, written as CIDR."""
    return [ipaddress.ip_network(word) for word in words(raw)]


def key_ring(raw: str) -> list[bytes]:
    """Return the keys of a comma-separated ring, newest first, each base64 of 32 bytes."""
    keys = []
    for word in words(raw):
        try:
            key = base64.b64decode(word, validate=True)
        except binascii.Error as error:
            raise ValueError("expected base64 of 32 bytes, comma-separated.") from error
        if len(key) != KEY_BYTES:
            raise ValueError(f"expected base64 of 32 bytes, not of {len(key)}.")
        keys.append(key)
    if not keys:
        raise ValueError("expected at least one key: base64 of 32 bytes.")
    return keys


def database(raw: str) -> dict[str, Any]:
    """Return Django's settings for a PostgreSQL database, given as a URL."""
    config: dict[str, Any] = environ.Env.db_url_config(raw)
    if config.get("ENGINE") != "django.db.backends.postgresql":
        raise ValueError(
            "expected postgres://user:password@host:port/name; no other database fits."
        )
    return config


def redis(raw: str) -> str:
    """Return the URL of a Redis server, or nothing."""
    if raw and not raw.startswith(("redis://", "rediss://")):
        raise ValueError("expected redis://… or rediss://…, or nothing.")
    return raw


def identity_pool_id(raw: str) -> str:
    """Return the id of an Amazon Cognito identity pool, or nothing."""
    if raw and not IDENTITY_POOL_ID.fullmatch(raw):
        raise ValueError(f"expected an id such as eu-west-1:6b2f9a1e-…, not {raw!r}.")
    return raw


def developer_provider_name(raw: str) -> str:
    """Return the name that we have as a developer provider in the pool, or nothing."""
    if raw and not DEVELOPER_PROVIDER_NAME.fullmatch(raw):
        raise ValueError(f"expected up to 128 letters, digits, dots, - and _, not {raw!r}.")
    return raw


def email(raw: str) -> str:
    """Return an e-mail address, or nothing."""
    if raw:
        try:
            validate_email(raw)
        except ValidationError as error:
            raise ValueError(f"expected an e-mail address, not {raw!r}.") from error
    return raw


def mailbox(raw: str) -> str:
    """Return an e-mail address, with or without a name as in ``Name <address>``, or nothing."""
    address = parseaddr(raw)[1]
    if raw and not address:
        raise ValueError(
            f"expected an address such as Portal <portal@portal.example>, not {raw!r}."
        )
    email(address)
    return raw


def mail_server(raw: str) -> dict[str, Any]:
    """Return Django's settings for a mail server that is given as a URL; empty for none."""
    if not raw:
        return {}
    scheme = urlsplit(raw).scheme
    if scheme not in MAIL_PORTS and scheme not in {"filemail", "consolemail"}:
        raise ValueError("expected smtp+tls://user:password@host:port, smtp+ssl:// or smtp://.")
    config: dict[str, Any] = environ.Env.email_url_config(raw)
    if scheme in MAIL_PORTS and not config["EMAIL_HOST"]:
        raise ValueError("expected the mail server's host, as in smtp+tls://mail.example.")
    config["EMAIL_PORT"] = config["EMAIL_PORT"] or MAIL_PORTS.get(scheme)
    return config


def name_servers(raw: str) -> list[tuple[str, int]]:
    """Return the comma-separated name servers, each an IP address, with a port where not 53."""
    servers = []
    for word in words(raw):
        is_bare_ipv6 = word.count(":") > 1 and "[" not in word
        parts = urlsplit(f"//[{word}]" if is_bare_ipv6 else f"//{word}")
        try:
            servers.append((str(ipaddress.ip_address(parts.hostname or "")), parts.port or 53))
        except ValueError as error:
            raise ValueError(f"expected addresses such as 192.0.2.53, not {word!r}.") from error
    if len(set(servers)) < NAME_SERVERS_AT_LEAST:
        raise ValueError("expected at least two name servers: they have to agree.")
    return servers


def choice(*allowed: str) -> Callable[[str], str]:
    """Return a reader of one of the *allowed* words."""

    def parse(raw: str) -> str:
        if raw not in allowed:
            raise ValueError(f"expected {' or '.join(allowed)}, not {raw!r}.")
        return raw

    return parse


def port(raw: str) -> int:
    """Return a TCP port."""
    return integer(least=1, most=65535)(raw)
