"""What Salesforce refuses: some records, innocent ones, busy ones, or everybody for a while."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import pytest
from django.db.models.functions import Now

from console import doorbell
from console.models import OutboundPush, SalesforceConnection, SyncLog
from syncrules import retry
from syncrules.reasons import Outcome, Reason
from tests.faults.deals import Deal, edit_all
from tests.faults.world import World
from tests.waiting_times import time_passes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]
State = OutboundPush.State
REFUSALS = (
    ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "the stage is closed"),
    ("ENTITY_IS_LOCKED", "in an approval process"),
    ("INSUFFICIENT_ACCESS_OR_READONLY", "not shared with the integration user"),
)


def refuse(world: World, deal: Deal, code: str, message: str, **how: Any) -> None:
    """Writes of this record are refused."""
    world.org.break_with(
        action="record_error", record_id=deal.salesforce_id, code=code, message=message, **how
    )


def write_calls(world: World) -> list[list[int]]:
    """How many records each collection of each call carried that wrote something."""
    return [each["collections"] for each in world.org.requests() if each["collections"]]


def test_three_of_two_hundred_are_refused(world: World) -> None:
    """Fault 27: the others go in the same call, and each refusal is told of its own record."""
    world.make_deals(200, accounts=20)
    bad = [*zip(world.random.sample(world.deals, 3), REFUSALS, strict=True)]
    for deal, (code, message) in bad:
        refuse(world, deal, code, message, times=None)
    edit_all(world.deals)
    world.worker()

    world.until(world.is_at_rest, what="every push has come to its end")

    assert write_calls(world) == [[200]]
    assert world.pushes(State.SENT) == 197
    parked = OutboundPush.objects.filter(state=State.PARKED, reason=Reason.REJECTED_BY_SALESFORCE)
    assert dict(parked.values_list("opportunity_id", "detail")) == {
        deal.opportunity_id: f"{code}: {message}" for deal, (code, message) in bad
    }


def test_innocent_records_are_rolled_back_with_a_guilty_one(world: World) -> None:
    """Fault 28: they go again, and it is not counted against them."""
    world.make_deals(world.random.randint(4, 10))
    guilty, *innocent = world.some(0.7)
    refuse(world, guilty, *REFUSALS[0], times=None)
    for deal in innocent:
        refuse(world, deal, "ALL_OR_NONE_OPERATION_ROLLED_BACK", "another record failed")
    edit_all(world.deals)
    world.worker()
    world.until(lambda: world.pushes(State.PARKED), what="the guilty one is set aside")

    world.calm()

    assert OutboundPush.objects.get(state=State.PARKED).opportunity_id == guilty.opportunity_id
    assert set(OutboundPush.objects.filter(state=State.SENT).values_list("attempts")) == {(0,)}


def test_records_are_locked_by_others(world: World) -> None:
    """Fault 29: they are tried again, one of them in vain; a batch goes account by account, so that
    batches lock in one order."""
    world.make_deals(world.random.randint(6, 12), accounts=3)
    stuck, *busy = world.some(0.4)
    refuse(world, stuck, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access", times=None)
    for deal in busy:
        wrapped = "We can't save this record: UNABLE_TO_LOCK_ROW, unable to obtain access"
        refuse(world, deal, "CANNOT_EXECUTE_FLOW_TRIGGER", wrapped, times=2)
    edit_all(world.deals)
    worker = world.worker()

    def is_given_up() -> bool:
        if worker.horse is None:
            time_passes()
            doorbell.answered()
            doorbell.ring()
        return world.pushes(State.PARKED) == 1 and world.is_at_rest()

    world.until(is_given_up, what="the one is given up, and the others have gone")

    parked = OutboundPush.objects.get(state=State.PARKED)
    assert (parked.opportunity_id, parked.reason, parked.attempts) == (
        stuck.opportunity_id,
        Reason.RETRIES_EXHAUSTED,
        retry.MAX_ATTEMPTS,
    )
    first = accounts_of_the_first_call(world)
    assert len([*groupby(first)]) == len(set(first))


def accounts_of_the_first_call(world: World) -> list[str]:
    """The accounts of the records that it wrote, in that order."""
    found = world.org.query("SELECT Id, AccountId FROM Opportunity")
    owners = {each["Id"]: each["AccountId"] for each in found}
    journal = world.org.journal()
    return [
        owners[each["record_id"]]
        for each in journal
        if each["request_id"] == journal[0]["request_id"]
    ]


def test_the_daily_calls_are_used_up(world: World) -> None:
    """Fault 30: all of it waits and nothing is asked meanwhile; nothing is given up, and it goes on
    when there are calls again."""
    world.make_deals(world.random.randint(3, 8))
    world.org.set(api_limit=world.random.choice((0, 1)))
    edit_all(world.deals)
    worker = world.worker()
    world.until(lambda: world.told(Reason.API_LIMIT_REACHED), what="the limit is met")
    world.until(lambda: worker.horse is None, what="the worker is free")
    asked = len(world.org.requests())

    for _ in range(3):
        OutboundPush.objects.update(not_before=Now())
        doorbell.answered()
        doorbell.ring()
        world.until(lambda: worker.horse, what="the worker looks")
        world.until(lambda: worker.horse is None, what="the worker is free")
    assert len(world.org.requests()) == asked

    world.org.set(api_limit=100_000)
    SalesforceConnection.objects.update(paused_until=Now(), next_poll_at=None)
    world.sweeper()
    world.until_delivered()

    assert not SyncLog.objects.filter(outcome=Outcome.FAILED).exists()
