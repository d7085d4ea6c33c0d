"""Sends everything that is due, batch after batch, until nothing is.

Several threads of a process take batches side by side: while one waits for Salesforce another
records. For a backlog there are several such processes, since threads share one interpreter. All of
them meet in the claims only, as those of many machines do.
"""

from __future__ import annotations

import gc
import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

from django.db import Error, InterfaceError, OperationalError, connection

from console import doorbell, leases, turns
from console.claims import Claim, Lane
from console.faultpoints import faultpoint
from console.flows import push_outbound, sync_products
from console.forks import Forks

logger = logging.getLogger(__name__)

MOST_SECONDS: Final = 60
"""Then a fresh process goes on, so that memory stays flat however long the queue is."""
_LARGE: Final = 50
"""A batch during which somebody's click may come."""
_LOOK_AGAIN_SECONDS: Final = 0.25


@dataclass(slots=True)
class _Orders:
    """What the handler of a signal may change at any moment, so without a lock. `beside`: the
    processes that the drain under way has forked off."""

    stop: bool = False
    beside: Forks | None = None


_orders: Final = _Orders()


def stop() -> None:
    """No further batch is begun; those under way are brought to their end."""
    _orders.stop = True
    if _orders.beside is not None:
        _orders.beside.stop()


def drain(*, worker: str = "", threads: int = 1, processes: int = 1) -> int:
    """How many pushes were dealt with here.

    `worker`: the name of the RQ worker whose process this is; what an earlier process of it had in
    its hands is set free.
    `threads`: batches that each process has under way at a time, at most.
    `processes`: how many drain a backlog, this one included. Without a worker there is but this
    one, which is somebody else's.
    """
    run = _new_run(worker)
    if worker:
        leases.give_up_those_of(worker, but=run)
        _collect_less()
        with _helped(worker, threads=threads, others=processes - 1) as forks:
            return _drain(run, threads=threads, beside=forks)
    return _drain(run, threads=threads)


def _new_run(worker: str) -> str:
    return f"{worker or _this_process()}/{uuid.uuid4().hex[:12]}"


@contextmanager
def _helped(worker: str, *, threads: int, others: int) -> Iterator[Forks | None]:
    """Within it other processes drain as well, if there is a backlog."""
    if others < 1 or not turns.is_backlog() or not _is_one_thread():
        yield None
        return
    connection.close()  # each opens its own
    runs = [_new_run(worker) for _ in range(others)]
    works = {run: partial(_drain, run, threads=threads) for run in runs}
    forks = Forks(works, on_stop=stop)
    _orders.beside = forks
    try:
        if _orders.stop:  # told so when it did not know them yet
            forks.stop()
        yield forks
    finally:
        forks.wait()
        _orders.beside = None


def _is_one_thread() -> bool:
    """A question to Redis that was given up may still be waiting in a thread of its own."""
    return threading.active_count() == 1


def _drain(run: str, *, threads: int, beside: Forks | None = None) -> int:
    crew = _Crew(run, size=threads, beside=beside)
    with leases.kept_alive(run):
        dealt_with = crew.work()
    faultpoint("before_exit")
    if dealt_with:
        logger.info("%s pushes dealt with", dealt_with)
    if crew.is_over_time and turns.is_called_for():
        doorbell.ring()
    return dealt_with


def _collect_less() -> None:
    """In a process that ends soon: a batch makes a million small objects and no cycles, and looking
    for cycles among them, and among all that was imported, takes a quarter of its time."""
    gc.freeze()
    gc.set_threshold(1_000_000, 50, 100)


def _this_process() -> str:
    return f"{socket.gethostname()}.{os.getpid()}"


class _Crew:
    """The lines of a process: one for a click, more for a backlog. It is done when all of them look
    for work in vain, and nobody beside them may find more."""

    def __init__(self, run: str, *, size: int, beside: Forks | None = None) -> None:
        self._run = run
        self._beside = beside
        self._size = size
        self._started = time.monotonic()
        self._change = threading.Condition()
        self._at_work: set[_Line] = set()
        self._others: list[Future[int]] = []
        self._pool = ThreadPoolExecutor(size, thread_name_prefix="drain")

    @property
    def is_over_time(self) -> bool:
        return time.monotonic() - self._started > MOST_SECONDS

    def work(self) -> int:
        """How many pushes were dealt with by all lines together."""
        first = _Line(f"{self._run}-0", self)
        self._at_work.add(first)
        with self._pool:
            dealt_with = first.work()
            return dealt_with + sum(other.result() for other in self._others)

    def call_others(self, batch: Sequence[Claim]) -> None:
        """With the first batch: lines of this process beside the first one, and one more worker,
        which calls the next; if there is more to do, or somebody's click may come meanwhile."""
        with self._change:
            if self._others or (len(batch) < _LARGE and not turns.is_called_for()):
                return
            for number in range(1, self._size):
                line = _Line(f"{self._run}-{number}", self)
                self._at_work.add(line)
                self._others.append(self._pool.submit(line.work_in_a_thread))
        doorbell.ring()

    def rest(self, line: _Line) -> bool:
        """Waits until there may be work for an idle line. False when nobody has any."""
        with self._change:
            self._leave(line)
            if not self._may_come_more():
                return False
            self._change.wait(_LOOK_AGAIN_SECONDS)
            if not self._may_come_more():
                return False
            self._at_work.add(line)
            return True

    def _may_come_more(self) -> bool:
        return bool(self._at_work) or (self._beside is not None and self._beside.are_at_work())

    def leave(self, line: _Line) -> None:
        """The line comes to its end, wherever it is."""
        with self._change:
            self._leave(line)

    def _leave(self, line: _Line) -> None:
        self._at_work.discard(line)
        self._change.notify_all()


class _Line:
    """Takes one batch after the other."""

    def __init__(self, owner: str, crew: _Crew) -> None:
        self._owner = owner
        self._crew = crew
        self._conveyor = push_outbound.Conveyor()

    def work_in_a_thread(self) -> int:
        """`work`; a thread has a database connection of its own."""
        try:
            return self.work()
        finally:
            connection.close()

    def work(self) -> int:
        """How many pushes were dealt with.

        Errors: those of a lost database; whatever was in hand is then taken over by others.
        """
        try:
            dealt_with = self._take_turns()
            return dealt_with + self._conveyor.finish()
        except BaseException:
            with suppress(Error):
                leases.give_up(self._owner)
            raise
        finally:
            self._crew.leave(self)

    def _take_turns(self) -> int:
        dealt_with = 0
        while not (_orders.stop or self._crew.is_over_time):
            batch = turns.next_batch(self._owner)
            if batch or self._conveyor.is_loaded:
                self._crew.call_others(batch)
                dealt_with += self._deal_with(batch)
            elif not self._crew.rest(self):
                break
        return dealt_with

    def _deal_with(self, batch: Sequence[Claim]) -> int:
        """A fault of ours costs the pushes in hand a strike, and holds up no others."""
        try:
            if batch and batch[0].lane == Lane.LINK:
                return self._conveyor.take(batch)
            done = self._conveyor.finish()
            return done + (sync_products.run(batch) if batch else 0)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            logger.exception("a batch of %s pushes could not be dealt with", len(batch))
            self._conveyor = push_outbound.Conveyor()
            leases.give_up(self._owner)
            return 0
