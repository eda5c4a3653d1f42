"""What an error of Cognito's means: whether to wait, or who has to mend what."""

from http import HTTPStatus

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 -- botocore's own name, used below beside its siblings
    HTTPClientError,
)
from botocore.parsers import ResponseParserError

from tokens.errors import (
    TokenIssuerError,
    TokenIssuerRefusedError,
    TokenIssuerUnavailableError,
)

PASSING = frozenset(
    {
        "InternalErrorException",
        "InternalFailure",
        "RequestLimitExceeded",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
"""Codes that pass: the service is in trouble, or the quota of the account is used up."""

OF_ONE_PERSON = frozenset(
    {
        "DeveloperUserAlreadyRegisteredException",
        "NotAuthorizedException",
        "ResourceConflictException",
    }
)
"""Codes about one person's identity: the next person may well get a token."""

_PERMISSION = (
    "Allow cognito-identity:GetOpenIdTokenForDeveloperIdentity on the identity pool "
    "to the role that the portal runs as."
)
_CREDENTIALS = "The portal's own AWS credentials are wrong or expired, or this machine's clock is."
_SETTINGS = "Compare COGNITO_IDENTITY_POOL_ID and COGNITO_DEVELOPER_PROVIDER_NAME with the pool."
_IDENTITY = "The pool has this person's identity disabled or linked elsewhere: docs/operations.md."

ADVICE = {
    "AccessDenied": _PERMISSION,
    "AccessDeniedException": _PERMISSION,
    "DeveloperUserAlreadyRegisteredException": _IDENTITY,
    "ExpiredTokenException": _CREDENTIALS,
    "IncompleteSignature": _CREDENTIALS,
    "IncompleteSignatureException": _CREDENTIALS,
    "InvalidParameterException": _SETTINGS,
    "InvalidSignatureException": _CREDENTIALS,
    "MissingAuthenticationTokenException": _CREDENTIALS,
    "NotAuthorizedException": _IDENTITY,
    "ResourceConflictException": _IDENTITY,
    "ResourceNotFoundException": "There is no such identity pool in this Region and account.",
    "UnrecognizedClientException": _CREDENTIALS,
    "ValidationException": _SETTINGS,
}
"""What an operator does about a code."""

OTHERWISE = "Look the code up in the API reference of GetOpenIdTokenForDeveloperIdentity."


def code_of(error: ClientError) -> str:
    """Return the code of an error that the service answered with."""
    return str(error.response.get("Error", {}).get("Code", "Unknown"))


def meaning_of(error: ClientError | BotoCoreError | ResponseParserError) -> TokenIssuerError:
    """Return our error for one of botocore's.

    Nothing of the message is taken over: it can quote the request, and with it the portal's own
    session token.
    """
    if isinstance(error, ClientError):
        return _meaning_of_answer(error)
    name = type(error).__name__
    if isinstance(error, HTTPClientError | ConnectionError | ResponseParserError):
        return TokenIssuerUnavailableError(name)
    return TokenIssuerRefusedError(
        name, advice="boto3 could not make the request: see its configuration and credentials."
    )


def _meaning_of_answer(error: ClientError) -> TokenIssuerError:
    code = code_of(error)
    # By code and never by status, which is 400 for nearly everything. It counts only where the
    # answer did not come from the service itself: a proxy's 502 has no code that we know.
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    is_foreign = code not in ADVICE and status >= HTTPStatus.INTERNAL_SERVER_ERROR
    if code in PASSING or is_foreign:
        return TokenIssuerUnavailableError(code)
    return TokenIssuerRefusedError(
        code, advice=ADVICE.get(code, OTHERWISE), concerns_all=code not in OF_ONE_PERSON
    )
