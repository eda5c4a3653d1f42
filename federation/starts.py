"""Starting a sign-in: the one function behind every way to a partner's provider."""

from dataclasses import dataclass, replace

from django.http import HttpRequest
from django.utils.translation import get_language

from federation import attempts
from federation.last_good import last_good
from federation.oidc.authorization import authorization_url
from federation.oidc.discovery import settle_algorithms
from federation.oidc.errors import AdmissionError, ProviderError, Reason
from federation.oidc.values import ClientRegistration, LoginAttempt, ProviderMetadata
from federation.provider import Provider
from federation.registration import registration_of
from partners.addresses import domain_of
from partners.models import Connection, Kind, Status

PROMPTS = frozenset({"select_account", "login", "consent", "none"})
"""What may be asked of a provider: Core 1.0, section 3.1.2.1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the person wants of this sign-in; empty strings where there is no wish.

    A member of staff wants into the admin, *for_staff*.
    """

    return_to: str = "/"
    login_hint: str = ""
    prompt: str = ""
    remember: bool = True
    for_staff: bool = False


def start_attempt(connection: Connection, wish: Wish) -> tuple[LoginAttempt, str]:
    """Return a new attempt at the connection's provider, and where to send the browser for it.

    Raises ``FederationError``: the partner is not live, or its provider cannot be asked.
    """
    if connection.partner.status != Status.LIVE:
        raise AdmissionError(Reason.PARTNER_NOT_LIVE, "the partner is not live")
    return prepared_attempt(connection, wish)


def prepared_attempt(
    connection: Connection, wish: Wish, *, trial: str = ""
) -> tuple[LoginAttempt, str]:
    """Return what ``start_attempt`` does, for a partner of any status; raises ``ProviderError``.

    *trial* marks an attempt that lets nobody in.
    """
    metadata = Provider(connection).metadata()
    registration = settle_algorithms(registration_of(connection), metadata)
    attempt = attempts.new_attempt(
        connection,
        return_to=wish.return_to,
        remember=wish.remember,
        login_hint=wish.login_hint,
        trial=trial,
        for_staff=wish.for_staff,
    )
    return attempt, _url(connection, metadata, registration, attempt, wish)


def example_url(connection: Connection, wish: Wish) -> str:
    """Return where a browser would be sent, with words in the place of what is random.

    Asks nobody: it is empty where nothing is known yet of what the provider publishes, and where
    no key opens what we are to show it.
    """
    known = last_good(connection)
    try:
        registration = registration_of(connection)
    except ProviderError:
        return ""
    if known is None:
        return ""
    attempt = attempts.new_attempt(connection, return_to="/", remember=False)
    dummy = replace(attempt, state="STATE", nonce="NONCE", code_verifier="VERIFIER")
    return _url(connection, known.metadata, registration, dummy, wish)


def _url(
    connection: Connection,
    metadata: ProviderMetadata,
    registration: ClientRegistration,
    attempt: LoginAttempt,
    wish: Wish,
) -> str:
    is_entra = connection.provider == Kind.ENTRA
    return authorization_url(
        metadata,
        registration,
        attempt,
        login_hint=wish.login_hint or None,
        prompt=wish.prompt if wish.prompt in PROMPTS else None,
        ui_locales=get_language(),
        # Microsoft asks for the address once more without it.
        domain_hint=domain_of(wish.login_hint) if wish.login_hint and is_entra else None,
    )


def is_navigation(request: HttpRequest) -> bool:
    """Return whether a person is on the way to a page.

    A prefetch, an image or a frame of another site must not store an attempt: it would push out
    those that a person has outstanding. Browsers too old to say what they want are believed.
    """
    if request.method == "HEAD" or "prefetch" in request.headers.get("Sec-Purpose", ""):
        return False
    return request.headers.get("Sec-Fetch-Dest", "document") == "document"
