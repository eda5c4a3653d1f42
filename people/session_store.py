"""Django's sessions, kept in rows of our own: found by digest, ended by person or partner."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY as USER_ID_KEY
from django.contrib.sessions.backends.base import (
    VALID_KEY_CHARS,
    CreateError,
    SessionBase,
    UpdateError,
)
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.signing import JSONSerializer
from django.db import IntegrityError
from django.db.models import DurationField, ExpressionWrapper, F, Q, Value
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import get_random_string

from partners.models import Partner, Status
from people.models import Session, User

SEEN_EVERY = timedelta(seconds=60)
"""How stale ``last_seen_at`` may be: a page view costs a write once a minute, not each time."""

KEY_CHARACTERS = 32
"""165 random bits of letters and digits: nobody guesses one, and none is given twice."""


def digest_of(session_key: str) -> str:
    """Return what is stored for a session key: its SHA-256, in hexadecimal."""
    return hashlib.sha256(session_key.encode()).hexdigest()


class SessionStore(SessionBase):
    """One browser's session.

    A session whose person is no longer active, whose partner is not live, or whose time is over, is
    gone at its next request: ``load`` finds nothing.

    To begin one that has a partner and an end of its own, set ``row`` to an unsaved ``Session``
    that says so, and let ``auth.login`` follow. The row is inserted when the session is saved.
    """

    row: Session | None = None
    """The row this session was loaded from or will be saved to."""

    has_ended = False
    """Whether the browser came with the key of a session that is over."""

    ended_row: Session | None = None
    """The row of that one, where it was still there."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        # Whatever SESSION_SERIALIZER says: what is read from a table must never become code.
        self.serializer = JSONSerializer

    def load(self) -> dict[str, Any]:
        """Return the session's data; an ended session has none and loses its key."""
        row = _row_of_key(self.session_key)
        if row is not None:
            data: dict[str, Any] = self.decode(row.data)
            # A row's person is the one that its signed data names, so that both can be relied on.
            if not has_ended(row, timezone.now()) and row.user_id == _user_id_in(data):
                self.row = row
                return data
            row.delete()
        self.has_ended, self.ended_row = True, row
        self.row = None
        self._session_key = None
        return {}

    def exists(self, session_key: str) -> bool:
        """Return whether a session has this key."""
        return Session.objects.filter(digest=digest_of(session_key)).exists()

    def create(self) -> None:
        """Give the session a new key and a row."""
        self._session_key = self._get_new_session_key()
        self.row = None
        self.save(must_create=True)
        self.modified = True

    def _get_new_session_key(self) -> str:
        # Django looks whether the key is taken. The insert finds that out as well.
        return get_random_string(KEY_CHARACTERS, VALID_KEY_CHARS)

    def cycle_key(self) -> None:
        """Give the session another key; the old one opens nothing from now on.

        Raises ``SessionInterrupted`` when the session was ended in the meantime.
        """
        self._data()
        self._session_key = self._get_new_session_key()
        self.modified = True
        if self.row is None:
            return
        former, self.row.digest = self.row.digest, digest_of(self._session_key)
        if not is_saved(self.row):
            return
        # The row is renamed and not copied: one that was ended must not come back to life. What was
        # sealed for the old digest opens no more.
        self.row.developer_token = ""
        renamed = Session.objects.filter(digest=former).update(
            digest=self.row.digest, developer_token=""
        )
        if not renamed:
            raise SessionInterrupted("The session was ended while this request ran.")

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002 -- Django's signature
        """Write the session; raises ``UpdateError`` when it was ended in the meantime."""
        data = self._data(no_load=must_create)
        if self.session_key is None:
            self.create()
            return
        if self.row is None or not is_saved(self.row):
            self._insert(data, error=CreateError if must_create else UpdateError)
            return
        updated = Session.objects.filter(digest=self.row.digest).update(
            data=self.encode(data), user_id=_user_id_in(data)
        )
        if not updated:
            # Ended by someone else while this request ran: it must not come back to life.
            raise UpdateError

    def _insert(self, data: dict[str, Any], *, error: type[CreateError | UpdateError]) -> None:
        row = self.row or Session()
        row.digest = digest_of(self.session_key or "")
        row.data = self.encode(data)
        row.user_id = _user_id_in(data)
        row.idle_seconds = row.idle_seconds or settings.SESSION_IDLE
        if row.ends_at is None:
            row.ends_at = row.started_at + timedelta(seconds=settings.SESSION_MAX_AGE)
        try:
            row.save(force_insert=True)
        except IntegrityError as refused:
            # The person or the partner was deleted while this request ran.
            raise error from refused
        self.row = row

    def _data(self, *, no_load: bool = False) -> dict[str, Any]:
        data: dict[str, Any] = self._get_session(no_load)  # type: ignore[attr-defined] # no stub
        return data

    def flush(self) -> None:
        """End the session, and forget whose it was."""
        super().flush()
        # The next one in this browser may be somebody else's.
        self.row = None

    def delete(self, session_key: str | None = None) -> None:
        """End the session with this key, or this one."""
        key = session_key or self.session_key
        if key is not None:
            Session.objects.filter(digest=digest_of(key)).delete()

    def get_expiry_age(self, **kwargs: Any) -> int:
        """Return the seconds for which the browser may keep the cookie."""
        if self.row is None or self.row.ends_at is None:
            return settings.SESSION_MAX_AGE
        return max(0, int((self.row.ends_at - timezone.now()).total_seconds()))

    def seen(self) -> None:
        """Note that the person is at work: the idle limit starts anew."""
        now = timezone.now()
        row = self.row
        if row is None or not is_saved(row) or now - row.last_seen_at < SEEN_EVERY:
            return
        row.last_seen_at = now
        Session.objects.filter(digest=row.digest).update(last_seen_at=now)

    @classmethod
    def clear_expired(cls) -> None:
        """Delete the rows whose time is over, or that have been idle for too long."""
        delete_expired()


