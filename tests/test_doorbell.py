"""The doorbell: rings after the commit, never raises, and opens to our own jobs only."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from redis import Redis
from rq.callbacks import Callback
from rq.job import Job
from rq.serializers import JSONSerializer

from console import doorbell, outbox
from console.actor import Actor
from console.doorbell import DoorbellJob, UnknownJob
from console.models import OutboundPush
from tests.builders import make_opportunity, make_push
from tests.faults.proxy import Line, Proxy

VERA = Actor(name="vera")
QUEUE = "rq:queue:outbound"


@pytest.mark.django_db
def test_it_rings_after_the_commit_and_not_before(
    redis: Redis, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    opportunity = make_opportunity()

    with django_capture_on_commit_callbacks(execute=True):
        outbox.request_push(opportunity_id=opportunity.pk, trigger="edit", actor=VERA)
        assert redis.llen(QUEUE) == 0

    assert redis.llen(QUEUE) == 1


@pytest.mark.django_db(transaction=True)
def test_a_rollback_rings_nothing(redis: Redis) -> None:
    opportunity = make_opportunity()

    with transaction.atomic():
        outbox.request_push(opportunity_id=opportunity.pk, trigger="edit", actor=VERA)
        transaction.set_rollback(True)

    assert redis.llen(QUEUE) == 0


@pytest.mark.django_db
def test_one_transaction_rings_once_and_cannot_fail_for_it() -> None:
    doorbell.ring_after_commit()
    with transaction.atomic():
        doorbell.ring_after_commit()

    noted: Sequence[tuple[Any, ...]] = connection.run_on_commit
    is_robust = True
    assert [each[1:] for each in noted] == [(doorbell.ring, is_robust)]


@pytest.mark.django_db(transaction=True)
def test_a_ring_that_was_taken_back_does_not_stand_in_for_a_later_one(redis: Redis) -> None:
    with transaction.atomic():
        with suppress(LookupError), transaction.atomic():
            doorbell.ring_after_commit()
            raise LookupError
        doorbell.ring_after_commit()

    assert redis.llen(QUEUE) == 1


@pytest.mark.django_db(transaction=True)
def test_outside_of_a_transaction_it_rings_at_once(redis: Redis) -> None:
    doorbell.ring_after_commit()

    assert redis.llen(QUEUE) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["retry", "release"])
def test_what_is_set_free_rings_too(redis: Redis, how: str) -> None:
    push = make_push(state=OutboundPush.State.HELD)

    if how == "retry":
        outbox.retry([push.pk], actor=VERA)
    else:
        outbox.release_held()

    assert redis.llen(QUEUE) == 1


def test_rings_close_together_are_one_job(redis: Redis) -> None:
    assert all(doorbell.ring() for _ in range(10))

    assert redis.llen(QUEUE) == 1


def test_a_ring_after_the_drain_has_begun_is_heard(redis: Redis) -> None:
    doorbell.ring()
    redis.lpop(QUEUE)
    doorbell.ring()
    assert redis.llen(QUEUE) == 0, "the job that was taken up has not begun, and sees the edit"

    doorbell.answered()
    doorbell.ring()

    assert redis.llen(QUEUE) == 1


def test_jobs_that_nobody_takes_up_do_not_pile_up(redis: Redis) -> None:
    for _ in range(3):
        assert doorbell.ring()
        redis.delete("outbound:rung")  # as it expires

    assert redis.llen(QUEUE) == 1
    assert len(redis.keys("rq:job:*")) == 1


def test_work_that_asks_for_many_pushes_rings_once_and_at_its_end(redis: Redis) -> None:
    with doorbell.rung_once():
        assert doorbell.ring()
        doorbell.answered()
        assert doorbell.ring()
        assert redis.llen(QUEUE) == 0

    assert redis.llen(QUEUE) == 1


def test_work_that_asks_for_none_rings_nothing(redis: Redis) -> None:
    with doorbell.rung_once():
        pass

    assert redis.llen(QUEUE) == 0


def test_work_that_fails_half_way_rings_for_what_it_asked_for(redis: Redis) -> None:
    with suppress(LookupError), doorbell.rung_once():
        doorbell.ring()
        raise LookupError

    assert redis.llen(QUEUE) == 1


def _nowhere(listener: socket.socket) -> str:
    return f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


@pytest.fixture
def black_hole(settings: Settings) -> Iterator[socket.socket]:
    """Takes every call and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings.REDIS_URL = _nowhere(listener)
        yield listener


