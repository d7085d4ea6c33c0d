"""Workers and sweepers that die, stand still, meet one another, or are told to stop."""

from __future__ import annotations

import signal

import pytest
from django.db import connection
from django.db.models.functions import Now
from redis import Redis

from console import doorbell
from console.models import OutboundPush
from syncrules.reasons import Reason
from tests.faults.deals import Deal, edit, edit_all
from tests.faults.transitions import steps
from tests.faults.world import World
from tests.waiting_times import leases_run_out, time_passes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]
State = OutboundPush.State
Urgency = OutboundPush.Urgency
ONE_BY_ONE = {"PUSH_THREADS": "1"}


def halves(world: World) -> tuple[list[Deal], list[Deal]]:
    early = world.some()
    return early, [deal for deal in world.deals if deal not in early]


def two_batches(world: World) -> tuple[list[Deal], list[Deal]]:
    """What is sent first, and what then."""
    early, late = halves(world)
    edit_all(early, urgency=Urgency.CLICK)
    edit_all(late, urgency=Urgency.EVENT)
    return early, late


def a_worker_dies_at(world: World, place: str) -> None:
    """By every other seed its process for the job dies, with the second batch in hand, and the
    worker itself goes on; else nobody is left, and a sweeper comes by."""
    two_batches(world)
    if world.seed % 2:
        world.worker(faults=f"{place}=kill@2", **ONE_BY_ONE)
    else:
        worker = world.worker(faults=f"{place}=kill", PUSH_LEASE_SECONDS="1", **ONE_BY_ONE)
        world.until(lambda: "terminated unexpectedly" in worker.log(), what="its job was killed")
        worker.kill()
        world.lone_sweeper()
    world.until_delivered()
    assert any(step.is_takeover for step in steps()), "nobody died with anything in hand"


def test_a_worker_is_killed_between_claim_and_call(world: World) -> None:
    """Fault 1: the intent is driven again."""
    world.make_deals(world.random.randint(4, 12))

    a_worker_dies_at(world, "after_claim")


def test_a_worker_is_killed_between_answer_and_record(world: World) -> None:
    """Fault 2: what Salesforce has taken is found there, so that nothing is written again."""
    world.make_deals(world.random.randint(4, 8), lines=2)

    a_worker_dies_at(world, "after_http")

    told = [
        (write["object"], write["record_id"], str(write["after"]))
        for write in world.org.journal()
        if write["action"] in ("update", "create", "delete")
    ]
    assert len(told) == len({*told})


def test_a_worker_is_killed_while_it_records(world: World) -> None:
    """Fault 3: the row is open or done, and the log says the same."""
    world.make_deals(world.random.randint(4, 12))

    a_worker_dies_at(world, "in_complete")


def test_a_worker_stands_still_beyond_its_lease_and_writes_late(world: World) -> None:
    """Fault 6: its record is refused, and what its write replaced is written again."""
    world.make_deals(world.random.randint(3, 8))
    edit_all(world.deals)
    sleeper = world.worker(faults="before_http=stop@1", **ONE_BY_ONE)
    world.until(lambda: sleeper.has_stopped, what="the worker stands still")
    edited = world.some()
    for deal in edited:
        edit(deal)
    world.lone_sweeper()
    world.until_delivered()

    sleeper.go_on()
    world.until(lambda: sleeper.horse is None, what="the worker has come to its end")
    world.until_delivered()

    assert [world.versions_told(deal) for deal in edited] == [[2, 1, 2]] * len(edited)


def test_a_worker_that_stands_still_while_it_records_keeps_nobody_from_saving(
    world: World,
) -> None:
    """Fault 6: PostgreSQL takes back what it holds, and it records again when it goes on."""
    world.make_deals(world.random.randint(2, 5))
    edit_all(world.deals)
    limit_idle_transactions("1s")
    try:
        sleeper = world.worker(faults="in_complete=stop@1")
        world.until(lambda: sleeper.has_stopped, what="the worker stands still")
        edit_all(world.deals)
        sleeper.go_on()
        world.until_delivered()
    finally:
        limit_idle_transactions("20s")


