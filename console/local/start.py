"""What `manage.py up` does, from an empty folder to the line that says ready."""

from __future__ import annotations

import hashlib
import ipaddress
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from console import environment
from console.local import folder, pidfile, ports
from console.local.child import Program
from console.local.errors import LocalError, Stopped
from console.local.org import LocalOrg
from console.local.output import Output
from console.local.postgres import Postgres
from console.local.supervisor import Supervisor, manage
from console.local.valkey import Valkey

_REAL_CONNECTION: Final = 3
"""Exit code of `prepare_database` when somebody has configured a real org."""

_SIGN_INS: Final = "admin / admin-local, operator / operator-local or viewer / viewer-local"


def up(*, data_dir: Path, host: str, port: int) -> None:
    """Starts everything that is not configured and returns when it was asked to stop.

    1. PostgreSQL and Valkey, side by side; their addresses go into DATA_DIR/env.
    2. The tables, the static files; the local org and its sample data.
    3. Web, worker and sweeper, each started again when it ends.

    Errors: LocalError when something cannot be started; whatever was started is stopped by then
    """
    os.umask(0o077)  # everything below DATA_DIR is private
    with folder.locked(data_dir):
        start = Start(data_dir=data_dir, host=host, port=port)
        with start.supervisor.running(), suppress(Stopped):
            start.run()


