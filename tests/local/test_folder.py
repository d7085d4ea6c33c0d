"""DATA_DIR: one copy at a time, and keys that survive."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from console.environment import read_env_file
from console.local import folder
from console.local.errors import LocalError


def test_a_second_copy_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with (
        folder.locked(tmp_path / "data"),
        pytest.raises(LocalError, match=r"another copy runs on .*DATA_DIR"),
        folder.locked(tmp_path / "data"),
    ):
        pytest.fail("two copies held one folder")


def test_the_folder_is_private_and_free_again_afterwards(tmp_path: Path) -> None:
    for _ in range(2):
        with folder.locked(tmp_path / "data"):
            assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LocalError, match="set DATA_DIR"), folder.locked(tmp_path / "file" / "x"):
        pytest.fail("a folder was made inside a file")


def test_keys_are_made_once_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "env"
    made = folder.keys(path)
    folder.write_env_file(path, values=made)

    assert folder.keys(path) == made
    assert Fernet(made["FIELD_KEYS"]).decrypt(Fernet(made["FIELD_KEYS"]).encrypt(b"x")) == b"x"
    assert len(made["SECRET_KEY"]) >= 50


def test_two_folders_have_different_keys(tmp_path: Path) -> None:
    one, other = folder.keys(tmp_path / "one"), folder.keys(tmp_path / "other")
    assert not set(one.values()) & set(other.values())


def test_the_env_file_is_for_its_owner_only_and_keeps_other_lines(tmp_path: Path) -> None:
    path = tmp_path / "env"
    path.write_text("# mine\nPOLL_SECONDS=5\nDATABASE_URL=old\nREDIS_URL=old\n")

    folder.write_env_file(path, values={"DATABASE_URL": "new=1", "REDIS_URL": None})

    assert path.stat().st_mode & 0o777 == 0o600
    assert read_env_file(path) == {"POLL_SECONDS": "5", "DATABASE_URL": "new=1"}
