"""A developer token as it lies in the database: sealed for one session of one person."""

import json
from dataclasses import asdict
from datetime import datetime

import structlog

from partners.secrets import SealError, seal, unseal
from people.models import Session
from tokens.values import DeveloperToken

log = structlog.get_logger(__name__)


def sealed(developer_token: DeveloperToken, *, digest: str, subject: str) -> str:
    """Return the token sealed for the session with this *digest* and the person's *subject*."""
    plain = json.dumps(asdict(developer_token), default=datetime.isoformat)
    return seal(plain.encode(), context=_context(digest, subject))


def unsealed(text: str, *, digest: str, subject: str) -> DeveloperToken | None:
    """Return what was sealed, ``None`` for the empty text and for what does not open.

    Keys leave the ring and rows are tampered with; either way another token is to be had.
    """
    if not text:
        return None
    try:
        members = json.loads(unseal(text, context=_context(digest, subject)))
    except SealError as error:
        log.warning("developer_token.unreadable", subject=subject, cause=str(error))
        return None
    return DeveloperToken(
        value=members["value"],
        identity_id=members["identity_id"],
        issued_at=datetime.fromisoformat(members["issued_at"]),
        expires_at=datetime.fromisoformat(members["expires_at"]),
    )


def _context(digest: str, subject: str) -> str:
    return f"{Session._meta.db_table}:{digest}:{subject}:developer_token"  # noqa: SLF001 -- documented
