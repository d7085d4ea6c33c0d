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
from typing import Any, Final, TypeVar

import django_rq
from django.conf import settings
from django.db import connection, transaction
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import Worker

from console.patience import NoAnswer, Patience

QUEUE: Final = "outbound"
DRAIN: Final = "console.jobs.drain_outbound"
ALLOWED: Final = frozenset({DRAIN})

_WORKER_ID: Final = "RQ_WORKER_ID"  # RQ sets it for the process of a job
_RUNG: Final = "outbound:rung"
_RUNG_SECONDS: Final = 5
_PATIENCE_SECONDS: Final = 0.5
_patience: Final = Patience(seconds=_PATIENCE_SECONDS, rest=6)
_A_DAY: Final = 24 * 60 * 60

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")


class UnknownJob(Exception):
    """Something other than our own functions was put into the queue."""


@dataclass(slots=True)
class _Rings:
    """What was asked for within `rung_once`."""

    were_asked_for: bool = False


_waiting_rings: Final[ContextVar[_Rings | None]] = ContextVar("waiting_rings", default=None)


class DoorbellJob(Job):
    """Runs our own functions only: whoever can write to Redis could name any other, as the job or
    as what is to be called after it."""

    success_callback = None
    failure_callback = None
    stopped_callback = None

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
        _ask(_wake)
    except NoAnswer as why:
        logger.warning("doorbell not rung, the sweep will find the push: %s", why)
        return False
    return True


def _wake(redis: Redis) -> None:
    """A job in the queue, unless one waits there already: its claim is still to come."""
    # "auto": at once. Otherwise it is looked whether a transaction is open, in this thread.
    queue = django_rq.get_queue(
        QUEUE, connection=redis, serializer=JSONSerializer, commit_mode="auto"
    )
    if redis.exists(queue.key) or not redis.set(_RUNG, "1", nx=True, ex=_RUNG_SECONDS):
        return
    queue.enqueue(DRAIN, result_ttl=0, failure_ttl=_A_DAY)


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
    """Lets the next ring through. Without Redis the mark that stops it expires by itself."""
    with suppress(NoAnswer):
        _ask(lambda redis: redis.delete(_RUNG))


def workers() -> int | None:
    """How many workers wait for the bell or are at work; None when Redis does not answer.

    One that was killed is counted for another minute and a half.
    """
    try:
        return _ask(_count_workers)
    except NoAnswer:
        return None


def _count_workers(redis: Redis) -> int:
    return len(Worker.all(queue=django_rq.get_queue(QUEUE, connection=redis)))


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


def _ask(question: Callable[[Redis], Answer]) -> Answer:
    """What Redis answers in half a second. Right after one that had no answer nobody waits for the
    next.

    Errors: NoAnswer
    """
    url = settings.REDIS_URL

    def ask() -> Answer:
        with _patient_for_a_moment(url) as redis:
            return question(redis)

    return _patience.ask(ask, of=url)


def _patient_for_a_moment(url: str) -> Redis:
    return Redis.from_url(
        url,
        socket_timeout=_PATIENCE_SECONDS,
        socket_connect_timeout=_PATIENCE_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
