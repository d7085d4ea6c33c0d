"""Everything that is due goes out, in an order that suits people, and one bad push stops nobody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from console import drain, jobs, outbox, turns
from console.actor import Actor
from console.models import Opportunity, OutboundPush, SalesforceConnection, SyncLog
from syncrules import retry
from syncrules.reasons import Reason
from syncrules.retry import LAST_STRIKE, MAX_STRIKES
from tests.builders import make_opportunity, make_pairing, make_push
from tests.facts import sf_id
from tests.org import Org
from tests.waiting_times import leases_run_out, time_passes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("connected")]
State = OutboundPush.State
Urgency = OutboundPush.Urgency
Lane = OutboundPush.Lane


def linked(org: Org, count: int) -> dict[str, Opportunity]:
    """By record: linked opportunities whose link has not been written yet, each with a push."""
    pairs = {sf_id(): make_opportunity() for _ in range(count)}
    org.load(
        Opportunity=[
            {"Id": each, "Name": each, "StageName": "Prospecting", "CloseDate": "2026-12-31"}
            for each in pairs
        ]
    )
    for salesforce_id, opportunity in pairs.items():
        make_pairing(opportunity=opportunity, salesforce_id=salesforce_id)
        make_push(opportunity=opportunity)
    return pairs


def written(org: Org) -> list[str]:
    """The records that were written to, in order."""
    return [entry["record_id"] for entry in org.journal() if entry["action"] == "update"]


def api_calls(org: Org) -> list[str]:
    return [each["path"] for each in org.requests() if "/services/data/" in each["path"]]


def states(pairs: dict[str, Opportunity]) -> dict[str, str]:
    found = OutboundPush.objects.filter(lane=Lane.LINK).values_list("opportunity_id", "state")
    by_opportunity = dict(found)
    return {each: by_opportunity[opportunity.pk] for each, opportunity in pairs.items()}


def test_a_push_takes_two_calls_and_one_in_step_takes_one(org: Org) -> None:
    pairs = linked(org, 3)
    jobs.drain_outbound()
    assert len(api_calls(org)) == 2
    assert sorted(written(org)) == sorted(pairs)

    for opportunity in pairs.values():
        make_push(opportunity=opportunity)
    jobs.drain_outbound()

    assert len(api_calls(org)) == 3
    assert len(written(org)) == 3


def test_a_click_overtakes_a_backlog(org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "TURNS", tuple(_small(turn) for turn in turns.TURNS))
    backlog = linked(org, 4)
    OutboundPush.objects.update(urgency=Urgency.BULK)
    (clicked,) = linked(org, 1)
    OutboundPush.objects.filter(opportunity=Opportunity.objects.latest("pk")).update(
        urgency=Urgency.CLICK, not_before=Now()
    )

    jobs.drain_outbound()

    assert written(org)[0] == clicked
    assert set(written(org)[1:]) == set(backlog)


def _small(turn: Any) -> Any:
    return type(turn)(turn.lane, turn.urgencies, 1)


def test_links_go_before_products(org: Org) -> None:
    products = make_push(lane=Lane.PRODUCTS)
    pairs = linked(org, 2)

    jobs.drain_outbound()

    flows = list(SyncLog.objects.order_by("pk").values_list("flow", flat=True))
    assert flows == ["push_outbound"] * len(pairs) + ["sync_products"]
    products.refresh_from_db()
    assert products.state == State.SKIPPED


@pytest.mark.parametrize("state", [State.QUEUED, State.HELD])
def test_a_click_on_products_takes_their_link_along(state: str) -> None:
    """The link has its place in a backlog, which may take an hour."""
    link = make_push(state=state, urgency=Urgency.BULK)
    make_push(urgency=Urgency.EVENT)
    make_push(opportunity=link.opportunity, lane=Lane.PRODUCTS, urgency=Urgency.CLICK)
    make_push(lane=Lane.PRODUCTS, urgency=Urgency.BULK)

    first = turns.next_batch("anna/1-0")

    link.refresh_from_db()
    assert link.urgency == Urgency.CLICK
    if state == State.QUEUED:
        assert [claim.push_id for claim in first] == [link.pk]


def test_more_than_one_batch_takes_is_a_backlog(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "LARGEST_BATCH", 2)
    make_push(not_before=timezone.now() + timedelta(hours=1))
    make_push(lane=Lane.PRODUCTS, urgency=Urgency.BULK)
    make_push(urgency=Urgency.CLICK)
    assert not turns.is_backlog()

    make_push(urgency=Urgency.EVENT)
    assert turns.is_backlog()

    later = timezone.now() + timedelta(minutes=1)
    SalesforceConnection.objects.update(paused_until=later)
    assert not turns.is_backlog()


def test_a_line_that_leaves_twice_leaves_nobody_behind() -> None:
    """Told to stop, it is on its way out, and then its last batch fails."""
    crew = drain._Crew("anna/1", size=2)
    one, other = drain._Line("anna/1-0", crew), drain._Line("anna/1-1", crew)
    crew._at_work |= {one, other}

    crew.leave(one)
    crew.leave(one)

    assert not crew.rest(other)


@pytest.mark.django_db(transaction=True)
def test_several_threads_share_the_work_and_double_nothing(
    org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        turns, "TURNS", tuple(type(each)(each.lane, each.urgencies, 5) for each in turns.TURNS)
    )
    pairs = linked(org, 60)

    assert drain.drain(threads=3) == 60

    assert sorted(written(org)) == sorted(pairs)
    assert set(states(pairs).values()) == {State.SENT}
    owners = set(OutboundPush.objects.values_list("claimed_by", flat=True))
    assert {owner.rpartition("-")[2] for owner in owners} <= {"0", "1", "2"}


# --- One bad push --------------------------------------------------------------------------------


def drain_on(rounds: int) -> None:
    for _ in range(rounds):
        time_passes()
        leases_run_out()
        jobs.drain_outbound()


def test_a_record_that_fails_every_call_is_found_and_the_others_go(
    org: Org, connected: SalesforceConnection
) -> None:
    pairs = linked(org, 60)
    poison, *healthy = pairs
    org.break_with(action="status", status=500, external_id=pairs[poison].mn_id, times=None)

    drain_on(40)

    found = states(pairs)
    assert found[poison] == State.PARKED
    assert {found[each] for each in healthy} == {State.SENT}
    assert sorted(written(org)) == sorted(healthy)
    entry = SyncLog.objects.filter(opportunity=pairs[poison]).latest("pk")
    assert entry.reason == Reason.QUARANTINED
    assert "batches with it that failed" in str(entry.decision)


def test_while_nobody_goes_through_it_is_salesforce_that_is_ill(org: Org) -> None:
    (alone,) = pairs = linked(org, 1)
    org.break_with(action="status", status=500, method="PATCH", times=None)
    org.break_with(action="status", status=500, path="composite$", times=None)

    drain_on(MAX_STRIKES + 3)

    assert states(pairs) == {alone: State.QUEUED}
    push = OutboundPush.objects.get()
    assert push.strikes == LAST_STRIKE
    assert push.attempts == 0


NOT_TO_BE_STORED = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'no entry for this one'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON console_synclog FOR EACH ROW
WHEN (NEW.opportunity_id = {:d} AND NEW.reason IN ('pushed', 'already_in_step'))
EXECUTE FUNCTION refuse()
"""


