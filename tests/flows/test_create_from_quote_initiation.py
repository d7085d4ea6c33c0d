"""Flow B on real parts: a Salesforce opportunity becomes an MN opportunity with its first quote."""

from __future__ import annotations

import re
import threading
from datetime import date
from typing import Any

import pytest
from django.db import connection

from console import intake, outbox
from console.actor import Actor
from console.flows import create_from_quote_initiation as flow
from console.flows import push_outbound
from console.models import (
    Account,
    Association,
    FieldMapping,
    InboundEvent,
    Opportunity,
    OutboundPush,
    Quote,
    SalesforceConnection,
    SyncLog,
    Waiting,
)
from console.salesforce.gateway import Unavailable
from syncrules.facts import MN_ID_FIELD, PRIMARY_QUOTE_FIELD, QuoteStatus
from syncrules.json_form import to_json
from syncrules.reasons import Outcome, Reason
from tests.builders import make_account, make_client, make_event, make_opportunity, make_pairing
from tests.facts import sf_id
from tests.org import Org

pytestmark = pytest.mark.django_db
REP = Actor(name="API client crm")


@pytest.fixture
def account(connected: SalesforceConnection, org: Org) -> Account:
    """An MN account matched to an account of the org."""
    account = make_account(name="Northwind Traders", currency="GBP")
    org.load(Account=[{"Id": account.salesforce_id, "Name": "Northwind"}])
    return account


@pytest.fixture
def record(account: Account, org: Org) -> str:
    """The id of a Salesforce opportunity of that account, of which MN knows nothing."""
    return add_record(org, account)


def add_record(org: Org, account: Account, **fields: Any) -> str:
    salesforce_id = sf_id()
    defaults = {"Name": "Northwind expansion", "CurrencyIsoCode": "EUR"}
    org.add_opportunity(salesforce_id, AccountId=account.salesforce_id, **(defaults | fields))
    return salesforce_id


def initiate(salesforce_id: str, **options: Any) -> SyncLog:
    return flow.run(salesforce_id, trigger="quote_initiation", actor=REP, **options)


def nothing_was_made() -> bool:
    kept = (Opportunity, Quote, Association, OutboundPush)
    return not any(model.objects.exists() for model in kept)


# --- Creation ----------------------------------------------------------------------------------


def test_the_opportunity_takes_the_salesforce_name_and_the_matched_account(
    record: str, account: Account
) -> None:
    entry = initiate(record)

    opportunity = Opportunity.objects.get()
    assert (opportunity.name, opportunity.account) == ("Northwind expansion", account)
    assert opportunity.currency == "EUR"
    assert (entry.outcome, entry.reason) == (Outcome.DONE, Reason.OPPORTUNITY_CREATED)


def test_the_link_is_stored_for_all_pushes_to_come(record: str) -> None:
    initiate(record)

    association = Association.objects.get()
    opportunity = Opportunity.objects.get()
    assert (association.opportunity, association.salesforce_id) == (opportunity, record)
    assert (association.linked_by, association.actor_name) == (
        "create_from_quote_initiation",
        "API client crm",
    )
    assert opportunity.creation_reference == record


def test_no_primary_quote_is_set_yet(record: str) -> None:
    initiate(record)

    assert Opportunity.objects.get().primary_quote is None


def test_the_quote_is_a_new_draft_under_the_opportunity(record: str, account: Account) -> None:
    initiate(record)

    quote = Quote.objects.get()
    assert (quote.opportunity, quote.account) == (Opportunity.objects.get(), account)
    assert (quote.status, quote.type) == (QuoteStatus.DRAFT, Quote.Type.NEW)
    assert quote.currency == "EUR"
    assert (quote.custom_values, quote.mapping_problems) == ({}, [])


def test_the_ids_are_of_a_form_that_every_layer_accepts(record: str, org: Org) -> None:
    initiate(record)

    opportunity, quote = Opportunity.objects.get(), Quote.objects.get()
    assert re.fullmatch(r"opp_[0-9a-f]{24}", opportunity.mn_id)
    assert re.fullmatch(r"quote_[0-9a-f]{24}", quote.mn_id)
    opportunity.full_clean()
    quote.full_clean()


