"""The API budget on real parts: what is counted, who waits, and what is foreseen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from console import budget, clock, gateways, jobs, sweep
from console.models import ApiCalls, OutboundPush, SalesforceConnection
from console.models.outbound_push import PushUrgency
from console.salesforce.gateway import LimitReached, Unavailable
from tests.builders import make_pairing, make_push
from tests.facts import sf_id
from tests.org import Org

pytestmark = pytest.mark.django_db
State = OutboundPush.State
Urgency = OutboundPush.Urgency


def spend(row: SalesforceConnection, calls: int, *, hours_ago: int = 0) -> None:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours_ago)
    ApiCalls.objects.update_or_create(connection=row, hour=hour, defaults={"calls": calls})


@pytest.fixture
def small_org(org: Org) -> Iterator[Org]:
    """An org that allows a thousand calls a day, and says so with every answer."""
    org.set(api_limit=1_000)
    yield org
    org.set(api_limit=100_000)


def allow(row: SalesforceConnection, maximum: int, *, used: int = 0) -> None:
    SalesforceConnection.objects.update(calls_allowed=maximum, calls_used=used)
    row.refresh_from_db()


def push_of(org: Org, urgency: PushUrgency) -> OutboundPush:
    salesforce_id = sf_id()
    org.add_opportunity(salesforce_id)
    pairing = make_pairing(salesforce_id=salesforce_id)
    return make_push(opportunity=pairing.opportunity, urgency=urgency)


def test_every_call_is_counted_refused_ones_too(org: Org, connected: SalesforceConnection) -> None:
    client = gateways.to(connected)
    client.describe_org()
    org.break_with(action="status", status=503)
    with pytest.raises(Unavailable):
        client.describe_org()
    body = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]
    org.break_with(action="status", status=403, body=body)
    with pytest.raises(LimitReached):
        gateways.to(connected).describe_org()

    assert sum(budget.usage(connected).ours) == 3


def test_what_salesforce_says_of_all_clients_is_kept(
    org: Org, connected: SalesforceConnection
) -> None:
    gateways.to(connected).describe_org()

    connected.refresh_from_db()
    assert connected.calls_allowed == 100_000
    assert connected.calls_used is not None
    assert connected.calls_used > 0


def test_the_window_is_a_day(connected: SalesforceConnection) -> None:
    spend(connected, 7, hours_ago=23)
    spend(connected, 1_000, hours_ago=24)

    assert sum(budget.usage(connected).ours) == 7


def test_bulk_waits_when_its_budget_is_spent_and_a_click_does_not(
    small_org: Org, connected: SalesforceConnection
) -> None:
    allow(connected, 1_000)
    spend(connected, 450)  # of 500; a tenth of these is kept for each more urgent kind
    bulk, event, click = (push_of(small_org, each) for each in reversed(PushUrgency))

    jobs.drain_outbound()

    states = {push.pk: push.state for push in OutboundPush.objects.filter(lane="link")}
    assert states == {bulk.pk: State.QUEUED, event.pk: State.QUEUED, click.pk: State.SENT}


def test_what_the_budget_keeps_back_does_not_keep_a_more_urgent_push_held(
    small_org: Org, connected: SalesforceConnection
) -> None:
    allow(connected, 1_000)
    spend(connected, 420)
    bulk, event = push_of(small_org, Urgency.BULK), push_of(small_org, Urgency.EVENT)
    OutboundPush.objects.filter(pk=event.pk).update(state=State.HELD)
    SalesforceConnection.objects.update(is_proven=False)

    sweep.probe()
    jobs.drain_outbound()

    states = {push.pk: push.state for push in OutboundPush.objects.filter(lane="link")}
    assert states == {bulk.pk: State.QUEUED, event.pk: State.SENT}


def test_when_the_orgs_own_allocation_is_nearly_used_up_nothing_goes(
    org: Org, connected: SalesforceConnection
) -> None:
    push = push_of(org, Urgency.CLICK)
    allow(connected, 1_000, used=950)

    jobs.drain_outbound()
    push.refresh_from_db()
    assert push.state == State.QUEUED

    allow(connected, 1_000, used=949)
    jobs.drain_outbound()
    push.refresh_from_db()
    assert push.state == State.SENT


def test_the_forecast_goes_by_the_present_pace(connected: SalesforceConnection) -> None:
    for number in range(10):
        make_push(state=State.SENT, finished_at=Now() - timedelta(seconds=number))
    for _ in range(20):
        make_push()

    found = budget.forecast(connected, budget.usage(connected))

    assert (found.backlog, found.calls, found.waits_until) == (20, 3, None)
    assert found.drained_at is not None
    assert timedelta(seconds=5) < found.drained_at - timezone.now() < timedelta(minutes=1)


@pytest.mark.usefixtures("fast_clock")
def test_the_forecast_goes_by_the_clock_that_counts(connected: SalesforceConnection) -> None:
    for number in range(10):
        make_push(state=State.SENT, finished_at=Now() - timedelta(seconds=number))
    make_push()

    found = budget.forecast(connected, budget.usage(connected))

    assert found.drained_at is not None
    assert found.drained_at - clock.now() < timedelta(minutes=1)


def test_a_backlog_that_has_no_room_waits_for_the_window(connected: SalesforceConnection) -> None:
    allow(connected, 1_000)
    spend(connected, 449, hours_ago=20)
    make_push(state=State.SENT, finished_at=Now())
    for urgency in (Urgency.EVENT, Urgency.BULK):
        make_push(urgency=urgency)

    found = budget.forecast(connected, budget.usage(connected))

    assert found.waits_until is not None
    hours = (found.waits_until - timezone.now()) / timedelta(hours=1)
    assert 3 < hours <= 4
    assert found.drained_at is not None
    assert found.drained_at > found.waits_until


def test_with_nothing_waiting_nothing_is_foreseen(connected: SalesforceConnection) -> None:
    found = budget.forecast(connected, budget.usage(connected))

    assert (found.backlog, found.calls, found.drained_at) == (0, 0, None)
