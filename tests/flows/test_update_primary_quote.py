"""Flow C on real parts: checked in the preview, under the lock, and again by the push."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from console import claims
from console.actor import Actor
from console.flows import push_outbound
from console.flows import update_primary_quote as flow
from console.models import OutboundPush, Quote, SalesforceConnection, SyncLog
from syncrules.facts import FINALIZED_OPPORTUNITY, FINALIZED_QUOTE, OpportunityStatus, QuoteStatus
from syncrules.reasons import Outcome, Reason
from tests.builders import make_pairing, make_quote, make_user
from tests.facts import sf_id
from tests.org import Org
from tests.pair import Pair

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(pair: Pair, org: Org) -> Quote:
    """A second quote of the opportunity, which Salesforce has as well."""
    quote = make_quote(opportunity=pair.opportunity)
    org.add_quote(sf_id("a0B"), quote.mn_id)
    return quote


def choose(pair: Pair, quote: Quote, *, actor: Actor | None = None) -> SyncLog:
    return flow.run(
        pair.opportunity.pk,
        quote_mn_id=quote.mn_id,
        how="chosen by hand",
        trigger="primary_quote_page",
        actor=actor or Actor(name="vera"),
    )


def finalize(quote: Quote, status: str = QuoteStatus.ACCEPTED) -> None:
    quote.status = status
    quote.save(update_fields=["status"])


def primary(pair: Pair) -> Quote | None:
    pair.opportunity.refresh_from_db()
    return pair.opportunity.primary_quote


def test_the_change_is_kept_with_who_made_it_and_how(pair: Pair, other: Quote) -> None:
    vera = make_user("vera")

    entry = choose(pair, other, actor=Actor.of_user(vera))

    assert (entry.outcome, entry.reason) == (Outcome.DONE, Reason.PRIMARY_QUOTE_SET)
    assert entry.quote_mn_id == other.mn_id
    assert primary(pair) == other
    assert pair.opportunity.primary_set_by == vera
    assert pair.opportunity.primary_set_how == "chosen by hand"
    assert OutboundPush.objects.get().opportunity == pair.opportunity


def test_a_linked_opportunity_takes_it_to_salesforce(pair: Pair, other: Quote, org: Org) -> None:
    make_pairing(opportunity=pair.opportunity, salesforce_id=pair.salesforce_id)

    choose(pair, other)
    push_outbound.run(claims.claim())

    record = org.opportunity(pair.salesforce_id)["monetize__PrimaryQuote__c"]
    assert record != pair.quote_record
    assert SyncLog.objects.latest("id").reason == Reason.PUSHED


def test_without_a_link_the_change_is_kept_and_the_push_is_skipped(
    pair: Pair, other: Quote
) -> None:
    entry = choose(pair, other)
    push_outbound.run(claims.claim())

    assert entry.reason == Reason.PRIMARY_QUOTE_SET
    assert primary(pair) == other
    assert SyncLog.objects.latest("id").reason == Reason.LINK_NEVER_ESTABLISHED


@pytest.mark.parametrize("status", sorted(FINALIZED_QUOTE))
def test_a_finalized_primary_quote_is_not_replaced(
    pair: Pair, other: Quote, status: QuoteStatus
) -> None:
    finalize(pair.quote, status)

    entry = choose(pair, other)

    assert (entry.outcome, entry.reason) == (Outcome.FAILED, Reason.ENTITY_FINALIZED)
    assert primary(pair) == pair.quote
    assert not OutboundPush.objects.exists()


@pytest.mark.parametrize("status", sorted(FINALIZED_OPPORTUNITY))
def test_a_finalized_opportunity_keeps_its_primary_quote(
    pair: Pair, other: Quote, status: OpportunityStatus
) -> None:
    pair.opportunity.status = status
    pair.opportunity.save(update_fields=["status"])

    assert choose(pair, other).reason == Reason.ENTITY_FINALIZED
    assert primary(pair) == pair.quote


def test_a_deal_finalized_between_page_and_click_is_refused(pair: Pair, other: Quote) -> None:
    _, seen_on_the_page = flow.preview(
        pair.opportunity.pk, quote_mn_id=other.mn_id, actor=Actor(name="vera")
    )
    finalize(pair.quote)

    entry = choose(pair, other)

    assert seen_on_the_page.reason is Reason.PRIMARY_QUOTE_SET
    assert entry.reason == Reason.ENTITY_FINALIZED
    assert primary(pair) == pair.quote


def test_a_deal_finalized_between_click_and_push_keeps_salesforces_quote(
    pair: Pair, other: Quote, org: Org
) -> None:
    make_pairing(opportunity=pair.opportunity, salesforce_id=pair.salesforce_id)
    choose(pair, other)
    pair.opportunity.refresh_from_db()
    pair.opportunity.status = OpportunityStatus.WON
    pair.opportunity.save(update_fields=["status"])

    push_outbound.run(claims.claim())

    assert org.opportunity(pair.salesforce_id)["monetize__PrimaryQuote__c"] == pair.quote_record
    assert SyncLog.objects.latest("id").reason == Reason.ENTITY_FINALIZED


def test_a_quote_of_another_opportunity_is_an_invalid_combination(pair: Pair) -> None:
    assert choose(pair, make_quote()).reason == Reason.INVALID_QUOTE_COMBINATION
    assert primary(pair) == pair.quote


def test_a_quote_that_the_caller_may_not_read_is_not_chosen(pair: Pair, other: Quote) -> None:
    group = Group.objects.create(name="deal desk")
    other.readers.add(group)
    insider = Actor(name="olga", group_ids=frozenset({group.pk}))

    assert choose(pair, other).reason == Reason.QUOTE_INACCESSIBLE
    assert primary(pair) == pair.quote
    assert choose(pair, other, actor=insider).reason == Reason.PRIMARY_QUOTE_SET


def test_the_present_one_needs_no_change(pair: Pair) -> None:
    entry = choose(pair, pair.quote)

    assert (entry.outcome, entry.reason) == (Outcome.NOTHING_TO_DO, Reason.ALREADY_PRIMARY)
    assert not OutboundPush.objects.exists()


def test_without_a_connection_nothing_changes(pair: Pair, other: Quote) -> None:
    SalesforceConnection.objects.update(state=SalesforceConnection.State.BROKEN)

    assert choose(pair, other).reason == Reason.NO_SALESFORCE_CONNECTION
    assert primary(pair) == pair.quote


# --- Previews ------------------------------------------------------------------------------------


def test_each_quote_is_foreseen_as_it_is_alone(pair: Pair, other: Quote) -> None:
    dead = make_quote(opportunity=pair.opportunity, status=QuoteStatus.EXPIRED)
    vera = Actor(name="vera")

    foreseen = flow.preview_each(pair.opportunity.pk, actor=vera, limit=10)

    assert [each.quote for each in foreseen] == [dead, other, pair.quote]
    for each in foreseen:
        alone = flow.preview(pair.opportunity.pk, quote_mn_id=each.quote.mn_id, actor=vera)
        assert (each.facts, each.decision) == alone


def test_the_present_primary_quote_is_foreseen_however_old_it_is(pair: Pair, other: Quote) -> None:
    foreseen = flow.preview_each(pair.opportunity.pk, actor=Actor(name="vera"), limit=1)

    assert [each.quote for each in foreseen] == [other, pair.quote]


def test_many_quotes_take_no_more_queries_than_two(pair: Pair, other: Quote) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            flow.preview_each(pair.opportunity.pk, actor=Actor(name="vera"), limit=50)
        return len(captured)

    few = queries()
    for _ in range(10):
        make_quote(opportunity=pair.opportunity)

    assert queries() == few


def test_the_preview_says_what_the_run_decides_and_changes_nothing(
    pair: Pair, other: Quote
) -> None:
    _, foreseen = flow.preview(
        pair.opportunity.pk, quote_mn_id=other.mn_id, actor=Actor(name="vera")
    )
    assert primary(pair) == pair.quote
    assert not SyncLog.objects.exists()

    assert choose(pair, other).reason == foreseen.reason
