"""Real servers for tests, each on its own port and folder, that may be stopped and broken."""

from __future__ import annotations

import os
import shutil
import signal
from contextlib import suppress
from pathlib import Path

from console.local.child import Child, Service, wait_until
from console.local.org import LocalOrg
from console.local.postgres import Postgres
from console.local.valkey import Valkey


class Server:
    """A running server. After `stop` or `kill`, `start` brings it back: same port, same data."""

    def __init__(self, service: Service, *, folder: Path) -> None:
        self._service = service
        self._folder = folder
        self._child: Child | None = None
        self.start()

    def start(self) -> None:
        self._service.prepare()
        child = Child(self._service.program(), log=self._log, pid_folder=self._folder)
        self._child = child
        try:
            wait_until(self._service.answers, child=child, timeout_seconds=30)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """In good order; harmless when it does not run."""
        if self._child is not None:
            with suppress(ProcessLookupError):
                os.kill(self._child.pid, signal.SIGCONT)
            self._child.stop()
            self._child = None

    def kill(self) -> None:
        """As a power failure would."""
        os.kill(self.pid, signal.SIGKILL)
        self.stop()

    def stand_still(self) -> None:
        """As one that hangs: it takes every call and never answers, until it is stopped."""
        os.kill(self.pid, signal.SIGSTOP)

    @property
    def pid(self) -> int:
        assert self._child is not None, f"{self._service.name} does not run"
        return self._child.pid

    def _log(self, name: str, line: str) -> None:
        with (self._folder / f"{name}.log").open("a", encoding="utf-8") as log:
            log.write(f"{line}\n")


class OrgServer(Server):
    def __init__(self, org: LocalOrg, *, folder: Path) -> None:
        self.url = org.url
        self.client_id = org.client_id
        self.client_secret = org.client_secret
        super().__init__(org, folder=folder)


class ValkeyServer(Server):
    def __init__(self, valkey: Valkey, *, folder: Path) -> None:
        self.url = valkey.url()
        super().__init__(valkey, folder=folder)

    def lose_everything(self) -> None:
        """What it kept on the disk is gone. Only while it does not run."""
        shutil.rmtree(self._folder / "appendonlydir", ignore_errors=True)


class PostgresServer(Server):
    def __init__(self, postgres: Postgres, *, folder: Path) -> None:
        super().__init__(postgres, folder=folder)
        postgres.create_database()
        self.url = postgres.url()

    def abort(self) -> None:
        """As `pg_ctl stop -m immediate`: whatever is open is undone at the next start."""
        os.kill(self.pid, signal.SIGQUIT)
        self.stop()


def start_local_org(folder: Path) -> OrgServer:
    """An org of its own, empty unless the folder holds an earlier one's records."""
    folder.mkdir(parents=True, exist_ok=True)
    return OrgServer(LocalOrg(folder), folder=folder)


def start_valkey(folder: Path) -> ValkeyServer:
    folder.mkdir(parents=True, exist_ok=True)
    return ValkeyServer(Valkey(folder), folder=folder)


def start_postgres(folder: Path) -> PostgresServer:
    folder.mkdir(parents=True, exist_ok=True)
    return PostgresServer(Postgres(folder / "postgres", durable=False, say=print), folder=folder)
