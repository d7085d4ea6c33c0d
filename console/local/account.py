"""As whom PostgreSQL runs: as ourselves, but never as root, which it refuses."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from console.local.errors import LocalError

UNPRIVILEGED = "nobody"  # has an entry in every passwd, which initdb insists on

Say = Callable[[str], None]


@dataclass(frozen=True)
class Account:
    name: str
    uid: int
    gid: int


def for_folder(folder: Path) -> Account | None:
    """The account to run as, None for our own.

    As root that is the owner of an existing folder, so that data which a normal user made
    stays theirs; else `nobody`.
    """
    if os.geteuid() != 0:
        return None
    owner = folder.stat().st_uid if folder.exists() else 0
    try:
        entry = pwd.getpwuid(owner) if owner else pwd.getpwnam(UNPRIVILEGED)
    except KeyError as error:
        raise LocalError(
            f"PostgreSQL does not run as root, and {owner or UNPRIVILEGED} is no account of this"
            " machine: start as a normal user, or set DATABASE_URL"
        ) from error
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def let_reach(folder: Path, *, account: Account, say: Say) -> None:
    """Adds the search bit to each folder above that the account could not pass through."""
    for parent in reversed(folder.resolve().parents):
        found = parent.stat()
        needed = stat.S_IXUSR if found.st_uid == account.uid else stat.S_IXOTH
        if not found.st_mode & needed:
            say(f"adding the search permission (o+x) to {parent} for the account {account.name}")
            parent.chmod(stat.S_IMODE(found.st_mode) | needed)


def let_read(folder: Path, *, account: Account, say: Say) -> None:
    """Makes all that the folder holds readable, as an installation under umask 077 is not."""
    modes = {path: path.stat().st_mode for path in [folder, *folder.rglob("*")]}
    closed = {
        path: mode for path, mode in modes.items() if mode & _readable(mode) != _readable(mode)
    }
    if closed:
        say(f"making {folder} readable for the account {account.name}")
    for path, mode in closed.items():
        path.chmod(stat.S_IMODE(mode) | _readable(mode))


def _readable(mode: int) -> int:
    """The bits for everybody else that belong to what the owner may do."""
    return stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
