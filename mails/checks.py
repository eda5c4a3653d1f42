"""What ``manage.py check --deploy`` says of the mail server."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register  # noqa: A004

from mails.sending import can_be_sent

LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts to which a mail may go in the clear: what is said there never leaves the machine."""


@register(Tags.security, deploy=True)
def mail_server(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Warn of a portal that can send no mail, or that sends it where others may read it."""
    del app_configs, kwargs
    return list(_warnings())


def _warnings() -> Iterator[CheckMessage]:
    if not can_be_sent():
        yield Warning(
            "EMAIL_URL is not set: the portal cannot send mails.",
            hint="Set-up links, links to hidden partners and reminders all go by mail.",
            id="mails.W001",
        )
    elif settings.EMAIL_BACKEND.endswith(("filebased.EmailBackend", "console.EmailBackend")):
        yield Warning(
            "EMAIL_URL has mails written down here, and sends them to nobody.",
            hint="Name a server, as in smtp+tls://user:password@mail.example:587.",
            id="mails.W002",
        )
    elif (
        settings.EMAIL_HOST not in LOOPBACK_HOSTS
        and not settings.EMAIL_USE_TLS
        and not settings.EMAIL_USE_SSL
    ):
        yield Warning(
            f"EMAIL_URL has mails sent to {settings.EMAIL_HOST} in the clear.",
            hint="They hold links that let people in: use smtp+tls or smtp+ssl.",
            id="mails.W003",
        )
