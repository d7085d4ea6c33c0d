"""The local Salesforce org, served as our own child process."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path

from console.local import ports
from console.local.child import Program


class LocalOrg:
    """An org on the loopback, with the credentials of its one connected app."""

    name = "org"

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        client_id: str = "console",
        client_secret: str | None = None,
    ) -> None:
        self._folder = folder
        self._port = port or ports.free_port()
        self.client_id = client_id
        self.client_secret = client_secret or secrets.token_urlsafe(24)

    @property
    def url(self) -> str:
        return f"http://{ports.LOOPBACK}:{self._port}"

    def prepare(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def program(self) -> Program:
        data = str(self._folder / "org.sqlite3")
        command = [sys.executable, "-m", "localorg", "--port", str(self._port), "--data", data]
        # Not as arguments, which every user of the machine may read.
        credentials = {
            "LOCALORG_CLIENT_ID": self.client_id,
            "LOCALORG_CLIENT_SECRET": self.client_secret,
        }
        return Program(self.name, command, env=credentials)

    def answers(self) -> bool:
        return ports.http_status(self._port, "/services/data") is not None
