"""Which identity of the pool is whose, as we learnt it first."""

import structlog
from django.db import IntegrityError

from people.models import User
from tokens.errors import IdentityChangedError
from tokens.models import DeveloperIdentity
from tokens.values import DeveloperToken

log = structlog.get_logger(__name__)


def confirm_identity(user: User, developer_token: DeveloperToken, *, identity_pool_id: str) -> None:
    """Remember the identity of this person's first token, and hold every other one against it.

    Raises ``IdentityChangedError`` when the pool names another identity than before, or another
    person's: services that know people by it would take one for somebody else.
    """
    returned = developer_token.identity_id
    try:
        known, _ = DeveloperIdentity.objects.get_or_create(
            user=user, identity_pool_id=identity_pool_id, defaults={"identity_id": returned}
        )
    except IntegrityError as error:
        raise _alerted("identity_of_another_person", user, {"returned": returned}) from error
    if known.identity_id != returned:
        facts = {"known": known.identity_id, "returned": returned}
        raise _alerted("identity_changed", user, facts)


def _alerted(cause: str, user: User, facts: dict[str, str]) -> IdentityChangedError:
    error = IdentityChangedError(
        cause,
        advice="Find out who changed the pool's identities before you delete what we know here.",
        concerns_all=False,
        facts=facts,
    )
    log.error(error.what, cause=cause, subject=user.subject, advice=error.advice, **facts)
    return error
