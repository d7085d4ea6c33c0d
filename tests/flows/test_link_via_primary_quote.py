"""Flow A on real parts: the record is read from the org, the pair is stored, a push waits."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group

from console import claims, outbox
from console.actor import Actor
from console.flows import link_via_primary_quote as flow
from console.flows import push_outbound
from console.models import Association, OutboundPush, SalesforceConnection, SyncLog
from console.reading import read
from console.salesforce.gateway import Unavailable
from syncrules.reasons import Outcome, Reason
from tests.builders import make_opportunity, make_pairing, make_quote
from tests.facts import NOON, sf_id
from tests.org import Org
from tests.pair import Pair

pytestmark = pytest.mark.django_db
POLL = Actor.console("poll")


def link(pair: Pair, *, actor: Actor = POLL) -> SyncLog:
    return flow.run(pair.salesforce_id, trigger="poll", actor=actor)


def test_an_opportunity_with_a_primary_quote_is_linked(pair: Pair) -> None:
    entry = link(pair)

    association = Association.objects.get()
    assert (association.opportunity, association.salesforce_id) == (
        pair.opportunity,
        pair.salesforce_id,
    )
    assert (entry.outcome, entry.reason) == (Outcome.DONE, Reason.LINKED)
    assert SyncLog.objects.get() == entry
    assert OutboundPush.objects.get().opportunity == pair.opportunity


def test_the_same_event_twice_links_once(pair: Pair) -> None:
    link(pair)
    again = link(pair)

    assert (again.outcome, again.reason) == (Outcome.NOTHING_TO_DO, Reason.ALREADY_LINKED)
    assert Association.objects.count() == 1
    assert OutboundPush.objects.count() == 1


def test_an_opportunity_tied_to_another_record_is_a_conflict(pair: Pair) -> None:
    old = make_pairing(opportunity=pair.opportunity)

    entry = link(pair)

    assert (entry.outcome, entry.reason) == (Outcome.FAILED, Reason.CONFLICTING_ASSOCIATION)
    assert old.salesforce_id in str(entry.decision["steps"])
    assert list(Association.objects.all()) == [old]
    assert not OutboundPush.objects.exists()


def test_a_record_tied_to_another_opportunity_is_a_conflict(pair: Pair) -> None:
    old = make_pairing(opportunity=make_opportunity(), salesforce_id=pair.salesforce_id)

    assert link(pair).reason == Reason.CONFLICTING_ASSOCIATION
    assert list(Association.objects.all()) == [old]


def test_a_quote_restricted_to_other_groups_is_not_read(pair: Pair) -> None:
    pair.quote.readers.add(Group.objects.create(name="deal desk"))

    entry = link(pair, actor=Actor(name="API client crm"))

    assert entry.reason == Reason.QUOTE_INACCESSIBLE
    assert "API client crm" in str(entry.decision)
    assert not Association.objects.exists()


def test_a_record_that_does_not_exist_is_told_apart(connected: SalesforceConnection) -> None:
    entry = flow.run(sf_id(), trigger="poll", actor=POLL)

    assert entry.reason == Reason.SALESFORCE_RECORD_GONE


def test_nothing_is_linked_without_a_connection(
    pair: Pair, connected: SalesforceConnection
) -> None:
    SalesforceConnection.objects.update(state=SalesforceConnection.State.BROKEN)

    entry = link(pair)

    assert (entry.outcome, entry.reason) == (Outcome.FAILED, Reason.NO_SALESFORCE_CONNECTION)
    assert not Association.objects.exists()


def test_bad_credentials_break_the_connection(pair: Pair, connected: SalesforceConnection) -> None:
    connected.client_secret = "wrong"
    connected.save(update_fields=["client_secret"])

    entry = link(pair)

    assert entry.reason == Reason.NO_SALESFORCE_CONNECTION
    connected.refresh_from_db()
    assert connected.state == SalesforceConnection.State.BROKEN


def test_technical_trouble_is_no_decision(pair: Pair, org: Org) -> None:
    org.break_with(path="query", action="status", status=503)

    with pytest.raises(Unavailable):
        link(pair)

    assert not SyncLog.objects.exists()


def test_the_preview_says_what_the_run_decides_and_changes_nothing(pair: Pair) -> None:
    _, foreseen = flow.preview(pair.salesforce_id, actor=POLL)
    assert not Association.objects.exists()
    assert not SyncLog.objects.exists()

    assert link(pair).reason == foreseen.reason


# --- The MN id is cleared in Salesforce alone ----------------------------------------------------


def push(pair: Pair) -> None:
    push_outbound.run(claims.claim())


def clear(pair: Pair, org: Org, **fields: object) -> None:
    """Somebody empties the field in Salesforce."""
    kept = {"monetize__PrimaryQuote__c": pair.quote_record, **fields}
    org.add_opportunity(pair.salesforce_id, monetize__Id__c=None, **kept)


def test_a_cleared_mn_id_is_half_of_a_reassignment(pair: Pair, org: Org) -> None:
    link(pair)
    push(pair)
    clear(pair, org)

    entry = link(pair)

    assert (entry.outcome, entry.reason) == (Outcome.SKIPPED, Reason.HALF_REASSIGNMENT)
    assert entry.opportunity == pair.opportunity
    assert Association.objects.get().ended_at is None
    links = OutboundPush.objects.filter(lane=OutboundPush.Lane.LINK)
    assert not links.filter(state=OutboundPush.State.QUEUED).exists()


def test_it_is_still_one_when_the_primary_quote_was_cleared_too(pair: Pair, org: Org) -> None:
    link(pair)
    push(pair)
    clear(pair, org, monetize__PrimaryQuote__c=None)

    entry = link(pair)

    assert entry.reason == Reason.HALF_REASSIGNMENT
    assert entry.opportunity == pair.opportunity


def test_a_push_restores_what_was_cleared(pair: Pair, org: Org) -> None:
    link(pair)
    push(pair)
    clear(pair, org)

    outbox.request_push(opportunity_id=pair.opportunity.pk, trigger="push_button", actor=POLL)
    push(pair)

    assert org.opportunity(pair.salesforce_id)["monetize__Id__c"] == pair.opportunity.mn_id
    assert link(pair).reason == Reason.OPPORTUNITY_ALREADY_LINKED


def test_a_cleared_record_that_names_a_quote_of_another_opportunity_is_a_conflict(
    pair: Pair, org: Org
) -> None:
    link(pair)
    push(pair)
    other, record = make_quote(), sf_id("a0B")
    org.add_quote(record, other.mn_id)
    clear(pair, org, monetize__PrimaryQuote__c=record)

    assert link(pair).reason == Reason.CONFLICTING_ASSOCIATION


def test_before_the_first_push_an_empty_mn_id_means_nothing(pair: Pair) -> None:
    link(pair)

    assert link(pair).reason == Reason.ALREADY_LINKED


def test_a_record_that_was_read_before_the_push_was_not_cleared(pair: Pair) -> None:
    """What was read earlier cannot show what was written later."""
    link(pair)
    before = read([pair.salesforce_id])
    push(pair)

    entry = flow.run(pair.salesforce_id, trigger="poll", actor=POLL, reading=before)

    assert entry.reason == Reason.ALREADY_LINKED


def test_a_push_that_went_out_before_the_pair_was_made_does_not_count(pair: Pair, org: Org) -> None:
    link(pair)
    push(pair)
    Association.objects.update(ended_at=NOON, ended_because="taken apart")
    make_pairing(opportunity=pair.opportunity, salesforce_id=pair.salesforce_id)
    clear(pair, org)

    assert link(pair).reason == Reason.ALREADY_LINKED