def test_a_push_that_cannot_be_recorded_is_set_aside_and_the_others_go(org: Org) -> None:
    """Whatever is recorded in one transaction with it is lost. That others are written meanwhile
    shows that it is not Salesforce."""
    pairs = linked(org, 50)
    poison, *healthy = pairs
    with connection.cursor() as cursor:
        cursor.execute(NOT_TO_BE_STORED.format(pairs[poison].pk))

    drain_on(MAX_STRIKES)
    pairs |= linked(org, 1)
    drain_on(MAX_STRIKES)

    found = states(pairs)
    assert found[poison] == State.PARKED
    assert {found[each] for each in healthy} == {State.SENT}
    entries = SyncLog.objects.filter(opportunity=pairs[poison]).order_by("pk")
    assert [entry.reason for entry in entries] == [Reason.OUTCOME_UNKNOWN, Reason.QUARANTINED]
    assert sorted(set(written(org))) == sorted(pairs)
    assert len(written(org)) == len(pairs)


def test_what_was_quarantined_starts_afresh_when_somebody_pushes_again(org: Org) -> None:
    (salesforce_id,) = pairs = linked(org, 1)
    OutboundPush.objects.update(state=State.PARKED, strikes=MAX_STRIKES, struck_at=Now())

    outbox.retry([OutboundPush.objects.get().pk], actor=Actor(name="vera"))
    jobs.drain_outbound()

    assert states(pairs) == {salesforce_id: State.SENT}


# --- How much at a time --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("most", "write_ms", "size"),
    [
        (1000, None, 1000),
        (1000, 1, 1000),
        (1000, 3.1, 800),
        (1000, 10, 200),
        (1000, 500, 200),
        (200, None, 200),
        (200, 10, 40),
    ],
)
def test_where_salesforce_is_slow_fewer_go_together(
    most: int, write_ms: float | None, size: int
) -> None:
    """A click waits for a batch at most, which should take a few seconds."""
    assert turns._size(most, write_ms=write_ms) == size


def test_the_pace_of_a_crowd_is_noticed_and_that_of_a_few_is_not(
    org: Org, connected: SalesforceConnection
) -> None:
    linked(org, 3)
    jobs.drain_outbound()
    connected.refresh_from_db()
    assert connected.write_ms is None

    linked(org, 60)
    org.break_with(action="delay", seconds=0.6, path="composite$")
    jobs.drain_outbound()

    connected.refresh_from_db()
    assert connected.write_ms is not None
    assert connected.write_ms > 9
