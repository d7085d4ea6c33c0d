"""DATA_DIR: one running copy at a time, and the file that tells other commands what runs."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet

from console.environment import read_env_file
from console.local.errors import LocalError

_HEADER: Final = """\
# Written by `manage.py up` at each start; any `manage.py` command with this DATA_DIR reads it.
# The keys are kept: without FIELD_KEYS the stored credentials cannot be read. Your own lines too.
"""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Holds the folder for this process, which makes it if need be.

    Errors: LocalError when another copy holds it, or it cannot be written to
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise LocalError(f"{folder} cannot be used ({error.strerror}): set DATA_DIR") from error
    try:
        # The system lets go of it however this process ends.
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise LocalError(
            f"another copy runs on {folder}: stop it, or give this one its own,"
            " as in `make run PORT=8010 DATA_DIR=.local-2`"
        ) from error
    try:
        yield
    finally:
        os.close(handle)


def keys(path: Path) -> dict[str, str]:
    """The secrets that stay the same from start to start, made where the file lacks them."""
    kept = read_env_file(path)
    made = {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "FIELD_KEYS": Fernet.generate_key().decode(),
        "LOCALORG_CLIENT_ID": "console-" + secrets.token_hex(8),
        "LOCALORG_CLIENT_SECRET": secrets.token_urlsafe(32),
    }
    return {name: kept.get(name) or value for name, value in made.items()}


def write_env_file(path: Path, *, values: Mapping[str, str | None]) -> None:
    """Sets the given names, removes those whose value is None, and keeps every other line."""
    merged: dict[str, str | None] = {**read_env_file(path), **values}
    lines = [f"{name}={value}\n" for name, value in merged.items() if value is not None]
    unfinished = path.with_name("env.unfinished")
    unfinished.unlink(missing_ok=True)
    # Born private: at no moment may another user read the keys.
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(_HEADER + "".join(lines))
    unfinished.replace(path)
