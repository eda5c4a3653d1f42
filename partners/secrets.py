"""The key ring: what must not be readable in a stolen database is sealed here, with AES-256-GCM.

A sealed text is ``<key id>.<base64url of nonce, ciphertext and tag>``. Its *context* is the
associated data and names the place it is for; a ciphertext moved to another place does not open.
"""

import base64
import binascii
import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from partners.models import ClientKey, Connection

NONCE_BYTES = 12
"""NIST SP 800-38D, section 8.2.2: random nonces of 96 bits, good for 2**32 messages of one key."""

KEY_ID_CHARACTERS = 8
"""Enough to tell apart the few keys of a ring, too little to tell anything of a key."""


class SealError(ValueError):
    """The sealed text does not open: no key of the ring fits, or it belongs elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resealing:
    """What ``reseal_all`` did: how many secrets it sealed anew, and which ones did not open.

    *unreadable* names connections as ``<partner's slug>: <issuer>``, and of which keys the name.
    """

    resealed: int
    unreadable: tuple[str, ...]


def seal(plain: bytes, *, context: str) -> str:
    """Return *plain* sealed with the newest key, for the place that *context* names.

    The text is of letters, digits, ``-``, ``_`` and one dot: it can be a cookie's value.
    """
    key_id, cipher = next(iter(_ring().items()))
    nonce = os.urandom(NONCE_BYTES)
    sealed = nonce + cipher.encrypt(nonce, plain, context.encode())
    return f"{key_id}.{base64.urlsafe_b64encode(sealed).rstrip(b'=').decode()}"


def unseal(sealed: str, *, context: str) -> bytes:
    """Return what was sealed for *context*; raises ``SealError`` when that cannot be had."""
    key_id, _, encoded = sealed.partition(".")
    cipher = _ring().get(key_id)
    if cipher is None:
        raise SealError("sealed with a key that is not in the ring")
    try:
        padded = encoded.encode("ascii") + b"=" * (-len(encoded) % 4)
        message = base64.b64decode(padded, altchars=b"-_", validate=True)
        return cipher.decrypt(message[:NONCE_BYTES], message[NONCE_BYTES:], context.encode())
    except (UnicodeError, binascii.Error, ValueError, InvalidTag) as error:
        raise SealError("not sealed by us for this place") from error


def client_secret_of(connection: Connection) -> str:
    """Return the client secret, empty when the connection has none; raises ``SealError``."""
    if not connection.client_secret_sealed:
        return ""
    return unseal(connection.client_secret_sealed, context=_context_of(connection)).decode()


def remember_client_secret(connection: Connection, secret: str) -> None:
    """Seal *secret* into the saved *connection* and save that; an empty one is forgotten."""
    sealed = seal(secret.encode(), context=_context_of(connection)) if secret else ""
    connection.client_secret_sealed = sealed
    connection.client_secret_set_at = timezone.now() if secret else None
    connection.save(update_fields=["client_secret_sealed", "client_secret_set_at"])


def is_same_issuer(one: str, other: str) -> bool:
    """Return whether two issuers differ by a slash at the end at most: they are one provider."""
    return one.rstrip("/") == other.rstrip("/")


def has_secret_for(connection: Connection, issuer: str) -> bool:
    """Return whether there is a client secret that may be sent to *issuer*.

    It may not where the connection has named another one: whoever points it elsewhere would be
    sent what was set there. One that was typed before any issuer was saved is not of another.
    """
    named = connection.issuer
    return bool(connection.client_secret_sealed) and (not named or is_same_issuer(named, issuer))


def point_to(connection: Connection, issuer: str) -> None:
    """Let *connection* name *issuer*, without saving it; the secret of another one is forgotten."""
    if not has_secret_for(connection, issuer):
        connection.client_secret_sealed, connection.client_secret_set_at = "", None
        connection.client_secret_expires = None
    connection.issuer = issuer


def seal_private_key(private_key: bytes, *, connection_id: int, kid: str) -> str:
    """Return the private half of the key *kid*, sealed for it and its connection."""
    return seal(private_key, context=_context_of_key(connection_id, kid))


def private_key_of(key: ClientKey) -> bytes:
    """Return the private half of a key that is not retired; raises ``SealError``."""
    return unseal(key.private_key_sealed, context=_context_of_key(key.connection_id, key.kid))


def reseal_all() -> Resealing:
    """Seal every stored secret with the newest key, those excepted that have it already."""
    resealed = 0
    unreadable = []
    with transaction.atomic():
        secrets = Connection.objects.exclude(client_secret_sealed="").select_related("partner")
        for connection in secrets.select_for_update(of=("self",)).order_by("id"):
            try:
                resealed += _reseal(
                    connection, "client_secret_sealed", context=_context_of(connection)
                )
            except SealError:
                unreadable.append(f"{connection.partner.slug}: {connection.issuer}")
        keys = ClientKey.objects.exclude(private_key_sealed="").select_related(
            "connection__partner"
        )
        for key in keys.select_for_update(of=("self",)).order_by("id"):
            try:
                resealed += _reseal(
                    key, "private_key_sealed", context=_context_of_key(key.connection_id, key.kid)
                )
            except SealError:
                unreadable.append(f"{key.connection.partner.slug}: {key.connection.issuer} {key}")
    return Resealing(resealed=resealed, unreadable=tuple(unreadable))


def _reseal(row: Connection | ClientKey, field: str, *, context: str) -> bool:
    """Seal a field with the newest key; return whether it was sealed with another one."""
    sealed: str = getattr(row, field)
    plain = unseal(sealed, context=context)
    if sealed.partition(".")[0] == next(iter(_ring())):
        return False
    setattr(row, field, seal(plain, context=context))
    row.save(update_fields=[field])
    return True


def _context_of(connection: Connection) -> str:
    if connection.pk is None:
        raise ValueError("the connection has to be saved first: its secret is bound to its row")
    return f"partners_connection:{connection.pk}:client_secret"


def _context_of_key(connection_id: int, kid: str) -> str:
    # The thumbprint names the row as well as its id would, and is known before there is one.
    return f"partners_clientkey:{connection_id}:{kid}:private_key"


def _ring() -> dict[str, AESGCM]:
    return _ciphers(tuple(settings.SECRETS_KEYS))


@lru_cache(maxsize=8)
def _ciphers(keys: tuple[bytes, ...]) -> dict[str, AESGCM]:
    return {_key_id(key): AESGCM(key) for key in keys}


def _key_id(key: bytes) -> str:
    return hashlib.sha256(b"foyer key id\0" + key).hexdigest()[:KEY_ID_CHARACTERS]
