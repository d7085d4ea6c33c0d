"""Flow D on real parts: claimed, resolved, read, compared, sent, read back, recorded."""

from __future__ import annotations

import pytest

from console import claims, outbox
from console.actor import Actor
from console.flows import push_outbound as flow
from console.models import Association, OutboundPush, SalesforceConnection, SyncLog
from syncrules.facts import MN_ID_FIELD, PRIMARY_QUOTE_FIELD
from syncrules.reasons import Outcome, Reason
from tests.builders import make_opportunity, make_pairing, make_quote
from tests.facts import sf_id
from tests.org import Org
from tests.pair import Pair

pytestmark = pytest.mark.django_db
State = OutboundPush.State
VERA = Actor(name="vera")


def request(pair: Pair) -> OutboundPush:
    return outbox.request_push(opportunity_id=pair.opportunity.pk, trigger="linked", actor=VERA)


def push(pair: Pair) -> tuple[OutboundPush, SyncLog]:
    """Requests a push, lets it run, and gives how both its rows ended."""
    waiting = request(pair)
    flow.run(claims.claim())
    waiting.refresh_from_db()
    return waiting, SyncLog.objects.latest("id")


@pytest.fixture
def linked(pair: Pair) -> Pair:
    make_pairing(opportunity=pair.opportunity, salesforce_id=pair.salesforce_id)
    return pair


def test_link_and_primary_quote_are_written(linked: Pair, org: Org) -> None:
    org.load(Opportunity=[])
    done, entry = push(linked)

    record = org.opportunity(linked.salesforce_id)
    assert record[MN_ID_FIELD] == linked.opportunity.mn_id
    assert record[PRIMARY_QUOTE_FIELD] == linked.quote_record
    assert done.state == State.SENT
    assert (entry.outcome, entry.reason) == (Outcome.DONE, Reason.PUSHED)
    assert entry.resolved_by == "association"
    assert entry.actor_name == "vera"
    assert entry.request == {MN_ID_FIELD: linked.opportunity.mn_id}
    assert entry.response is not None


def test_a_changed_primary_quote_is_written(linked: Pair, org: Org) -> None:
    other, record_id = make_quote(opportunity=linked.opportunity), sf_id("a0B")
    org.add_quote(record_id, other.mn_id)
    linked.opportunity.primary_quote = other
    linked.opportunity.save(update_fields=["primary_quote"])

    push(linked)

    assert org.opportunity(linked.salesforce_id)[PRIMARY_QUOTE_FIELD] == record_id


def test_what_is_in_step_already_is_not_sent(linked: Pair, org: Org) -> None:
    push(linked)
    written = len(org.journal())

    done, entry = push(linked)

    assert len(org.journal()) == written
    assert done.state == State.SENT
    assert (entry.outcome, entry.reason) == (Outcome.NOTHING_TO_DO, Reason.ALREADY_IN_STEP)


def test_without_any_link_the_push_is_skipped(connected: SalesforceConnection, org: Org) -> None:
    opportunity = make_opportunity()
    waiting = outbox.request_push(opportunity_id=opportunity.pk, trigger="edit", actor=VERA)

    flow.run(claims.claim())

    waiting.refresh_from_db()
    entry = SyncLog.objects.get()
    assert waiting.state == State.SKIPPED
    assert (entry.outcome, entry.reason) == (Outcome.SKIPPED, Reason.LINK_NEVER_ESTABLISHED)
    assert entry.resolved_by == "nothing"
    assert org.journal() == []


def test_the_creation_reference_locates_the_record_and_is_stored(pair: Pair, org: Org) -> None:
    pair.opportunity.creation_reference = pair.salesforce_id
    pair.opportunity.save(update_fields=["creation_reference"])

    _, entry = push(pair)

    assert entry.resolved_by == "creation_reference"
    assert Association.objects.get().salesforce_id == pair.salesforce_id
    assert org.opportunity(pair.salesforce_id)[MN_ID_FIELD] == pair.opportunity.mn_id


def test_a_creation_reference_that_carries_another_mn_id_is_a_conflict(
    pair: Pair, org: Org
) -> None:
    foreign = sf_id()
    org.add_opportunity(foreign, monetize__Id__c="opp_of_somebody_else")
    pair.opportunity.creation_reference = foreign
    pair.opportunity.save(update_fields=["creation_reference"])

    done, entry = push(pair)

    assert done.state == State.PARKED
    assert entry.reason == Reason.CONFLICTING_ASSOCIATION
    assert not Association.objects.exists()
    assert org.opportunity(foreign)[MN_ID_FIELD] == "opp_of_somebody_else"


def test_a_deleted_record_is_not_made_anew(linked: Pair, org: Org) -> None:
    Association.objects.update(salesforce_id=sf_id())

    done, entry = push(linked)

    assert done.state == State.PARKED
    assert entry.reason == Reason.SALESFORCE_RECORD_GONE


