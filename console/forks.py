"""Processes that are forked off to do the same work beside this one, and that die with it."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Final, NoReturn

logger = logging.getLogger(__name__)

Work = Callable[[], object]
_STOP: Final = b"."
_FAILED: Final = 1


class Forks:
    """A process for each piece of work, by a name of the caller's; fewer, where the system has none
    to give.

    Make them while this process has one thread and is connected to nothing: what is open, or held
    by a thread, cannot be shared.

    `on_stop`: called in each of them when they are told to stop.
    """

    def __init__(self, works: Mapping[str, Work], *, on_stop: Callable[[], object]) -> None:
        self._names: dict[int, str] = {}
        self._pipes: list[int] = []
        for name, work in works.items():
            if not self._fork(name, work, on_stop=on_stop):
                break

    def _fork(self, name: str, work: Work, *, on_stop: Callable[[], object]) -> bool:
        # Not a signal: one that comes while a process is being forked is lost.
        theirs, ours = os.pipe()
        self._pipes.append(ours)
        try:
            pid = os.fork()
        except OSError as error:
            logger.warning("no further process: %s", error)
            os.close(theirs)
            return False
        if pid == 0:
            _work_and_exit(work, orders=theirs, on_stop=on_stop, not_ours=self._pipes)
        os.close(theirs)
        self._names[pid] = name
        return True

    def stop(self) -> None:
        """Tells them to come to their end. May be called by a signal's handler."""
        for pipe in list(self._pipes):
            with suppress(OSError):  # it has ended
                os.write(pipe, _STOP)

    def are_at_work(self) -> bool:
        self._note_ends(os.WNOHANG)
        return bool(self._names)

    def wait(self) -> None:
        """Returns when all have ended."""
        self._note_ends(0)
        while self._pipes:
            os.close(self._pipes.pop())

    def _note_ends(self, options: int) -> None:
        for pid in list(self._names):
            found, status = os.waitpid(pid, options)
            if found == 0:
                continue
            name = self._names.pop(pid)
            if code := os.waitstatus_to_exitcode(status):
                logger.error("the process of %s ended with code %s", name, code)


def _work_and_exit(
    work: Work, *, orders: int, on_stop: Callable[[], object], not_ours: Iterable[int]
) -> NoReturn:
    """Never returns, nor raises: what called it is the parent's to go on with."""
    code = _FAILED
    try:
        for pipe in not_ours:
            os.close(pipe)
        threading.Thread(target=_obey, args=[orders, on_stop], daemon=True).start()
        work()
        code = 0
    except BaseException:
        logger.exception("a process beside another one failed")
    finally:
        os._exit(code)


def _obey(orders: int, on_stop: Callable[[], object]) -> None:
    """Reading ends when the parent does, however that dies."""
    while os.read(orders, 1):
        on_stop()
    os.kill(os.getpid(), signal.SIGKILL)
