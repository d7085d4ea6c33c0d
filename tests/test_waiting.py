"""Attempts that wait run again once what they wait for is there, and not without end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from console import claims, outbox, release, waiting
from console.actor import Actor
from console.flows import link_via_primary_quote, push_outbound
from console.models import Association, OutboundPush, Quote, SalesforceConnection, SyncLog, Waiting
from syncrules import push_outbound as rule
from syncrules.facts import PRIMARY_QUOTE_FIELD
from syncrules.reasons import Reason
from tests.builders import make_opportunity, make_pairing, make_quote
from tests.facts import sf_id
from tests.org import Org
from tests.pair import Pair

pytestmark = pytest.mark.django_db
State = Waiting.State
POLL = Actor.console("poll")


@pytest.fixture
def early(org: Org, connected: SalesforceConnection) -> str:
    """A Salesforce opportunity whose quote has not arrived from MonetizeNow yet."""
    salesforce_id, record = sf_id(), sf_id("a0B")
    org.add_quote(record, "quote_to_come")
    org.add_opportunity(salesforce_id, monetize__PrimaryQuote__c=record)
    entry = link_via_primary_quote.run(salesforce_id, trigger="poll", actor=POLL)
    assert entry.reason == Reason.QUOTE_INACCESSIBLE
    return salesforce_id


def test_a_link_waits_for_its_quote_and_is_made_when_that_arrives(early: str) -> None:
    first = Waiting.objects.get()
    assert (first.prerequisite, first.key) == ("quote", "quote_to_come")
    assert release.release_and_run() == 0

    make_quote(mn_id="quote_to_come")
    assert release.release_and_run() == 1

    linked = SyncLog.objects.latest("id")
    assert (linked.reason, linked.trigger) == (Reason.LINKED, "released")
    first.refresh_from_db()
    assert (first.state, first.released_entry) == (State.DONE, linked.pk)
    assert Association.objects.get().salesforce_id == early


def test_what_there_is_no_time_for_runs_in_the_next_turn(
    org: Org, connected: SalesforceConnection
) -> None:
    for number in range(2):
        record = sf_id("a0B")
        org.add_quote(record, f"quote_{number}")
        salesforce_id = sf_id()
        org.add_opportunity(salesforce_id, monetize__PrimaryQuote__c=record)
        link_via_primary_quote.run(salesforce_id, trigger="poll", actor=POLL)
        make_quote(mn_id=f"quote_{number}")

    turns = [release.release_and_run(at_most=timedelta(0)) for _ in range(3)]

    assert turns == [1, 1, 0]
    assert Association.objects.count() == 2


def test_it_waits_for_the_next_thing_when_the_first_was_not_enough(early: str) -> None:
    Quote.objects.create(
        mn_id="quote_to_come",
        account=make_opportunity().account,
        status_since=timezone.now(),
        mn_updated_at=timezone.now(),
    )

    release.release_and_run()

    waits = Waiting.objects.get(state=State.WAITING)
    assert waits.prerequisite == "quote_of_opportunity"
    assert release.release_and_run() == 0


def test_a_link_that_failed_for_the_connection_runs_when_that_is_back(
    org: Org, connected: SalesforceConnection
) -> None:
    quote = make_quote(opportunity=make_opportunity())
    salesforce_id, record = sf_id(), sf_id("a0B")
    org.add_quote(record, quote.mn_id)
    org.add_opportunity(salesforce_id, monetize__PrimaryQuote__c=record)
    SalesforceConnection.objects.update(state=SalesforceConnection.State.BROKEN)
    link_via_primary_quote.run(salesforce_id, trigger="poll", actor=POLL)
    assert release.release_and_run() == 0

    SalesforceConnection.objects.update(state=SalesforceConnection.State.LIVE)

    assert release.release_and_run() == 1
    assert Association.objects.get().salesforce_id == salesforce_id


def test_a_skipped_push_goes_out_once_the_link_is_there(
    org: Org, connected: SalesforceConnection
) -> None:
    opportunity = make_opportunity()
    outbox.request_push(opportunity_id=opportunity.pk, trigger="edit", actor=POLL)
    push_outbound.run(claims.claim())
    assert Waiting.objects.get().prerequisite == "link"

    make_pairing(opportunity=opportunity)
    release.release_and_run()

    assert OutboundPush.objects.filter(state=OutboundPush.State.QUEUED).count() == 1


def test_a_push_waits_for_the_quote_record_and_writes_it_when_it_is_in_salesforce(
    pair: Pair, org: Org
) -> None:
    make_pairing(opportunity=pair.opportunity, salesforce_id=pair.salesforce_id)
    late = make_quote(opportunity=pair.opportunity, is_primary=True)
    outbox.request_push(opportunity_id=pair.opportunity.pk, trigger="edit", actor=POLL)
    push_outbound.run(claims.claim())
    assert Waiting.objects.get().key == late.mn_id
    assert release.release_and_run() == 0

    record = sf_id("a0B")
    org.add_quote(record, late.mn_id)
    release.release_and_run()
    push_outbound.run(claims.claim())

    assert org.opportunity(pair.salesforce_id)[PRIMARY_QUOTE_FIELD] == record
    assert Waiting.objects.get().state == State.DONE


def test_a_subject_that_is_released_again_and_again_is_left_alone(early: str) -> None:
    make_quote(mn_id="quote_to_come")
    template = Waiting.objects.get()
    for _ in range(waiting.PER_HOUR):
        Waiting.objects.create(
            flow=template.flow,
            subject=template.subject,
            prerequisite=template.prerequisite,
            key=template.key,
            state=State.DONE,
            waiting_entry=template.waiting_entry,
            released_at=timezone.now(),
        )

    assert release.release_and_run() == 0
    assert Waiting.objects.get(pk=template.pk).state == State.WAITING


def test_a_push_under_way_is_not_asked_for_again(org: Org, connected: SalesforceConnection) -> None:
    opportunity = make_opportunity()
    outbox.request_push(opportunity_id=opportunity.pk, trigger="edit", actor=POLL)
    push_outbound.run(claims.claim())
    make_pairing(opportunity=opportunity)
    waiting_push = outbox.request_push(opportunity_id=opportunity.pk, trigger="edit", actor=POLL)

    release.release_and_run()

    waiting_push.refresh_from_db()
    assert waiting_push.requests == 1


def test_an_attempt_that_cannot_run_again_keeps_no_other_from_it() -> None:
    """Whatever became of its opportunity."""
    opportunity = make_opportunity()
    for subject in ("opp_gone", opportunity.mn_id):
        Waiting.objects.create(
            flow=rule.FLOW,
            subject=subject,
            prerequisite="connection",
            waiting_entry=1,
            state=Waiting.State.RELEASED,
            released_at=Now(),
        )

    release.release_and_run()

    assert opportunity.pushes.count() == 1
