"""Django's sessions, kept in rows of our own: found by digest, ended by person or partner."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY as USER_ID_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import IntegrityError, transaction
from django.utils import timezone

from partners.models import Status
from people.models import Session

SEEN_EVERY = timedelta(seconds=60)
"""How stale ``last_seen_at`` may be: a page view costs a write once a minute, not each time."""


def digest_of(session_key: str) -> str:
    """Return what is stored for a session key: its SHA-256, in hexadecimal."""
    return hashlib.sha256(session_key.encode()).hexdigest()


class SessionStore(SessionBase):
    """One browser's session.

    A session whose person is no longer active, whose partner is not live, or whose time is over, is
    gone at its next request: ``load`` finds nothing.
    """

    row: Session | None = None
    """The row this session was loaded from or saved to."""

    def load(self) -> dict[str, Any]:
        """Return the session's data; an ended session has none and loses its key."""
        self.row = self._living_row()
        if self.row is None:
            self._session_key = None
            return {}
        return self.decode(self.row.data)

    def _living_row(self) -> Session | None:
        if self.session_key is None:
            return None
        row = (
            Session.objects.select_related("user", "partner", "connection")
            .filter(digest=digest_of(self.session_key))
            .first()
        )
        if row is None:
            return None
        if has_ended(row, timezone.now()):
            row.delete()
            return None
        return row

    def exists(self, session_key: str) -> bool:
        """Return whether a session has this key."""
        return Session.objects.filter(digest=digest_of(session_key)).exists()

    def create(self) -> None:
        """Give the session a new key and a row."""
        while True:
            self._session_key = self._get_new_session_key()
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002 -- Django's signature
        """Write the session; raises ``UpdateError`` when it was ended in the meantime."""
        if self.session_key is None:
            self.create()
            return
        data = self._get_session(no_load=must_create)
        digest = digest_of(self.session_key)
        encoded = self.encode(data)
        if must_create or self.row is None:
            self._insert(digest, encoded, data)
        elif not Session.objects.filter(digest=digest).update(data=encoded):
            # Ended by someone else while this request ran: it must not come back to life.
            raise UpdateError

    def _insert(self, digest: str, encoded: str, data: dict[str, Any]) -> None:
        now = timezone.now()
        template = self.row or Session()
        row = Session(
            digest=digest,
            data=encoded,
            user_id=data.get(USER_ID_KEY),
            partner_id=template.partner_id,
            connection_id=template.connection_id,
            provider_session_id=template.provider_session_id,
            started_at=now,
            last_seen_at=now,
            idle_seconds=template.idle_seconds or settings.SESSION_IDLE,
            ends_at=template.ends_at or now + timedelta(seconds=settings.SESSION_MAX_AGE),
            address=template.address,
            agent=template.agent,
        )
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as error:
            raise CreateError from error
        self.row = row

    def delete(self, session_key: str | None = None) -> None:
        """End the session with this key, or this one."""
        key = session_key or self.session_key
        if key is not None:
            Session.objects.filter(digest=digest_of(key)).delete()

    def get_expiry_age(self, **kwargs: Any) -> int:
        """Return the seconds for which the browser may keep the cookie."""
        if self.row is None:
            return settings.SESSION_MAX_AGE
        return max(0, int((self.row.ends_at - timezone.now()).total_seconds()))

    def seen(self) -> None:
        """Note that the person is at work: the idle limit starts anew."""
        now = timezone.now()
        if self.row is None or now - self.row.last_seen_at < SEEN_EVERY:
            return
        self.row.last_seen_at = now
        Session.objects.filter(digest=self.row.digest).update(last_seen_at=now)

    @classmethod
    def clear_expired(cls) -> None:
        """Delete the rows whose time is over: ``manage.py clearsessions``."""
        Session.objects.filter(ends_at__lt=timezone.now()).delete()


def has_ended(row: Session, now: datetime) -> bool:
    """Return whether a session is over: by time, by being idle, by its person or its partner."""
    if row.ends_at <= now or row.last_seen_at + timedelta(seconds=row.idle_seconds) <= now:
        return True
    if row.user is not None and not row.user.is_active:
        return True
    return row.partner is not None and row.partner.status != Status.LIVE
