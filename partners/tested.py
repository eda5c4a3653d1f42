"""Which settings a test sign-in was made with, and that one has passed with exactly these.

The database forgets it by itself when one of them changes: ``Connection``'s trigger.
"""

import hashlib
import json
from datetime import datetime

from django.db import transaction

from partners.models import Connection
from partners.models.connection import TESTED_SETTINGS

DIGEST_CHARACTERS = 32
"""128 bits in hexadecimal: they have to differ for two settings, and keep no secret."""


def settings_digest(connection: Connection) -> str:
    """Return what names the *connection*'s settings: another one for any other settings."""
    values = [str(connection.pk), *(getattr(connection, name) for name in TESTED_SETTINGS)]
    written = json.dumps(values, sort_keys=True, default=str)
    return hashlib.sha256(written.encode()).hexdigest()[:DIGEST_CHARACTERS]


@transaction.atomic
def remember_tested(connection: Connection, *, digest: str, at: datetime) -> bool:
    """Note that a test sign-in has passed *at* that time; return whether it counts.

    It does not when the settings are no longer those that *digest* names, nor our keys those with
    which *connection* was read: what was tested is not what people would sign in with.
    """
    stored = Connection.objects.select_for_update(no_key=True).filter(pk=connection.pk).first()
    if stored is None or settings_digest(stored) != digest:
        return False
    if not stored.is_live and stored.client_keys_changed_at != connection.client_keys_changed_at:
        return False
    stored.tested_at = at
    stored.save(update_fields=["tested_at"])
    return True
