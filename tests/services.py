"""PostgreSQL and Valkey for the test session, up before Django reads its settings.

Loaded by `-p tests.services`. The process that runs the session starts the two servers in a
temporary folder, unless DATABASE_URL or REDIS_URL name others, and stops them at the end; the
processes of pytest-xdist inherit the addresses. Each of those has a database of its own in both
servers, and an org of its own as soon as a test asks for one with `local_org()`.
"""

from __future__ import annotations

import atexit
import functools
import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
from cryptography.fernet import Fernet

from tests.network import stay_at_home
from tests.servers import OrgServer, start_local_org, start_postgres, start_valkey

_XDIST_WORKER: Final = os.environ.get("PYTEST_XDIST_WORKER", "")
_until_the_end = ExitStack()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None]:
    """A wrapper comes before every plain hook, thus before pytest-django loads the settings."""
    if _XDIST_WORKER:
        _take_own_redis_database()
    else:
        _start_session()
    # Also when pytest itself breaks. After SIGKILL the servers end by themselves.
    atexit.register(_until_the_end.close)
    stay_at_home()
    return (yield)


def pytest_unconfigure() -> None:
    _until_the_end.close()


@functools.cache
def local_org() -> OrgServer:
    """The org of this test process, started when first asked for; a test must empty it itself."""
    org = start_local_org(session_folder() / f"org-{_XDIST_WORKER or 'main'}")
    _until_the_end.callback(org.stop)
    return org


def session_folder() -> Path:
    """The temporary folder of the whole test session, shared by its processes."""
    return Path(os.environ["DATA_DIR"])


def _start_session() -> None:
    # SIGTERM like Ctrl-C: pytest reports, and everything is stopped in order.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = Path(tempfile.mkdtemp(prefix="console-tests-"))
    folder.chmod(0o711)  # as root, PostgreSQL runs under another account and must pass through
    _until_the_end.callback(shutil.rmtree, folder, ignore_errors=True)
    os.environ |= {
        "DATA_DIR": str(folder),
        "LOCAL_SERVICES": "True",
        "UNCOLLECTED_STATIC": "True",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "FIELD_KEYS": Fernet.generate_key().decode(),
    }
    if not os.environ.get("DATABASE_URL"):
        postgres = start_postgres(folder)
        _until_the_end.callback(postgres.stop)
        os.environ["DATABASE_URL"] = postgres.url
    if not os.environ.get("REDIS_URL"):
        valkey = start_valkey(folder / "valkey")
        _until_the_end.callback(valkey.stop)
        os.environ["REDIS_URL"] = valkey.url


def _take_own_redis_database() -> None:
    """Number 1 and up; the session's own process has 0."""
    number = 1 + int(_XDIST_WORKER.removeprefix("gw"))
    os.environ["REDIS_URL"] = urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{number}").geturl()
