"""A backlog of several batches is drained by several processes of a worker, which may die."""

from __future__ import annotations

import signal
from collections import Counter

import psutil
import pytest
from django.db.models.functions import Now

from console.models import OutboundPush
from syncrules.retry import LARGEST_BATCH
from tests.faults.deals import edit_all
from tests.faults.process import Process
from tests.faults.transitions import steps
from tests.faults.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]
State = OutboundPush.State
Urgency = OutboundPush.Urgency


def a_backlog(world: World, *, more: int = 100) -> None:
    """More than one batch may hold, and due at once."""
    world.make_deals(LARGEST_BATCH + more)
    edit_all(world.deals, urgency=Urgency.BULK)


def in_small_batches(world: World) -> None:
    """As after batches that failed as a whole; and each call takes a while."""
    OutboundPush.objects.update(strikes=1, struck_at=Now())
    world.org.set(latency_ms=30)


def runs() -> set[str]:
    """The processes that claimed anything."""
    return {step.owner.rpartition("-")[0] for step in steps() if step.is_claim}


def at_work(world: World, worker: Process) -> tuple[psutil.Process, psutil.Process]:
    """The process of the job and the one beside it, both with a batch in hand, standing still."""

    def have_stopped_with_something_in_hand() -> bool:
        worker.stand_still()
        sending = OutboundPush.objects.filter(state=State.SENDING)
        owners = {
            owner.rpartition("-")[0] for owner in sending.values_list("claimed_by", flat=True)
        }
        if len(owners) < 2:
            worker.go_on()
        return len(owners) > 1

    world.until(have_stopped_with_something_in_hand, what="two processes are at work")
    assert worker.horse is not None
    (beside,) = worker.horse.children()
    return worker.horse, beside


def until_delivered(world: World) -> None:
    """At first without the org's journal, which is long."""
    world.until(world.is_at_rest, what="every push has come to its end")
    world.until_delivered()


def test_processes_share_a_backlog(world: World) -> None:
    """Nothing goes twice."""
    a_backlog(world)

    world.worker(PUSH_PROCESSES="2")
    until_delivered(world)

    assert len(runs()) > 1
    told = Counter(each["record_id"] for each in world.org.journal() if each["action"] == "update")
    assert told == {deal.salesforce_id: 1 for deal in world.deals}


def in_hand() -> set[int]:
    return set(OutboundPush.objects.filter(state=State.SENDING).values_list("pk", flat=True))


def taken_over() -> set[int]:
    return {step.push for step in steps() if step.is_takeover and step.fence > step.was_fence}


def test_a_process_beside_the_job_is_killed(world: World) -> None:
    """The other goes on; what the dead one held is taken over by the next job, or when its lease
    ends."""
    a_backlog(world)
    world.org.set(latency_ms=300)
    worker = world.worker(PUSH_PROCESSES="2", PUSH_THREADS="1", PUSH_LEASE_SECONDS="60")
    _, beside = at_work(world, worker)
    held = in_hand()

    beside.kill()
    worker.go_on()
    until_delivered(world)

    assert "ended with code -9" in worker.log()
    assert set() < taken_over() < held


def test_the_process_of_the_job_is_killed(world: World) -> None:
    """The other dies with it: what a dead job held is nobody's, and is taken over at once."""
    a_backlog(world)
    world.org.set(latency_ms=300)
    worker = world.worker(PUSH_PROCESSES="2", PUSH_THREADS="1", PUSH_LEASE_SECONDS="60")
    job, beside = at_work(world, worker)
    held = in_hand()

    job.kill()
    worker.go_on()
    until_delivered(world)

    assert not beside.is_running()
    assert taken_over() == held


@pytest.mark.parametrize("moment", ["at_once", "in_between"])
def test_all_processes_are_told_to_stop(world: World, moment: str) -> None:
    """Each brings its batch to its end and begins no other, however early it is told."""
    a_backlog(world, more=600)
    in_small_batches(world)
    worker = world.worker(PUSH_PROCESSES="2", PUSH_THREADS="1")
    if moment == "at_once":
        world.until(runs, what="the first has something in hand")
    else:
        at_work(world, worker)
        worker.go_on()

    worker.send(signal.SIGTERM)
    assert worker.wait() == 0

    assert "ended with code" not in worker.log()
    assert world.pushes(State.SENDING) == 0
    assert world.pushes(State.QUEUED) > 0
