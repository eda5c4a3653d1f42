"""The directory of one embedded PostgreSQL: whose it is, what it remembers, who is using it."""

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from demo.postgres.orphan import end_orphan
from demo.postgres.programs import PostgresError

ROOTS_PLACE = Path("/var/tmp")  # noqa: S108 -- what is made here is ours, and no link: see _own_directory
"""Where root's data lie: PostgreSQL runs as another user then, who may not enter /root."""

TEMPORARY_PREFIX = "foyer-postgres-"
ABANDONED_AFTER_SECONDS = 60
"""A temporary home this old that nobody has locked was left by a launcher that was killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How a client reaches the server: kept, so that a second start is the same server."""

    port: int
    password: str = field(repr=False)

    @classmethod
    def new(cls) -> Self:
        """Return access with a fresh password, at a port yet to be chosen (0)."""
        return cls(port=0, password=secrets.token_urlsafe(24))

    def url(self, database: str) -> str:
        """Return the DATABASE_URL of *database*."""
        return f"postgres://foyer:{self.password}@127.0.0.1:{self.port}/{database}"


def home_of(checkout: Path) -> Path:
    """Return where the demo's database of this *checkout* lies."""
    if os.geteuid() != 0:
        return checkout / "var" / "postgres"
    digest = hashlib.sha256(str(checkout.resolve()).encode()).hexdigest()
    return ROOTS_PLACE / f"foyer-{digest[:12]}"


def opened_home(path: Path) -> Path:
    """Return *path*, made when it is missing: ours, and writable to nobody else.

    Raises ``PostgresError`` when somebody else put it there: /var/tmp is open to all.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise PostgresError(f"{path} is not ours: remove it, or move the checkout.")
    # Others may pass through, for PostgreSQL may run as another user, but not look around.
    path.chmod(0o711)
    return path.resolve()


def temporary_home() -> Path:
    """Return a new home for a server whose data nobody will miss."""
    place = ROOTS_PLACE if os.geteuid() == 0 else Path(tempfile.gettempdir())
    for abandoned in place.glob(f"{TEMPORARY_PREFIX}*"):
        _forget_abandoned(abandoned)
    home = Path(tempfile.mkdtemp(prefix=TEMPORARY_PREFIX, dir=place))
    home.chmod(0o711)
    return home.resolve()


def _forget_abandoned(home: Path) -> None:
    try:
        found = home.lstat()
        if found.st_uid == os.geteuid() and time.time() - found.st_mtime > ABANDONED_AFTER_SECONDS:
            forget(home)
    except (PostgresError, OSError):
        # In use, or another launcher was faster.
        return


def forget(home: Path) -> None:
    """Remove *home* with all its data; raises ``PostgresError`` while its server runs."""
    if home.is_dir():
        with sole_use(home):
            end_orphan(home / "cluster")
            shutil.rmtree(home)


@contextmanager
def sole_use(home: Path) -> Iterator[None]:
    """Hold *home* alone; raises ``PostgresError`` when another process does.

    The kernel lets go when the process ends, however it ends.
    """
    descriptor = os.open(home / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(descriptor, 20).decode() or "unknown"
            raise PostgresError(
                f"The database in {home} is in use by process {holder}: end that first."
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def is_used(home: Path) -> bool:
    """Whether some process holds *home*."""
    try:
        with sole_use(home):
            return False
    except FileNotFoundError:
        return False
    except PostgresError:
        return True


def read_access(home: Path) -> Access | None:
    """Return the access remembered in *home*, or ``None`` before the first start."""
    try:
        return Access(**json.loads((home / "access.json").read_text()))
    except FileNotFoundError:
        return None


def remember(access: Access, *, home: Path) -> None:
    """Keep *access* in *home*, for nobody else to read."""
    new = home / "access.new"
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump({"port": access.port, "password": access.password}, file)
    new.replace(home / "access.json")
