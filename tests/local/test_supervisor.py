"""The supervisor: order, restarts, failed steps, and stopping on a signal."""

from __future__ import annotations

import io
import signal
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from console.local.child import Child, Program
from console.local.errors import LocalError, Stopped
from console.local.output import Output
from console.local.supervisor import Supervisor

pytestmark = pytest.mark.processes

_SAY_BYE = """
import signal, sys, time
def leave(*_):
    print("bye", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
print("up", flush=True)
time.sleep(60)
"""


@pytest.fixture
def log() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def supervisor(log: io.StringIO, tmp_path: Path) -> Supervisor:
    return Supervisor(output=Output(log), pid_folder=tmp_path)


def _python(name: str, code: str) -> Program:
    return Program(name, [sys.executable, "-c", code])


def _keep(supervisor: Supervisor, program: Program) -> Child:
    child = supervisor.keep(program)
    supervisor.wait(lambda: bool(child.tail), child=child, timeout_seconds=10)
    return child


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_all_in_reverse_order(
    number: signal.Signals, supervisor: Supervisor, log: io.StringIO, tmp_path: Path
) -> None:
    handler = signal.getsignal(number)
    with supervisor.running():
        for name in ("first", "second", "third"):
            _keep(supervisor, _python(name, _SAY_BYE))
        signal.raise_signal(number)
        with pytest.raises(Stopped):
            supervisor.watch()

    said_bye = [line.split()[0] for line in log.getvalue().splitlines() if "bye" in line]
    assert said_bye == ["third", "second", "first"]
    assert not list(tmp_path.glob("*.pid"))
    assert signal.getsignal(number) == handler


def test_a_child_that_ends_is_started_again(
    supervisor: Supervisor, log: io.StringIO, tmp_path: Path
) -> None:
    # The second one stays, and ends the test by asking its parent to stop.
    code = f"""
import os, pathlib, signal, time
flag = pathlib.Path({str(tmp_path / "ran")!r})
if flag.exists():
    os.kill(os.getppid(), signal.SIGTERM)
    time.sleep(60)
flag.touch()
"""
    with supervisor.running():
        supervisor.keep(_python("brief", code))
        with pytest.raises(Stopped):
            supervisor.watch()

    assert "up       | brief ended with code 0; starting it again in 1 s" in log.getvalue()


def test_a_failed_step_shows_what_it_printed(supervisor: Supervisor) -> None:
    shown = r"no_such_step ended with code 1:(?s:.*)Unknown command: 'no_such_step'"
    with pytest.raises(LocalError, match=shown):
        supervisor.step("no_such_step")


def test_an_accepted_exit_code_is_an_answer(supervisor: Supervisor) -> None:
    assert supervisor.step("no_such_step", accepted=(1,)) == 1


def test_a_failure_stops_what_was_started(supervisor: Supervisor, tmp_path: Path) -> None:
    started: list[Child] = []

    def start_two() -> NoReturn:
        with supervisor.running():
            started.append(_keep(supervisor, _python("first", _SAY_BYE)))
            raise LocalError("the second one failed")

    with pytest.raises(LocalError, match="the second one failed"):
        start_two()

    [child] = started
    assert child.exit_code() == 0
    assert not list(tmp_path.glob("*.pid"))


def test_while_starting_the_end_of_any_child_is_a_failure(supervisor: Supervisor) -> None:
    with supervisor.running():
        supervisor.keep(_python("worker", "import sys; sys.exit('no such queue')"))
        web = supervisor.keep(_python("web", _SAY_BYE))
        with pytest.raises(LocalError, match="worker ended with code 1:\nno such queue"):
            supervisor.wait(lambda: False, child=web, timeout_seconds=10)


def test_lines_carry_names_and_colours_only_on_a_terminal() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    plain, coloured = io.StringIO(), Terminal()
    Output(plain).line("web", "hello")
    Output(coloured).line("web", "hello")

    assert plain.getvalue() == "web      | hello\n"
    assert coloured.getvalue() == "\x1b[36mweb      |\x1b[0m hello\n"
