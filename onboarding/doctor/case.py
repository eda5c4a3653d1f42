"""A connection under examination, and what its provider answered: asked once, when first needed."""

from datetime import datetime
from functools import cached_property
from typing import TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from audit.models import Event
from federation import attempts
from federation.models import Trial
from federation.oidc.discovery import configuration_url, parse_jwks, parse_metadata
from federation.oidc.errors import ProviderError, Reason
from federation.oidc.json_document import DocumentError, read_json_object
from federation.oidc.values import Jwks, ProviderMetadata
from federation.outbound import Answer, OutboundError, outbound
from onboarding.doctor.probes import (
    Told,
    told_by_authorization_endpoint,
    told_by_token_endpoint,
)
from partners.models import Connection, Partner
from partners.tested import settings_digest

T = TypeVar("T")

PROVES_US = ["issuer", "client_id", "client_secret_sealed", "client_keys_changed_at"]
PROVES_US += ["token_endpoint_auth_method"]
"""Columns of a connection after whose change an earlier sign-in tells nothing any more."""

DEADLINE_SECONDS = 5.0
"""For each of the two documents: a provider that is slower than this loses people."""


class Case:
    """A connection, saved or about to be, and its provider's two documents.

    It asks the provider directly: what others know of it, or have given up on, is no evidence.
    Its token and authorization endpoints are asked only when the case *probes*.
    """

    def __init__(self, connection: Connection, *, probes: bool = False) -> None:
        self.connection = connection
        self.probes = probes
        self.asked_at = timezone.now()
        self.partner: Partner = connection.partner
        self.issuer = connection.issuer
        self.trusted: frozenset[str] = settings.FEDERATION_TRUSTED_ENDPOINTS

    @property
    def host(self) -> str:
        """The issuer's host name, empty when it has none."""
        try:
            return urlsplit(self.issuer).hostname or ""
        except ValueError:
            return ""

    @cached_property
    def discovery(self) -> Answer | OutboundError:
        """What the provider answers where its metadata belongs, or why there is no answer."""
        self.asked_at = timezone.now()
        return _asked(configuration_url(self.issuer))

    @cached_property
    def members(self) -> dict[str, object] | DocumentError:
        """The members of the metadata, of which nothing is believed yet."""
        if isinstance(self.discovery, OutboundError):
            return DocumentError("no answer")
        try:
            members = read_json_object(self.discovery.body)
        except DocumentError as error:
            return error
        # As the sign-in reads it: a member that is null is one that is not there.
        return {name: value for name, value in members.items() if value is not None}

    @cached_property
    def metadata(self) -> ProviderMetadata | ProviderError:
        """The metadata as a sign-in would read it, whatever issuer it names."""
        issuer = self.known_members.get("issuer")
        try:
            return parse_metadata(
                _known(self.discovery).body,
                issuer=issuer if isinstance(issuer, str) else self.issuer,
                insecure_endpoints=self.trusted,
            )
        except ProviderError as error:
            return error

    @cached_property
    def key_set(self) -> Answer | OutboundError:
        """What the provider answers where its keys belong, or why there is no answer."""
        return _asked(self.known_metadata.jwks_uri)

    @cached_property
    def jwks(self) -> Jwks | ProviderError:
        """The keys as a sign-in would read them."""
        try:
            return parse_jwks(_known(self.key_set).body)
        except ProviderError as error:
            return error

    @cached_property
    def told_of_us(self) -> Told | None:
        """What the token endpoint says of us, ``None`` where it is not asked."""
        metadata = self._metadata_of_issuer()
        return told_by_token_endpoint(self.connection, metadata) if metadata else None

    @cached_property
    def told_of_redirect_uri(self) -> Told | None:
        """What the authorization endpoint says of our redirect URI, ``None`` likewise."""
        metadata = self._metadata_of_issuer()
        return told_by_authorization_endpoint(self.connection, metadata) if metadata else None

    def _metadata_of_issuer(self) -> ProviderMetadata | None:
        """Return the metadata if the case probes, and if it is the issuer's own.

        Our secret goes to nobody else.
        """
        if not self.probes or self.connection.pk is None:
            return None
        if isinstance(self.discovery, OutboundError) or isinstance(self.members, DocumentError):
            return None
        if isinstance(self.metadata, ProviderError) or self.metadata.issuer != self.issuer:
            return None
        return self.metadata

    @cached_property
    def trial(self) -> Trial | None:
        """The last test sign-in that came to its end with exactly these settings."""
        return self._trials().filter(ended_at__isnull=False).first()

    @cached_property
    def is_trial_lost(self) -> bool:
        """Whether the last test sign-in has not come back, and cannot any more."""
        last = self._trials().first()
        return last is not None and last.ended_at is None and last.began_at < _too_long_ago()

    def _trials(self) -> QuerySet[Trial]:
        if self.connection.pk is None:
            return Trial.objects.none()
        digest = settings_digest(self.connection)
        return Trial.objects.filter(connection=self.connection, settings_digest=digest)

    @cached_property
    def last_word(self) -> Event | None:
        """The last time that a person's sign-in told whether the provider knows us.

        ``None`` where nobody has come since something was changed that this depends on. A version
        that is not live has no people.
        """
        accepted = Q(what="login.succeeded")
        refused = Q(what="login.refused", reason=Reason.CLIENT_REJECTED)
        changed = Q(what="connection.changed", detail__after__has_any_keys=PROVES_US)
        changed |= Q(what__in=["connection.switched", "connection.returned"])
        events = Event.objects.filter(accepted | refused | changed, partner=self.partner.slug)
        last = events.order_by("-id").first() if self.connection.is_live else None
        return None if last is None or last.what.startswith("connection.") else last

    @property
    def last_sign_in(self) -> datetime | None:
        """When somebody was let in by this connection as it is, and nobody refused since."""
        word = self.last_word
        return word.at if word is not None and word.what == "login.succeeded" else None

    @property
    def known_members(self) -> dict[str, object]:
        """The metadata's members, for diagnostics that come after the one that read them."""
        return _known(self.members)

    @property
    def known_metadata(self) -> ProviderMetadata:
        """The metadata, for diagnostics that come after the one that judged it."""
        return _known(self.metadata)

    def offered(self, name: str) -> list[str] | None:
        """Return the list *name* of the metadata, ``None`` where the provider is silent."""
        values = self.known_members.get(name)
        if not isinstance(values, list):
            return None
        return [value for value in values if isinstance(value, str)]


def _known(value: T | Exception) -> T:
    """Return *value*, which an earlier diagnostic has found to be there."""
    if isinstance(value, Exception):
        raise LookupError("a diagnostic needs another one that it doesn't name") from value  # noqa: TRY004 -- not about types
    return value


def _asked(url: str) -> Answer | OutboundError:
    try:
        return outbound().fetch(url, deadline=DEADLINE_SECONDS)
    except OutboundError as error:
        return error


def _too_long_ago() -> datetime:
    return timezone.now() - attempts.LIFETIME