def test_one_log_entry_tells_everything(record: str) -> None:
    entry = initiate(record)

    assert SyncLog.objects.get() == entry
    assert entry.opportunity == Opportunity.objects.get()
    assert entry.quote_mn_id == Quote.objects.get().mn_id
    assert entry.salesforce_id == record
    assert (entry.trigger, entry.actor_name) == ("quote_initiation", "API client crm")
    assert entry.account_name == "Northwind Traders"
    assert entry.facts["account"]["name"] == "Northwind Traders"
    assert {step["status"] for step in entry.decision["steps"]} == {"passed"}


def test_the_push_that_follows_writes_the_link_and_no_primary_quote(record: str, org: Org) -> None:
    initiate(record)

    push_outbound.run(outbox.claim())

    written = org.opportunity(record)
    assert written[MN_ID_FIELD] == Opportunity.objects.get().mn_id
    assert written[PRIMARY_QUOTE_FIELD] is None
    assert OutboundPush.objects.get().trigger == "create_from_quote_initiation"


def test_without_a_currency_in_salesforce_the_accounts_own_counts(
    account: Account, org: Org
) -> None:
    initiate(add_record(org, account, CurrencyIsoCode=None))

    assert Opportunity.objects.get().currency == "GBP"
    assert Quote.objects.get().currency == "GBP"


# --- Reuse -------------------------------------------------------------------------------------


def test_a_linked_record_gets_a_second_quote_and_no_second_opportunity(record: str) -> None:
    first = initiate(record)
    again = initiate(record)

    assert again.reason == Reason.OPPORTUNITY_REUSED
    assert again.opportunity == first.opportunity
    assert Opportunity.objects.count() == Association.objects.count() == 1
    assert {quote.mn_id for quote in Quote.objects.all()} == {
        first.quote_mn_id,
        again.quote_mn_id,
    }


def test_a_pair_that_was_linked_by_hand_is_used(record: str, account: Account) -> None:
    opportunity = make_opportunity(account=account, currency="SEK")
    make_pairing(opportunity=opportunity, salesforce_id=record)

    entry = initiate(record)

    assert entry.reason == Reason.OPPORTUNITY_REUSED
    assert Quote.objects.get().opportunity == opportunity
    assert Quote.objects.get().currency == "SEK"
    assert not OutboundPush.objects.exists()


def test_a_quote_belongs_to_the_account_of_its_opportunity_and_the_entry_says_so(
    record: str, account: Account
) -> None:
    """Salesforce moved the opportunity to another account: a quote there could not be primary."""
    former = make_account(name="Northwind UK")
    make_pairing(opportunity=make_opportunity(account=former), salesforce_id=record)

    entry = initiate(record)

    assert Quote.objects.get().account == former
    assert f"Northwind Traders ({account.mn_id}) by now" in entry.detail
    assert f"Northwind UK ({former.mn_id})" in entry.detail


def test_an_ended_pair_is_history_and_not_used(record: str, account: Account) -> None:
    old = make_pairing(
        opportunity=make_opportunity(account=account),
        salesforce_id=record,
        ended_at="2026-01-01T00:00:00Z",
        ended_because="wrong record",
    )

    assert initiate(record).reason == Reason.OPPORTUNITY_CREATED
    assert Association.objects.get(ended_at=None).opportunity != old.opportunity


# --- Stopped before anything is created --------------------------------------------------------


def test_an_account_that_is_not_linked_fails_before_anything_is_created(
    record: str, account: Account
) -> None:
    Account.objects.update(salesforce_id=None)

    entry = initiate(record)

    assert (entry.outcome, entry.reason) == (Outcome.FAILED, Reason.ACCOUNT_NOT_LINKED)
    assert f"'Salesforce account': '{account.salesforce_id}'" in str(entry.decision["steps"])
    assert entry.opportunity_name == "Northwind expansion"
    assert nothing_was_made()


