"""Processes that are forked off to do the same work beside this one, and that die with it."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final, NoReturn

logger = logging.getLogger(__name__)

Work = Callable[[], object]
_FAILED: Final = 1


class Forks:
    """A process for each piece of work, by a name of the caller's.

    Make them while this process has one thread and is connected to nothing: what is open cannot be
    shared.

    `on_failure`: told the name of each that is found to have ended in bad order.
    """

    def __init__(self, works: Mapping[str, Work], *, on_failure: Callable[[str], object]) -> None:
        self._on_failure = on_failure
        self._names: dict[int, str] = {}
        # Nobody writes to it: reading comes to its end when this process does, however that dies.
        watched, self._held = os.pipe()
        for name, work in works.items():
            try:
                pid = os.fork()
            except OSError as error:  # this process does the work alone, as with one core
                logger.warning("no process more: %s", error)
                break
            if pid == 0:
                os.close(self._held)
                _work_and_exit(work, dies_with=watched)
            self._names[pid] = name
        os.close(watched)

    def stop(self) -> None:
        """Tells them to come to their end, as this process is told by its worker."""
        for pid in list(self._names):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGUSR1)

    def may_leave_work(self) -> bool:
        """Whether any is at work, or is found to have failed just now."""
        return self._note_ends(os.WNOHANG) or bool(self._names)

    def wait(self) -> None:
        """Returns when all have ended."""
        self._note_ends(0)
        os.close(self._held)

    def _note_ends(self, options: int) -> bool:
        """Whether any ended in bad order."""
        failed = False
        for pid in list(self._names):
            found, status = os.waitpid(pid, options)
            if found == 0:
                continue
            name = self._names.pop(pid)
            if code := os.waitstatus_to_exitcode(status):
                logger.error("the process of %s ended with code %s", name, code)
                self._on_failure(name)
                failed = True
        return failed


def _work_and_exit(work: Work, *, dies_with: int) -> NoReturn:
    threading.Thread(target=_die_when_left_alone, args=[dies_with], daemon=True).start()
    code = _FAILED
    try:
        work()
        code = 0
    except BaseException:
        logger.exception("a process beside another one failed")
    finally:
        logging.shutdown()
        os._exit(code)


def _die_when_left_alone(watched: int) -> None:
    os.read(watched, 1)
    os.kill(os.getpid(), signal.SIGKILL)
