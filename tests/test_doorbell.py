"""The doorbell: rings after the commit, never raises, and opens to our own jobs only."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from redis import Redis
from rq.job import Job
from rq.serializers import JSONSerializer

from console import doorbell, outbox
from console.actor import Actor
from console.doorbell import DoorbellJob, UnknownJob
from console.models import OutboundPush
from tests.builders import make_opportunity, make_push

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
    doorbell.answered()
    doorbell.ring()

    assert redis.llen(QUEUE) == 2


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


@pytest.fixture(params=["refuses", "never answers"])
def dead_redis(request: pytest.FixtureRequest, settings: Settings) -> Iterator[None]:
    """No Redis at that address; or something that takes the call and says nothing."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if request.param == "never answers":
            listener.listen()
        settings.REDIS_URL = f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
        yield


@pytest.mark.usefixtures("dead_redis")
def test_without_redis_nothing_raises_and_nothing_waits_for_long() -> None:
    assert doorbell.ring() is False
    doorbell.answered()
    assert doorbell.is_reachable() is False


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("dead_redis")
def test_without_redis_the_push_is_kept() -> None:
    opportunity = make_opportunity()

    outbox.request_push(opportunity_id=opportunity.pk, trigger="edit", actor=VERA)

    assert outbox.due_count() == 1


def test_the_job_of_the_doorbell_is_our_own(redis: Redis) -> None:
    doorbell.ring()

    (job_id,) = redis.lrange(QUEUE, 0, -1)
    assert isinstance(job_id, bytes)
    job = DoorbellJob.fetch(job_id.decode(), connection=redis, serializer=JSONSerializer)

    assert job.func_name == doorbell.DRAIN
    assert (job.args, job.kwargs) == ([], {})
    assert callable(job.func)


@pytest.mark.parametrize("name", ["os.system", "console.jobs.logging", "console.outbox.claim"])
def test_a_job_that_is_not_ours_is_refused(redis: Redis, name: str) -> None:
    """Whoever can write to Redis could name any function."""
    planted = Job.create(name, args=["true"], connection=redis, serializer=JSONSerializer)
    planted.save()

    job = DoorbellJob.fetch(planted.id, connection=redis, serializer=JSONSerializer)

    with pytest.raises(UnknownJob, match=name):
        _ = job.func


@pytest.mark.processes
def test_a_worker_does_not_run_a_planted_job(redis: Redis) -> None:
    planted = Job.create("os.abort", connection=redis, serializer=JSONSerializer)
    planted.save()
    redis.lpush(QUEUE, planted.id)

    subprocess.run([sys.executable, "manage.py", "work", "--burst"], check=True, timeout=60)

    result = planted.latest_result()
    assert result is not None
    assert "UnknownJob: 'os.abort' is not a job of this console" in str(result.exc_string)
