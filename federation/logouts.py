"""Somebody signed out at the company's provider, which tells us so: Back-Channel Logout 1.0."""

from datetime import timedelta

import structlog
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from audit.models import Event
from audit.trail import Happening, record
from federation import limits
from federation.callers import caller_of
from federation.oidc.discovery import settle_algorithms
from federation.oidc.errors import FederationError, UnknownKeyError
from federation.oidc.logout_token import verify_logout_token
from federation.oidc.values import LogoutToken
from federation.provider import Provider
from federation.registration import registration_of
from federation.single_use import use_up
from partners.models import Connection
from people.provider_sessions import end_sessions_at_provider

log = structlog.get_logger(__name__)

SIGNED_OUT = "logout.backchannel"
"""The trail's word for a person whose sessions a provider has ended."""

REFUSED = "logout.refused"
"""The trail's word for a logout token that did not hold."""

RECORDED_EVERY = timedelta(hours=1)
"""How often the same refusal of one partner is recorded: anybody can send what is no token."""


def sign_out_by(compact: str, *, connection: Connection, request: HttpRequest) -> None:
    """End the sessions that the logout token *compact* means, if it holds and is new.

    One that came before has done its work: it ends nothing, not even sessions that have begun
    since. Raises ``FederationError``.
    """
    token = _verified(compact, connection=connection, request=request)
    slug = connection.partner.slug
    with transaction.atomic():
        if not use_up(f"logout token {connection.pk} {token.issuer} {token.jti}"):
            log.info("logout.repeated", partner=slug)
            return
        ended = end_sessions_at_provider(
            connection,
            issuer=token.issuer,
            provider_subject=token.subject,
            session_id=token.session_id,
        )
        for user, count in ended.items():
            happening = Happening(
                what=SIGNED_OUT,
                partner=slug,
                subject=user.subject,
                email=user.email,
                detail={"sessions_ended": count},
            )
            record(happening, caller=caller_of(request))
    log.info(SIGNED_OUT, partner=slug, sessions_ended=sum(ended.values()))


def record_refusal(error: FederationError, *, connection: Connection, request: HttpRequest) -> None:
    """Log that a token was refused, and record it unless the trail has the like of it."""
    slug = connection.partner.slug
    log.info(REFUSED, partner=slug, reason=str(error.reason), detail=error.detail)
    recently = timezone.now() - RECORDED_EVERY
    if Event.objects.filter(
        partner=slug, what=REFUSED, reason=error.reason, at__gt=recently
    ).exists():
        return
    happening = Happening(
        what=REFUSED, reason=error.reason, partner=slug, detail={"detail": error.detail}
    )
    record(happening, caller=caller_of(request))


def _verified(compact: str, *, connection: Connection, request: HttpRequest) -> LogoutToken:
    provider = Provider(connection)
    registration = settle_algorithms(registration_of(connection), provider.metadata())
    slug = connection.partner.slug

    def verified(*, again: bool) -> LogoutToken:
        return verify_logout_token(
            compact,
            jwks=provider.jwks(again=again),
            registration=registration,
            now=timezone.now(),
        )

    try:
        return verified(again=False)
    except UnknownKeyError:
        # Whoever sends made-up names must neither keep the provider busy nor take from people who
        # sign in the one fetch for an unknown key that the cool-down leaves them.
        if limits.has_failed_too_often(request, limits.LOGOUT_AT_PARTNER, partner=slug):
            raise
        return verified(again=True)
