"""What a provider changed in its documents since they were last fetched: pure."""

from collections.abc import Mapping
from dataclasses import fields
from urllib.parse import urlsplit

from federation.oidc.values import Jwks, ProviderMetadata

Change = Mapping[str, Mapping[str, object]]
"""``before`` and ``after``, each by the member's name; empty where nothing changed."""


def hosts_of(metadata: ProviderMetadata) -> frozenset[str]:
    """Return the hosts that are trusted: the issuer's and the endpoints'.

    Passwords are typed there, our secret is sent there, keys and claims come from there, and an ID
    Token may be shown there at the end. A port stands with its host where it is not the usual one.
    """
    trusted = (
        metadata.issuer,
        metadata.authorization_endpoint,
        metadata.token_endpoint,
        metadata.jwks_uri,
        metadata.userinfo_endpoint or metadata.issuer,
        metadata.end_session_endpoint or metadata.issuer,
    )
    return frozenset(map(_host_of, trusted))


def _host_of(address: str) -> str:
    parts = urlsplit(address)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    host = parts.hostname or ""
    return host if parts.port in (None, usual) else f"{host}:{parts.port}"


def change_between(
    old: tuple[ProviderMetadata, Jwks], new: tuple[ProviderMetadata, Jwks]
) -> Change:
    """Return the members that differ: addresses and what is offered, and the keys by their ids."""
    before, after = _described(*old), _described(*new)
    differing = [name for name in after if before[name] != after[name]]
    if not differing:
        return {}
    return {
        "before": {name: before[name] for name in differing},
        "after": {name: after[name] for name in differing},
    }


def _described(metadata: ProviderMetadata, jwks: Jwks) -> dict[str, object]:
    described: dict[str, object] = {
        field.name: _plain(getattr(metadata, field.name)) for field in fields(metadata)
    }
    described["keys"] = sorted(key.kid or "(no name)" for key in jwks.keys)
    return described


def _plain(value: object) -> object:
    # Lists, as the trail's JSON has them; their order says nothing.
    return sorted(value) if isinstance(value, tuple) else value