def test_what_waits_for_an_account_is_noted_and_struck_out_by_the_next_attempt(
    record: str, account: Account
) -> None:
    Account.objects.update(salesforce_id=None)
    initiate(record)
    waits = Waiting.objects.get()
    assert (waits.prerequisite, waits.key) == ("account", account.salesforce_id)

    Account.objects.update(salesforce_id=account.salesforce_id)
    initiate(record)

    waits.refresh_from_db()
    assert waits.state == Waiting.State.DROPPED
    assert Quote.objects.count() == 1


def test_a_record_without_an_account_lacks_a_required_field(
    connected: SalesforceConnection, org: Org
) -> None:
    salesforce_id = sf_id()
    org.add_opportunity(salesforce_id)

    entry = initiate(salesforce_id)

    assert entry.reason == Reason.MISSING_REQUIRED_FIELD
    assert nothing_was_made()


def test_a_record_that_is_gone(connected: SalesforceConnection) -> None:
    entry = initiate(sf_id())

    assert entry.reason == Reason.SALESFORCE_RECORD_GONE
    assert nothing_was_made()


def test_a_record_that_another_opportunity_claims_is_a_conflict(account: Account, org: Org) -> None:
    other = make_opportunity(account=account)
    salesforce_id = add_record(org, account, **{MN_ID_FIELD: other.mn_id})

    entry = initiate(salesforce_id)

    assert (entry.outcome, entry.reason) == (Outcome.FAILED, Reason.CONFLICTING_ASSOCIATION)
    assert entry.opportunity == other
    assert list(Opportunity.objects.all()) == [other]
    assert not Quote.objects.exists()


def test_a_record_that_carries_an_id_unknown_here_is_a_conflict_too(
    account: Account, org: Org
) -> None:
    salesforce_id = add_record(org, account, **{MN_ID_FIELD: "opp_of_elsewhere"})

    assert initiate(salesforce_id).reason == Reason.CONFLICTING_ASSOCIATION
    assert nothing_was_made()


def test_without_a_connection_nothing_is_created(record: str) -> None:
    SalesforceConnection.objects.update(state=SalesforceConnection.State.BROKEN)

    entry = initiate(record)

    assert (entry.outcome, entry.reason) == (Outcome.FAILED, Reason.NO_SALESFORCE_CONNECTION)
    assert nothing_was_made()


def test_technical_trouble_is_no_decision(record: str, org: Org) -> None:
    org.break_with(path="query", action="status", status=503)

    with pytest.raises(Unavailable):
        initiate(record)

    assert not SyncLog.objects.exists()
    assert nothing_was_made()


# --- Field mappings ----------------------------------------------------------------------------


def add_mappings(**sources: str) -> None:
    for target, source in sources.items():
        FieldMapping.objects.create(source=source, target=target.replace("custom_", "custom:"))


def test_values_of_the_record_fill_the_new_quote(account: Account, org: Org) -> None:
    add_mappings(
        description="NextStep",
        contract_start="CloseDate",
        currency="Type",
        custom_stage="StageName",
        custom_chance="Probability",
        custom_won="IsWon",
        custom_close="closedate",
    )
    salesforce_id = add_record(
        org, account, NextStep="Three years", CloseDate="2026-04-01", Probability=40
    )

    entry = initiate(salesforce_id)

    quote = Quote.objects.get()
    assert (quote.description, quote.contract_start) == ("Three years", date(2026, 4, 1))
    assert quote.currency == "EUR"  # Type is blank
    assert quote.custom_values == {
        "stage": "Prospecting",
        "chance": 40,
        "won": False,
        "close": "2026-04-01",
    }
    assert quote.mapping_problems == []
    assert "Filled by field mappings: contract_start, description," in entry.detail
    assert entry.response is not None
    assert entry.response["NextStep"] == "Three years"


