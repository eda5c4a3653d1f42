"""What a partner's IT says of its provider, saved in the version that is being prepared."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from limits import RateLimitItemPerMinute

from federation.oidc.errors import FederationError
from federation.provider import Provider
from onboarding.doctor import Finding, findings_of_documents
from onboarding.progress import version_to_switch_on
from onboarding.providers import product_of
from onboarding.providers.issuers import parts_of_issuer
from onboarding.versions import ask_no_longer, draft_version_of, prepared_as_it_was
from partners.client_keys import ALGORITHMS, make_key
from partners.models import AuthMethod, Connection, Partner
from partners.secrets import is_same_issuer, point_to, remember_client_secret
from partners.tested import settings_digest

EXAMINATIONS = RateLimitItemPerMinute(40, 60, namespace="setup-examine")
"""Times in an hour that one partner's people have us ask its provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the portal is known at a provider, as far as the partner says it: nothing else is theirs.

    *uses_key*: we prove who we are by a key of ours, and not by a secret. An empty *client_secret*
    keeps the one that there is, and *secret_ends* is when it ends, if it does.
    """

    issuer: str
    client_id: str
    pinned_claims: dict[str, str]
    uses_key: bool
    client_secret: str = field(default="", repr=False)
    secret_ends: date | None = None


def shown_version_of(partner: Partner) -> Connection:
    """Return the version that the pages show: the prepared one, else the live one, else a new one.

    It is only to be read: whoever changes it asks for ``draft_version_of``.
    """
    return version_to_switch_on(partner) or Connection(partner=partner, is_live=False)


def is_connected(version: Connection) -> bool:
    """Return whether enough is known of *version* to try it."""
    has_proof = version.is_keyed or bool(version.client_secret_sealed)
    return bool(version.pk and version.issuer and version.client_id) and has_proof


def choose_product(partner: Partner, kind: str) -> bool:
    """Note which product the *partner*'s provider is; return whether that is another one.

    What was said of another product is forgotten, unless the issuer could be one of this.
    """
    connection = draft_version_of(partner)
    if connection.pk and connection.provider == kind:
        return False
    # Pins that followed from what the former product asks for: of this one, they'd hold nobody.
    follow = product_of(connection.provider).issuer.pins
    connection.pinned_claims = {
        claim: value for claim, value in connection.pinned_claims.items() if claim not in follow
    }
    connection.provider = kind
    if connection.issuer and not _could_be(connection.issuer, kind):
        point_to(connection, "")
        connection.client_id, connection.pinned_claims = "", {}
        connection.token_endpoint_auth_method = AuthMethod.CHOSEN
    connection.save()
    ask_no_longer(partner)
    if product_of(kind).credentials.key and connection.client_keys_changed_at is None:
        # Published now: its address is entered at the provider in the next step.
        make_key(connection)
    return True


@transaction.atomic
def save_settings(partner: Partner, settings: Settings) -> Connection:
    """Save *settings* in the version that is being prepared, and return it.

    Of another issuer than before, nothing is kept of the secret that was set for that.
    """
    connection = draft_version_of(partner)
    point_to(connection, settings.issuer)
    connection.client_id = settings.client_id
    connection.pinned_claims = settings.pinned_claims
    if settings.uses_key:
        connection.token_endpoint_auth_method = AuthMethod.KEY
    else:
        if connection.token_endpoint_auth_method == AuthMethod.KEY:
            connection.token_endpoint_auth_method = AuthMethod.CHOSEN
        connection.client_secret_expires = settings.secret_ends
    connection.save()
    ask_no_longer(partner)
    if settings.uses_key:
        _provide_key(connection)
    elif settings.client_secret:
        remember_client_secret(connection, settings.client_secret)
    return connection


@transaction.atomic
def keep_secret(partner: Partner, secret: str, *, issuer: str) -> Connection | None:
    """Save a *secret* that came with something wrong beside it, so that nobody types it again.

    Returns the version that is being prepared, as it is now; ``None`` where that names another
    issuer than the one that was typed: the secret is not for that.
    """
    connection = draft_version_of(partner)
    if connection.issuer and not is_same_issuer(connection.issuer, issuer):
        return None
    remember_client_secret(connection, secret)
    return connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Trying:
    """What came of asking a provider: what has to be mended, and the issuer if it is to be adopted.

    ``digest`` names the settings that were tried. ``algs_taken`` are the algorithms of keys that
    it takes, none where it does not say.
    """

    digest: str
    findings: tuple[Finding, ...] = ()
    adopted: str = ""
    algs_taken: tuple[str, ...] = ()


def tried(connection: Connection) -> Trying:
    """Ask the provider of the saved *connection* for its documents; return what came of it."""
    digest = settings_digest(connection)
    findings = findings_of_documents(connection)
    adopted = own_spelling(connection, findings)
    faults = [
        finding
        for finding in findings
        if finding.blocks and not (adopted and finding.code == "OD-109")
    ]
    if adopted:
        connection.issuer = adopted
    return Trying(
        digest=digest,
        findings=tuple(faults),
        adopted=adopted,
        algs_taken=tuple(_algs_taken_by(connection)),
    )


@transaction.atomic
def settle(connection: Connection, trying: Trying) -> bool:
    """Save what *trying* has shown: the provider's own spelling, and a key that it takes.

    Returns whether the *connection* is still what was tried; if it has been changed meanwhile, or
    put in use, nothing is saved.
    """
    version = prepared_as_it_was(connection, digest=trying.digest)
    if version is None:
        return False
    if trying.adopted:
        version.issuer = trying.adopted
        version.save(update_fields=["issuer"])
        ask_no_longer(version.partner)
    if version.token_endpoint_auth_method == AuthMethod.KEY:
        _provide_key(version, taken=trying.algs_taken)
    return True


def own_spelling(connection: Connection, findings: Iterable[Finding]) -> str:
    """Return what the provider calls itself if that is the issuer but for a slash, else nothing.

    Its spelling counts, because ID Tokens will bear it: Core 1.0, section 3.1.3.7.
    """
    for finding in findings:
        named = finding.evidence.get("issuer")
        if finding.code == "OD-109" and isinstance(named, str):
            is_the_same = is_same_issuer(named, connection.issuer)
            return named if is_the_same and named != connection.issuer else ""
    return ""


def _could_be(issuer: str, kind: str) -> bool:
    shape = product_of(kind).issuer
    return not shape.template or parts_of_issuer(shape, issuer) is not None


def _provide_key(connection: Connection, taken: Collection[str] = ()) -> None:
    """Make a key, unless there is one of a kind that the provider takes; nothing is unknown."""
    fitting = [algorithm for algorithm in ALGORITHMS if algorithm in taken] or ALGORITHMS
    living = connection.client_keys.filter(retired_at=None)
    if not living.filter(algorithm__in=fitting).exists():
        # At once: another one may be known to the provider, and has never signed.
        make_key(connection, algorithm=fitting[0], at_once=True)


def _algs_taken_by(connection: Connection) -> Collection[str]:
    """Return the algorithms of keys that the provider takes, none where it does not say."""
    if connection.token_endpoint_auth_method != AuthMethod.KEY:
        return ()
    try:
        return Provider(connection).metadata().token_endpoint_auth_algs
    except FederationError:
        return ()
