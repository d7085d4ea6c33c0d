"""Sends everything that is due, batch after batch, until nothing is.

Several threads of one process take batches side by side: while one waits for Salesforce another
records. They meet in the claims only, as processes on many machines do.
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
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from django.db import Error, InterfaceError, OperationalError, connection

from console import budget, claims, connections, doorbell, leases
from console.claims import Claim, Lane, Urgency
from console.faultpoints import faultpoint
from console.flows import push_outbound, sync_products
from console.models import SalesforceConnection
from console.models.outbound_push import PushLane, PushUrgency
from console.salesforce import batches
from syncrules import retry

logger = logging.getLogger(__name__)

MOST_SECONDS: Final = 60
"""Then a fresh process goes on, so that memory stays flat however long the queue is."""
_PRODUCTS: Final = 200
"""Opportunities whose products travel together; each may have a thousand."""
_LOOK_AGAIN_SECONDS: Final = 0.25
_A_FEW_SECONDS: Final = 3

_stop: Final = threading.Event()


def stop() -> None:
    """No further batch is begun; those under way are brought to their end."""
    _stop.set()


def drain(*, worker: str = "", threads: int = 1) -> int:
    """How many pushes were dealt with.

    `worker`: the name of the RQ worker whose process this is; what an earlier process of it had in
    its hands is set free.
    """
    run = f"{worker or _this_process()}/{uuid.uuid4().hex[:12]}"
    if worker:
        leases.give_up_those_of(worker, but=run)
        _collect_less()
    crew = _Crew(threads)
    with leases.kept_alive(run):
        if threads == 1:
            dealt_with = _Line(f"{run}-0", crew).work()
        else:
            with ThreadPoolExecutor(threads, thread_name_prefix="drain") as pool:
                lines = [_Line(f"{run}-{number}", crew) for number in range(threads)]
                dealt_with = sum(pool.map(_in_a_thread, lines))
    faultpoint("before_exit")
    if crew.is_over_time and is_called_for():
        doorbell.ring()
    return dealt_with


def _collect_less() -> None:
    """In a process that ends soon: a batch makes a million small objects and no cycles, and looking
    for cycles among them, and among all that was imported, takes a quarter of its time."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def _this_process() -> str:
    return f"{socket.gethostname()}.{os.getpid()}"


class _Crew:
    """The lines of one drain. It is done when all of them look for work in vain."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._started = time.monotonic()
        self._idle: set[str] = set()
        self._lock = threading.Lock()
        self._has_called = False

    @property
    def is_over_time(self) -> bool:
        return time.monotonic() - self._started > MOST_SECONDS

    def call_others(self) -> None:
        """Wakes one more worker if there is more than this one has just taken: one by one, as many
        as there is work for."""
        with self._lock:
            has_called, self._has_called = self._has_called, True
        if not has_called and is_called_for():
            doorbell.ring()

    def is_done_when_idle(self, name: str, *, is_idle: bool) -> bool:
        """Whether nobody has anything to do, now that this line is idle, or is not."""
        with self._lock:
            (self._idle.add if is_idle else self._idle.discard)(name)
            return len(self._idle) == self._size


def _in_a_thread(line: _Line) -> int:
    """What the line dealt with; a thread has a database connection of its own."""
    try:
        return line.work()
    finally:
        connection.close()


class _Line:
    """Takes one batch after the other."""

    def __init__(self, owner: str, crew: _Crew) -> None:
        self._owner = owner
        self._crew = crew
        self._conveyor = push_outbound.Conveyor()

    def work(self) -> int:
        """How many pushes were dealt with.

        Errors: those of a lost database; whatever was in hand is then taken over by others.
        """
        dealt_with = 0
        try:
            while not (_stop.is_set() or self._crew.is_over_time):
                batch = _next_batch(self._owner)
                is_idle = not batch and not self._conveyor.is_loaded
                is_done = self._crew.is_done_when_idle(self._owner, is_idle=is_idle)
                if is_done:
                    break
                if is_idle:
                    # While others are busy, so that a click need not wait for them.
                    _stop.wait(_LOOK_AGAIN_SECONDS)
                else:
                    self._crew.call_others()
                    dealt_with += self._deal_with(batch)
            dealt_with += self._conveyor.finish()
        finally:
            self._crew.is_done_when_idle(self._owner, is_idle=True)
            with suppress(Error):
                leases.give_up(self._owner)
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


@dataclass(frozen=True, slots=True)
class _Turn:
    """What is looked for, and how many of it at most."""

    lane: PushLane
    urgencies: Sequence[PushUrgency]
    most: int


_CLICKS: Final = (Urgency.CLICK,)
_THE_REST: Final = (Urgency.EVENT, Urgency.BULK)
TURNS: Final = (
    _Turn(Lane.LINK, _CLICKS, retry.LARGEST_BATCH),
    _Turn(Lane.PRODUCTS, _CLICKS, _PRODUCTS),
    _Turn(Lane.LINK, _THE_REST, retry.LARGEST_BATCH),
    _Turn(Lane.PRODUCTS, _THE_REST, _PRODUCTS),
)
"""Somebody's click before everything else, links before products."""


def is_called_for(*, older_than: timedelta = timedelta(0)) -> bool:
    """Whether anything could go out now that is due for so long."""
    row = connections.in_force()
    if row is not None and connections.is_paused(row):
        return False
    return any(
        claims.is_due(lane=turn.lane, urgencies=turn.urgencies, older_than=older_than)
        for turn in _affordable(row)
    )


def _next_batch(owner: str) -> list[Claim]:
    """What goes out next: nothing while the connection is paused, nor what the budget of API calls
    does not allow."""
    row = connections.in_force()
    for turn in _affordable(row):
        if not claims.is_due(lane=turn.lane, urgencies=turn.urgencies):
            continue
        if row is not None and not connections.may_send(row):
            return []
        batch = claims.claim(
            lane=turn.lane,
            urgencies=turn.urgencies,
            limit=_size(turn.most, write_ms=row.write_ms if row else None),
            owner=owner,
        )
        if batch:
            return batch
    return []


def _size(most: int, *, write_ms: float | None) -> int:
    """How many go together: as many as fit the calls, but where Salesforce is slow no more than it
    takes a few seconds to write, since somebody's click may have to wait for them."""
    if not write_ms:
        return most
    in_time = min(int(_A_FEW_SECONDS * 1000 / write_ms), retry.LARGEST_BATCH)
    collections = max(in_time // batches.COLLECTION, 1)
    return max(most * collections * batches.COLLECTION // retry.LARGEST_BATCH, 1)


def _affordable(row: SalesforceConnection | None) -> Iterator[_Turn]:
    """The turns, as far as the budget goes."""
    allowed = claims.EVERYTHING if row is None else budget.allowed(row)
    for turn in TURNS:
        urgencies = [each for each in turn.urgencies if each in allowed]
        if urgencies:
            yield replace(turn, urgencies=urgencies)
