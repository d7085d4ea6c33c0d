"""Requests and answers that are lost, late or garbled on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models.functions import Now

from console import doorbell, outbox
from console.actor import Actor
from console.models import OutboundPush, SalesforceConnection
from syncrules.reasons import Reason
from tests.faults.deals import edit, edit_all
from tests.faults.proxy import Line, Proxy
from tests.faults.transitions import Step, steps
from tests.faults.world import World
from tests.waiting_times import time_passes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]
State = OutboundPush.State


@pytest.fixture
def proxy(world: World) -> Iterator[Proxy]:
    """Between the console and the org."""
    proxy = Proxy(world.org.url)
    world.behind(proxy)
    yield proxy
    proxy.line = Line.PASSES
    proxy.close()


def nothing_was_written_twice(world: World) -> bool:
    told = Counter(
        (write["action"], write["object"], write["record_id"], str(write["after"]))
        for write in world.org.journal()
        if write["action"] in ("create", "update", "delete")
    )
    return set(told.values()) == {1}


def test_an_answer_is_lost_after_the_write(world: World) -> None:
    """Fault 4: what was applied is found, and neither link nor product is written again."""
    world.make_deals(world.random.randint(2, 6), lines=2)
    sobject = world.random.choice(("Opportunity", "OpportunityLineItem"))
    world.org.break_with(action="drop", when="after", object=sobject, name="lost")
    edit_all(world.deals)
    world.worker()
    world.until(lambda: world.org.fired("lost"), what="an answer was lost")

    world.calm()

    assert nothing_was_written_twice(world)


def test_a_request_is_lost_before_salesforce_sees_it(world: World, proxy: Proxy) -> None:
    """Fault 5: it is delivered later, once."""
    world.make_deals(world.random.randint(2, 6))
    proxy.line = Line.RESET
    edit_all(world.deals)
    world.worker()
    world.until(lambda: world.told(Reason.WILL_BE_RETRIED), what="an attempt has failed")

    proxy.line = Line.PASSES
    world.calm()

    assert nothing_was_written_twice(world)
    assert len(world.org.journal()) == len(world.deals)


OUTAGES: list[dict[str, Any]] = [
    {"action": "status", "status": 503},
    {"action": "status", "status": 500, "body": [{"errorCode": "UNKNOWN_EXCEPTION"}]},
    {"action": "status", "status": 429, "body": []},
    {"action": "html", "status": 503},
    {"action": "html", "status": 200},
]


def test_salesforce_is_out_of_service(world: World) -> None:
    """Fault 31: workers wait together, one of them tries, and no attempt counts."""
    world.make_deals(world.random.randint(2, 6))
    outage = world.random.choice(OUTAGES)
    world.org.break_with(**outage, path="services/data", times=None, name="outage")
    edit_all(world.deals)
    for _ in range(2):
        world.worker()
    world.until(lambda: has_paused(times=1), what="the connection is paused")
    asked = world.org.fired("outage")

    for tries in range(1, 4):
        time_passes()
        for _ in range(2):
            doorbell.answered()
            doorbell.ring()
        world.until(lambda: has_paused(times=1 + tries), what="it is paused again")  # noqa: B023
        assert world.org.fired("outage") == asked + tries

    assert set(OutboundPush.objects.values_list("state", "attempts")) == {(State.QUEUED, 0)}


def has_paused(*, times: int) -> bool:
    """Whether it has so often, and everybody has noticed."""
    is_noticed = not OutboundPush.objects.filter(state=State.SENDING).exists()
    return is_noticed and SalesforceConnection.objects.get().failures == times


def test_a_socket_swallows_what_is_sent(world: World, proxy: Proxy) -> None:
    """Fault 32: the wait ends, longer than a lease though it is; nobody took over meanwhile, and
    the worker is free again."""
    world.make_deals(world.random.randint(2, 6))
    line = (Line.HALF_OPEN, Line.BLACK_HOLE, Line.SLOW)[world.seed % 3]
    edit_all(world.deals)
    workers = [world.worker(faults="before_http=sleep:1") for _ in range(2)]
    world.until(lambda: reads(world), what="a worker has read and is about to write")
    proxy.line = line
    if line is Line.SLOW:
        world.until_delivered()
    else:
        world.until(lambda: world.told(Reason.WILL_BE_RETRIED), what="the wait has ended")
    world.until(lambda: not any(each.horse for each in workers), what="the workers are free")
    proxy.line = Line.PASSES
    world.calm()

    assert not any(step.is_takeover for step in steps())
    assert nothing_was_written_twice(world)


def test_a_write_that_was_given_up_arrives_after_a_newer_one(world: World) -> None:
    """Fault 32: too slow for the worker, not for Salesforce; what it replaced comes back."""
    (deal,) = world.make_deals(1)
    world.org.break_with(action="delay", seconds=3, object="Opportunity")
    edit(deal)
    world.worker(SALESFORCE_PATIENCE_SECONDS="1", SALESFORCE_LONGEST_SECONDS="3")
    world.until(lambda: world.told(Reason.WILL_BE_RETRIED), what="the worker has given up")
    edit(deal)
    OutboundPush.objects.update(not_before=Now())
    SalesforceConnection.objects.update(paused_until=Now())
    world.lone_sweeper(SALESFORCE_LONGEST_SECONDS="3")

    world.until(lambda: world.versions_told(deal) == [2, 1, 2], what="the newer one is back")


def reads(world: World) -> int:
    return sum("/services/data/" in each["path"] for each in world.org.requests())


def answer(results: Any) -> dict[str, Any]:
    """A composite answer with these results of its one collection."""
    return {
        "compositeResponse": [
            {"body": results, "httpHeaders": {}, "httpStatusCode": 200, "referenceId": "part0"}
        ]
    }


TAKEN = {"id": "006000000000001AAA", "success": True, "errors": []}
GARBAGE: list[Any] = [
    [],
    {},
    "taken",
    {"compositeResponse": None},
    {"compositeResponse": []},
    answer(None),
    answer([]),
    answer([TAKEN] * 50),
    answer([{"success": "yes"}] * 3),
    answer([{**TAKEN, "success": None}] * 3),
    answer([{"id": 7, "success": True, "errors": {}}] * 3),
    [{"errorCode": None}],
    {"records": "all of them", "done": 1},
]


def test_an_answer_makes_no_sense(world: World) -> None:
    """Fault 33: nobody knows how it went, so it is not taken for success."""
    count = world.random.randint(2, 4)
    world.make_deals(count, versions=7)
    world.worker()
    for _ in range(6 if world.is_soak else 3):
        world.org.break_with(**nonsense(world), object="Opportunity", name="nonsense")
        fired, before = world.org.fired("nonsense"), len(steps())
        edit_all(world.deals)
        world.until(lambda: world.org.fired("nonsense") > fired, what="it was said")  # noqa: B023
        world.until(lambda: len(endings(before)) >= count, what="the attempt was recorded")  # noqa: B023
        assert {each.state for each in endings(before)[:count]} <= {State.QUEUED, State.PARKED}
        world.calm()
        outbox.retry(parked(), actor=Actor(name="vera"))
        world.calm()


def endings(before: int) -> list[Step]:
    """The attempts that were recorded since there were so many steps."""
    return [each for each in steps()[before:] if each.is_ending]


def nonsense(world: World) -> dict[str, Any]:
    """Said before anything is applied, or afterwards."""
    when = world.random.choice(("before", "after"))
    if world.random.random() < 0.2:
        return {"action": "truncate"}
    body = world.random.choice(GARBAGE)
    return {"action": "status", "status": 200, "body": body, "when": when}


def parked() -> list[int]:
    return list(OutboundPush.objects.filter(state=State.PARKED).values_list("pk", flat=True))
