"""The pool's memory: identities, the developer user identifiers linked to them, the signing key."""

import sqlite3
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS identity (
    number INTEGER PRIMARY KEY,
    identity_id TEXT NOT NULL UNIQUE,
    created REAL NOT NULL,
    modified REAL NOT NULL,
    is_disabled INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS login (
    identifier TEXT PRIMARY KEY,
    identity_id TEXT NOT NULL REFERENCES identity (identity_id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS signing_key (number INTEGER PRIMARY KEY, pem BLOB NOT NULL);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One identity; times are seconds since 1970."""

    identity_id: str
    created: float
    modified: float
    is_disabled: bool


class Identities:
    """Every identity of one pool, kept in a file or, without one, for as long as this object."""

    def __init__(self, file: Path | None, *, region: str) -> None:
        self._region = region
        if file is not None:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # The signing key lies in it.
            file.touch(mode=0o600)
        self._database = sqlite3.connect(file or ":memory:", check_same_thread=False)
        # One connection for all threads: a second one in memory would be a second database.
        self.lock = RLock()
        for pragma in ("foreign_keys = ON", "journal_mode = WAL", "synchronous = NORMAL"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.executescript(SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        with self.lock:
            self._database.close()

    def find(self, identity_id: str) -> Identity | None:
        """Return the identity of that id."""
        rows = self._rows("SELECT * FROM identity WHERE identity_id = ?", identity_id)
        return _identity(rows[0]) if rows else None

    def identity_id_of(self, identifier: str) -> str | None:
        """Return the id of the identity that a developer user identifier is linked to."""
        rows = self._rows("SELECT identity_id FROM login WHERE identifier = ?", identifier)
        return str(rows[0][0]) if rows else None

    def identifiers_of(self, identity_id: str) -> list[str]:
        """Return the developer user identifiers linked to an identity, in a stable order."""
        rows = self._rows(
            "SELECT identifier FROM login WHERE identity_id = ? ORDER BY identifier", identity_id
        )
        return [str(row[0]) for row in rows]

    def all(self) -> list[Identity]:
        """Return every identity, the oldest first."""
        return [_identity(row) for row in self._rows("SELECT * FROM identity ORDER BY number")]

    def create(self) -> str:
        """Return the id of a new identity."""
        identity_id, now = self.unused_id(), time.time()
        self._write(
            "INSERT INTO identity (identity_id, created, modified) VALUES (?, ?, ?)",
            identity_id,
            now,
            now,
        )
        return identity_id

    def unused_id(self) -> str:
        """Return an id that no identity has."""
        return f"{self._region}:{uuid.uuid4()}"

    def link(self, identifier: str, identity_id: str) -> None:
        """Link *identifier* to an identity; it may have been another's before."""
        self._write("INSERT OR REPLACE INTO login VALUES (?, ?)", identifier, identity_id)
        self._touch(identity_id)

    def unlink(self, identifier: str) -> None:
        """Forget *identifier*; the identity stays."""
        identity_id = self.identity_id_of(identifier)
        self._write("DELETE FROM login WHERE identifier = ?", identifier)
        self._touch(identity_id or "")

    def disable(self, identity_id: str) -> None:
        """Disable an identity that was merged into another."""
        self._write("UPDATE identity SET is_disabled = 1 WHERE identity_id = ?", identity_id)
        self._touch(identity_id)

    def delete(self, identity_id: str) -> None:
        """Delete an identity with its links."""
        self._write("DELETE FROM identity WHERE identity_id = ?", identity_id)

    def signing_keys(self) -> list[tuple[int, bytes]]:
        """Return the numbers of the signing keys and the keys as PEM, the oldest first."""
        return [(row[0], row[1]) for row in self._rows("SELECT * FROM signing_key ORDER BY number")]

    def add_signing_key(self, number: int, pem: bytes) -> None:
        """Keep one more signing key."""
        self._write("INSERT INTO signing_key VALUES (?, ?)", number, pem)

    def _touch(self, identity_id: str) -> None:
        self._write(
            "UPDATE identity SET modified = ? WHERE identity_id = ?", time.time(), identity_id
        )

    def _rows(self, statement: str, *values: object) -> Sequence[tuple[Any, ...]]:
        with self.lock:
            return self._database.execute(statement, values).fetchall()

    def _write(self, statement: str, *values: object) -> None:
        with self.lock, self._database:
            self._database.execute(statement, values)


def _identity(row: tuple[Any, ...]) -> Identity:
    _, identity_id, created, modified, is_disabled = row
    return Identity(
        identity_id=identity_id,
        created=created,
        modified=modified,
        is_disabled=bool(is_disabled),
    )
