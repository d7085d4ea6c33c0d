"""Workers that a test leads from beat to beat, and lets stand still, go on or die in between.

Each works in a thread of its own, with a database connection of its own, and only while the test
waits for it: whatever happens between two of its beats happens in an order that can be repeated.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, Final, NoReturn

from django.db import OperationalError, connection

from console import faultpoints, turns
from console.claims import Claim, Lane
from console.flows import push_outbound, sync_products

_LONGEST_SECONDS: Final = 60
_here = threading.local()


class Beat(StrEnum):
    """Where a worker may stand still, or die: between two steps that a crash may separate."""

    CLAIMED = "after_claim"
    LOOKED = "before_http"
    WRITTEN = "after_http"
    RECORDING = "in_complete"
    """The transaction is open, so that one can only die here."""


class Died(BaseException):
    """The process of a worker is gone, in the middle of whatever it did."""


class Worker:
    """Takes one batch at a time. `claims`: what it has in hand, or had when it died."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._life = 1
        self.claims: list[Claim] = []
        self.stands_at: Beat | None = None
        self._halts_at: Beat | None = None
        self._dies_at: Beat | None = None
        self._error: BaseException | None = None
        self._goes = threading.Semaphore(0)
        self._has_stopped = threading.Semaphore(0)
        self._is_dismissed = False
        self._thread = threading.Thread(target=self._live, name=name, daemon=True)
        self._thread.start()

    @property
    def parent(self) -> str:
        """The name of the RQ worker whose process for jobs this is."""
        return f"{self.name}-{self._life}"

    @property
    def owner(self) -> str:
        return f"{self.parent}/1-0"

    @property
    def is_busy(self) -> bool:
        """Whether it stands still with a batch in hand."""
        return self.stands_at is not None

    def go_on(self, *, until: Beat | None = None) -> None:
        """Takes the next batch, or goes on with the one in hand, as far as the beat or the end."""
        self._halts_at = until
        self._goes.release()
        assert self._has_stopped.acquire(timeout=_LONGEST_SECONDS), f"{self.name} does not stop"
        if self._error is not None:
            raise self._error

    def die(self, *, at: Beat | None = None) -> None:
        """Its process ends where it stands, or once it has come to the beat, if it does. The next
        one is another worker's."""
        self._dies_at = at or self.stands_at
        self.go_on()
        self._dies_at = None
        self._life += 1

    def dismiss(self) -> None:
        """The thread ends; whatever it had in hand is left."""
        self._is_dismissed, self._dies_at = True, self.stands_at
        self._goes.release()
        self._thread.join(_LONGEST_SECONDS)

    # --- In the thread ---------------------------------------------------------------------------

    def _live(self) -> None:
        _here.worker = self
        while self._goes.acquire() and not self._is_dismissed:
            try:
                self._take_a_batch()
            except Died:
                del connection.connect
            except BaseException as error:  # noqa: BLE001  raised in the thread of the test
                self._error = error
            self.stands_at = None
            self._has_stopped.release()
        connection.close()

    def _take_a_batch(self) -> None:
        """As a line of console/drain.py takes it."""
        self.claims = []
        self.claims = turns.next_batch(self.owner)
        if not self.claims:
            return
        if self.claims[0].lane == Lane.LINK:
            conveyor = push_outbound.Conveyor()
            conveyor.take(self.claims)
            conveyor.finish()
        else:
            sync_products.run(self.claims)

    def comes_to(self, beat: Beat) -> None:
        """Stands still or dies here, if it was told to."""
        if beat is self._halts_at:
            self.stands_at = beat
            self._has_stopped.release()
            self._goes.acquire()
            self.stands_at = None
        if beat is self._dies_at:
            _reach_nothing_any_more()
            raise Died


def _reach_nothing_any_more() -> None:
    """The server notices that the connection is gone, and no word comes over another one."""

    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise OperationalError("this process has died")

    connection.close()
    connection.connect = refuse  # type: ignore[method-assign]


class _Halt(faultpoints._Rule):
    """Told by a crash point that somebody has come there; nothing else happens."""

    def fires(self) -> bool:
        worker = getattr(_here, "worker", None)
        if worker is not None:
            worker.comes_to(Beat(self.action))
        return False


@contextmanager
def crash_points_are_beats() -> Iterator[None]:
    """Within it workers can be told to stand still, or to die, at the crash points of the code."""
    points = faultpoints._rules
    before = dict(points)
    points.update({beat: _Halt(beat, None) for beat in Beat})
    try:
        yield
    finally:
        points.clear()
        points.update(before)