def delete_expired() -> int:
    """Delete the rows whose time is over, or that have been idle for too long; return how many."""
    now = timezone.now()
    idle = ExpressionWrapper(
        F("idle_seconds") * Value(timedelta(seconds=1)), output_field=DurationField()
    )
    over = Session.objects.filter(Q(ends_at__lte=now) | Q(last_seen_at__lte=now - idle))
    return over.delete()[0]


def is_saved(row: Session) -> bool:
    """Return whether *row* is in the table, and not only about to be inserted."""
    return not row._state.adding  # noqa: SLF001 -- Django documents it: Model._state


def row_of(request: HttpRequest) -> Session | None:
    """Return the row of the session in which somebody is signed in, or ``None``.

    Its ``user`` is who is signed in, active and of the row's partner; no query beyond the session's
    own is needed to know that.
    """
    session = cast("SessionStore", request.session)
    return session.row if USER_ID_KEY in session else None


def end_sessions_of(user: User) -> int:
    """End every session of this person, and return how many there were."""
    return Session.objects.filter(user=user).delete()[0]


def end_sessions_of_partner(partner: Partner) -> int:
    """End every session of this partner's people, and return how many there were."""
    return Session.objects.filter(partner=partner).delete()[0]


def has_ended(row: Session, now: datetime) -> bool:
    """Return whether a session is over: by time, by being idle, by its person or its partner."""
    if row.ends_at <= now or row.last_seen_at + timedelta(seconds=row.idle_seconds) <= now:
        return True
    if row.user is not None and not row.user.is_active:
        return True
    if row.partner is None:
        return False
    if row.partner.status != Status.LIVE:
        return True
    # Somebody who has been moved to another partner signs in there.
    return row.user is not None and row.user.partner_id != row.partner_id


def _row_of_key(session_key: str | None) -> Session | None:
    if session_key is None:
        return None
    rows = Session.objects.select_related("user", "partner")
    return rows.filter(digest=digest_of(session_key)).first()


def _user_id_in(data: dict[str, Any]) -> int | None:
    user_id = data.get(USER_ID_KEY)
    return None if user_id is None else int(user_id)
