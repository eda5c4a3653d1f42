"""When a developer token is due for renewal: pure functions of times."""

from datetime import datetime, timedelta

from tokens.values import DeveloperToken

SHARE = 0.2
"""The last fifth of a token's life is for renewing it: what fails once can be tried again."""

LEAST = timedelta(seconds=60)
"""A service that gets a token has this long to use it, whatever the token's life."""

LARGEST_SHARE = 0.5
"""A token of a minute or two would else be due as soon as it is there."""

SPREAD = 0.1
"""Tokens issued together, as after a deployment, are not renewed together."""

WORTHWHILE = timedelta(seconds=60)
"""A session that ends so soon after its token gains nothing by another one."""


def is_due(
    developer_token: DeveloperToken, *, now: datetime, session_ends_at: datetime, place: float
) -> bool:
    """Return whether the token of a session that ends then is to be renewed.

    *place*, from 0 to 1, is the session's own place in the spread.
    """
    if developer_token.expires_at <= now:
        return True
    if session_ends_at - developer_token.expires_at < WORTHWHILE:
        return False
    lifetime = developer_token.expires_at - developer_token.issued_at
    margin = min(max(lifetime * SHARE, LEAST), lifetime * LARGEST_SHARE)
    return developer_token.expires_at - now < margin * (1 - SPREAD + 2 * SPREAD * place)
