"""Flow B happens once and as foreseen: previews, repeats, sweeps, and two at the same time."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from console import intake, release, waiting
from console.flows import create_from_quote_initiation as flow
from console.models import (
    Account,
    Association,
    InboundEvent,
    Opportunity,
    Quote,
    SalesforceConnection,
    SyncLog,
)
from syncrules.decisions import Decision
from syncrules.json_form import from_json
from syncrules.reasons import Reason
from tests.builders import make_client, make_event
from tests.initiations import add_account, add_record, initiate, nothing_was_made
from tests.org import Org

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(connected: SalesforceConnection, org: Org) -> Account:
    return add_account(org)


@pytest.fixture
def record(account: Account, org: Org) -> str:
    return add_record(org, account)


def test_the_preview_says_what_the_run_decides_and_changes_nothing(record: str) -> None:
    _, foreseen = flow.preview(record)
    assert nothing_was_made()
    assert not SyncLog.objects.exists()

    assert from_json(Decision, initiate(record).decision) == foreseen


def test_an_event_that_was_finished_in_between_makes_no_second_quote(record: str) -> None:
    """Its claim ran out while Salesforce was slow, so that two had it in hand."""
    event = make_event(salesforce_id=record, kind=InboundEvent.Kind.QUOTE_INITIATION)

    first = initiate(record, event_id=event.pk)
    again = initiate(record, event_id=event.pk)

    assert again == first
    assert Quote.objects.count() == SyncLog.objects.count() == 1


def test_two_sweeps_that_take_up_one_released_attempt_make_one_quote(
    record: str, account: Account
) -> None:
    Account.objects.update(salesforce_id=None)
    initiate(record)
    Account.objects.update(salesforce_id=account.salesforce_id)
    waiting.release_fulfilled(is_connected=True)
    [released] = waiting.released()

    first = initiate(record, waiting_id=released.pk)
    again = initiate(record, waiting_id=released.pk)

    assert again == first
    assert Quote.objects.count() == 1


def test_an_order_that_failed_for_its_account_is_carried_out_when_that_is_mapped(
    record: str, account: Account
) -> None:
    Account.objects.update(salesforce_id=None)
    initiate(record)
    assert release.release_and_run() == 0

    Account.objects.update(salesforce_id=account.salesforce_id)
    assert release.release_and_run() == 1

    entry = SyncLog.objects.latest("pk")
    assert (entry.reason, entry.trigger) == (Reason.OPPORTUNITY_CREATED, "released")
    assert Quote.objects.get().mn_id == entry.quote_mn_id
    assert release.release_and_run() == 0


def test_an_initiation_that_was_left_behind_is_swept_up_on_its_senders_behalf(
    record: str,
) -> None:
    client = make_client(key="crm")
    event = make_event(
        salesforce_id=record, kind=InboundEvent.Kind.QUOTE_INITIATION, sender=client.key
    )

    assert intake.act_on_waiting() == 1

    entry = SyncLog.objects.get()
    event.refresh_from_db()
    assert (entry.reason, entry.actor_name) == (Reason.OPPORTUNITY_CREATED, "API client crm")
    assert (event.state, event.log_entry) == (InboundEvent.State.PROCESSED, entry.pk)


def test_two_initiations_for_one_record_left_behind_are_two_quotes(record: str) -> None:
    for _ in range(2):
        make_event(salesforce_id=record, kind=InboundEvent.Kind.QUOTE_INITIATION)

    intake.act_on_waiting()

    reasons = SyncLog.objects.order_by("pk").values_list("reason", flat=True)
    assert list(reasons) == [Reason.OPPORTUNITY_CREATED, Reason.OPPORTUNITY_REUSED]
    assert Quote.objects.count() == 2
    assert Opportunity.objects.count() == 1


def test_an_initiation_and_news_of_the_same_record_are_both_acted_upon(record: str) -> None:
    make_event(salesforce_id=record, kind=InboundEvent.Kind.QUOTE_INITIATION)
    make_event(salesforce_id=record)

    intake.act_on_waiting()

    flows = SyncLog.objects.values_list("flow", flat=True)
    assert set(flows) == {"create_from_quote_initiation", "link_via_primary_quote"}
    assert not InboundEvent.objects.exclude(state=InboundEvent.State.PROCESSED).exists()


def test_initiations_wait_while_salesforce_cannot_be_read(record: str, org: Org) -> None:
    event = make_event(salesforce_id=record, kind=InboundEvent.Kind.QUOTE_INITIATION)
    org.break_with(path="query", action="status", status=503)

    assert intake.act_on_waiting() == 0
    assert nothing_was_made()
    assert intake.act_on_waiting() == 1

    event.refresh_from_db()
    assert event.state == InboundEvent.State.PROCESSED


@pytest.mark.django_db(transaction=True)
def test_two_initiations_at_once_create_one_opportunity(record: str) -> None:
    starting_line = threading.Barrier(2)
    reasons: list[str] = []

    def start() -> None:
        try:
            starting_line.wait(timeout=20)
            reasons.append(initiate(record).reason)
        finally:
            connection.close()

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(reasons) == [Reason.OPPORTUNITY_CREATED, Reason.OPPORTUNITY_REUSED]
    opportunity = Opportunity.objects.get()
    assert Association.objects.get().opportunity == opportunity
    assert [quote.opportunity for quote in Quote.objects.all()] == [opportunity] * 2