def limit_idle_transactions(limit: str) -> None:
    """For all connections that are made from now on."""
    with connection.cursor() as cursor:
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(
            f"ALTER DATABASE {name} SET idle_in_transaction_session_timeout = %s", [limit]
        )


def test_workers_claim_at_the_same_moment(world: World) -> None:
    """Fault 7: no push is in two pairs of hands, no account in two batches."""
    count = 2_000 if world.is_soak else 120
    world.make_deals(count, accounts=count // 4)
    edit_all(world.deals)
    # As after two batches that failed as a whole: small ones, so that there is something to share.
    OutboundPush.objects.update(strikes=3, struck_at=Now())
    world.org.set(latency_ms=20)
    for _ in range(4):
        world.worker()

    for _ in range(4):
        doorbell.answered()
        doorbell.ring()
    world.until_delivered()

    workers = {step.owner.partition("/")[0] for step in steps() if step.is_claim}
    assert len(workers) > 1, "they never met"


def test_a_wake_up_is_lost_while_the_drain_ends(world: World, redis: Redis) -> None:
    """Fault 13: the sweep finds what came meanwhile."""
    world.make_deals(world.random.randint(2, 8))
    early, late = halves(world)
    edit_all(early)
    world.worker(faults="before_exit=sleep:1")
    world.until_delivered(early)

    edit_all(late)
    redis.flushdb()
    world.sweeper()

    world.until_delivered()


def test_a_record_brings_down_whoever_sends_it(world: World) -> None:
    """Fault 35: it is found by dividing, and set aside; the others go. By every other seed the
    worker crashes over it, else Salesforce lets every call fall that names it."""
    world.make_deals(world.random.randint(5, 10))
    poison = world.random.choice(world.deals)
    faults = f"{poison.salesforce_id}=segfault"
    if world.seed % 2 == 0:
        world.org.break_with(action="drop", external_id=poison.salesforce_id, times=None)
        faults = ""
    edit_all(world.deals)
    worker = world.worker(faults=faults, **ONE_BY_ONE)

    def is_set_aside() -> bool:
        if worker.horse is None:
            time_passes()
            leases_run_out()
            doorbell.answered()
            doorbell.ring()
        return world.pushes(State.PARKED) == 1

    world.until(is_set_aside, what="the poison was set aside")
    world.until_delivered(deal for deal in world.deals if deal is not poison)

    parked = OutboundPush.objects.get(state=State.PARKED)
    assert (parked.opportunity_id, parked.reason) == (poison.opportunity_id, Reason.QUARANTINED)


def test_a_deployment_stops_a_worker_during_a_call(world: World) -> None:
    """Fault 37: it begins no other batch, and brings the one in hand to its end. By every other
    seed its time is up before that, and it is killed."""
    world.make_deals(world.random.randint(4, 8))
    _, late = two_batches(world)
    world.org.break_with(action="delay", seconds=1.0, object="Opportunity", name="slow")
    worker = world.worker(**ONE_BY_ONE)
    world.until(lambda: world.org.fired("slow"), what="the first batch is on its way")

    worker.send(signal.SIGTERM)
    if world.seed % 2 == 0:
        worker.kill()
    else:
        assert worker.wait() == 0
        assert world.pushes(State.SENDING) == 0

    untouched = OutboundPush.objects.filter(state=State.QUEUED, fence=0)
    assert untouched.count() == len(late)


def test_a_sweeper_is_killed_and_two_take_over(world: World) -> None:
    """Fault 46: whoever is left goes on, and two do no harm to each other."""
    world.make_deals(world.random.randint(4, 10), versions=6)
    edit_all(world.deals)
    place = world.random.choice(("after_claim", "before_http", "after_http", "in_complete"))
    first = world.lone_sweeper(faults=f"{place}=kill")
    assert first.wait() == -signal.SIGKILL

    world.lone_sweeper()
    world.lone_sweeper()
    for _ in range(4):
        edit_all(world.some())
    world.until_delivered()
