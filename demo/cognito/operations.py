"""The operations on a pool, each from its parameters to its answer."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from demo.cognito.developer_token import TAGS_CLAIM, Signer
from demo.cognito.identities import Identities, Identity
from demo.cognito.service_model import ServiceError

Parameters = Mapping[str, Any]
Said = dict[str, Any]
T = TypeVar("T")

DEFAULT_TOKEN_SECONDS = 900
MAX_IDENTIFIER_LENGTH = 1024
"""That of the sibling operations: a longer one could never be looked up, merged or unlinked."""
MAX_LOGINS = 20
"""What one identity may hold after a merge."""
MAX_RESULTS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """An identity pool with one developer provider and no other: no guests, no public providers."""

    pool_id: str
    developer_provider_name: str
    issuer: str
    identities: Identities
    signer: Signer

    def require(self, parameters: Parameters) -> None:
        """Refuse parameters that name another pool or another developer provider."""
        named = parameters.get("IdentityPoolId", self.pool_id)
        if named != self.pool_id:
            raise ServiceError("ResourceNotFoundException", f"IdentityPool '{named}' not found.")
        provider = parameters.get("DeveloperProviderName", self.developer_provider_name)
        if provider != self.developer_provider_name:
            raise _unsupported_provider()

    def identity(self, identity_id: str) -> Identity:
        """Return the identity of that id, or refuse."""
        identity = self.identities.find(identity_id)
        if identity is None:
            raise ServiceError("ResourceNotFoundException", f"Identity '{identity_id}' not found.")
        return identity


def token_for_developer_identity(pool: Pool, parameters: Parameters) -> Said:
    """Register or find the identity of the one developer login, and sign a token for it."""
    logins = parameters["Logins"]
    if list(logins) != [pool.developer_provider_name]:
        raise _unsupported_provider()
    identifier = logins[pool.developer_provider_name]
    if len(identifier) > MAX_IDENTIFIER_LENGTH:
        raise ServiceError(
            "InvalidParameterException", "The developer user identifier is too long."
        )
    identity_id = _registered(pool, identifier, wanted=parameters.get("IdentityId"))
    return {
        "IdentityId": identity_id,
        "Token": _signed(pool, identity_id, identifier, parameters),
    }


def token_for_a_stranger(pool: Pool, parameters: Parameters) -> Said:
    """Do the same, but answer with another identity: a fault that the portal has to notice."""
    token_for_developer_identity(pool, parameters)
    identity_id = pool.identities.unused_id()
    identifier = parameters["Logins"][pool.developer_provider_name]
    return {
        "IdentityId": identity_id,
        "Token": _signed(pool, identity_id, identifier, parameters),
    }


def _registered(pool: Pool, identifier: str, *, wanted: str | None) -> str:
    # Locked: two first calls at once for one identifier must find one identity.
    with pool.identities.lock:
        known = pool.identities.identity_id_of(identifier)
        if wanted is not None:
            _attach(pool, identifier, known=known, wanted=pool.identity(wanted))
            return wanted
        if known is None:
            known = pool.identities.create()
            pool.identities.link(identifier, known)
        return known


def _attach(pool: Pool, identifier: str, *, known: str | None, wanted: Identity) -> None:
    """Link *identifier* to the identity that the caller *wanted*, or refuse."""
    if known == wanted.identity_id:
        return
    if known is not None:
        raise ServiceError(
            "DeveloperUserAlreadyRegisteredException",
            "The developer user identifier is registered under a different identity ID.",
        )
    if wanted.is_disabled or pool.identities.identifiers_of(wanted.identity_id):
        raise ServiceError(
            "NotAuthorizedException",
            "Logins don't match. Please include at least one valid login for this identity or "
            "identity pool.",
        )
    pool.identities.link(identifier, wanted.identity_id)


def _signed(pool: Pool, identity_id: str, identifier: str, parameters: Parameters) -> str:
    provider = pool.developer_provider_name
    claims: dict[str, Any] = {
        "sub": identity_id,
        "aud": pool.pool_id,
        "amr": ["authenticated", provider, f"{provider}:{pool.pool_id}:{identifier}"],
        "iss": pool.issuer,
    }
    tags = parameters.get("PrincipalTags")
    if tags:
        lists = {name: [value] for name, value in tags.items()}
        claims[TAGS_CLAIM] = {"principal_tags": lists}
    seconds = parameters.get("TokenDuration", DEFAULT_TOKEN_SECONDS)
    return pool.signer.sign(claims, seconds=seconds)


def lookup(pool: Pool, parameters: Parameters) -> Said:
    """Find the identity of an identifier, or the identifiers of an identity."""
    identity_id = parameters.get("IdentityId")
    identifier = parameters.get("DeveloperUserIdentifier")
    if identity_id is None and identifier is None:
        raise ServiceError("InvalidParameterException", "Either identity or identifier is needed.")
    found = identity_id if identifier is None else _linked(pool, identifier)
    if identity_id not in {None, found}:
        raise ServiceError("ResourceConflictException", "Identity and identifier do not match.")
    identifiers = pool.identities.identifiers_of(pool.identity(str(found)).identity_id)
    page, more = _page(identifiers, parameters)
    return {"IdentityId": found, "DeveloperUserIdentifierList": page, **more}


def unlink(pool: Pool, parameters: Parameters) -> Said:
    """Forget an identifier: seen again, it is somebody new."""
    identifier = parameters["DeveloperUserIdentifier"]
    if _linked(pool, identifier) != pool.identity(parameters["IdentityId"]).identity_id:
        raise ServiceError("ResourceConflictException", "Identity and identifier do not match.")
    pool.identities.unlink(identifier)
    return {}


def merge(pool: Pool, parameters: Parameters) -> Said:
    """Give the source's identifiers to the destination's identity, and disable the source's."""
    identities = pool.identities
    with identities.lock:
        source = _linked(pool, parameters["SourceUserIdentifier"])
        destination = _linked(pool, parameters["DestinationUserIdentifier"])
        if source == destination:
            return {"IdentityId": destination}
        moved = identities.identifiers_of(source)
        if len(moved) + len(identities.identifiers_of(destination)) > MAX_LOGINS:
            raise ServiceError("ResourceConflictException", "Too many logins for one identity.")
        for identifier in moved:
            identities.link(identifier, destination)
        identities.disable(source)
    return {"IdentityId": destination}


