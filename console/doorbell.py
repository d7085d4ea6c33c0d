"""Wakes a worker through RQ. A doorbell only: losing one costs seconds, never a push.

The only file that knows RQ and Redis. What RQ does under faults is in docs/decisions/0002.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

import django_rq
from django.conf import settings
from django.db import connection, transaction
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import Worker

QUEUE: Final = "outbound"
DRAIN: Final = "console.jobs.drain_outbound"
ALLOWED: Final = frozenset({DRAIN})

_WORKER_ID: Final = "RQ_WORKER_ID"  # RQ sets it for the process of a job
_RUNG: Final = "outbound:rung"
_RUNG_SECONDS: Final = 5
_PATIENCE_SECONDS: Final = 0.5

logger = logging.getLogger(__name__)


class UnknownJob(Exception):
    """Something other than our own functions was put into the queue."""


@dataclass(slots=True)
class _Rings:
    """What was asked for within `rung_once`."""

    were_asked_for: bool = False


_waiting_rings: Final[ContextVar[_Rings | None]] = ContextVar("waiting_rings", default=None)


class DoorbellJob(Job):
    """Runs our own functions only: whoever can write to Redis could name any other."""

    @property
    def func(self) -> Any:
        if self.func_name not in ALLOWED or self.instance is not None:
            raise UnknownJob(f"{self.func_name!r} is not a job of this console")
        return super().func


def ring() -> bool:
    """Whether a worker was woken, or will be; never raises, and takes half a second at most.

    Rings within a few seconds of each other are one job. The drain takes the mark away before it
    claims, so that an edit after that moment rings anew.
    """
    if waiting := _waiting_rings.get():
        waiting.were_asked_for = True
        return True
    try:
        redis = _patient_for_a_moment()
        if not redis.set(_RUNG, "1", nx=True, ex=_RUNG_SECONDS):
            return True
        queue = django_rq.get_queue(QUEUE, connection=redis, serializer=JSONSerializer)
        queue.enqueue(DRAIN)
    except RedisError as error:
        logger.warning("doorbell not rung, the sweep will find the push: %s", error)
        return False
    return True


def ring_after_commit() -> None:
    """Rings when the transaction under way is committed, once however often it is asked to; at once
    where there is none. Whatever goes wrong with it, what was committed has succeeded.

    A ring that is noted already will do: no savepoint that takes it back leaves this one standing.
    """
    noted: Sequence[tuple[Any, ...]] = connection.run_on_commit
    if not any(ring in each for each in noted):
        transaction.on_commit(ring, robust=True)


@contextmanager
def rung_once() -> Iterator[None]:
    """Within it rings wait, and are one at its end, however that comes about.

    For work that asks for many pushes: a worker that is woken by the first of them would send
    each of them in a batch of its own. Whoever dies within it leaves the ringing to the sweep.
    """
    rings = _Rings()
    token = _waiting_rings.set(rings)
    try:
        yield
    finally:
        _waiting_rings.reset(token)
        if rings.were_asked_for:
            ring()


def answered() -> None:
    """Lets the next ring through."""
    try:
        _patient_for_a_moment().delete(_RUNG)
    except RedisError as error:
        logger.warning("doorbell mark not cleared, it expires by itself: %s", error)


def is_reachable() -> bool:
    """Whether Redis answers."""
    try:
        return bool(_patient_for_a_moment().ping())
    except RedisError:
        return False


def workers() -> int | None:
    """How many workers wait for the bell or are at work; None when Redis does not answer.

    One that was killed is counted for another minute and a half.
    """
    try:
        queue = django_rq.get_queue(QUEUE, connection=_patient_for_a_moment())
        return len(Worker.all(queue=queue))
    except RedisError:
        return None


def worker_name() -> str:
    """The name of the worker whose process this is; empty outside of one."""
    return os.environ.get(_WORKER_ID, "")


class OutboundWorker(Worker):
    """A worker whose processes stop in good order, and that is heard again after one has died."""

    def __init__(self, *args: Any, on_stop: Callable[[], None], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._on_stop = on_stop

    def setup_work_horse_signals(self) -> None:
        """The process for a job finishes its batch, whether we tell it to stop or the system tells
        all of us."""
        super().setup_work_horse_signals()  # type: ignore[no-untyped-call]

        def on_signal(*_: object) -> None:
            self._on_stop()

        for number in (signal.SIGTERM, signal.SIGUSR1):
            signal.signal(number, on_signal)

    def handle_warm_shutdown_request(self) -> None:
        super().handle_warm_shutdown_request()  # type: ignore[no-untyped-call]
        if self.horse_pid:
            with suppress(ProcessLookupError):
                os.kill(self.horse_pid, signal.SIGUSR1)

    def handle_work_horse_killed(self, *args: Any) -> None:
        super().handle_work_horse_killed(*args)  # type: ignore[no-untyped-call]
        answered()
        ring()


def work(*, on_stop: Callable[[], None], burst: bool = False) -> None:
    """Runs a worker of the one queue until it is told to stop. `on_stop`: tells a job to come to
    its end.

    One queue, so that RQ takes jobs with BLMOVE: with several a killed worker loses the job it
    had just popped. The short intervals let a survivor notice a dead worker in seconds. A process
    of its own for each job opens its own connections: none is inherited, none is stale.
    """
    queue = django_rq.get_queue(QUEUE, serializer=JSONSerializer)
    worker = OutboundWorker(
        [queue],
        connection=queue.connection,
        job_class=DoorbellJob,
        serializer=JSONSerializer,
        worker_ttl=30,
        job_monitoring_interval=5,
        maintenance_interval=30,
        on_stop=on_stop,
    )
    worker.work(burst=burst, logging_level="WARNING")


def _patient_for_a_moment() -> Redis:
    return Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=_PATIENCE_SECONDS,
        socket_connect_timeout=_PATIENCE_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
