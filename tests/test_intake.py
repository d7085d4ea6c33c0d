"""A signed call that was left behind is decided as if it had been acted upon at once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection

from console import clock, intake
from console.models import InboundEvent, SalesforceConnection, SyncLog
from syncrules.reasons import Reason
from tests.builders import make_client, make_event
from tests.facts import sf_id
from tests.org import Org
from tests.pair import Pair, make_pair

pytestmark = pytest.mark.django_db
NO_TIME = timedelta(0)


def poll_again() -> int:
    SalesforceConnection.objects.update(next_poll_at=None)
    return intake.poll()


def add_opportunities(org: Org, count: int, *, at: str) -> list[str]:
    ids = [sf_id() for _ in range(count)]
    for salesforce_id in ids:
        org.add_opportunity(salesforce_id, SystemModstamp=at)
    return ids


def polled() -> list[str]:
    return list(InboundEvent.objects.order_by("pk").values_list("salesforce_id", flat=True))


def test_more_than_a_page_that_changed_in_one_second_is_found_in_one_poll(
    org: Org, connected: SalesforceConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "POLL_PAGE", 3)
    ids = add_opportunities(org, 7, at="2026-03-02T12:00:00.000+0000")
    ids += add_opportunities(org, 2, at="2026-03-02T12:00:01.000+0000")

    assert intake.poll() == 9

    assert polled() == ids
    assert len([each for each in org.requests() if "query" in each["path"]]) == 4


def test_what_changed_long_ago_is_not_read_each_time(
    org: Org, connected: SalesforceConnection
) -> None:
    add_opportunities(org, 2, at="2026-03-02T12:00:00.000+0000")

    assert (intake.poll(), poll_again()) == (2, 0)


def test_a_record_that_salesforce_shows_late_is_found(
    org: Org, connected: SalesforceConnection
) -> None:
    (on_time,) = add_opportunities(org, 1, at=as_salesforce_says(clock.now()))
    intake.poll()
    a_minute_ago = clock.now() - timedelta(minutes=1)
    (late,) = add_opportunities(org, 1, at=as_salesforce_says(a_minute_ago))

    poll_again()

    assert polled() == [on_time, late]


def test_a_poll_that_breaks_off_goes_on_where_it_was(
    org: Org, connected: SalesforceConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "POLL_PAGE", 2)
    seconds = [add_opportunities(org, 2, at=f"2026-03-02T{hour}:00:00Z") for hour in (12, 13)]
    org.break_with(action="status", status=503, path="query", nth=2)

    assert intake.poll() == 2
    org.mend()
    poll_again()

    assert polled() == [*seconds[0], *seconds[1]]


def test_a_poll_that_has_had_its_time_goes_on_behind_its_last_record(
    org: Org, connected: SalesforceConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though all have changed in one second; and it is its turn again at once."""
    monkeypatch.setattr(intake, "POLL_PAGE", 3)
    ids = add_opportunities(org, 7, at="2026-03-02T12:00:00.000+0000")

    found = [intake.poll(at_most=NO_TIME) for _ in range(4)]

    assert found == [3, 3, 1, 0]
    assert polled() == ids
    connected.refresh_from_db()
    assert connected.polled_last is None
    assert connected.next_poll_at is not None
    assert connected.next_poll_at > clock.now()


def test_a_poll_that_has_had_its_time_looks_back_from_what_has_just_changed(
    org: Org, connected: SalesforceConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "POLL_PAGE", 1)
    (on_time,) = add_opportunities(org, 1, at=as_salesforce_says(clock.now()))
    intake.poll(at_most=NO_TIME)
    (late,) = add_opportunities(org, 1, at=as_salesforce_says(clock.now() - timedelta(seconds=100)))

    intake.poll(at_most=NO_TIME)

    assert polled() == [on_time, late]


@pytest.mark.usefixtures("fast_clock")
def test_a_clock_that_is_ahead_hides_nothing_from_the_poll(
    org: Org, connected: SalesforceConnection
) -> None:
    intake.poll()
    (changed,) = add_opportunities(org, 1, at=as_salesforce_says(clock.now()))

    poll_again()

    assert polled() == [changed]


def as_salesforce_says(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000+0000"


def test_what_there_is_no_time_for_waits_for_the_next_turn(
    org: Org, connected: SalesforceConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "_BATCH", 2)
    for _ in range(3):
        org.add_opportunity(make_event().salesforce_id)

    assert [intake.act_on_waiting(at_most=NO_TIME) for _ in range(3)] == [2, 1, 0]


@pytest.fixture
def pair(org: Org, connected: SalesforceConnection) -> Pair:
    """Its quote is open to the deal desk only."""
    pair = make_pair(org)
    pair.quote.readers.add(Group.objects.create(name="deal desk"))
    return pair


def test_a_sender_who_may_not_read_the_quote_does_not_link_through_it_later(pair: Pair) -> None:
    sender = make_client(key="crm")
    make_event(salesforce_id=pair.salesforce_id, sender=sender.key)

    intake.act_on_waiting()

    entry = SyncLog.objects.get()
    assert (entry.reason, entry.actor_name) == (Reason.QUOTE_INACCESSIBLE, "API client crm")
    assert entry.trigger == "salesforce_event"


def test_a_sender_who_may_read_it_does(pair: Pair) -> None:
    sender = make_client(key="crm")
    sender.groups.add(Group.objects.get(name="deal desk"))
    make_event(salesforce_id=pair.salesforce_id, sender=sender.key)

    intake.act_on_waiting()

    assert SyncLog.objects.get().reason == Reason.LINKED


def test_a_sender_who_was_removed_reads_what_is_open_to_everybody(pair: Pair) -> None:
    make_event(salesforce_id=pair.salesforce_id, sender="gone")

    intake.act_on_waiting()

    assert SyncLog.objects.get().reason == Reason.QUOTE_INACCESSIBLE


_FAULTS = {
    "a constraint": """
ALTER TABLE console_synclog ADD CONSTRAINT a_fault CHECK (salesforce_id <> '{}')
""",
    "a statement that is cancelled": """
CREATE FUNCTION cancel() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'canceling statement' USING ERRCODE = 'query_canceled'; END $$;
CREATE TRIGGER cancel BEFORE INSERT ON console_synclog FOR EACH ROW
WHEN (NEW.salesforce_id = '{}') EXECUTE FUNCTION cancel();
""",
}


@pytest.mark.parametrize("fault", _FAULTS)
def test_an_event_that_meets_a_fault_holds_up_no_other(
    org: Org, connected: SalesforceConnection, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    bad, good = make_event(), make_event()
    org.add_opportunity(good.salesforce_id)
    with connection.cursor() as cursor:
        cursor.execute(_FAULTS[fault].format(bad.salesforce_id))

    intake.act_on_waiting()

    assert SyncLog.objects.get().salesforce_id == good.salesforce_id
    assert [each.state for each in InboundEvent.objects.order_by("pk")] == ["received", "processed"]
    assert f"event {bad.pk} could not be acted upon" in caplog.text


def test_without_a_live_connection_events_wait(org: Org, connected: SalesforceConnection) -> None:
    SalesforceConnection.objects.update(state=SalesforceConnection.State.BROKEN)
    event = make_event()

    assert intake.act_on_waiting() == 0

    event.refresh_from_db()
    assert (event.state, event.claimed_until) == (InboundEvent.State.RECEIVED, None)
    assert org.requests() == []