def test_the_link_is_written_even_when_the_quote_has_no_record(linked: Pair, org: Org) -> None:
    unknown = make_quote(opportunity=linked.opportunity)
    linked.opportunity.primary_quote = unknown
    linked.opportunity.save(update_fields=["primary_quote"])

    done, entry = push(linked)

    assert done.state == State.SKIPPED
    assert entry.reason == Reason.QUOTE_NOT_IN_SALESFORCE
    assert org.opportunity(linked.salesforce_id)[MN_ID_FIELD] == linked.opportunity.mn_id


def test_a_busy_record_is_tried_again_later(linked: Pair, org: Org) -> None:
    org.break_with(action="record_error", record_id=linked.salesforce_id, code="UNABLE_TO_LOCK_ROW")

    done, entry = push(linked)

    assert (done.state, done.attempts) == (State.QUEUED, 1)
    assert (entry.outcome, entry.reason) == (Outcome.DEFERRED, Reason.WILL_BE_RETRIED)
    assert "UNABLE_TO_LOCK_ROW" in done.detail


def test_a_refusal_is_set_aside_with_salesforces_own_words(linked: Pair, org: Org) -> None:
    org.break_with(
        action="record_error",
        record_id=linked.salesforce_id,
        code="FIELD_CUSTOM_VALIDATION_EXCEPTION",
        message="Closed deals may not be edited",
    )

    done, entry = push(linked)

    assert done.state == State.PARKED
    assert entry.reason == Reason.REJECTED_BY_SALESFORCE
    assert "Closed deals may not be edited" in entry.detail


def test_a_value_that_was_taken_but_not_kept_is_noticed(linked: Pair, org: Org) -> None:
    org.break_with(
        action="ignore_fields", record_id=linked.salesforce_id, fields=[MN_ID_FIELD], times=None
    )

    done, entry = push(linked)

    assert done.state == State.PARKED
    assert entry.reason == Reason.ACCEPTED_NOT_APPLIED
    assert "found nothing" in str(entry.decision)


def test_an_org_that_is_down_defers_without_burning_an_attempt(linked: Pair, org: Org) -> None:
    org.break_with(action="status", status=503, times=None)

    done, entry = push(linked)

    assert (done.state, done.attempts) == (State.QUEUED, 0)
    assert entry.reason == Reason.WILL_BE_RETRIED


def test_bad_credentials_hold_the_push_until_the_connection_is_back(
    linked: Pair, connected: SalesforceConnection
) -> None:
    connected.client_secret = "wrong"
    connected.save(update_fields=["client_secret"])

    done, entry = push(linked)

    connected.refresh_from_db()
    assert done.state == State.HELD
    assert entry.reason == Reason.HELD_UNTIL_CONNECTED
    assert connected.state == SalesforceConnection.State.BROKEN


def test_one_bad_record_does_not_hold_up_its_neighbours(linked: Pair, org: Org) -> None:
    others = []
    for _ in range(5):
        opportunity, salesforce_id = make_opportunity(), sf_id()
        org.add_opportunity(salesforce_id)
        make_pairing(opportunity=opportunity, salesforce_id=salesforce_id)
        outbox.request_push(opportunity_id=opportunity.pk, trigger="linked", actor=VERA)
        others.append((salesforce_id, opportunity.mn_id))
    org.break_with(
        action="record_error", record_id=linked.salesforce_id, code="STRING_TOO_LONG", message="x"
    )

    done, _ = push(linked)

    assert done.state == State.PARKED
    for salesforce_id, mn_id in others:
        assert org.opportunity(salesforce_id)[MN_ID_FIELD] == mn_id


def test_a_worker_that_lost_its_lease_records_nothing(linked: Pair) -> None:
    request(linked)
    stale = claims.claim()
    OutboundPush.objects.update(lease_until="2020-01-01T00:00:00Z")
    taken_over = claims.claim()

    assert flow.run(stale) == 0
    assert not SyncLog.objects.exists()
    assert flow.run(taken_over) == 1


def test_the_preview_says_what_the_run_decides(linked: Pair) -> None:
    _, foreseen = flow.preview(linked.opportunity.pk)
    assert not SyncLog.objects.exists()

    _, entry = push(linked)

    assert entry.reason == foreseen.reason


def test_a_deal_finalized_after_the_click_keeps_the_quote_that_salesforce_has(
    linked: Pair, org: Org
) -> None:
    push(linked)
    other, record_id = make_quote(opportunity=linked.opportunity), sf_id("a0B")
    org.add_quote(record_id, other.mn_id)
    linked.opportunity.primary_quote = other
    linked.opportunity.status = "WON"
    linked.opportunity.save(update_fields=["primary_quote", "status"])

    done, entry = push(linked)

    assert done.state == State.PARKED
    assert (entry.outcome, entry.reason) == (Outcome.FAILED, Reason.ENTITY_FINALIZED)
    assert org.opportunity(linked.salesforce_id)[PRIMARY_QUOTE_FIELD] == linked.quote_record
