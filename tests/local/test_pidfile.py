"""What an unclean end left behind is found and ended; what merely looks like it is not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from console.local import pidfile

pytestmark = pytest.mark.processes

_ARGV = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def leftover() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(_ARGV) as process:
        # Until exec, a child has the command line of its parent.
        while psutil.Process(process.pid).cmdline() != _ARGV:
            assert process.poll() is None
        yield process
        process.kill()


def test_a_leftover_is_stopped_and_named(leftover: subprocess.Popen[bytes], tmp_path: Path) -> None:
    said: list[str] = []
    pidfile.write(tmp_path / "web.pid", pid=leftover.pid, argv=_ARGV)

    pidfile.stop_leftovers(tmp_path, say=said.append)

    assert not psutil.pid_exists(leftover.pid)
    assert said == [f"stopping web (pid {leftover.pid}), left over from an earlier run"]
    assert not list(tmp_path.iterdir())


def test_a_process_that_took_over_the_number_is_left_alone(
    leftover: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    pidfile.write(tmp_path / "web.pid", pid=leftover.pid, argv=["gunicorn"])

    pidfile.stop_leftovers(tmp_path, say=pytest.fail)

    assert leftover.poll() is None
    assert not list(tmp_path.iterdir())


def test_a_process_of_another_time_is_left_alone(
    leftover: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    path = tmp_path / "web.pid"
    pidfile.write(path, pid=leftover.pid, argv=_ARGV)
    path.write_text(path.read_text().replace('"started_at": ', '"started_at": 1'))

    pidfile.stop_leftovers(tmp_path, say=pytest.fail)

    assert leftover.poll() is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "x"}', '{"pid": 0}'])
def test_a_damaged_file_is_no_obstacle(text: str, tmp_path: Path) -> None:
    (tmp_path / "web.pid").write_text(text)
    pidfile.stop_leftovers(tmp_path, say=pytest.fail)
    assert not list(tmp_path.iterdir())
