"""Repairs of drift are pushes, and the comparison that follows them closes the rows."""

from __future__ import annotations

import pytest

from console import drift_repairs, jobs
from console.flows import reconcile
from console.models import Drift, OutboundPush, SalesforceConnection, SyncLog
from console.models.outbound_push import PushUrgency
from syncrules.facts import MN_ID_FIELD
from syncrules.reasons import Reason
from tests.deal import VERA, Deal
from tests.drift import compare, edit, in_step, open_rows, push
from tests.facts import sf_id
from tests.org import Org

pytestmark = pytest.mark.django_db
Lane, Urgency = OutboundPush.Lane, OutboundPush.Urgency


@pytest.fixture
def deal(org: Org, connected: SalesforceConnection) -> Deal:
    return in_step(org)


def repair(urgency: PushUrgency = Urgency.BULK) -> int:
    """Everything that is open."""
    return drift_repairs.repair([row.pk for row in open_rows()], actor=VERA, urgency=urgency)


def test_a_repair_is_a_push_and_the_comparison_after_it_closes_the_row(
    deal: Deal, org: Org
) -> None:
    edit(org, deal.salesforce_id, **{MN_ID_FIELD: None})
    edit(org, deal.products()[0]["Id"], Quantity=12, UnitPrice=1200)
    compare()

    assert repair() == 1
    pushes = OutboundPush.objects.filter(state="queued")
    assert {(each.lane, each.urgency, each.trigger) for each in pushes} == {
        (Lane.LINK, Urgency.BULK, "reconcile"),
        (Lane.PRODUCTS, Urgency.BULK, "reconcile"),
    }
    assert all(row.push in pushes for row in open_rows())
    jobs.drain_outbound()
    reconcile.go_on()

    assert open_rows() == []
    assert org.opportunity(deal.salesforce_id)[MN_ID_FIELD] == deal.opportunity.mn_id
    assert deal.totals() == [12000]
    closed_by = {row.closed_by.trigger for row in Drift.objects.all() if row.closed_by}
    assert closed_by == {"after_push"}


def test_many_pushes_that_have_ended_are_followed_by_one_run(
    org: Org, connected: SalesforceConnection
) -> None:
    deals = [in_step(org) for _ in range(3)]
    for deal in deals:
        edit(org, deal.salesforce_id, **{MN_ID_FIELD: None})
        edit(org, deal.products()[0]["Id"], Quantity=12, UnitPrice=1200)
    compare()
    repair()
    assert reconcile.follow_pushes() is None

    jobs.drain_outbound()
    run = reconcile.follow_pushes()

    assert run is not None
    assert run.only == sorted(deal.opportunity.pk for deal in deals)
    assert reconcile.follow_pushes() is None


def test_a_repair_that_was_refused_leaves_the_row_with_the_reason_in_the_log(
    deal: Deal, org: Org
) -> None:
    edit(org, deal.salesforce_id, **{MN_ID_FIELD: None})
    org.break_with(action="record_error", record_id=deal.salesforce_id, code="NOPE", times=None)
    compare()

    repair()
    jobs.drain_outbound()
    compare()

    [row] = open_rows()
    assert (row.verdict, row.because) == ("ours_newer", "push_stands_still")
    assert row.push is not None
    assert (row.push.state, row.push.reason) == ("parked", "rejected_by_salesforce")


def test_what_is_foreign_is_not_pushed(deal: Deal, org: Org) -> None:
    edit(org, deal.salesforce_id, **{MN_ID_FIELD: "opp_of_somebody"})
    org.add_opportunity(sf_id(), monetize__Id__c="opp_x")
    compare()

    assert repair() == 0
    assert not OutboundPush.objects.filter(state="queued").exists()


def test_a_push_that_somebody_else_asked_for_is_followed_as_well(deal: Deal, org: Org) -> None:
    deal.quote.items.update(unit_price=1300)
    deal.request()
    compare()
    assert {row.because for row in open_rows()} == {"push_under_way"}

    jobs.drain_outbound()
    reconcile.go_on()

    assert open_rows() == []


def test_a_finalized_deal_keeps_its_row_with_the_pushs_own_decision(deal: Deal, org: Org) -> None:
    other = sf_id("a0B")
    org.add_quote(other, "quote_of_theirs")
    edit(org, deal.salesforce_id, monetize__PrimaryQuote__c=other)
    type(deal.opportunity).objects.update(status="WON")
    compare()

    repair()
    jobs.drain_outbound()

    [row] = [row for row in open_rows() if row.field == "primary_quote"]
    entry = SyncLog.objects.filter(flow="push_outbound").latest("pk")
    assert entry.reason == Reason.ENTITY_FINALIZED
    assert row.push is not None
    assert row.push.reason == entry.reason


def test_a_click_goes_before_what_is_done_in_bulk(deal: Deal, org: Org) -> None:
    edit(org, deal.salesforce_id, **{MN_ID_FIELD: None})
    compare()

    repair(Urgency.CLICK)

    assert OutboundPush.objects.get(state="queued").urgency == Urgency.CLICK


def test_what_moved_while_salesforce_was_read_is_not_judged(deal: Deal, org: Org) -> None:
    """A push ended between the reading and the judging: what was read may be older than it."""
    edit(org, deal.salesforce_id, **{MN_ID_FIELD: None})
    run = compare()
    assert run.passed_over == 0
    Drift.objects.all().delete()
    push(deal, Lane.LINK)
    edit(org, deal.salesforce_id, **{MN_ID_FIELD: None})
    OutboundPush.objects.update(finished_at="2100-01-01T00:00Z")

    run = compare()

    assert (run.compared, run.passed_over, run.equal) == (1, 1, 0)
    assert open_rows() == []
