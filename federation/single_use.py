"""What is good for one use: states and logout tokens, remembered by their digests."""

import hashlib

from django.db import connection as database

from federation.models import UsedState


def use_up(name: str) -> bool:
    """Return whether this is the first use of *name*; races are settled by the insert."""
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO federation_usedstate (digest, used_at) VALUES (%s, now())"
            " ON CONFLICT DO NOTHING",
            [_digest_of(name)],
        )
        return bool(cursor.rowcount)


def was_used(name: str) -> bool:
    """Return whether *name* has been used."""
    return UsedState.objects.filter(digest=_digest_of(name)).exists()


def _digest_of(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()
