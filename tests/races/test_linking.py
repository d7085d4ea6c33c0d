"""Who gets a Salesforce record that two want at once, and what a repeated event leaves behind."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from console import jobs
from console.actor import Actor
from console.flows import link_by_hand, link_via_primary_quote, relink, update_primary_quote
from console.models import Association, Opportunity, OutboundPush, Relink, SyncLog
from syncrules.reasons import Reason
from tests.builders import make_opportunity, make_quote
from tests.facts import sf_id
from tests.org import Org
from tests.pair import Pair, make_pair
from tests.races.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 3
POLL = Actor.console("poll")


def by_hand(opportunity: Opportunity, salesforce_id: str) -> Callable[[], SyncLog]:
    return lambda: link_by_hand.run(
        opportunity.pk, salesforce_id=salesforce_id, trigger="link_page", actor=Actor(name="vera")
    )


def arrive(salesforce_id: str) -> Callable[[], SyncLog]:
    return lambda: link_via_primary_quote.run(salesforce_id, trigger="poll", actor=POLL)


def reasons(entries: list[SyncLog]) -> list[str]:
    return sorted(entry.reason for entry in entries)


def in_force(salesforce_id: str) -> Association:
    """The one pair of the record."""
    return Association.objects.get(salesforce_id=salesforce_id, ended_at__isnull=True)


@pytest.mark.usefixtures("connected")
def test_of_two_opportunities_one_gets_the_record(org: Org) -> None:
    for _ in range(ROUNDS):
        salesforce_id = sf_id()
        org.add_opportunity(salesforce_id)
        one, two = make_opportunity(), make_opportunity()

        entries = at_once(by_hand(one, salesforce_id), by_hand(two, salesforce_id))

        assert reasons(entries) == [Reason.CONFLICTING_ASSOCIATION, Reason.LINKED]
        winner = next(entry for entry in entries if entry.reason == Reason.LINKED)
        assert in_force(salesforce_id).opportunity == winner.opportunity
        assert OutboundPush.objects.filter(opportunity__in=(one, two)).count() == 1


@pytest.mark.usefixtures("connected")
def test_of_a_person_and_an_event_one_gets_the_record(org: Org) -> None:
    """The event links the record through its quote, the person to another opportunity."""
    for _ in range(ROUNDS):
        pair, other = make_pair(org), make_opportunity()

        entries = at_once(arrive(pair.salesforce_id), by_hand(other, pair.salesforce_id))

        assert reasons(entries) == [Reason.CONFLICTING_ASSOCIATION, Reason.LINKED]
        winner = next(entry for entry in entries if entry.reason == Reason.LINKED)
        assert in_force(pair.salesforce_id).opportunity == winner.opportunity


@pytest.mark.usefixtures("connected")
def test_an_opportunity_that_two_records_name_gets_one_of_them(org: Org) -> None:
    for _ in range(ROUNDS):
        pair, second = make_pair(org), sf_id()
        org.add_opportunity(second, monetize__PrimaryQuote__c=pair.quote_record)

        entries = at_once(arrive(pair.salesforce_id), arrive(second))

        assert reasons(entries) == [Reason.CONFLICTING_ASSOCIATION, Reason.LINKED]
        assert pair.opportunity.associations.count() == 1


@pytest.mark.usefixtures("connected")
def test_two_workers_on_the_same_event_link_once(org: Org) -> None:
    for _ in range(ROUNDS):
        pair = make_pair(org)

        entries = at_once(arrive(pair.salesforce_id), arrive(pair.salesforce_id))

        assert reasons(entries) == [Reason.ALREADY_LINKED, Reason.LINKED]
        assert in_force(pair.salesforce_id).opportunity == pair.opportunity
        assert OutboundPush.objects.get(opportunity=pair.opportunity).requests == 1


def link(pair: Pair) -> None:
    """On both sides."""
    arrive(pair.salesforce_id)()
    jobs.drain_outbound()


@pytest.mark.usefixtures("connected")
def test_a_change_of_partner_and_a_new_primary_quote_both_reach_the_new_partner(org: Org) -> None:
    for _ in range(ROUNDS):
        pair, elsewhere = make_pair(org), sf_id()
        org.add_opportunity(elsewhere)
        link(pair)
        quote, record = make_quote(opportunity=pair.opportunity), sf_id("a0B")
        org.add_quote(record, quote.mn_id)

        entries = at_once(move(pair, to=elsewhere), choose(pair, quote.mn_id))
        jobs.drain_outbound()

        assert reasons(entries) == [Reason.PRIMARY_QUOTE_SET, Reason.RELINKED]
        assert Relink.objects.get(opportunity=pair.opportunity).state == Relink.State.DONE
        kept = org.opportunity(elsewhere)
        assert kept["monetize__Id__c"] == pair.opportunity.mn_id
        assert kept["monetize__PrimaryQuote__c"] == record
        assert org.opportunity(pair.salesforce_id)["monetize__Id__c"] is None


@pytest.mark.usefixtures("connected")
def test_a_change_of_partner_never_starts_from_a_record_that_was_not_read(org: Org) -> None:
    """The second one starts from the partner that the first one gave, or not at all."""
    for _ in range(ROUNDS):
        pair, one, two = make_pair(org), sf_id(), sf_id()
        org.add_opportunity(one)
        org.add_opportunity(two)
        link(pair)

        done = at_once(unless_old(move(pair, to=one)), unless_old(move(pair, to=two)))
        jobs.drain_outbound()

        changes = list(Relink.objects.filter(opportunity=pair.opportunity).order_by("pk"))
        assert len(changes) == len([entry for entry in done if entry is not None])
        assert [change.new for change in changes[:-1]] == [change.old for change in changes[1:]]
        assert changes[-1].new == pair.opportunity.associations.get(ended_at=None)
        marked = [i for i in (pair.salesforce_id, one, two) if mn_id(org, i)]
        assert marked == [changes[-1].new.salesforce_id]


@pytest.mark.usefixtures("connected")
def test_a_slow_reading_of_a_partner_that_has_changed_since_is_not_acted_upon(org: Org) -> None:
    """The partner changes, and Salesforce is told, while the old partner is being read."""
    pair, one, two = make_pair(org), sf_id(), sf_id()
    org.add_opportunity(one)
    org.add_opportunity(two)
    link(pair)
    org.break_with(path="query", action="delay", seconds=1.0)

    def quickly() -> None:
        time.sleep(0.3)  # the slow one is being answered by now
        move(pair, to=one)()
        jobs.drain_outbound()

    at_once(unless_old(move(pair, to=two)), quickly)
    jobs.drain_outbound()

    partner = pair.opportunity.associations.get(ended_at=None).salesforce_id
    assert [each for each in (pair.salesforce_id, one, two) if mn_id(org, each)] == [partner]


def unless_old(call: Callable[[], SyncLog]) -> Callable[[], SyncLog | None]:
    def ask() -> SyncLog | None:
        try:
            return call()
        except relink.PlanIsOld:
            return None

    return ask


def mn_id(org: Org, salesforce_id: str) -> str | None:
    found: str | None = org.opportunity(salesforce_id)["monetize__Id__c"]
    return found


def move(pair: Pair, *, to: str) -> Callable[[], SyncLog]:
    return lambda: relink.run(
        pair.opportunity.pk,
        target=to,
        reason_text="wrong record",
        trigger="relink_page",
        actor=Actor(name="vera"),
    )


def choose(pair: Pair, quote_mn_id: str) -> Callable[[], SyncLog]:
    return lambda: update_primary_quote.run(
        pair.opportunity.pk,
        quote_mn_id=quote_mn_id,
        how="chosen by hand",
        trigger="primary_quote_page",
        actor=Actor(name="olga"),
    )
