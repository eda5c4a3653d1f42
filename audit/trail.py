"""Writing to the trail, and naming who acts."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection, transaction

from audit.models import Event

REFERENCE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base32: no I, L, O or U, so that a reference survives being read out on the phone."""

AGENT_CHARACTERS = 300
"""How much of a User-Agent is kept: enough to tell browsers apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whose request it is, as the network shows it: address, User-Agent, the request's id."""

    address: str | None = None
    agent: str = ""
    request_id: str = ""


NOBODY = Caller()
"""The caller of what the portal does by itself."""

WORKER = "worker"
"""Who acts when nobody has asked for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing to record. *detail* is JSON and never holds a secret, a code or a token."""

    what: str
    reason: str = ""
    reference: str = ""
    partner: str = ""
    subject: str = ""
    email: str = ""
    actor: str = ""
    detail: Mapping[str, object] = field(default_factory=dict)


def record(happening: Happening, *, caller: Caller = NOBODY) -> None:
    """Add one row to the trail."""
    Event.objects.create(
        what=happening.what,
        reason=happening.reason,
        reference=happening.reference,
        partner=happening.partner,
        subject=happening.subject,
        email=happening.email,
        actor=happening.actor,
        detail=dict(happening.detail),
        address=caller.address,
        agent=caller.agent[:AGENT_CHARACTERS],
        request_id=caller.request_id,
    )


def new_reference() -> str:
    """Return a random reference such as ``FY-7F3K-92QD``."""
    letters = [secrets.choice(REFERENCE_ALPHABET) for _ in range(8)]
    return f"FY-{''.join(letters[:4])}-{''.join(letters[4:])}"


@contextmanager
def acting_as(actor: str, *, caller: Caller = NOBODY) -> Iterator[None]:
    """Record the changes made inside this block as made by *actor*; the block is a transaction."""
    named = {
        "foyer.actor": actor,
        "foyer.address": caller.address or "",
        "foyer.agent": caller.agent[:AGENT_CHARACTERS],
        "foyer.request_id": caller.request_id,
    }
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Local to the transaction: a pooled connection must not carry a name to the next user.
            cursor.execute(
                "SELECT set_config(name, value, true)"
                " FROM unnest(%s::text[], %s::text[]) AS named (name, value)",
                [list(named), list(named.values())],
            )
        yield
