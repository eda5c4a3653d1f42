"""What a provider changed in its documents since they were last fetched: pure."""

from collections.abc import Mapping
from dataclasses import fields
from urllib.parse import urlsplit

from federation.oidc.values import Jwks, ProviderMetadata

Change = Mapping[str, Mapping[str, object]]
"""``before`` and ``after``, each by the member's name; empty where nothing changed."""


def hosts_of(metadata: ProviderMetadata) -> frozenset[str]:
    """Return the hosts, with their ports, that a sign-in trusts: the issuer's and the endpoints'.

    Passwords are typed there, our secret is sent there, and keys and claims come from there.
    """
    trusted = (
        metadata.issuer,
        metadata.authorization_endpoint,
        metadata.token_endpoint,
        metadata.jwks_uri,
        metadata.userinfo_endpoint or metadata.issuer,
    )
    return frozenset(urlsplit(address).netloc.lower() for address in trusted)


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
