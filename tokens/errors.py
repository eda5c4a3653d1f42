"""Why there is no developer token, by who has to act."""

from collections.abc import Mapping
from typing import ClassVar


class TokenIssuerError(Exception):
    """The token issuer gave no token.

    ``cause`` is a stable word: the issuer's own error code, or one of ours in lower case.
    ``retry_after`` is the number of seconds after which another attempt makes sense. ``facts`` go
    into the trail and hold no secret.
    """

    retry_after: ClassVar[int] = 5
    what: ClassVar[str] = "developer_token.refused"
    """The trail's word for it."""

    def __init__(self, cause: str, *, facts: Mapping[str, str] | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.facts = dict(facts or {})


class TokenIssuerUnavailableError(TokenIssuerError):
    """The issuer is down, slow or throttles us: nobody has to act, the next attempt may succeed."""


class TokenIssuerRefusedError(TokenIssuerError):
    """The issuer does not accept what we sent, or we what it said: the operator has to act.

    ``concerns_all`` tells a wrong setting, which nobody gets past, from one person's trouble.
    ``advice`` is for the operator.
    """

    retry_after: ClassVar[int] = 60

    def __init__(
        self,
        cause: str,
        *,
        advice: str,
        concerns_all: bool = True,
        facts: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(cause, facts=facts)
        self.advice = advice
        self.concerns_all = concerns_all


class IdentityChangedError(TokenIssuerRefusedError):
    """The pool answered with another identity than it once gave to this person."""

    what: ClassVar[str] = "developer_identity.changed"


class SignedOutError(Exception):
    """Nobody is signed in through a partner, or not any more."""
