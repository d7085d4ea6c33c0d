"""`manage.py up` from an empty folder to a clean end, as a person at a terminal meets it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from console.environment import BASE_DIR, read_env_file
from console.local import ports

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("up")]

READY = re.compile(
    r"ready: (http://127\.0\.0\.1:\d+)  sign in as admin / admin-local, operator / operator-local"
    r" or viewer / viewer-local  the local Salesforce org: (http://127\.0\.0\.1:\d+)"
)
_SET_FOR_TESTS = (
    *("DATABASE_URL", "REDIS_URL", "LOCAL_SERVICES", "SECRET_KEY", "FIELD_KEYS"),
    *("HTTPS", "UNCOLLECTED_STATIC"),
)


class Copy:
    """One running `manage.py up`."""

    def __init__(self, folder: Path, *, port: int) -> None:
        env = {name: value for name, value in os.environ.items() if name not in _SET_FOR_TESTS}
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=BASE_DIR,
            env=env | {"DATA_DIR": str(folder), "PORT": str(port)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.log: list[str] = []

    def read_until_ready(self) -> re.Match[str]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.log.append(line)
            if match := READY.fullmatch(line.strip()):
                return match
        pytest.fail("it ended before it was ready:\n" + "".join(self.log))

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self, number: signal.Signals = signal.SIGTERM) -> str:
        """Sends the signal; what it printed from then on. Nothing of it may be left."""
        family = self.family()
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=60)
        _, alive = psutil.wait_procs(family, timeout=20)
        assert not alive, rest
        return rest


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Copy]]:
    started: list[Copy] = []

    def start(*, port: int | None = None, name: str = "data") -> Copy:
        started.append(Copy(tmp_path / name, port=port or ports.free_port()))
        return started[-1]

    yield start
    for copy in started:
        if copy.process.poll() is None:
            copy.process.terminate()
        copy.process.communicate(timeout=60)


def test_a_life_of_three_starts(start: Callable[..., Copy]) -> None:
    """One long test, because each start takes seconds."""
    port = ports.free_port()
    first = start(port=port)
    console, org = first.read_until_ready().groups()
    assert console == f"http://127.0.0.1:{port}"
    assert ports.http_status(port, "/healthz") == 200
    assert ports.http_status(int(org.rpartition(":")[2]), "/") == 200
    written = read_env_file(first.folder / "env")
    opportunities = _opportunities(written["DATABASE_URL"])
    assert opportunities > 100
    assert "another copy runs on" in _refusal(start(port=ports.free_port()))
    assert f"port {port} on 127.0.0.1 is taken" in _refusal(start(port=port, name="other"))
    assert "stopping" in first.end(signal.SIGINT)
    assert first.process.returncode == 0
    assert not list((first.folder / "run").iterdir())

    killed = start(port=port)
    killed.read_until_ready()
    killed.end(signal.SIGKILL)  # its children end with it

    last = start(port=port)
    last.read_until_ready()
    kept = read_env_file(last.folder / "env")
    assert {kept[name] for name in _KEPT} == {written[name] for name in _KEPT}
    assert _opportunities(kept["DATABASE_URL"]) == opportunities
    last.end(signal.SIGTERM)
    assert last.process.returncode == 0


_KEPT = ("SECRET_KEY", "FIELD_KEYS", "LOCALORG_CLIENT_ID", "LOCALORG_CLIENT_SECRET")


def _refusal(copy: Copy) -> str:
    printed, _ = copy.process.communicate(timeout=60)
    assert copy.process.returncode == 1, printed
    assert "Traceback" not in printed
    return printed


def _opportunities(database_url: str) -> int:
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT count(*) FROM console_opportunity").fetchone()
    assert row is not None
    return int(row[0])
