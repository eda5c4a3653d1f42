"""What the readiness probe tells of the token issuer."""

from datetime import timedelta

from django.utils import timezone

from tokens.errors import TokenIssuerRefusedError
from tokens.issuers import token_issuer
from tokens.watched import Outcome

BELIEVED = timedelta(minutes=1)
"""For how long a refusal keeps the portal from being ready: only a sign-in can find out more."""


def is_refused() -> bool:
    """Return whether the pool, as far as we know, refuses our settings.

    A server that is not ready gets no sign-ins, and would never find out that it was mended.
    """
    issuer = token_issuer()
    try:
        _ = issuer.endpoint
    except TokenIssuerRefusedError:
        return True
    is_fresh = timezone.now() - issuer.state.last_at < BELIEVED
    return issuer.state.outcome is Outcome.REFUSED and is_fresh


def state() -> dict[str, str]:
    """Return how the last attempt to get a token went, and which endpoint is used.

    ``status`` is ``ok``, ``unavailable``, ``refused`` or, before the first attempt, ``untried``;
    ``since`` is RFC 3339. The issuer is not asked: a probe must not use up the quota by which
    people sign in.
    """
    issuer = token_issuer()
    known = {"status": issuer.state.outcome, "since": issuer.state.since.isoformat()}
    try:
        return {**known, "cause": issuer.state.cause, "endpoint": issuer.endpoint}
    except TokenIssuerRefusedError as error:
        return {**known, "status": Outcome.REFUSED, "cause": error.cause, "endpoint": ""}
