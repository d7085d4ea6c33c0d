"""The lane of products: behind the link, disabled without holding anything up, safe to repeat."""

from __future__ import annotations

import pytest

from console import claims, endings, jobs, outbox
from console.endings import Ending
from console.flows import sync_products as flow
from console.models import (
    Association,
    OutboundPush,
    SalesforceConnection,
    SyncLog,
)
from syncrules import push_outbound
from syncrules.facts import MN_ID_FIELD
from syncrules.reasons import Outcome, Reason
from syncrules.sync_products import FLOW
from tests.builders import make_opportunity
from tests.deal import ITEM_ID, VERA, Deal, choose, make_deal
from tests.facts import sf_id
from tests.org import Org
from tests.waiting_times import time_passes

pytestmark = pytest.mark.django_db
State, Lane = OutboundPush.State, OutboundPush.Lane


@pytest.fixture
def deal(org: Org, connected: SalesforceConnection) -> Deal:
    return make_deal(org)


def request_link(deal: Deal) -> OutboundPush:
    return outbox.request_push(opportunity_id=deal.opportunity.pk, trigger="edit", actor=VERA)


def claim_products() -> list[claims.Claim]:
    return claims.claim(lane=Lane.PRODUCTS)


def told() -> list[tuple[str, str]]:
    return list(SyncLog.objects.order_by("id").values_list("flow", "reason"))


# --- Behind the link -----------------------------------------------------------------------------


def test_products_follow_the_link_on_behalf_of_the_same_person(deal: Deal) -> None:
    item = deal.line()
    request_link(deal)

    jobs.drain_outbound()

    assert told() == [
        (push_outbound.FLOW, Reason.ALREADY_IN_STEP),
        (FLOW, Reason.PRODUCTS_PUSHED),
    ]
    assert [each[ITEM_ID] for each in deal.products()] == [item.mn_id]
    entry = SyncLog.objects.latest("id")
    assert (entry.actor_name, entry.trigger, entry.resolved_by) == ("vera", "edit", "association")
    assert {push.state for push in OutboundPush.objects.all()} == {State.SENT}


def test_nothing_follows_a_link_that_failed_or_that_has_no_quote(deal: Deal, org: Org) -> None:
    deal.line()
    org.add_opportunity(deal.salesforce_id, **{MN_ID_FIELD: "opp_of_somebody_else"})
    request_link(deal)
    other = outbox.request_push(opportunity_id=make_opportunity().pk, trigger="x", actor=VERA)

    jobs.drain_outbound()

    other.refresh_from_db()
    assert other.state == State.SKIPPED
    assert not OutboundPush.objects.filter(lane=Lane.PRODUCTS).exists()


def test_the_products_of_an_opportunity_wait_while_its_link_is_written(deal: Deal) -> None:
    deal.request()
    request_link(deal)
    (link,) = claims.claim()

    assert claim_products() == []

    endings.finish([(link, Ending(State.SENT, Reason.PUSHED))])
    assert len(claim_products()) == 1


def test_a_link_waits_for_products_only_while_they_are_sent(deal: Deal) -> None:
    """One batch at a time writes to a Salesforce opportunity."""
    deal.request()
    (products,) = claim_products()
    request_link(deal)
    assert claims.claim() == []

    endings.finish([(products, Ending(State.QUEUED, Reason.WILL_BE_RETRIED))])
    assert len(claims.claim()) == 1


def test_a_link_that_ends_joins_the_products_that_wait(deal: Deal) -> None:
    waiting = deal.request()
    OutboundPush.objects.update(state=State.PARKED, attempts=3)
    request_link(deal)
    push_outbound_claims = claims.claim()

    outbox.request_products(push_outbound_claims)

    waiting.refresh_from_db()
    assert (waiting.state, waiting.requests, waiting.attempts) == (State.QUEUED, 2, 0)


# --- Disabled ------------------------------------------------------------------------------------


def test_disabled_nothing_is_requested_and_the_link_goes(deal: Deal, org: Org) -> None:
    deal.line()
    choose(is_disabled=True)
    request_link(deal)

    jobs.drain_outbound()

    assert told() == [(push_outbound.FLOW, Reason.ALREADY_IN_STEP)]
    assert deal.products() == []


def test_what_was_requested_before_is_skipped_and_asks_salesforce_nothing(
    deal: Deal, org: Org
) -> None:
    deal.line()
    deal.push()
    deal.quote.items.all().delete()
    choose(is_disabled=True)
    asked = len(org.requests())

    done, entry = deal.push()

    assert (done.state, entry.outcome) == (State.SKIPPED, Outcome.SKIPPED)
    assert entry.reason == Reason.PRODUCT_SYNC_DISABLED
    assert len(org.requests()) == asked
    assert len(deal.products()) == 1  # stale, but not deleted


# --- Whom to write to ----------------------------------------------------------------------------


def test_without_a_pair_nothing_is_written(deal: Deal, org: Org) -> None:
    """Not even through the reference at creation, which only the link's push may confirm."""
    deal.line()
    Association.objects.all().delete()
    deal.opportunity.creation_reference = deal.salesforce_id
    deal.opportunity.save(update_fields=["creation_reference"])

    done, entry = deal.push()

    assert (done.state, entry.reason) == (State.SKIPPED, Reason.LINK_NEVER_ESTABLISHED)
    assert org.journal() == []


def test_without_a_primary_quote_nothing_is_written_or_deleted(deal: Deal) -> None:
    deal.line()
    deal.push()
    deal.opportunity.primary_quote = None
    deal.opportunity.save(update_fields=["primary_quote"])

    done, entry = deal.push()

    assert (done.state, entry.reason) == (State.SKIPPED, Reason.NO_PRIMARY_QUOTE)
    assert len(deal.products()) == 1


