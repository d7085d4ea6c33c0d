"""One child process: started tethered to us, its lines passed on, stopped without leftovers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import psutil

from console.environment import BASE_DIR
from console.local import pidfile
from console.local.account import Account
from console.local.errors import LocalError

Log = Callable[[str, str], None]
"""Takes the name of a child and one line that it printed."""

_TETHER = Path(__file__).with_name("tether.py")


@dataclass(frozen=True)
class Program:
    """What to run, and how it wants to be stopped."""

    name: str
    argv: list[str]
    env: Mapping[str, str] = field(default_factory=dict)
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM


class Service(Protocol):
    """A server that can be made ready, run as a child, and asked whether it answers."""

    @property
    def name(self) -> str: ...
    def prepare(self) -> None: ...
    def program(self) -> Program: ...
    def answers(self) -> bool: ...


class Child:
    """A running program.

    Start it from a thread that outlives it: Linux sends the parent-death signal when the
    *thread* that started the child ends.
    """

    def __init__(self, program: Program, *, log: Log, pid_folder: Path) -> None:
        self.program = program
        self.tail: deque[str] = deque(maxlen=100)
        self._log = log
        self._pid_file = pid_folder / f"{program.name}.pid"
        self._process = subprocess.Popen(  # noqa: S603  a list of our own making
            self._tethered(),
            cwd=BASE_DIR,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **program.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # Ctrl-C in a terminal must reach us alone, or the order of stopping is lost.
            start_new_session=True,
        )
        pidfile.write(self._pid_file, pid=self._process.pid, argv=program.argv)
        self._reader = threading.Thread(target=self._read, name=program.name, daemon=True)
        self._reader.start()

    @property
    def name(self) -> str:
        return self.program.name

    @property
    def pid(self) -> int:
        return self._process.pid

    def exit_code(self) -> int | None:
        """The exit code, None while it runs; negative when a signal ended it."""
        code = self._process.poll()
        if code is not None:
            self._pid_file.unlink(missing_ok=True)
        return code

    def obituary(self, code: int) -> str:
        """That it ended, and the last that it said."""
        return f"{self.name} ended with code {code}:\n" + "\n".join(self.tail)

    def request_stop(self) -> None:
        if self.exit_code() is None:
            self._process.send_signal(self.program.stop_signal)

    def wait_stopped(self, *, grace_seconds: float) -> None:
        """Returns when it and all that it started are gone, by force after the grace."""
        try:
            self._process.wait(grace_seconds)
        except subprocess.TimeoutExpired:
            self._kill_family()
            self._process.wait()
        self._pid_file.unlink(missing_ok=True)
        self._reader.join(timeout=1)
        if self._process.stdout and not self._reader.is_alive():
            self._process.stdout.close()

    def stop(self, *, grace_seconds: float = 10) -> None:
        self.request_stop()
        self.wait_stopped(grace_seconds=grace_seconds)

    def _kill_family(self) -> None:
        # An RQ work horse leaves the process group, so the group alone is not everybody.
        try:
            parent = psutil.Process(self._process.pid)
            family = [parent, *parent.children(recursive=True)]
        except psutil.NoSuchProcess:
            return
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def _tethered(self) -> list[str]:
        account = self.program.account
        ids = [str(account.uid), str(account.gid)] if account else ["-", "-"]
        tether = [sys.executable, "-I", "-S", str(_TETHER), str(os.getpid())]
        return [*tether, str(int(self.program.stop_signal)), *ids, *self.program.argv]

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.tail.append(line.rstrip())
            self._log(self.name, line.rstrip())


def wait_until(
    answers: Callable[[], bool],
    *,
    child: Child,
    timeout_seconds: float,
    interval_seconds: float = 0.05,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Returns once the child answers.

    Errors: LocalError, with its last lines, when it ends or stays silent for too long
    """
    end = time.monotonic() + timeout_seconds
    while not answers():
        code = child.exit_code()
        if code is not None:
            raise LocalError(child.obituary(code))
        if time.monotonic() > end:
            raise LocalError(
                f"{child.name} did not answer within {timeout_seconds:.0f} s:\n"
                + "\n".join(child.tail)
            )
        pause(interval_seconds)
