"""As whom PostgreSQL runs: as ourselves, but never as root, which it refuses."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Callable, Iterable
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


def let_read(folders: Iterable[Path]) -> None:
    """Makes what the folders hold readable by all, as an installation under umask 077 is not."""
    for folder in folders:
        for path in [folder, *folder.rglob("*")]:
            if path.is_symlink():
                continue
            mode = stat.S_IMODE(path.stat().st_mode)
            searchable = stat.S_IXOTH if mode & stat.S_IXUSR else 0
            path.chmod(mode | stat.S_IROTH | searchable)
