"""Where settings come from: the environment, else what `manage.py up` wrote into DATA_DIR.

`up` starts what is not configured and leaves the addresses and the generated keys in
`DATA_DIR/env`, so that any other command in the same checkout meets the same services.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


class BadSetting(ImproperlyConfigured):
    """A setting has a value that cannot be used; names the setting and the accepted form."""


def data_dir() -> Path:
    """The folder for everything that is kept on this machine (default `.local`)."""
    return (BASE_DIR / os.environ.get("DATA_DIR", ".local")).resolve()


def env_file() -> Path:
    return data_dir() / "env"


def read_env_file(path: Path) -> dict[str, str]:
    """The NAME=value lines of a file; empty when there is none."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except PermissionError as error:
        raise BadSetting(f"{path} cannot be read by this user; set DATA_DIR") from error
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, value in pairs if not name.startswith("#")}


def version() -> str:
    """The version of the console itself."""
    project = tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])


class Environment:
    """Typed look-ups. The process environment wins over the file."""

    def __init__(self, *, written: dict[str, str]) -> None:
        self._written = written

    def text(self, name: str, default: str = "") -> str:
        return os.environ.get(name) or self._written.get(name) or default

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.text(name, str(default))
        if value not in ("True", "False"):
            raise BadSetting(f"{name}={value!r}: expected True or False")
        return value == "True"

    def integer(self, name: str, default: int) -> int:
        value = self.text(name, str(default))
        if not value.isdecimal():
            raise BadSetting(f"{name}={value!r}: expected a whole number")
        return int(value)

    def words(self, name: str, default: str = "") -> list[str]:
        return [word.strip() for word in self.text(name, default).split(",") if word.strip()]

    def secret(self, name: str, default: str = "") -> str:
        """The value, or the content of the file that NAME_FILE points to."""
        path = self.text(f"{name}_FILE")
        if not path:
            return self.text(name, default)
        if not Path(path).is_file():
            raise BadSetting(f"{name}_FILE={path!r}: no such file")
        return Path(path).read_text(encoding="utf-8").strip()


def load() -> Environment:
    return Environment(written=read_env_file(env_file()))


# A server that vanishes without a word, as behind a cut cable, is noticed within half a minute.
_NO_ENDLESS_WAIT: Final[dict[str, object]] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}


def database(url: str) -> dict[str, object]:
    """Django's settings for a PostgreSQL URL; `?host=/folder` means a Unix socket."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise BadSetting("DATABASE_URL: expected postgresql://user:password@host:port/name")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": options.pop("port", str(parts.port or "")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # PgBouncer in transaction mode keeps no server-side cursor between statements.
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {**_NO_ENDLESS_WAIT, "application_name": "opportunity-sync", **options},
    }
