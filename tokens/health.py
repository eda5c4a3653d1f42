"""What the readiness probe tells of the token issuer."""

from tokens.errors import TokenIssuerRefusedError
from tokens.issuers import token_issuer
from tokens.watched import Outcome


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