@pytest.fixture(params=["refuses", "never answers", "has no name", "has no address"])
def dead_redis(request: pytest.FixtureRequest, settings: Settings) -> Iterator[None]:
    """No Redis there, or nothing that could be one."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if request.param == "never answers":
            listener.listen()
        addresses = {"has no name": f"redis://{'a' * 64}/0", "has no address": "localhost"}
        settings.REDIS_URL = addresses.get(request.param, _nowhere(listener))
        yield


@pytest.mark.usefixtures("dead_redis")
def test_without_redis_nothing_raises() -> None:
    assert doorbell.ring() is False
    doorbell.answered()
    assert doorbell.workers() is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("dead_redis")
def test_without_redis_the_push_is_kept() -> None:
    opportunity = make_opportunity()

    outbox.request_push(opportunity_id=opportunity.pk, trigger="edit", actor=VERA)

    assert outbox.due_count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_saves_one_waits_for_a_redis_that_never_answers(black_hole: socket.socket) -> None:
    for _ in range(4):
        outbox.request_push(opportunity_id=make_opportunity().pk, trigger="edit", actor=VERA)
    doorbell.answered()
    assert doorbell.workers() is None

    assert _calls(black_hole) == 1


def _calls(listener: socket.socket) -> int:
    """How many have come to it and were not taken up."""
    listener.setblocking(False)
    calls = 0
    with suppress(BlockingIOError):
        while True:
            listener.accept()[0].close()
            calls += 1
    return calls


@pytest.mark.usefixtures("redis")
def test_another_redis_than_the_one_that_was_silent_is_asked(settings: Settings) -> None:
    living = settings.REDIS_URL
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings.REDIS_URL = _nowhere(listener)
        assert not doorbell.ring()

    settings.REDIS_URL = living

    assert doorbell.ring()


@pytest.mark.usefixtures("redis")
def test_a_redis_whose_every_answer_takes_its_time_is_not_waited_for(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """Each comes within the patience, and all of them together do not."""
    target = urlsplit(settings.REDIS_URL)
    with closing(Proxy(settings.REDIS_URL)) as proxy:
        proxy.line = Line.SLOW
        account, _, _ = target.netloc.rpartition("@")
        port = urlsplit(proxy.url).port
        settings.REDIS_URL = target._replace(netloc=f"{account}@127.0.0.1:{port}").geturl()

        assert not doorbell.ring()

    assert "none in time" in caplog.text


def test_the_job_of_the_doorbell_is_our_own(redis: Redis) -> None:
    doorbell.ring()

    (job_id,) = redis.lrange(QUEUE, 0, -1)
    assert isinstance(job_id, bytes)
    job = DoorbellJob.fetch(job_id.decode(), connection=redis, serializer=JSONSerializer)

    assert job.func_name == doorbell.DRAIN
    assert (job.args, job.kwargs) == ([], {})
    assert (job.result_ttl, job.failure_ttl) == (0, 24 * 60 * 60), "what has ended does not pile up"
    assert callable(job.func)


@pytest.mark.parametrize("name", ["os.system", "console.jobs.logging", "console.outbox.claim"])
def test_a_job_that_is_not_ours_is_refused(redis: Redis, name: str) -> None:
    """Whoever can write to Redis could name any function."""
    planted = Job.create(name, args=["true"], connection=redis, serializer=JSONSerializer)
    planted.save()

    job = DoorbellJob.fetch(planted.id, connection=redis, serializer=JSONSerializer)

    with pytest.raises(UnknownJob, match=name):
        _ = job.func


CALLBACKS = ("success", "failure", "stopped")


@pytest.mark.parametrize("which", CALLBACKS)
def test_nothing_is_called_after_a_job(redis: Redis, which: str) -> None:
    callbacks: dict[str, Any] = {f"on_{each}": Callback("os.abort") for each in CALLBACKS}
    job = Job.create(
        doorbell.DRAIN, connection=redis, serializer=JSONSerializer, id="planted", **callbacks
    )
    job.save()

    theirs = Job.fetch("planted", connection=redis, serializer=JSONSerializer)
    assert callable(getattr(theirs, f"{which}_callback"))
    ours = DoorbellJob.fetch("planted", connection=redis, serializer=JSONSerializer)
    assert getattr(ours, f"{which}_callback") is None


@pytest.mark.processes
def test_a_worker_does_not_run_a_planted_job(redis: Redis) -> None:
    planted = Job.create(
        "os.abort",
        connection=redis,
        serializer=JSONSerializer,
        on_failure=Callback("os.abort"),
    )
    planted.save()
    redis.lpush(QUEUE, planted.id)

    subprocess.run([sys.executable, "manage.py", "work", "--burst"], check=True, timeout=60)

    result = planted.latest_result()
    assert result is not None
    assert "UnknownJob: 'os.abort' is not a job of this console" in str(result.exc_string)