@pytest.mark.parametrize(
    ("mn_id", "reason", "state"),
    [
        (None, Reason.HALF_REASSIGNMENT, State.SKIPPED),
        ("opp_of_somebody_else", Reason.CONFLICTING_ASSOCIATION, State.PARKED),
    ],
)
def test_a_record_without_our_mn_id_is_not_written_to(
    org: Org, connected: SalesforceConnection, mn_id: str | None, reason: Reason, state: str
) -> None:
    deal = make_deal(org, **{MN_ID_FIELD: mn_id})
    deal.line()

    done, entry = deal.push()

    assert (done.state, entry.reason) == (state, reason)
    assert org.journal() == []


def test_a_deleted_record_is_not_made_anew(deal: Deal) -> None:
    deal.line()
    Association.objects.update(salesforce_id=sf_id())

    done, entry = deal.push()

    assert (done.state, entry.reason) == (State.PARKED, Reason.SALESFORCE_RECORD_GONE)


def test_a_deal_that_was_closed_with_another_quote_keeps_its_products(deal: Deal) -> None:
    deal.line()
    other = deal.another_quote()
    deal.line(quote=other)
    deal.make_primary(other)
    deal.opportunity.status = "WON"
    deal.opportunity.save(update_fields=["status"])

    done, entry = deal.push()

    assert (done.state, entry.reason) == (State.PARKED, Reason.ENTITY_FINALIZED)
    assert deal.products() == []


# --- Trouble, and doing it again -----------------------------------------------------------------


def test_a_worker_that_dies_between_sending_and_recording_doubles_nothing(deal: Deal) -> None:
    deal.ramp()
    deal.request()
    stale = claim_products()
    OutboundPush.objects.update(lease_until="2020-01-01T00:00:00Z")
    taken_over = claim_products()

    assert flow.run(stale) == 0  # it sent everything, and may not record it
    assert len(deal.products()) == 3
    assert not SyncLog.objects.exists()

    assert flow.run(taken_over) == 1
    assert len(deal.products()) == 3
    assert [reason for _, reason in told()] == [Reason.OUTCOME_UNKNOWN, Reason.PRODUCTS_IN_STEP]
    assert OutboundPush.objects.get(state=State.QUEUED).trigger == "late_write"


def test_an_answer_that_is_lost_doubles_nothing(deal: Deal, org: Org) -> None:
    deal.ramp()
    org.break_with(action="drop", when="after", method="POST", path="composite/sobjects")

    done, entry = deal.push()

    assert (done.state, entry.reason) == (State.QUEUED, Reason.WILL_BE_RETRIED)
    assert done.attempts == 0
    time_passes()
    jobs.drain_outbound()
    done.refresh_from_db()
    assert done.state == State.SENT
    assert len(deal.products()) == 3


def test_a_busy_opportunity_is_tried_again(deal: Deal, org: Org) -> None:
    item, other = deal.line(), deal.line()
    org.break_with(action="record_error", external_id=item.mn_id, code="UNABLE_TO_LOCK_ROW")

    done, entry = deal.push()

    assert (done.state, done.attempts) == (State.QUEUED, 1)
    assert (entry.outcome, entry.reason) == (Outcome.DEFERRED, Reason.WILL_BE_RETRIED)
    assert [each[ITEM_ID] for each in deal.products()] == [other.mn_id]


def test_an_org_that_is_down_defers_without_burning_an_attempt(deal: Deal, org: Org) -> None:
    deal.line()
    org.break_with(action="status", status=503, times=None)

    done, entry = deal.push()

    assert (done.state, done.attempts) == (State.QUEUED, 0)
    assert entry.reason == Reason.WILL_BE_RETRIED


def test_bad_credentials_hold_the_push(deal: Deal, connected: SalesforceConnection) -> None:
    deal.line()
    connected.client_secret = "wrong"
    connected.save(update_fields=["client_secret"])

    done, entry = deal.push()

    connected.refresh_from_db()
    assert (done.state, entry.reason) == (State.HELD, Reason.HELD_UNTIL_CONNECTED)
    assert connected.state == SalesforceConnection.State.BROKEN


def test_a_field_that_products_lack_does_not_break_the_connection_for_links(
    deal: Deal, org: Org, connected: SalesforceConnection
) -> None:
    """They are set aside together, since no smaller company would help."""
    deal.line()
    other = make_deal(org).request()
    body = [{"errorCode": "INVALID_FIELD", "message": f"No such column '{ITEM_ID}' on entity"}]
    org.break_with(action="status", status=400, body=body, times=None)

    done, entry = deal.push()

    connected.refresh_from_db()
    other.refresh_from_db()
    assert connected.state == SalesforceConnection.State.LIVE
    assert (done.state, entry.reason) == (State.PARKED, Reason.REJECTED_BY_SALESFORCE)
    assert ITEM_ID in done.detail
    assert (other.state, other.strikes) == (State.PARKED, 0)


def test_one_bad_deal_does_not_hold_up_its_neighbours(deal: Deal, org: Org) -> None:
    item = deal.line()
    neighbours = [make_deal(org) for _ in range(3)]
    for each in neighbours:
        each.line()
        each.request()
    org.break_with(action="record_error", external_id=item.mn_id, code="STRING_TOO_LONG")

    done, _ = deal.push()

    assert done.state == State.PARKED
    assert [len(each.products()) for each in neighbours] == [1, 1, 1]
