"""A signed call that was left behind is decided as if it had been acted upon at once."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.db import connection

from console import intake
from console.models import InboundEvent, SalesforceConnection, SyncLog
from syncrules.reasons import Reason
from tests.builders import make_client, make_event
from tests.org import Org
from tests.pair import Pair, make_pair

pytestmark = pytest.mark.django_db


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


def test_an_event_that_meets_a_fault_holds_up_no_other(
    org: Org, connected: SalesforceConnection, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = make_event(), make_event()
    org.add_opportunity(good.salesforce_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE console_synclog ADD CONSTRAINT a_fault"
            f" CHECK (salesforce_id <> '{bad.salesforce_id}')"
        )

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
