"""The console's own commands as processes that a test may stop, let go on, and kill.

They are forked by a server that has imported everything already, which makes a start many times
as fast. Settings, crash points and connections are each process's own, as with `python manage.py`.
"""

from __future__ import annotations

import ctypes
import importlib
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final

import psutil
from django.conf import settings
from django.db import connections

from console.environment import BASE_DIR

_MANAGE: Final = str(BASE_DIR / "manage.py")
_DIE_WITH_PARENT: Final = 1  # PR_SET_PDEATHSIG of linux/prctl.h
_LAST_LINES: Final = 20
_LINE: Final = 300

_server: Final = multiprocessing.get_context("forkserver")
_server.set_forkserver_preload(["tests.faults.preloaded"])


class Process:
    """A running command."""

    def __init__(self, handle: BaseProcess | subprocess.Popen[bytes], *, name: str, log: Path):
        self.name = name
        self._handle = handle
        self._log = log

    @property
    def pid(self) -> int:
        assert self._handle.pid is not None, "started before anybody sees it"
        return self._handle.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        if isinstance(self._handle, BaseProcess):
            return self._handle.exitcode
        return self._handle.poll()

    @property
    def is_alive(self) -> bool:
        return self.exit_code is None

    @property
    def horse(self) -> psutil.Process | None:
        """The process that a worker has for the job in hand."""
        children = self._children()
        return children[0] if children else None

    @property
    def has_stopped(self) -> bool:
        """Whether its horse stands still."""
        with suppress(psutil.NoSuchProcess):
            return bool(self.horse and self.horse.status() == psutil.STATUS_STOPPED)
        return False

    def send(self, number: signal.Signals) -> None:
        """To the command itself, as a supervisor does."""
        if self.is_alive:
            psutil.Process(self.pid).send_signal(number)

    def stand_still(self) -> None:
        """It and what it has started, until it is told to go on."""
        for each in self._family():
            with suppress(psutil.NoSuchProcess):
                each.suspend()

    def go_on(self) -> None:
        """Whatever of it stands still does so no longer."""
        for each in self._family():
            with suppress(psutil.NoSuchProcess):
                each.resume()

    def kill(self) -> None:
        """As a power failure would: the command and what it has started, without a word."""
        if self.is_alive:
            with suppress(psutil.NoSuchProcess):
                # Standing still, it starts nothing that would be overlooked.
                psutil.Process(self.pid).suspend()
        for each in self._family():
            with suppress(psutil.NoSuchProcess):
                each.kill()
        self.wait()

    def wait(self, *, seconds: float = 30) -> int:
        """The exit code, once it has ended."""
        deadline = time.monotonic() + seconds
        while (code := self.exit_code) is None:
            assert time.monotonic() < deadline, f"{self.name} still runs:\n{self.words()}"
            time.sleep(0.01)
        return code

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def words(self) -> str:
        """The last that it said."""
        lines = [line[:_LINE] for line in self.log().splitlines()[-_LAST_LINES:]]
        return "\n".join([f"--- {self.name} ({self.exit_code})", *lines])

    def _family(self) -> list[psutil.Process]:
        with suppress(psutil.NoSuchProcess):
            return [psutil.Process(self.pid), *self._children()] if self.is_alive else []
        return []

    def _children(self) -> list[psutil.Process]:
        with suppress(psutil.NoSuchProcess):
            return psutil.Process(self.pid).children(recursive=True) if self.is_alive else []
        return []


def start(*command: str, environment: Mapping[str, str], log: Path) -> Process:
    """A `manage.py` command, forked."""
    log.touch()
    handle = _server.Process(target=_run, args=(command, dict(environment), log), daemon=True)
    handle.start()
    return Process(handle, name=" ".join(command), log=log)


def start_web(port: int, *, environment: Mapping[str, str], log: Path) -> Process:
    """`gunicorn console.wsgi` at this port of the loopback, forked."""
    log.touch()
    handle = _server.Process(target=_serve, args=(port, dict(environment), log), daemon=True)
    handle.start()
    return Process(handle, name="web", log=log)


def start_interpreter(*command: str, environment: Mapping[str, str], log: Path) -> Process:
    """The same in a fresh interpreter, for what has to be there before the first import."""
    with log.open("wb") as output:
        handle = subprocess.Popen(
            [sys.executable, _MANAGE, *command, "--skip-checks"],
            cwd=BASE_DIR,
            env={**environment, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    return Process(handle, name=" ".join(command), log=log)


def _run(command: tuple[str, ...], environment: dict[str, str], log: Path) -> None:
    _take_up(environment, log)
    sys.argv = [_MANAGE, *command, "--skip-checks"]
    sys.modules["manage"].main()


def _serve(port: int, environment: dict[str, str], log: Path) -> None:
    _take_up(environment, log)
    sys.argv = ["gunicorn", "--bind", f"127.0.0.1:{port}", "--threads", "8", "console.wsgi"]
    sys.modules["gunicorn.app.wsgiapp"].run()


def _take_up(environment: Mapping[str, str], log: Path) -> None:
    """A process of its own: what was read from the surroundings when the console was imported is
    read from these."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    os.setsid()
    output = os.open(log, os.O_WRONLY | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.clear()
    os.environ.update(environment)
    importlib.reload(sys.modules["console.faultpoints"])
    fresh = importlib.reload(sys.modules["console.settings"])
    for name in filter(str.isupper, dir(fresh)):
        setattr(settings, name, getattr(fresh, name))
    connections.settings["default"].update(fresh.DATABASES["default"])
