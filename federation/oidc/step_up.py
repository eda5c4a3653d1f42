"""How the person had to be signed in: Core 1.0, sections 2 and 3.1.2.1; RFC 8176."""

from datetime import datetime

from federation.oidc.claims import LATEST, LEEWAY
from federation.oidc.errors import AdmissionError, Reason
from federation.oidc.values import ClientRegistration, IdToken


def require_step_up(id_token: IdToken, *, registration: ClientRegistration, now: datetime) -> None:
    """Refuse a sign-in that was not made as this connection asked for.

    Each of these was in our request, and a provider may ignore them all: what counts is what it
    says that it did. Raises ``AdmissionError`` with ``step_up_not_met``.
    """
    if registration.max_age is not None:
        _require_fresh_sign_in(id_token, registration.max_age, now)
    if registration.acr_values and id_token.claims.get("acr") not in registration.acr_values:
        raise _not_met("acr is none of those that were asked for")
    methods = id_token.claims.get("amr")
    known = methods if isinstance(methods, list) else []
    if not all(method in known for method in registration.required_amr):
        raise _not_met("amr lacks a method that is required")


def _require_fresh_sign_in(id_token: IdToken, max_age: int, now: datetime) -> None:
    # Some providers send a fraction of a second here.
    signed_in_at = id_token.claims.get("auth_time")
    if not isinstance(signed_in_at, int | float) or abs(signed_in_at) > LATEST.timestamp():
        raise _not_met("auth_time is missing, or no time")
    age = now.timestamp() - signed_in_at
    if age > max_age + LEEWAY.total_seconds():
        raise _not_met("auth_time is longer ago than max_age")
    if age < -LEEWAY.total_seconds():
        raise _not_met("auth_time is in the future")


def _not_met(detail: str) -> AdmissionError:
    return AdmissionError(Reason.STEP_UP_NOT_MET, detail)
