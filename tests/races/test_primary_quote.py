"""Who wins when a primary quote is changed twice at once, or while the deal is finalized."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from console import jobs
from console.actor import Actor
from console.flows import update_primary_quote
from console.models import Opportunity, OutboundPush, Quote, SyncLog
from console.upstream import opportunities
from syncrules.facts import OpportunityStatus, QuoteStatus
from syncrules.reasons import Reason
from tests.builders import make_pairing, make_quote
from tests.facts import NOON, sf_id
from tests.org import Org
from tests.pair import Pair, make_pair
from tests.races.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 5


def linked_pair(org: Org) -> Pair:
    pair = make_pair(org)
    make_pairing(opportunity=pair.opportunity, salesforce_id=pair.salesforce_id)
    return pair


def offer(pair: Pair, org: Org) -> tuple[Quote, str]:
    """Another quote of the opportunity, and its record in Salesforce."""
    quote, record = make_quote(opportunity=pair.opportunity), sf_id("a0B")
    org.add_quote(record, quote.mn_id)
    return quote, record


def choose(pair: Pair, quote: Quote, *, who: str) -> Callable[[], SyncLog]:
    return lambda: update_primary_quote.run(
        pair.opportunity.pk,
        quote_mn_id=quote.mn_id,
        how="chosen by hand",
        trigger="primary_quote_page",
        actor=Actor(name=who),
    )


def win(pair: Pair) -> Quote | None:
    """MonetizeNow tells that the deal is won. Gives the primary quote as it is right afterwards."""
    opportunities.store(
        pair.opportunity.mn_id,
        at=NOON + timedelta(hours=1),
        values={"status": OpportunityStatus.WON},
        actor=Actor(name="MonetizeNow"),
    )
    return (
        Opportunity.objects.select_related("primary_quote")
        .get(pk=pair.opportunity.pk)
        .primary_quote
    )


def sign(pair: Pair) -> Quote | None:
    """The present quote is accepted. Gives the primary quote as it is right afterwards."""
    Quote.objects.filter(pk=pair.quote.pk).update(status=QuoteStatus.ACCEPTED)
    return (
        Opportunity.objects.select_related("primary_quote")
        .get(pk=pair.opportunity.pk)
        .primary_quote
    )


def primary(pair: Pair) -> Quote | None:
    pair.opportunity.refresh_from_db()
    return pair.opportunity.primary_quote


@pytest.mark.usefixtures("connected")
def test_of_two_users_one_has_the_last_word_and_salesforce_gets_it(org: Org) -> None:
    for _ in range(ROUNDS):
        pair = linked_pair(org)
        (first, first_record), (second, second_record) = offer(pair, org), offer(pair, org)

        at_once(choose(pair, first, who="vera"), choose(pair, second, who="olga"))

        entries = list(SyncLog.objects.filter(opportunity=pair.opportunity).order_by("pk"))
        assert [entry.reason for entry in entries] == [Reason.PRIMARY_QUOTE_SET] * 2
        assert {entry.actor_name for entry in entries} == {"vera", "olga"}
        last = primary(pair)
        assert last is not None
        assert last.mn_id == entries[-1].quote_mn_id
        assert OutboundPush.objects.get(opportunity=pair.opportunity).requests == 2
        jobs.drain_outbound()
        record = first_record if last == first else second_record
        assert org.opportunity(pair.salesforce_id)["monetize__PrimaryQuote__c"] == record


@pytest.mark.parametrize("finalize", [win, sign])
@pytest.mark.usefixtures("connected")
def test_a_change_and_the_end_of_the_deal_come_one_after_the_other(
    org: Org, finalize: Callable[[Pair], Quote | None]
) -> None:
    """Either the change was there before the deal was finalized, or it is refused and has changed
    nothing. Nothing changes afterwards."""
    for _ in range(2 * ROUNDS):
        pair = linked_pair(org)
        other, _ = offer(pair, org)

        found, entry = at_once(partial(finalize, pair), choose(pair, other, who="vera"))

        was_set = entry.reason == Reason.PRIMARY_QUOTE_SET
        assert was_set or entry.reason == Reason.ENTITY_FINALIZED
        assert found == primary(pair) == (other if was_set else pair.quote)