def test_a_value_that_does_not_fit_names_field_and_value_and_keeps_the_rest(
    account: Account, org: Org
) -> None:
    add_mappings(contract_end="NextStep", description="StageName", currency="Name")
    salesforce_id = add_record(org, account, NextStep="soon")

    entry = initiate(salesforce_id)

    quote = Quote.objects.get()
    assert (quote.description, quote.contract_end, quote.currency) == ("Prospecting", None, "EUR")
    assert {
        "source": "NextStep",
        "target": "contract_end",
        "value": "soon",
        "words": "is not a date, expected a date such as 2026-04-01",
    } in quote.mapping_problems
    assert len(quote.mapping_problems) == 2
    assert "NextStep → contract_end: “soon” is not a date" in entry.detail


def test_mapping_and_linking_are_separate(account: Account, org: Org) -> None:
    """With every mapping failing, the pair, the push and the reason are as without any."""
    add_mappings(contract_end="NextStep", description="Amount", currency="Gone__c")

    entry = initiate(add_record(org, account, NextStep="soon", Amount=12))

    assert entry.reason == Reason.OPPORTUNITY_CREATED
    assert {step["status"] for step in entry.decision["steps"]} == {"passed"}
    assert Association.objects.count() == OutboundPush.objects.count() == 1
    assert len(Quote.objects.get().mapping_problems) == 3


def test_a_field_that_vanished_in_salesforce_is_a_problem_of_its_mapping_alone(
    account: Account, org: Org
) -> None:
    add_mappings(custom_segment="Segment__c", description="NextStep")

    entry = initiate(add_record(org, account, NextStep="Three years"))

    quote = Quote.objects.get()
    assert quote.description == "Three years"
    [problem] = quote.mapping_problems
    assert problem["source"] == "Segment__c"
    assert "shows no such field" in problem["words"]
    assert entry.reason == Reason.OPPORTUNITY_CREATED
    assert SalesforceConnection.objects.get().state == SalesforceConnection.State.LIVE


def test_mapped_values_that_salesforce_refuses_to_show_are_problems(
    account: Account, org: Org
) -> None:
    add_mappings(description="NextStep")
    salesforce_id = add_record(org, account, NextStep="Three years")
    refusal = [{"errorCode": "INSUFFICIENT_ACCESS", "message": "not for you"}]
    org.break_with(path="query", action="status", status=403, body=refusal, nth=2)

    entry = initiate(salesforce_id)

    [problem] = Quote.objects.get().mapping_problems
    assert "not for you" in problem["words"]
    assert entry.reason == Reason.OPPORTUNITY_CREATED
    assert SalesforceConnection.objects.get().state == SalesforceConnection.State.LIVE


def test_mapped_values_that_cannot_be_read_just_now_are_waited_for(
    account: Account, org: Org
) -> None:
    add_mappings(description="NextStep")
    salesforce_id = add_record(org, account)
    org.break_with(path="query", action="status", status=503, nth=2)

    with pytest.raises(Unavailable):
        initiate(salesforce_id)

    assert nothing_was_made()


def test_a_mapping_that_was_switched_off_fills_nothing(account: Account, org: Org) -> None:
    add_mappings(description="NextStep")
    FieldMapping.objects.update(is_active=False)

    entry = initiate(add_record(org, account, NextStep="Three years"))

    assert Quote.objects.get().description == ""
    assert entry.response is None


# --- Once, and as foreseen ---------------------------------------------------------------------


def test_the_preview_says_what_the_run_decides_and_changes_nothing(record: str) -> None:
    _, foreseen = flow.preview(record)
    assert nothing_was_made()
    assert not SyncLog.objects.exists()

    assert initiate(record).decision == to_json(foreseen)


def test_an_event_that_was_finished_in_between_makes_no_second_quote(record: str) -> None:
    """Its claim ran out while Salesforce was slow, so that two had it in hand."""
    event = make_event(salesforce_id=record, kind=InboundEvent.Kind.QUOTE_INITIATION)

    first = initiate(record, event_id=event.pk)
    again = initiate(record, event_id=event.pk)

    assert again == first
    assert Quote.objects.count() == SyncLog.objects.count() == 1


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
