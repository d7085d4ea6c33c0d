"""Settings: where a value comes from, and the words for one that cannot be used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from console import environment
from console.environment import BadSetting, Environment, read_env_file

NOTHING_WRITTEN = Environment(written={})


# --- Where a value comes from --------------------------------------------------------------------


def test_the_process_wins_over_the_file_and_the_file_over_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    env = Environment(written={"COLOUR": "green"})
    assert env.text("COLOUR", "grey") == "green"
    assert env.text("SHADE", "grey") == "grey"

    monkeypatch.setenv("COLOUR", "red")
    assert env.text("COLOUR", "grey") == "red"

    monkeypatch.setenv("COLOUR", "")  # as `docker --env COLOUR=` leaves it
    assert env.text("COLOUR", "grey") == "green"


def test_the_file_is_lines_of_name_and_value(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("# a remark = none\n\nPORT = 8010\nURL=postgresql://u:p@h/db?a=b\nodd line\n")

    assert read_env_file(file) == {"PORT": "8010", "URL": "postgresql://u:p@h/db?a=b"}


def test_no_file_is_no_settings(tmp_path: Path) -> None:
    assert read_env_file(tmp_path / "env") == {}


def test_a_secret_may_lie_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "secret"
    file.write_text("from the file\n")
    monkeypatch.setenv("TOKEN_FILE", str(file))

    assert NOTHING_WRITTEN.secret("TOKEN") == "from the file"


def test_a_secret_may_be_given_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "from the environment")

    assert NOTHING_WRITTEN.secret("TOKEN") == "from the environment"


def test_words_are_parted_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTS", " a.example, ,b.example,")

    assert NOTHING_WRITTEN.words("HOSTS") == ["a.example", "b.example"]


# --- What cannot be used -------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["yes", "true", "1"])
def test_a_flag_is_true_or_false(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HTTPS", value)

    with pytest.raises(BadSetting, match=f"HTTPS='{value}': expected True or False"):
        NOTHING_WRITTEN.flag("HTTPS")


@pytest.mark.parametrize("value", ["-1", "8000.5", "eight"])
def test_a_number_is_a_whole_number(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PORT", value)

    with pytest.raises(BadSetting, match=f"PORT='{value}': expected a whole number"):
        NOTHING_WRITTEN.integer("PORT", 8000)


def test_a_secrets_file_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN_FILE", "/nowhere/token")

    with pytest.raises(BadSetting, match="TOKEN_FILE='/nowhere/token': no such file"):
        NOTHING_WRITTEN.secret("TOKEN")


def test_only_postgresql_will_do_and_the_password_is_not_repeated() -> None:
    with pytest.raises(BadSetting, match="expected postgresql://") as caught:
        environment.database("mysql://root:hunter2@db/console")
    assert "hunter2" not in str(caught.value)


# --- The database --------------------------------------------------------------------------------


def test_a_database_url_is_taken_apart() -> None:
    parts = environment.database("postgresql://ann%40x:p%2Fw@db.example:5433/deals?sslmode=require")

    assert {name: parts[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")} == {
        "USER": "ann@x",
        "PASSWORD": "p/w",
        "HOST": "db.example",
        "PORT": "5433",
        "NAME": "deals",
    }
    options = parts["OPTIONS"]
    assert isinstance(options, dict)
    assert options["sslmode"] == "require"


def test_a_unix_socket_is_a_folder_in_the_query() -> None:
    parts = environment.database("postgresql:///deals?host=/run/postgresql&port=5434")

    assert (parts["HOST"], parts["PORT"], parts["NAME"]) == ("/run/postgresql", "5434", "deals")


# --- The settings as a process gets them ---------------------------------------------------------

SHOWN = ("HTTPS", "SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "SECURE_HSTS_SECONDS", "DEBUG")


def settings_with(data_dir: Path, **variables: str) -> dict[str, Any]:
    """Some settings of a process that has nothing but these variables."""
    shown = f"{{name: getattr(settings, name) for name in {SHOWN}}}"
    code = f"import json; from console import settings; print(json.dumps({shown}))"
    done = _python(code, DATA_DIR=str(data_dir), **variables)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def _python(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_on_a_server_cookies_travel_encrypted_only(tmp_path: Path) -> None:
    assert settings_with(tmp_path) == {
        "HTTPS": True,
        "SESSION_COOKIE_NAME": "__Host-session",
        "SESSION_COOKIE_SECURE": True,
        "SECURE_HSTS_SECONDS": 365 * 24 * 3600,
        "DEBUG": False,
    }


def test_two_local_copies_do_not_sign_each_other_out(tmp_path: Path) -> None:
    """Cookies do not know ports, so the name does."""
    local = settings_with(tmp_path, LOCAL_SERVICES="True", PORT="8010")

    assert (local["HTTPS"], local["SESSION_COOKIE_NAME"]) == (False, "session_8010")


def test_what_up_wrote_is_read_by_every_command(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("LOCAL_SERVICES=True\nPORT=8020\n")

    assert settings_with(tmp_path)["SESSION_COOKIE_NAME"] == "session_8020"


def test_a_value_that_cannot_be_used_stops_the_process(tmp_path: Path) -> None:
    done = _python("import console.settings", DATA_DIR=str(tmp_path), POLL_SECONDS="often")

    assert done.returncode != 0
    assert "POLL_SECONDS='often': expected a whole number" in done.stderr
