"""A person pairs two records: the preview and the run agree, and nobody's partner is taken."""

from __future__ import annotations

import pytest

from console import claims
from console.actor import Actor
from console.flows import link_by_hand as flow
from console.flows import push_outbound
from console.models import Association, OutboundPush, SalesforceConnection, SyncLog
from console.salesforce.gateway import Unavailable
from syncrules.reasons import Outcome, Reason
from tests.builders import make_opportunity, make_pairing, make_user
from tests.facts import sf_id
from tests.org import Org
from tests.pair import Pair

pytestmark = pytest.mark.django_db


def link(pair: Pair, *, actor: Actor | None = None) -> SyncLog:
    return flow.run(
        pair.opportunity.pk,
        salesforce_id=pair.salesforce_id,
        trigger="link_page",
        actor=actor or Actor(name="vera"),
    )


def test_two_free_records_become_a_pair_in_that_persons_name(pair: Pair) -> None:
    vera = make_user("vera")

    entry = link(pair, actor=Actor.of_user(vera))

    association = Association.objects.get()
    assert (association.opportunity, association.salesforce_id) == (
        pair.opportunity,
        pair.salesforce_id,
    )
    assert (association.linked_by, association.actor_name) == ("link_by_hand", "vera")
    assert association.actor == vera
    assert (entry.outcome, entry.reason) == (Outcome.DONE, Reason.LINKED)
    assert OutboundPush.objects.get().opportunity == pair.opportunity


def test_the_push_that_follows_writes_both_fields(pair: Pair, org: Org) -> None:
    org.add_opportunity(pair.salesforce_id, monetize__PrimaryQuote__c=None)

    link(pair)
    push_outbound.run(claims.claim())

    record = org.opportunity(pair.salesforce_id)
    assert record["monetize__Id__c"] == pair.opportunity.mn_id
    assert record["monetize__PrimaryQuote__c"] == pair.quote_record


def test_linking_twice_links_once(pair: Pair) -> None:
    link(pair)
    again = link(pair)

    assert (again.outcome, again.reason) == (Outcome.NOTHING_TO_DO, Reason.ALREADY_LINKED)
    assert Association.objects.count() == 1
    assert OutboundPush.objects.get().requests == 1


def test_an_opportunity_keeps_the_partner_it_has(pair: Pair) -> None:
    old = make_pairing(opportunity=pair.opportunity)

    assert link(pair).reason == Reason.CONFLICTING_ASSOCIATION
    assert list(Association.objects.all()) == [old]


def test_a_record_keeps_the_partner_it_has(pair: Pair) -> None:
    old = make_pairing(opportunity=make_opportunity(), salesforce_id=pair.salesforce_id)

    assert link(pair).reason == Reason.CONFLICTING_ASSOCIATION
    assert list(Association.objects.all()) == [old]


def test_a_record_that_carries_the_mn_id_of_another_is_a_conflict(pair: Pair, org: Org) -> None:
    """A cloned record brings the id of its original along."""
    org.add_opportunity(pair.salesforce_id, monetize__Id__c="opp_of_somebody_else")

    assert link(pair).reason == Reason.CONFLICTING_ASSOCIATION
    assert not Association.objects.exists()


def test_a_record_that_is_not_there_cannot_be_linked(pair: Pair) -> None:
    pair.salesforce_id = sf_id()

    assert link(pair).reason == Reason.SALESFORCE_RECORD_GONE


def test_without_a_connection_nothing_is_linked(pair: Pair) -> None:
    SalesforceConnection.objects.update(state=SalesforceConnection.State.BROKEN)

    assert link(pair).reason == Reason.NO_SALESFORCE_CONNECTION
    assert not Association.objects.exists()


def test_technical_trouble_is_no_decision(pair: Pair, org: Org) -> None:
    org.break_with(path="query", action="status", status=503)

    with pytest.raises(Unavailable):
        link(pair)

    assert not SyncLog.objects.exists()
    assert not Association.objects.exists()


def test_the_preview_says_what_the_run_decides_and_changes_nothing(pair: Pair) -> None:
    _, foreseen = flow.preview(pair.opportunity.pk, salesforce_id=pair.salesforce_id)
    assert not Association.objects.exists()
    assert not SyncLog.objects.exists()

    assert link(pair).reason == foreseen.reason
