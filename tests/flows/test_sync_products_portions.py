"""Products of many opportunities: what is too much for one batch waits for the next one."""

from __future__ import annotations

import pytest

from console import claims, connections, jobs, leases, outbox, product_batch
from console.flows import sync_products as flow
from console.models import OutboundPush, SalesforceConnection, SyncLog
from syncrules.reasons import Reason
from tests.deal import VERA, Deal, make_deal
from tests.org import Org
from tests.waiting_times import leases_run_out

pytestmark = pytest.mark.django_db
State, Lane = OutboundPush.State, OutboundPush.Lane


@pytest.fixture
def deals(org: Org, connected: SalesforceConnection, monkeypatch: pytest.MonkeyPatch) -> list[Deal]:
    """Three deals of three lines each, where a batch holds five; the products of all are asked for,
    in this order."""
    monkeypatch.setattr(product_batch, "_MOST", 5)
    deals = [make_deal(org) for _ in range(3)]
    for deal in deals:
        deal.ramp()
        deal.request()
    return deals


def claim_products() -> list[claims.Claim]:
    return claims.claim(lane=Lane.PRODUCTS)


def push_of(deal: Deal) -> OutboundPush:
    return OutboundPush.objects.filter(opportunity=deal.opportunity, lane=Lane.PRODUCTS).latest(
        "pk"
    )


def sent(deals: list[Deal]) -> list[int]:
    return [len(deal.products()) for deal in deals]


# --- How much goes -------------------------------------------------------------------------------


def test_a_batch_looks_at_no_more_lines_than_fit(deals: list[Deal]) -> None:
    before = push_of(deals[1])

    assert flow.run(claim_products()) == 1

    assert sent(deals) == [3, 0, 0]
    after = push_of(deals[1])
    assert (after.state, after.attempts, after.strikes) == (State.QUEUED, 0, 0)
    assert (after.not_before, after.lease_until) == (before.not_before, None)
    assert SyncLog.objects.count() == 1


def test_what_is_given_back_goes_on_at_once_and_in_order(deals: list[Deal]) -> None:
    jobs.drain_outbound()

    assert sent(deals) == [3, 3, 3]
    told = SyncLog.objects.order_by("pk").values_list("opportunity_id", "reason")
    assert list(told) == [(deal.opportunity.pk, Reason.PRODUCTS_PUSHED) for deal in deals]


def test_a_batch_writes_no_more_products_than_fit(deals: list[Deal]) -> None:
    """Salesforce has more of them than the quotes have lines."""
    jobs.drain_outbound()
    for deal in deals:
        deal.quote.items.all().delete()
        deal.request()

    assert flow.run(claim_products()) == 1
    assert sent(deals) == [0, 3, 3]

    jobs.drain_outbound()
    assert sent(deals) == [0, 0, 0]


def test_what_is_in_step_takes_no_room_from_what_is_to_be_written(deals: list[Deal]) -> None:
    jobs.drain_outbound()
    OutboundPush.objects.all().delete()
    for deal in deals:
        deal.request()
    deals[2].quote.items.all().delete()
    deals[1].quote.items.all().delete()

    assert flow.run(claim_products()) == 2

    assert sent(deals) == [3, 0, 3]


def test_a_quote_that_is_too_long_for_any_batch_goes_by_itself(deals: list[Deal]) -> None:
    deals[0].ramp()

    assert flow.run(claim_products()) == 1

    assert sent(deals) == [6, 0, 0]


def test_the_pace_of_products_is_noticed(
    deals: list[Deal], org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_A_CROWD", 3)
    org.break_with(action="delay", seconds=0.3, method="POST", path="composite/sobjects")

    flow.run(claim_products())

    row = SalesforceConnection.objects.get()
    assert row.write_ms is not None
    assert row.write_ms > 90


# --- What becomes of the rest --------------------------------------------------------------------


def test_an_edit_meanwhile_covers_what_is_given_back_and_keeps_its_place(deals: list[Deal]) -> None:
    given_back = push_of(deals[1])
    claimed = claim_products()
    outbox.request_push(
        opportunity_id=deals[1].opportunity.pk, trigger="edit", actor=VERA, lane=Lane.PRODUCTS
    )

    flow.run(claimed)

    newer = push_of(deals[1])
    assert (newer.state, newer.requests, len(newer.covers)) == (State.QUEUED, 2, 2)
    assert newer.not_before == given_back.not_before
    given_back.refresh_from_db()
    assert given_back.state == State.SUPERSEDED
    assert given_back.finished_at is not None
    assert [claim.push_id for claim in claim_products()] == [newer.pk, push_of(deals[2]).pk]


def test_what_was_lost_before_it_was_given_back_is_still_told_of_once(deals: list[Deal]) -> None:
    claims.claim(lane=Lane.PRODUCTS, owner="anna/1-0")
    leases_run_out()

    jobs.drain_outbound()

    assert sent(deals) == [3, 3, 3]
    told = SyncLog.objects.filter(opportunity=deals[2].opportunity).order_by("pk")
    assert [entry.reason for entry in told] == [Reason.OUTCOME_UNKNOWN, Reason.PRODUCTS_PUSHED]
    assert "anna/1-0" in str(told[0].decision)
    assert {push.strikes for push in OutboundPush.objects.filter(state=State.SENT)} == {1}


def test_whoever_lost_a_claim_cannot_give_it_back(deals: list[Deal]) -> None:
    stale = claim_products()
    leases_run_out()
    claim_products()

    leases.give_back(stale)

    assert {push.state for push in OutboundPush.objects.all()} == {State.SENDING}


def test_giving_back_twice_is_giving_back_once(deals: list[Deal]) -> None:
    """The answer of the database may be lost."""
    claims.claim(lane=Lane.PRODUCTS)
    leases_run_out()
    claimed = claim_products()

    leases.give_back(claimed)
    leases.give_back(claimed)

    assert {push.strikes for push in OutboundPush.objects.all()} == {0}
    assert [claim.push_id for claim in claim_products()] == [claim.push_id for claim in claimed]
