"""System checks: what stands in the records that the settings can no longer read."""

from collections.abc import Sequence
from typing import Any

from django.core import checks

from partners.models import Connection
from partners.secrets import SealError, client_secret_of


@checks.register(checks.Tags.database, deploy=True)
def unreadable_secrets(
    *, databases: Sequence[str] | None = None, **_options: Any
) -> list[checks.CheckMessage]:
    """Warn of each stored client secret that no key of the ring opens.

    Asked for with ``check --deploy --database default``.
    """
    if not databases:
        return []
    return [
        checks.Warning(
            f"No key in SECRETS_KEYS opens the client secret of {connection.partner.slug}.",
            hint="Put the key it was sealed with back into SECRETS_KEYS, or set the secret again.",
            obj=connection,
            id="partners.W001",
        )
        for connection in Connection.objects.exclude(client_secret_sealed="").select_related(
            "partner"
        )
        if not _opens(connection)
    ]


def _opens(connection: Connection) -> bool:
    try:
        client_secret_of(connection)
    except SealError:
        return False
    return True
