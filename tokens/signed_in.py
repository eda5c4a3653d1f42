"""Whose developer token it is about: the person who is signed in through a partner."""

from dataclasses import dataclass

from django.http import HttpRequest

from partners.models import Partner
from people.models import Session, User
from people.session_store import row_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A person in a session of a partner's: ``row`` is the session's."""

    row: Session
    user: User
    partner: Partner


def signed_in(request: HttpRequest) -> SignedIn | None:
    """Return who is signed in through a partner, or ``None``; members of staff are nobody here.

    The session's own query is the only one that it takes.
    """
    row = row_of(request)
    if row is None or row.user is None or row.partner is None:
        return None
    return SignedIn(row=row, user=row.user, partner=row.partner)
