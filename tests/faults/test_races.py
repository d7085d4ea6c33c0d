"""People, events and polls that meet one another, with a worker at work all the while."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from console.actor import Actor
from console.flows import link_by_hand, link_via_primary_quote, update_primary_quote
from console.models import (
    Association,
    InboundEvent,
    Opportunity,
    OutboundPush,
    SalesforceConnection,
    SyncLog,
)
from console.upstream import opportunities
from syncrules.facts import OpportunityStatus
from syncrules.reasons import Reason
from tests.builders import make_client
from tests.facts import NOON
from tests.faults import calls
from tests.faults.deals import VERA, Deal, Version, edit_all, make_deals
from tests.faults.world import World
from tests.races.at_once import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]
OLGA = Actor(name="olga")
State = InboundEvent.State


def rounds(world: World) -> int:
    return 40 if world.is_soak else 5


def choose(deal: Deal, version: Version, *, who: Actor) -> SyncLog:
    return update_primary_quote.run(
        deal.opportunity_id,
        quote_mn_id=version.quote_mn_id,
        how="chosen by hand",
        trigger="primary_quote_page",
        actor=who,
    )


def test_two_people_choose_different_primary_quotes(world: World) -> None:
    """Fault 17: one has the last word, and Salesforce gets it."""
    count = rounds(world)
    (deal,) = world.make_deals(1, versions=2 * count)
    world.worker()
    for first in range(1, 2 * count, 2):
        one, two = deal.versions[first : first + 2]
        at_once(partial(choose, deal, one, who=VERA), partial(choose, deal, two, who=OLGA))

    deal.learn_from_log()
    world.until_delivered()

    assert len(deal.commits) == 1 + 2 * count
    row = Opportunity.objects.get(pk=deal.opportunity_id)
    assert row.primary_quote_id == deal.present.quote_id


def win(deal: Deal) -> int | None:
    """The deal is won. The primary quote right afterwards."""
    opportunities.store(
        deal.mn_id,
        at=NOON + timedelta(hours=1),
        values={"status": OpportunityStatus.WON},
        actor=Actor(name="MonetizeNow"),
    )
    return Opportunity.objects.get(pk=deal.opportunity_id).primary_quote_id


def test_a_deal_is_finalized_while_its_primary_quote_is_changed(world: World) -> None:
    """Fault 18: in either order, and not a mix. What was chosen before reaches Salesforce, or is
    refused there by the worker, who asks again and finds the deal finalized."""
    world.make_deals(rounds(world))
    world.worker()
    for deal in world.deals:
        was_won, entry = at_once(
            partial(win, deal), partial(choose, deal, deal.versions[1], who=VERA)
        )
        deal.learn_from_log()
        assert was_won == deal.present.quote_id
        assert (entry.reason == Reason.PRIMARY_QUOTE_SET) == (len(deal.commits) == 2)
        late = choose(deal, deal.versions[2], who=OLGA)
        assert late.reason == Reason.ENTITY_FINALIZED
    world.until(world.is_at_rest, what="every push has come to its end")

    refused = OutboundPush.objects.filter(state=OutboundPush.State.PARKED)
    assert set(refused.values_list("reason", flat=True)) <= {Reason.ENTITY_FINALIZED}
    told = [world.versions_told(deal) for deal in world.deals]
    assert told.count([1]) + refused.count() == sum(len(each.commits) - 1 for each in world.deals)


def by_hand(deal: Deal, record: str) -> SyncLog:
    return link_by_hand.run(
        deal.opportunity_id, salesforce_id=record, trigger="link_page", actor=VERA
    )


def arrives(record: str) -> SyncLog:
    return link_via_primary_quote.run(record, trigger="poll", actor=Actor.console("poll"))


def test_two_want_to_be_linked_with_one(world: World) -> None:
    """Fault 19: one opportunity gets the record, or one record the opportunity; the other attempt
    has failed, and nothing of it reaches Salesforce."""
    world.worker()
    for _ in range(rounds(world)):
        one, two = make_deals(world.org, 2, are_linked=False)
        contest: tuple[Callable[[], SyncLog], ...] = world.random.choice(
            (
                (
                    partial(by_hand, one, one.salesforce_id),
                    partial(by_hand, two, one.salesforce_id),
                ),
                (partial(arrives, one.salesforce_id), partial(by_hand, two, one.salesforce_id)),
                (
                    partial(by_hand, one, one.salesforce_id),
                    partial(by_hand, one, two.salesforce_id),
                ),
            )
        )

        entries = at_once(*contest)

        assert sorted(entry.reason for entry in entries) == [
            Reason.CONFLICTING_ASSOCIATION,
            Reason.LINKED,
        ]
        pair = Association.objects.get(opportunity_id__in=(one.opportunity_id, two.opportunity_id))
        winner = one if pair.opportunity_id == one.opportunity_id else two
        winner.salesforce_id = pair.salesforce_id
        world.deals.append(winner)
    world.until(world.is_at_rest, what="the pairs are in Salesforce")


def test_an_event_comes_ten_times_at_once(world: World) -> None:
    """Fault 20: it has one effect, and every call is answered well."""
    world.make_deals(rounds(world), are_linked=False)
    world.worker()
    address, sender = f"{world.web()}/api/v1/salesforce/opportunities", make_client()
    for deal in world.deals:
        call = partial(
            calls.signed,
            "POST",
            address,
            sender=sender,
            sent=calls.body({"Id": deal.salesforce_id}),
            webhook_id=f"event-{deal.mn_id}",
        )

        with ThreadPoolExecutor(10) as pool:
            answers = [each.result() for each in [pool.submit(call) for _ in range(10)]]

        assert {answer.status_code for answer in answers} <= {200, 202}
        event = InboundEvent.objects.get(salesforce_id=deal.salesforce_id)
        assert (event.state, event.repeats) == (State.PROCESSED, 9)
        assert SyncLog.objects.filter(reason=Reason.LINKED).count() == world.deals.index(deal) + 1
    world.until(world.is_at_rest, what="the pairs are in Salesforce")


def test_events_come_out_of_order(world: World) -> None:
    """Fault 21: versions that are older than one acted upon are stale, in whatever order they
    come; what is decided is what the record says now."""
    world.make_deals(rounds(world), are_linked=False)
    world.worker()
    address, sender = f"{world.web()}/api/v1/salesforce/opportunities", make_client()
    for deal in world.deals:
        ages = [3, 1, 2]
        world.random.shuffle(ages)
        for age in ages:
            moment = (NOON + timedelta(minutes=age)).isoformat()
            sent = calls.body({"Id": deal.salesforce_id, "SystemModstamp": moment})
            answer = calls.signed("POST", address, sender=sender, sent=sent)
            assert answer.status_code in (200, 202), answer.text

        stale = [age for place, age in enumerate(ages) if age < max(ages[: place + 1])]
        events = InboundEvent.objects.filter(salesforce_id=deal.salesforce_id)
        found = events.filter(state=State.STALE).values_list("modified_at", flat=True)
        assert {*found} == {NOON + timedelta(minutes=age) for age in stale}
        assert events.filter(state=State.PROCESSED).count() == 3 - len(stale)
    world.until(world.is_at_rest, what="the pairs are in Salesforce")


def test_our_own_writes_come_back(world: World) -> None:
    """Fault 22: they are echoes, and lead to nothing."""
    world.make_deals(world.random.randint(2, 6))
    SalesforceConnection.objects.update(next_poll_at=None)
    edit_all(world.deals)
    world.worker()
    world.sweeper(POLL_SECONDS="1")
    world.until_delivered()
    written = len(world.org.journal())
    turns: set[Any] = set()

    def has_polled_again() -> bool:
        turns.update(SalesforceConnection.objects.values_list("next_poll_at", flat=True))
        return len(turns) > 2

    world.until(has_polled_again, what="the poll has come by, and again")

    heard = InboundEvent.objects.filter(source=InboundEvent.Source.POLL)
    assert set(heard.values_list("state", flat=True)) == {State.ECHO}
    assert len(world.org.journal()) == written == len(world.deals)
