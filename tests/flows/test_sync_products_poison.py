"""Products that our own code cannot deal with are found, and set aside without being looked at."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models.functions import Now

from console import jobs
from console.models import OutboundPush, QuoteItem, SalesforceConnection, SyncLog
from syncrules.reasons import Reason
from syncrules.retry import MAX_STRIKES
from tests.deal import Deal, make_deal
from tests.org import Org
from tests.waiting_times import leases_run_out, time_passes

pytestmark = pytest.mark.django_db
State = OutboundPush.State


@pytest.fixture
def deal(org: Org, connected: SalesforceConnection) -> Deal:
    return make_deal(org)


def poisoned(item: QuoteItem) -> None:
    """A number that is none: whoever compares it fails."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE console_quoteitem SET quantity = 'NaN' WHERE id = %s", [item.pk])


def test_a_quote_that_cannot_be_compared_is_set_aside_and_the_others_go(
    deal: Deal, org: Org
) -> None:
    poisoned(deal.line())
    deal.request()
    neighbours = [make_deal(org) for _ in range(3)]
    for each in neighbours:
        each.line()
        each.request()

    for _ in range(2 * MAX_STRIKES):
        time_passes()
        leases_run_out()
        jobs.drain_outbound()

    assert [len(each.products()) for each in neighbours] == [1, 1, 1]
    push = OutboundPush.objects.get(opportunity=deal.opportunity)
    assert (push.state, push.reason) == (State.PARKED, Reason.QUARANTINED)


def test_what_is_quarantined_is_neither_loaded_nor_asked_for(
    deal: Deal, org: Org, connected: SalesforceConnection
) -> None:
    poisoned(deal.line())
    deal.request()
    OutboundPush.objects.update(strikes=MAX_STRIKES, struck_at=Now())
    SalesforceConnection.objects.update(succeeded_at=Now())
    asked = len(org.requests())

    jobs.drain_outbound()

    assert len(org.requests()) == asked
    assert SyncLog.objects.get().reason == Reason.QUARANTINED
