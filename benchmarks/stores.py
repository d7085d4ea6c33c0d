"""Real servers for a benchmark, in a folder that is thrown away, and processes of the console.

Nothing of Django may be imported before `running()` has named the servers to it.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import django
from cryptography.fernet import Fernet

from tests.org import Org
from tests.servers import OrgServer, ValkeyServer, start_local_org, start_postgres, start_valkey

BASE = Path(__file__).resolve().parent.parent


@dataclass
class Stores:
    """PostgreSQL with the console's tables, a Valkey and a local org."""

    folder: Path
    valkey: ValkeyServer
    org_server: OrgServer

    @property
    def org(self) -> Org:
        return Org(self.org_server)


@contextmanager
def running() -> Iterator[Stores]:
    """The servers, named to Django and migrated; stopped and removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="console-benchmark-"))
    folder.chmod(0o711)  # as root, PostgreSQL runs under another account and must pass through
    with ExitStack() as until_the_end:
        until_the_end.callback(shutil.rmtree, folder, ignore_errors=True)
        postgres = start_postgres(folder)
        until_the_end.callback(postgres.stop)
        valkey = start_valkey(folder / "valkey")
        until_the_end.callback(valkey.stop)
        org = start_local_org(folder / "org")
        until_the_end.callback(org.stop)
        os.environ |= {
            "DATA_DIR": str(folder),
            "DATABASE_URL": postgres.url,
            "REDIS_URL": valkey.url,
            "LOCAL_SERVICES": "True",
            "UNCOLLECTED_STATIC": "True",
            "LOG_FORMAT": "text",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "FIELD_KEYS": Fernet.generate_key().decode(),
            "DJANGO_SETTINGS_MODULE": "console.settings",
        }
        django.setup()
        from django.core.management import call_command  # noqa: PLC0415  needs the settings

        call_command("migrate", verbosity=0)
        yield Stores(folder, valkey, org)


@contextmanager
def process(*command: str, log: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A `manage.py` command as a process of its own, told to stop at the end."""
    with log.open("ab") as output:
        started = subprocess.Popen(
            [sys.executable, "manage.py", *command, "--skip-checks"],
            cwd=BASE,
            env={**os.environ, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield started
    finally:
        started.terminate()
        started.wait(timeout=120)
