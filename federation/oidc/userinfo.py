"""The UserInfo request and its response: Core 1.0, section 5.3."""

from http import HTTPStatus

from federation.oidc.errors import (
    IdTokenError,
    ProviderError,
    Reason,
    require_able,
)
from federation.oidc.json_document import DocumentError, read_json_object
from federation.oidc.values import Claims, IdToken, ProviderMetadata, UserInfoRequest


def userinfo_request(metadata: ProviderMetadata, access_token: str) -> UserInfoRequest | None:
    """Return the request for the claims of whom *access_token* stands for.

    It is ``None`` where the provider has no UserInfo endpoint.
    """
    if metadata.userinfo_endpoint is None:
        return None
    # RFC 6750, section 2.1: never in the query, which is logged.
    headers = {"Accept": "application/json", "Authorization": f"Bearer {access_token}"}
    return UserInfoRequest(url=metadata.userinfo_endpoint, headers=headers)


def read_userinfo(status: int, content_type: str, body: bytes, *, subject: str) -> Claims:
    """Return the claims that UserInfo holds about *subject*, the ID Token's.

    Raises ``IdTokenError`` with ``subject_mismatch`` when they are about somebody else, and
    ``ProviderError`` when there are none to be had.
    """
    require_able(status, whose="UserInfo")
    if status != HTTPStatus.OK:
        raise _misconfigured(f"UserInfo answered with status {status}")
    # We do not register for signed responses, and what is signed must not be read unverified.
    if content_type.partition(";")[0].strip().lower() == "application/jwt":
        raise _misconfigured("UserInfo is signed, which we did not ask for")
    try:
        claims = read_json_object(body)
    except DocumentError as error:
        raise _misconfigured(f"UserInfo is refused: {error}") from error
    # Core 1.0, section 5.3.2: with an access token of somebody else, these would be their claims.
    if claims.get("sub") != subject:
        raise IdTokenError(Reason.SUBJECT_MISMATCH, "UserInfo has another sub than the ID Token")
    return claims


def merge_claims(id_token: IdToken, userinfo: Claims, *, email_claim: str) -> Claims:
    """Return the claims of the ID Token, and from *userinfo* those that it lacks.

    Raises ``IdTokenError`` with ``claim_mismatch`` when the address is UserInfo's and the two
    disagree on whether it is verified.
    """
    merged = {**userinfo, **id_token.claims}
    email = id_token.claims.get(email_claim)
    # email_verified speaks of the address beside it. It must not vouch for another one.
    if email and userinfo.get(email_claim) != email:
        return {**_without_verification(userinfo), **id_token.claims}
    if email or not userinfo.get(email_claim):
        return merged
    said = id_token.claims.get("email_verified")
    if "email_verified" in id_token.claims and said != userinfo.get("email_verified"):
        raise IdTokenError(
            Reason.CLAIM_MISMATCH, "email_verified is not the same in UserInfo and ID Token"
        )
    return merged | {email_claim: userinfo[email_claim]}


def _without_verification(claims: Claims) -> Claims:
    return {name: value for name, value in claims.items() if name != "email_verified"}


def _misconfigured(detail: str) -> ProviderError:
    return ProviderError(Reason.PROVIDER_MISCONFIGURED, detail)
