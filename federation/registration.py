"""From a partner's record to the values the protocol works with."""

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from federation.oidc.errors import ProviderError, Reason
from federation.oidc.values import ClientKey, ClientRegistration
from partners.client_keys import signing_key_of
from partners.models import Connection, Status
from partners.secrets import SealError, client_secret_of

DEFAULT_SCOPES = ("openid", "email", "profile")
"""What the portal needs to know of a person, and no more."""


def live_connection_of(slug: str) -> Connection | None:
    """Return the live connection of the partner with this slug, or ``None``.

    Its partner, and when its provider's documents were fetched, come with it: the one query of a
    sign-in's start.
    """
    return _with_partner_and_documents().filter(partner__slug=slug, is_live=True).first()


def connection_of(connection_id: int) -> Connection | None:
    """Return the connection with this id, or ``None``, with what ``live_connection_of`` brings."""
    return _with_partner_and_documents().filter(pk=connection_id).first()


def only_connection_at(issuer: str) -> Connection | None:
    """Return the live connection at *issuer*; ``None`` when there is none, or more than one.

    *issuer* is as somebody may have typed it into an address.
    """
    if "\0" in issuer:
        return None  # PostgreSQL fails on such a text, rather than not finding it
    found = _with_partner_and_documents().filter(issuer=issuer, is_live=True)
    connections = list(found.exclude(partner__status=Status.DRAFT)[:2])
    return connections[0] if len(connections) == 1 else None


def _with_partner_and_documents() -> QuerySet[Connection]:
    # The documents themselves stay where they are: a process that has parsed them once has no use
    # for the text.
    return Connection.objects.select_related("partner", "documents").defer(
        "documents__metadata", "documents__jwks"
    )


def redirect_uri_of(slug: str) -> str:
    """Return where a partner's provider sends the browser back to.

    Built from BASE_URL and never from the request: whoever writes the Host header would write the
    redirect URI. One per partner, so that a response of one can never finish at another.
    """
    return settings.BASE_URL + reverse("callback", args=[slug])


def client_jwks_uri_of(slug: str) -> str:
    """Return where a partner's provider finds the keys with which we prove who we are there."""
    return settings.BASE_URL + reverse("client_jwks", args=[slug])


def registration_of(connection: Connection) -> ClientRegistration:
    """Return how the portal is known at the connection's provider, and what it asks of it.

    Raises ``ProviderError`` when no key of the ring opens the client secret, or our own key.
    """
    client_secret, client_key = "", None
    try:
        # The other one may be left from before, and unreadable.
        if connection.is_keyed:
            client_key = _client_key_of(connection)
        else:
            client_secret = client_secret_of(connection)
    except SealError as error:
        raise ProviderError(
            Reason.CLIENT_REJECTED, "no key in SECRETS_KEYS opens the stored client secret or key"
        ) from error
    return ClientRegistration(
        partner=connection.partner.slug,
        issuer=connection.issuer,
        client_id=connection.client_id,
        client_secret=client_secret,
        client_key=client_key,
        redirect_uri=redirect_uri_of(connection.partner.slug),
        token_endpoint_auth_method=connection.token_endpoint_auth_method,
        scopes=tuple(connection.scopes) or DEFAULT_SCOPES,
        id_token_algs=tuple(connection.id_token_algs),
        max_age=connection.max_age,
        acr_values=tuple(connection.acr_values),
        required_amr=tuple(connection.required_amr),
        email_claim=connection.email_claim,
        require_email_verified=connection.require_email_verified,
        pinned_claims=connection.pinned_claims,
        needs_id_token_hint=connection.needs_id_token_hint,
    )


def _client_key_of(connection: Connection) -> ClientKey | None:
    key = signing_key_of(connection, now=timezone.now())
    if key is None:
        return None
    return ClientKey(kid=key.kid, algorithm=key.algorithm, private_key=key.private_key)
