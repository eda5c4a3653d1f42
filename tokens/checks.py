"""What ``manage.py check --deploy`` says of the token issuer's settings."""

import os
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004

from tokens.values import DEVELOPER_PROVIDER_NAME, IDENTITY_POOL_ID

ENDPOINT_VARIABLES = ("AWS_ENDPOINT_URL_COGNITO_IDENTITY", "AWS_ENDPOINT_URL")
REGION_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")

LONG_SECONDS = 3600
"""Nothing revokes a token, so that its duration is how long a person who was shut out stays in."""


@register(Tags.security, deploy=True)
def token_issuer_settings(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Return what is wrong, or unwise, in the settings of the token issuer and its sessions."""
    del app_configs, kwargs
    return [*_of_the_pool(), *_of_the_environment(), *_of_the_session()]


def _of_the_pool() -> Iterator[CheckMessage]:
    pool_id = settings.COGNITO_IDENTITY_POOL_ID
    if not IDENTITY_POOL_ID.fullmatch(pool_id):
        yield Error(
            f"COGNITO_IDENTITY_POOL_ID is no identity pool's id: {pool_id!r}.",
            hint="It reads eu-west-1:6b2f9a1e-…, as the pool's page shows it.",
            id="tokens.E001",
        )
    name = settings.COGNITO_DEVELOPER_PROVIDER_NAME
    if not DEVELOPER_PROVIDER_NAME.fullmatch(name):
        yield Error(
            f"COGNITO_DEVELOPER_PROVIDER_NAME is no developer provider's name: {name!r}.",
            hint="Up to 128 letters, digits, dots, dashes and underscores, as set in the pool.",
            id="tokens.E002",
        )
    if settings.COGNITO_TOKEN_DURATION > LONG_SECONDS:
        yield Warning(
            "COGNITO_TOKEN_DURATION is more than an hour.",
            hint="Nobody can revoke a token. Sessions renew theirs, so that a short one is enough.",
            id="tokens.W001",
        )


def _of_the_environment() -> Iterator[CheckMessage]:
    for variable in ENDPOINT_VARIABLES:
        if os.environ.get(variable):
            yield Warning(
                f"{variable} sends the portal's requests to {os.environ[variable]}.",
                hint="Unset it, unless that is your own way to Amazon Cognito.",
                id="tokens.W002",
            )
    region = settings.COGNITO_IDENTITY_POOL_ID.partition(":")[0]
    for variable in REGION_VARIABLES:
        if os.environ.get(variable, region) != region:
            yield Error(
                f"{variable} is {os.environ[variable]}, the identity pool's Region is {region}.",
                hint="A pool answers in its own Region only.",
                id="tokens.E003",
            )


def _of_the_session() -> Iterator[CheckMessage]:
    if settings.SESSION_ENGINE != "people.session_store":
        yield Error(
            "SESSION_ENGINE is not people.session_store.",
            hint="Only its rows can be ended by person and partner, and hold a sealed token.",
            id="tokens.E004",
        )
