"""A broken connection holds pushes; when it answers again, one of them tries before the others."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now

from console import jobs, sweep
from console.models import OutboundPush, SalesforceConnection, SyncLog
from syncrules.facts import MN_ID_FIELD
from syncrules.reasons import Reason
from tests.builders import make_pairing, make_push
from tests.facts import sf_id
from tests.org import Org

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("connected", "redis")]
State = OutboundPush.State
Connection = SalesforceConnection.State
NO_PERMISSION = "INVALID_FIELD_FOR_INSERT_UPDATE"


def links(org: Org, count: int) -> list[str]:
    """Records of Salesforce to which as many due pushes go."""
    records = [sf_id() for _ in range(count)]
    for record in records:
        org.add_opportunity(record)
        make_push(opportunity=make_pairing(salesforce_id=record).opportunity)
    return records


def refuse_writes(org: Org, records: list[str]) -> None:
    """The console's user may read the org and not write to it."""
    for record in records:
        org.break_with(action="record_error", record_id=record, code=NO_PERMISSION, times=None)


def states() -> list[str]:
    return list(OutboundPush.objects.order_by("pk").values_list("state", flat=True))


def a_turn_of_everything() -> None:
    SalesforceConnection.objects.update(next_poll_at=None)
    sweep.probe()
    jobs.drain_outbound()


def connection() -> SalesforceConnection:
    return SalesforceConnection.objects.get()


def test_what_can_be_read_and_not_written_is_tried_by_one_at_a_time(
    org: Org, caplog: pytest.LogCaptureFixture
) -> None:
    refuse_writes(org, links(org, 4))
    jobs.drain_outbound()
    assert (connection().state, set(states())) == (Connection.BROKEN, {State.HELD})
    told = SyncLog.objects.count()

    for _ in range(3):
        a_turn_of_everything()

    assert (connection().state, set(states())) == (Connection.BROKEN, {State.HELD})
    assert SyncLog.objects.count() == told + 3
    alerts = [record for record in caplog.records if record.levelname == "ERROR"]
    assert len(alerts) == 1


def test_once_one_went_through_the_others_follow(org: Org) -> None:
    records = links(org, 3)
    refuse_writes(org, records)
    jobs.drain_outbound()
    org.mend()

    a_turn_of_everything()

    assert set(states()) == {State.SENT}
    assert all(org.opportunity(record)[MN_ID_FIELD] for record in records)
    writes = [each["collections"] for each in org.requests() if each["collections"]]
    assert writes[-2:] == [[1], [2]]


def test_those_that_have_nothing_to_write_show_nothing_and_do_not_keep_the_others(org: Org) -> None:
    records = links(org, 3)
    jobs.drain_outbound()
    for push in OutboundPush.objects.all():
        make_push(opportunity=push.opportunity, state=State.HELD)
    SalesforceConnection.objects.update(state=Connection.BROKEN, is_proven=False)

    a_turn_of_everything()

    assert set(states()) == {State.SENT}
    assert not connection().is_proven
    assert all(org.opportunity(record)[MN_ID_FIELD] for record in records)


def test_a_connection_that_breaks_again_later_is_told_again(
    org: Org, caplog: pytest.LogCaptureFixture
) -> None:
    records = links(org, 1)
    refuse_writes(org, records)
    jobs.drain_outbound()
    org.mend()
    a_turn_of_everything()
    assert states() == [State.SENT]

    refuse_writes(org, links(org, 1))
    jobs.drain_outbound()

    assert len([record for record in caplog.records if record.levelname == "ERROR"]) == 2


def test_what_was_held_while_the_connection_came_back_is_found(org: Org) -> None:
    """Somebody's page was the first to learn that Salesforce answers, and released nothing."""
    (record,) = links(org, 1)
    OutboundPush.objects.update(state=State.HELD, reason=Reason.HELD_UNTIL_CONNECTED)
    SalesforceConnection.objects.update(state=Connection.LIVE)

    a_turn_of_everything()

    assert states() == [State.SENT]
    assert org.opportunity(record)[MN_ID_FIELD]


def test_a_try_that_has_nothing_to_ask_leaves_it_to_the_next(org: Org) -> None:
    make_push()  # of an opportunity without a link
    (record,) = links(org, 1)
    SalesforceConnection.objects.update(paused_until=F("state_since"), is_proven=False)

    jobs.drain_outbound()

    assert states() == [State.SKIPPED, State.SENT]
    assert connection().paused_until is None
    assert connection().is_proven
    assert org.opportunity(record)[MN_ID_FIELD]


def test_nobody_waits_for_a_try_that_was_not_made(org: Org) -> None:
    links(org, 1)
    OutboundPush.objects.update(state=State.SENT)
    SalesforceConnection.objects.update(paused_until="2020-01-01T00:00:00Z")

    jobs.drain_outbound()
    links(org, 1)
    jobs.drain_outbound()

    assert states() == [State.SENT, State.SENT]


def test_products_that_wait_for_a_held_link_do_not_keep_it_held(org: Org) -> None:
    records = links(org, 2)
    for push in OutboundPush.objects.all():
        make_push(opportunity=push.opportunity, lane=OutboundPush.Lane.PRODUCTS)
    OutboundPush.objects.filter(lane="link").update(state=State.HELD)
    SalesforceConnection.objects.update(is_proven=False, paused_until="2020-01-01T00:00:00Z")

    for _ in range(2):
        a_turn_of_everything()

    assert State.HELD not in states()
    assert all(org.opportunity(record)[MN_ID_FIELD] for record in records)


def test_a_connection_that_breaks_is_asked_soon_however_seldom_it_is_polled(org: Org) -> None:
    """The poll goes by the same clock."""
    SalesforceConnection.objects.update(next_poll_at=Now() + timedelta(hours=1))
    refuse_writes(org, links(org, 1))

    jobs.drain_outbound()

    in_a_minute = SalesforceConnection.objects.filter(
        next_poll_at__lte=Now() + timedelta(minutes=1)
    )
    assert in_a_minute.exists()