def delete(pool: Pool, parameters: Parameters) -> Said:
    """Delete identities, and list those that were not ours to delete."""
    unprocessed = []
    for identity_id in parameters["IdentityIdsToDelete"]:
        if pool.identities.find(identity_id) is None:
            unprocessed.append({"IdentityId": identity_id, "ErrorCode": "AccessDenied"})
        pool.identities.delete(identity_id)
    return {"UnprocessedIdentityIds": unprocessed}


def describe(pool: Pool, parameters: Parameters) -> Said:
    """Describe one identity; of its logins, only the provider's name."""
    return _description(pool, pool.identity(parameters["IdentityId"]))


def list_identities(pool: Pool, parameters: Parameters) -> Said:
    """List the pool's identities, the disabled ones too unless they are to be hidden."""
    hides_disabled = parameters.get("HideDisabled", False)
    shown = [one for one in pool.identities.all() if not (hides_disabled and one.is_disabled)]
    page, more = _page(shown, parameters)
    descriptions = [_description(pool, identity) for identity in page]
    return {"IdentityPoolId": pool.pool_id, "Identities": descriptions, **more}


def describe_pool(pool: Pool, _parameters: Parameters) -> Said:
    """Describe the pool as the portal needs one."""
    return {
        "IdentityPoolId": pool.pool_id,
        "IdentityPoolName": "foyer-demo",
        "AllowUnauthenticatedIdentities": False,
        "AllowClassicFlow": False,
        "DeveloperProviderName": pool.developer_provider_name,
    }


OPERATIONS: Mapping[str, Callable[[Pool, Parameters], Said]] = {
    "GetOpenIdTokenForDeveloperIdentity": token_for_developer_identity,
    "LookupDeveloperIdentity": lookup,
    "UnlinkDeveloperIdentity": unlink,
    "MergeDeveloperIdentities": merge,
    "DeleteIdentities": delete,
    "DescribeIdentity": describe,
    "ListIdentities": list_identities,
    "DescribeIdentityPool": describe_pool,
}


def _unsupported_provider() -> ServiceError:
    return ServiceError(
        "InvalidParameterException",
        "This identity pool does not support the specified developer provider.",
    )


def _linked(pool: Pool, identifier: str) -> str:
    identity_id = pool.identities.identity_id_of(identifier)
    if identity_id is None:
        raise ServiceError("ResourceNotFoundException", "The developer user is not registered.")
    return identity_id


def _description(pool: Pool, identity: Identity) -> Said:
    has_login = bool(pool.identities.identifiers_of(identity.identity_id))
    return {
        "IdentityId": identity.identity_id,
        "Logins": [pool.developer_provider_name] if has_login else [],
        "CreationDate": identity.created,
        "LastModifiedDate": identity.modified,
    }


def _page(everything: Sequence[T], parameters: Parameters) -> tuple[Sequence[T], Said]:
    """Return the page that was asked for, and NextToken where another one follows."""
    try:
        start = int(urlsafe_b64decode(parameters.get("NextToken", "MA==")))
    except ValueError as error:
        raise ServiceError("InvalidParameterException", "Invalid NextToken.") from error
    end = start + parameters.get("MaxResults", MAX_RESULTS)
    more = {"NextToken": urlsafe_b64encode(b"%d" % end).decode()} if end < len(everything) else {}
    return everything[start:end], more
