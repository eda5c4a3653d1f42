"""What ``manage.py check --deploy`` says of how we reach providers."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks


@checks.register(checks.Tags.security, deploy=True)
def trusted_endpoints(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Warn of endpoints that may be plain http, or inside the network."""
    del app_configs, kwargs
    if not settings.FEDERATION_TRUSTED_ENDPOINTS:
        return []
    return [
        checks.Warning(
            "FEDERATION_TRUSTED_ENDPOINTS lets partners' providers be at "
            f"{', '.join(sorted(settings.FEDERATION_TRUSTED_ENDPOINTS))}, in plain http too.",
            hint="Leave it empty unless a provider of your own is inside your network.",
            id="federation.W001",
        )
    ]
