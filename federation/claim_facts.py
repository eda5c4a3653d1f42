"""What may be said of somebody's claims: masked to the person itself, as bare facts to others.

Pure.
"""

import json
from collections.abc import Mapping
from datetime import datetime

from federation.oidc.values import Claims

CLAIMS = 60
"""Claims that are shown: some providers send hundreds of groups, each as a claim."""

NAME_CHARACTERS = 60
"""Characters of a claim's name that are shown, and kept."""

VALUE_CHARACTERS = 120
"""Characters of a value that is shown."""

_SECRET = frozenset({"nonce", "at_hash", "c_hash", "s_hash", "sid", "jti"})
"""Claims that tie a token to something: nobody learns from them, and somebody could use them."""

_OF_THE_SIGN_IN = frozenset(
    {"iss", "aud", "azp", "iat", "exp", "nbf", "auth_time", "acr", "amr", "hd", "tid", "ver"}
    | {"email_verified", "xms_edov", "session_expiry", "identity_provider", "idp"}
)
"""Claims about the sign-in and the company, not about the person: they are shown in full."""

_HOW_SIGNED_IN = ("amr", "acr", "auth_time")


def masked_claims(claims: Claims) -> list[tuple[str, str]]:
    """Return the names of *claims* with their values, those about the person masked."""
    shown = sorted(name for name in claims if name not in _SECRET)[:CLAIMS]
    return [(_plain(name, NAME_CHARACTERS), _shown(name, claims[name])) for name in shown]


def masked(value: str) -> str:
    """Return *value* so that whose it is can be guessed by the one who has it, and nobody else.

    Of an address the domain stays: it decides whether the person may enter.
    """
    local, at, domain = value.rpartition("@")
    if at and local:
        return _plain(f"{local[0]}•••@{domain}", VALUE_CHARACTERS)
    return _plain(" ".join(f"{word[0]}•••" for word in value.split()), VALUE_CHARACTERS)


def facts_of(claims: Claims, *, email_claim: str, now: datetime) -> dict[str, object]:
    """Return what is kept of *claims*: which there are, and no value that says who it is.

    ``claims`` is a list of names; ``email_verified`` and ``xms_edov`` are ``yes``, ``no`` or
    ``missing``; ``clock_ahead`` is how far the provider's clock is ahead, in seconds.
    """
    if not claims:
        return {}
    named = (claims.get("name"), claims.get("given_name"), claims.get("family_name"))
    return {
        "claims": [_plain(name, NAME_CHARACTERS) for name in sorted(claims)[:CLAIMS]],
        "has_email": bool(claims.get(email_claim)),
        "email_verified": _said(claims, "email_verified"),
        "xms_edov": _said(claims, "xms_edov"),
        "has_name": any(isinstance(part, str) and part.strip() for part in named),
        "says_how_signed_in": [name for name in _HOW_SIGNED_IN if claims.get(name)],
        "subject_is_address": "@" in str(claims.get("sub", "")),
        "clock_ahead": _seconds_after(now, claims.get("iat")),
    }


def _seconds_after(now: datetime, issued_at: object) -> int | None:
    return round(issued_at - now.timestamp()) if isinstance(issued_at, int) else None


def _said(claims: Mapping[str, object], name: str) -> str:
    if name not in claims:
        return "missing"
    return "yes" if str(claims[name]).lower() in {"true", "1"} else "no"


def _shown(name: str, value: object) -> str:
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if name in _OF_THE_SIGN_IN:
        words = " ".join(map(str, value)) if isinstance(value, list) else str(value)
        return _plain(words, VALUE_CHARACTERS)
    if isinstance(value, str):
        return masked(value)
    return "•••"


def _plain(words: str, characters: int) -> str:
    printable = "".join(character if character.isprintable() else " " for character in words)
    return printable if len(printable) <= characters else f"{printable[: characters - 1]}…"
