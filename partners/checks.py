"""System checks: what stands in the records that the settings can no longer read."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.core import checks

from partners.models import ClientKey, Connection
from partners.secrets import SealError, client_secret_of, private_key_of

M = TypeVar("M", Connection, ClientKey)

_PUT_BACK = "Put the key it was sealed with back into SECRETS_KEYS"


@checks.register(checks.Tags.database, deploy=True)
def unreadable_secrets(
    *, databases: Sequence[str] | None = None, **_options: Any
) -> list[checks.CheckMessage]:
    """Warn of each stored client secret and each key of ours that no key of the ring opens.

    Asked for with ``check --deploy --database default``.
    """
    if not databases:
        return []
    secrets = Connection.objects.exclude(client_secret_sealed="").select_related("partner")
    keys = ClientKey.objects.exclude(private_key_sealed="").select_related("connection__partner")
    return [
        *(
            checks.Warning(
                f"No key in SECRETS_KEYS opens the client secret of {connection.partner.slug}.",
                hint=f"{_PUT_BACK}, or set the secret again.",
                obj=connection,
                id="partners.W001",
            )
            for connection in secrets
            if not _opens(client_secret_of, connection)
        ),
        *(
            checks.Warning(
                f"No key in SECRETS_KEYS opens a private key for {key.connection.partner.slug}.",
                hint=f"{_PUT_BACK}, or make a new key on the partner's page in the admin.",
                obj=key,
                id="partners.W002",
            )
            for key in keys
            if not _opens(private_key_of, key)
        ),
    ]


def _opens(opened: Callable[[M], object], row: M) -> bool:
    try:
        opened(row)
    except SealError:
        return False
    return True