class Start:
    """One start of the console on one data folder."""

    def __init__(self, *, data_dir: Path, host: str, port: int) -> None:
        self._data_dir = data_dir
        self._host = host
        self._port = port
        self._pid_folder = data_dir / "run"
        self._pid_folder.mkdir(mode=0o700, exist_ok=True)
        self._output = Output()
        self.supervisor = Supervisor(output=self._output, pid_folder=self._pid_folder)
        os.environ |= {"DATA_DIR": str(data_dir), "PORT": str(port)}  # for the children
        os.environ.setdefault("LOG_FORMAT", "text")  # our combined log is for people

    def run(self) -> None:
        pidfile.stop_leftovers(self._pid_folder, say=self.supervisor.say)
        ports.require_free(self._port, host=self._host)
        self._stores()
        has_real_org = self._database()
        self._static_files()
        org = None if has_real_org else self._local_org()
        if has_real_org:
            self._connect_real_org()
        if environment.load().flag("LOCAL_SERVICES") and not _given("LOCAL_SERVICES"):
            require_private(self._host)
        self._programs()
        self._announce(org)
        self.supervisor.watch()

    def _stores(self) -> None:
        postgres, valkey = None, None
        if not _given("DATABASE_URL"):
            cluster = self._data_dir / "postgres"
            postgres = Postgres(cluster, durable=True, say=self.supervisor.say)
        if not _given("REDIS_URL"):
            valkey = Valkey(self._data_dir / "valkey")
        # Valkey first: it needs no thought while PostgreSQL makes its cluster.
        self.supervisor.start(*(store for store in (valkey, postgres) if store is not None))
        if postgres is not None:
            postgres.create_database()
        keys = folder.keys(self._env_file)
        self._write_env(
            **{name: value for name, value in keys.items() if not _given(name)},
            DATABASE_URL=postgres.url() if postgres else None,
            REDIS_URL=valkey.url() if valkey else None,
            LOCAL_SERVICES=str(bool(postgres and valkey and not _has_real_org())),
        )

    def _static_files(self) -> None:
        """Collects them when they changed: compressing all of them takes seconds."""
        if environment.load().flag("UNCOLLECTED_STATIC"):
            return
        stamp = self._data_dir / "staticfiles.stamp"
        wanted = _static_fingerprint()
        if not stamp.exists() or stamp.read_text() != wanted:
            self.supervisor.say("collecting the static files")
            self.supervisor.step("collectstatic", "--no-input", "--clear", "--verbosity", "0")
            stamp.write_text(wanted)

    def _database(self) -> bool:
        """Brings the tables up to date. Whether a real org is configured."""
        self.supervisor.say("migrating the database")
        code = self.supervisor.step("prepare_database", accepted=(0, _REAL_CONNECTION))
        return code == _REAL_CONNECTION

    def _connect_real_org(self) -> None:
        self._write_env(LOCALORG_URL=None, LOCAL_SERVICES="False")
        if _has_real_org():
            self.supervisor.step("connect_local_org")  # stores what the settings name

    def _local_org(self) -> LocalOrg:
        """The local org, with the sample data on both sides if nothing else is there."""
        env = environment.load()
        org = LocalOrg(
            self._data_dir / "org",
            port=ports.free_port(preferred=self._port + 1),
            client_id=env.text("LOCALORG_CLIENT_ID"),
            client_secret=env.text("LOCALORG_CLIENT_SECRET"),
        )
        self.supervisor.start(org)
        self._write_env(LOCALORG_URL=org.url)
        if env.flag("LOCAL_SERVICES"):
            self.supervisor.say("filling both sides with the sample data, if they are empty")
            self.supervisor.step("connect_local_org", "--sample")
        else:
            self.supervisor.step("connect_local_org")
            self.supervisor.say("no sample data: the database is not one of ours")
        return org

    def _programs(self) -> None:
        web = self.supervisor.keep(self._web())
        self.supervisor.keep(manage("worker", "work"))
        self.supervisor.keep(manage("sweeper", "sweep_outbound"))
        self.supervisor.wait(self._is_ready, child=web, timeout_seconds=60)

    def _web(self) -> Program:
        command = [sys.executable, "-m", "gunicorn", "console.wsgi"]
        options = {
            "--bind": f"{_bracketed(self._host)}:{self._port}",
            "--workers": "2",
            "--threads": "4",
            "--graceful-timeout": "5",
        }
        words = [word for option in options.items() for word in option]
        # Loaded once and then forked. Its control socket lies in the home folder, where two
        # copies would meet.
        return Program("web", [*command, *words, "--preload", "--no-control-socket"])

    def _is_ready(self) -> bool:
        if ports.is_free(self._port, host=self._host):  # asking would be noise in the log
            return False
        # The name that Django accepts, which need not be the address that we ask.
        allowed = environment.load().words("ALLOWED_HOSTS")
        name = allowed[0].lstrip(".") if allowed and "*" not in allowed else None
        return ports.http_status(self._port, "/readyz", host=self._reached_at, name=name) == 200

    def _announce(self, org: LocalOrg | None) -> None:
        line = f"ready: http://{_bracketed(self._reached_at)}:{self._port}"
        if environment.load().flag("LOCAL_SERVICES"):
            line += f"  sign in as {_SIGN_INS}"
        else:
            self.supervisor.say(
                "not everything is local, so there are no ready-made sign-ins, and pages answer"
                " over HTTPS only unless HTTPS=False"
            )
        if org is not None:
            line += f"  the local Salesforce org: {org.url}"
        self._output.bare(line)

    @property
    def _reached_at(self) -> str:
        """Where this machine reaches what listens on HOST."""
        return {"0.0.0.0": ports.LOOPBACK, "::": "::1"}.get(self._host, self._host)  # noqa: S104

    @property
    def _env_file(self) -> Path:
        return self._data_dir / "env"

    def _write_env(self, **values: str | None) -> None:
        folder.write_env_file(self._env_file, values=values)


def require_private(host: str) -> None:
    """Errors: LocalError for a HOST that others reach, where anybody could sign in."""
    addresses = {found[4][0] for found in socket.getaddrinfo(host, None)}
    if not all(ipaddress.ip_address(address).is_loopback for address in addresses):
        raise LocalError(
            f"HOST={host} would offer the local sign-ins, whose passwords everybody knows, to the"
            " network: configure the real services, or accept it with LOCAL_SERVICES=True"
        )


def _given(name: str) -> bool:
    """Whether somebody configured it, directly or as the content of a file."""
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def _has_real_org() -> bool:
    return bool(environment.load().text("SALESFORCE_URL"))


def _bracketed(host: str) -> str:
    """A host as URLs write it."""
    return f"[{host}]" if ":" in host else host


def _static_fingerprint() -> str:
    """Changes with the installed packages and with our own static files."""
    base = environment.BASE_DIR
    digest = hashlib.sha256((base / "requirements.lock").read_bytes())
    for path in _own_static_files(base):
        found = path.stat()
        digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _own_static_files(base: Path) -> Iterator[Path]:
    for root in (base / "static", base / "console" / "static"):
        yield from (path for path in sorted(root.rglob("*")) if path.is_file())
