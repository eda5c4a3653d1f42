"""A provider's description of itself, and its key set: Discovery 1.0, sections 3 and 4."""

from dataclasses import replace

from federation.oidc.endpoints import is_usable_endpoint
from federation.oidc.errors import ProviderError, Reason
from federation.oidc.json_document import DocumentError, read_json_object
from federation.oidc.keys import OtherUseError, UnusableKeyError, is_secret, parse_key
from federation.oidc.values import (
    ID_TOKEN_ALGS,
    ClientRegistration,
    Jwks,
    ProviderKey,
    ProviderMetadata,
)

KEYS = 100
"""Keys in one set: the largest providers publish a dozen, and each costs time to read."""

OFFERS = 1000
"""Values in one list of what a provider offers."""


def configuration_url(issuer: str) -> str:
    """Return where *issuer* publishes its metadata: Discovery 1.0, section 4.1."""
    return issuer.removesuffix("/") + "/.well-known/openid-configuration"


def parse_metadata(
    document: bytes, *, issuer: str, insecure_endpoints: frozenset[str] = frozenset()
) -> ProviderMetadata:
    """Return what the provider says of itself, believed only if it is *issuer*, to the letter.

    Endpoints must be ``https``, but for the *insecure_endpoints*, each of them ``host:port``.
    Raises ``ProviderError`` with ``provider_misconfigured``.
    """
    metadata = _Metadata(document, insecure_endpoints)
    metadata.require("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
    # Discovery 1.0, section 4.3. Were this loose, whoever answers for one issuer could name
    # another one, and sign in its people.
    if metadata.members["issuer"] != issuer:
        raise _misconfigured("the metadata is of another issuer")
    return ProviderMetadata(
        issuer=issuer,
        authorization_endpoint=metadata.endpoint("authorization_endpoint"),
        token_endpoint=metadata.endpoint("token_endpoint"),
        jwks_uri=metadata.endpoint("jwks_uri"),
        userinfo_endpoint=metadata.optional_endpoint("userinfo_endpoint"),
        # Nobody is kept out because of the address at which they would sign out.
        end_session_endpoint=metadata.usable_endpoint("end_session_endpoint"),
        token_endpoint_auth_methods=metadata.offers("token_endpoint_auth_methods_supported"),
        token_endpoint_auth_algs=metadata.offers(
            "token_endpoint_auth_signing_alg_values_supported"
        ),
        id_token_algs=metadata.offers("id_token_signing_alg_values_supported"),
        authorization_response_iss_parameter_supported=metadata.flag(
            "authorization_response_iss_parameter_supported"
        ),
    )


def settle_algorithms(
    registration: ClientRegistration, metadata: ProviderMetadata
) -> ClientRegistration:
    """Return the registration with ``id_token_algs`` settled where it leaves them open.

    They are then those of ours that the provider offers, and all of ours where it is silent.
    Raises ``ProviderError`` with ``provider_misconfigured`` when it offers none of them.
    """
    if registration.id_token_algs:
        return registration
    offered = metadata.id_token_algs or ID_TOKEN_ALGS
    algorithms = tuple(algorithm for algorithm in ID_TOKEN_ALGS if algorithm in offered)
    if not algorithms:
        raise _misconfigured("the provider signs ID Tokens with no algorithm that we accept")
    return replace(registration, id_token_algs=algorithms)


def parse_jwks(document: bytes) -> Jwks:
    """Return the provider's keys that can verify a signature, ready for use: RFC 7517, section 5.

    Raises ``ProviderError`` with ``provider_misconfigured`` when there are none, when there are
    too many, or when one of them is not public.
    """
    entries = _read(document, "key set").get("keys")
    if not isinstance(entries, list) or not entries:
        raise _misconfigured("the key set has no keys")
    if len(entries) > KEYS:
        raise _misconfigured("the key set has too many keys")
    keys: list[ProviderKey] = []
    refused: dict[int, UnusableKeyError] = {}
    for position, entry in enumerate(entries):
        if not isinstance(entry, dict):
            raise _misconfigured("the key set holds what is no key")
        # With what is published here, anybody could sign: no other key of this provider is
        # worth more than this one.
        if is_secret(entry):
            raise _misconfigured("the key set holds a key that is not public")
        try:
            keys.append(parse_key(entry))
        except UnusableKeyError as error:
            refused[position] = error
    if not keys:
        position, why = next(iter(refused.items()))
        raise _misconfigured(f"the key set has no key that we can use; key {position}: {why}")
    unusable = (
        f"key {position}: {why}"
        for position, why in refused.items()
        # Keycloak publishes a key to encrypt with, beside those that sign.
        if not isinstance(why, OtherUseError)
    )
    return Jwks(keys=tuple(keys), unusable=tuple(unusable))


class _Metadata:
    """A provider's document while it is read: each method gives a member, or refuses it."""

    def __init__(self, document: bytes, insecure_endpoints: frozenset[str]) -> None:
        # A member that is null is one that is not there: several providers write it so.
        members = _read(document, "metadata")
        self.members = {name: value for name, value in members.items() if value is not None}
        self._insecure_endpoints = insecure_endpoints

    def require(self, *names: str) -> None:
        """Refuse a document without all of *names*, and name those it lacks."""
        missing = [name for name in names if name not in self.members]
        if missing:
            raise _misconfigured(f"the metadata lacks {', '.join(missing)}")

    def endpoint(self, name: str) -> str:
        """Return the address *name*, which we may use as it stands."""
        endpoint = self.usable_endpoint(name)
        if endpoint is None:
            raise _misconfigured(f"{name} is no address that we may use")
        return endpoint

    def optional_endpoint(self, name: str) -> str | None:
        """Return the address *name*, or ``None`` where there is none."""
        return self.endpoint(name) if name in self.members else None

    def usable_endpoint(self, name: str) -> str | None:
        """Return the address *name*, or ``None`` where there is none that we may use."""
        value = self.members.get(name)
        if isinstance(value, str) and is_usable_endpoint(
            value, insecure_endpoints=self._insecure_endpoints
        ):
            return value
        return None

    def offers(self, name: str) -> tuple[str, ...]:
        """Return the list *name*, empty where there is none."""
        values = self.members.get(name, [])
        if not isinstance(values, list) or len(values) > OFFERS:
            raise _misconfigured(f"{name} is no list")
        offers = tuple(value for value in values if isinstance(value, str))
        if len(offers) != len(values):
            raise _misconfigured(f"{name} holds what is no text")
        return offers

    def flag(self, name: str) -> bool:
        """Return the boolean *name*, false where there is none."""
        value = self.members.get(name, False)
        if not isinstance(value, bool):
            raise _misconfigured(f"{name} is neither true nor false")
        return value


def _read(document: bytes, kind: str) -> dict[str, object]:
    try:
        return read_json_object(document)
    except DocumentError as error:
        raise _misconfigured(f"the {kind} is refused: {error}") from error


def _misconfigured(detail: str) -> ProviderError:
    return ProviderError(Reason.PROVIDER_MISCONFIGURED, detail)
