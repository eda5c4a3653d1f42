"""What the refusal of a test sign-in points at: the code of a diagnostic.

The provider's own words choose between explanations, and decide nothing else.
"""

from collections.abc import Mapping

from federation.models import Trial
from federation.oidc.errors import Reason
from partners.models import Connection, Kind

_BY_WORD: Mapping[str, str] = {
    "aadsts50011": "OD-307",
    "aadsts50105": "OD-402",
    "aadsts65001": "OD-403",
    "aadsts90094": "OD-403",
    "aadsts53003": "OD-404",
    "aadsts50076": "OD-404",
    "aadsts50079": "OD-404",
    "aadsts7000215": "OD-301",
    "aadsts7000222": "OD-302",
    "aadsts7000218": "OD-305",
    "aadsts9002327": "OD-305",
    "aadsts700016": "OD-303",
    "aadsts90002": "OD-304",
    "aadsts900023": "OD-304",
    "not assigned": "OD-402",
    "redirect_uri": "OD-307",
}
"""Signs in a provider's description, the first that is found: Microsoft's codes are stable."""

_OF_THE_CLIENT = (
    *("unknown client", "client is unknown", "client not found", "client does not exist"),
    *("invalid client id", "client_id is invalid", "no application with", "no such client"),
)
"""Signs that it is our name which a provider does not know, and not the secret that is wrong."""

_BY_ERROR: Mapping[str, str] = {
    "access_denied": "OD-402",
    "consent_required": "OD-403",
    "interaction_required": "OD-404",
    "login_required": "OD-404",
    "account_selection_required": "OD-404",
    "invalid_scope": "OD-116",
    "unauthorized_client": "OD-115",
    "invalid_request": "OD-115",
    "unsupported_response_type": "OD-115",
    "unsupported_grant_type": "OD-115",
    "redirect_uri_mismatch": "OD-307",
    "redirect_mismatch": "OD-307",
    "invalid_client": "OD-301",
}
"""OAuth's error codes, and two of Google's and Amazon's own."""

_BY_REASON: Mapping[str, str] = {
    Reason.ATTEMPT_UNKNOWN: "OD-401",
    Reason.ATTEMPT_EXPIRED: "OD-401",
    Reason.ATTEMPT_OF_ANOTHER_PARTNER: "OD-401",
    Reason.RESPONSE_MALFORMED: "OD-405",
    Reason.RESPONSE_FROM_ANOTHER_ISSUER: "OD-405",
    Reason.AUTHORIZATION_DENIED: "OD-402",
    Reason.PROVIDER_UNREACHABLE: "OD-104",
    Reason.PROVIDER_MISCONFIGURED: "OD-112",
    Reason.CLIENT_REJECTED: "OD-301",
    Reason.TOKEN_REQUEST_REFUSED: "OD-405",
    Reason.ID_TOKEN_MALFORMED: "OD-405",
    Reason.SIGNATURE_INVALID: "OD-203",
    Reason.KEY_UNKNOWN: "OD-203",
    Reason.ALGORITHM_NOT_ALLOWED: "OD-202",
    Reason.CLAIM_MISSING: "OD-405",
    Reason.CLAIM_MISMATCH: "OD-405",
    Reason.OUTSIDE_VALIDITY: "OD-406",
    Reason.SUBJECT_MISMATCH: "OD-407",
    Reason.EMAIL_MISSING: "OD-408",
    Reason.EMAIL_NOT_VERIFIED: "OD-409",
    Reason.EMAIL_NOT_OF_PARTNER: "OD-410",
    Reason.STEP_UP_NOT_MET: "OD-413",
}

_WITH_WORDS = frozenset(
    {Reason.AUTHORIZATION_DENIED, Reason.CLIENT_REJECTED, Reason.TOKEN_REQUEST_REFUSED}
)
"""Refusals by the provider, whose words say more than the reason does."""


def code_of(trial: Trial, connection: Connection) -> str:
    """Return the code of the diagnostic at which the refused *trial* stopped."""
    if trial.reason in _WITH_WORDS:
        return code_of_words(
            connection,
            error=trial.provider_error,
            description=trial.provider_description,
            otherwise=_BY_REASON[trial.reason],
        )
    if "pinned claim" in trial.detail:
        return "OD-411" if connection.provider == Kind.GOOGLE else "OD-117"
    if trial.detail.startswith("sub "):
        return "OD-407"
    return _BY_REASON.get(trial.reason, "OD-405")


def code_of_words(connection: Connection, *, error: str, description: str, otherwise: str) -> str:
    """Return the code that a provider's *error* and *description* point at, else *otherwise*."""
    words = description.casefold()
    found = next((code for sign, code in _BY_WORD.items() if sign in words), "")
    code = found or _BY_ERROR.get(error, otherwise)
    # Keycloak says unauthorized_client where others say invalid_client.
    if otherwise == "OD-301" and code in {"OD-115", "OD-301"}:
        if any(sign in words for sign in _OF_THE_CLIENT):
            return "OD-303"
        return "OD-306" if connection.is_keyed else "OD-301"
    return code
