"""A child process: its lines, its end, and that nothing of it is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from console.environment import BASE_DIR
from console.local.child import Child, Program, wait_until
from console.local.errors import LocalError

pytestmark = pytest.mark.processes

Start = Callable[[str], Child]

_FAMILY = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"],
                         start_new_session=True)
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def start(tmp_path: Path, request: pytest.FixtureRequest) -> Start:
    def start(code: str) -> Child:
        program = Program("sample", [sys.executable, "-c", textwrap.dedent(code)])
        child = Child(program, log=lambda *_: None, pid_folder=tmp_path)
        request.addfinalizer(child.stop)
        return child

    return start


def test_each_line_is_passed_on_with_the_name(tmp_path: Path) -> None:
    lines: list[tuple[str, str]] = []
    code = "import sys; print('one'); print('two', file=sys.stderr)"
    child = Child(
        Program("sample", [sys.executable, "-c", code]),
        log=lambda *line: lines.append(line),
        pid_folder=tmp_path,
    )
    child.wait_stopped(grace_seconds=10)
    assert lines == [("sample", "one"), ("sample", "two")]


def test_a_child_that_ends_too_early_is_an_error_with_its_words(start: Start) -> None:
    child = start("import sys; print('no such luck'); sys.exit(7)")
    child.wait_stopped(grace_seconds=10)
    with pytest.raises(LocalError, match=r"sample ended with code 7:\n(?s:.*)no such luck"):
        wait_until(lambda: False, child=child, timeout_seconds=5)


def test_a_child_that_never_answers_is_an_error(start: Start) -> None:
    with pytest.raises(LocalError, match="did not answer"):
        wait_until(lambda: False, child=start(_SLEEP), timeout_seconds=0.1)


def test_a_child_that_ignores_the_signal_goes_with_its_whole_family(start: Start) -> None:
    child = start("import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)" + _FAMILY)
    wait_until(lambda: bool(child.tail), child=child, timeout_seconds=10)

    child.stop(grace_seconds=0.2)

    assert child.exit_code() == -signal.SIGKILL
    assert _is_gone(int(child.tail[0]))


def test_stopping_twice_is_harmless(start: Start) -> None:
    child = start(_SLEEP)
    child.stop()
    child.stop()
    assert child.exit_code() is not None


def test_the_pid_file_goes_with_the_child(start: Start, tmp_path: Path) -> None:
    child = start(_SLEEP)
    assert (tmp_path / "sample.pid").exists()
    child.stop()
    assert not (tmp_path / "sample.pid").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="the parent-death signal is Linux's")
def test_children_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(_PARENT), str(tmp_path)],
        cwd=BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
    with parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        os.kill(parent.pid, signal.SIGKILL)
    assert _is_gone(child)


_SLEEP = "import time; time.sleep(60)"
_PARENT = """
import sys, time
from pathlib import Path
from console.local.child import Child, Program, wait_until

code = "import time; print('up', flush=True); time.sleep(60)"
program = Program("sample", [sys.executable, "-c", code])
child = Child(program, log=lambda *_: None, pid_folder=Path(sys.argv[1]))
wait_until(lambda: bool(child.tail), child=child, timeout_seconds=10)
print(child.pid, flush=True)
time.sleep(60)
"""


def _is_gone(pid: int) -> bool:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False
