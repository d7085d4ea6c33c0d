"""Runs child processes: waits for them, starts them again, stops them in reverse order."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from console.environment import BASE_DIR
from console.local.child import Child, Program, Service, wait_until
from console.local.errors import LocalError, Stopped
from console.local.output import Output

_STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_LONGEST_PAUSE_SECONDS: Final = 30
_STEADY_AFTER_SECONDS: Final = 60


@dataclass
class _Kept:
    """A child that is meant to run until we stop."""

    child: Child
    started_at: float
    failures: int = 0
    again_at: float | None = None


class Supervisor:
    """Owns the children. All of its methods are for the main thread (see Child)."""

    def __init__(self, *, output: Output, pid_folder: Path) -> None:
        self._output = output
        self._pid_folder = pid_folder
        self._kept: list[_Kept] = []
        self._stop_requested = False

    @contextmanager
    def running(self) -> Iterator[None]:
        """Within it signals ask to stop; at its end whatever was started is stopped."""
        before = {number: signal.signal(number, self._request_stop) for number in _STOP_SIGNALS}
        try:
            yield
        finally:
            self._stop_all()
            for number, handler in before.items():
                signal.signal(number, handler)

    def say(self, text: str) -> None:
        self._output.line("up", text)

    def pause(self, seconds: float) -> None:
        """Sleeps. Errors: Stopped, when the user asked for it."""
        time.sleep(seconds)
        if self._stop_requested:
            raise Stopped

    def step(self, name: str, *arguments: str, accepted: tuple[int, ...] = (0,)) -> int:
        """Runs one manage.py command to its end and returns its exit code.

        Errors: LocalError with what it printed, when the code is not an accepted one
        """
        child = Child(
            manage(name, name, *arguments), log=lambda *_: None, pid_folder=self._pid_folder
        )
        try:
            while (code := child.exit_code()) is None:
                self.pause(0.02)
        finally:
            child.stop()
        if code not in accepted:
            raise LocalError(child.obituary(code))
        return code

    def start(self, *services: Service) -> None:
        """Starts them side by side and returns when each answers."""
        started = []
        for service in services:
            service.prepare()
            started.append((service, self.keep(service.program())))
        for service, child in started:
            self.wait(service.answers, child=child, timeout_seconds=30)

    def keep(self, program: Program) -> Child:
        """Starts a program that will be started again whenever it ends."""
        child = Child(program, log=self._output.line, pid_folder=self._pid_folder)
        self._kept.append(_Kept(child, started_at=time.monotonic()))
        return child

    def wait(self, answers: Callable[[], bool], *, child: Child, timeout_seconds: float) -> None:
        """Returns once the child answers. Errors: LocalError, also when another one ends."""
        wait_until(
            answers,
            child=child,
            timeout_seconds=timeout_seconds,
            interval_seconds=0.1,
            pause=self._pause_while_all_run,
        )

    def watch(self) -> None:
        """Keeps everything running. Errors: Stopped, in the end always."""
        while True:
            for kept in self._kept:
                self._tend(kept, now=time.monotonic())
            self.pause(0.2)

    def _pause_while_all_run(self, seconds: float) -> None:
        self.pause(seconds)
        for kept in self._kept:
            code = kept.child.exit_code()
            if code is not None:
                raise LocalError(kept.child.obituary(code))

    def _tend(self, kept: _Kept, *, now: float) -> None:
        code = kept.child.exit_code()
        if code is None:
            return
        if kept.again_at is None:
            steady = now - kept.started_at > _STEADY_AFTER_SECONDS
            kept.failures = 1 if steady else kept.failures + 1
            delay = min(2 ** (kept.failures - 1), _LONGEST_PAUSE_SECONDS)
            kept.again_at = now + delay
            self.say(f"{kept.child.name} ended with code {code}; starting it again in {delay} s")
        elif now >= kept.again_at:
            kept.child.stop()
            kept.child = Child(
                kept.child.program, log=self._output.line, pid_folder=self._pid_folder
            )
            kept.started_at, kept.again_at = now, None

    def _stop_all(self) -> None:
        """The latest first: nothing loses what it depends on while it still finishes its work."""
        if self._kept:
            self.say("stopping")
        while self._kept:
            self._kept.pop().child.stop()

    def _request_stop(self, *_: object) -> None:
        self._stop_requested = True


def manage(name: str, *arguments: str) -> Program:
    """One of our manage.py commands as a program, without the checks that `make check` makes."""
    command = [sys.executable, str(BASE_DIR / "manage.py"), *arguments, "--skip-checks"]
    return Program(name, command)
