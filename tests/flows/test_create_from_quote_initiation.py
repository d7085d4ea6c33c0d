"""Flow B on real parts: a Salesforce opportunity becomes an MN opportunity with its first quote."""

from __future__ import annotations

import re

import pytest

from console import claims
from console.flows import push_outbound
from console.models import (
    Account,
    Association,
    Opportunity,
    OutboundPush,
    Quote,
    SalesforceConnection,
    SyncLog,
    Waiting,
)
from console.salesforce.gateway import Unavailable
from syncrules.facts import MN_ID_FIELD, PRIMARY_QUOTE_FIELD, QuoteStatus
from syncrules.reasons import Outcome, Reason
from tests.builders import make_account, make_opportunity, make_pairing
from tests.facts import sf_id
from tests.initiations import add_account, add_record, initiate, nothing_was_made
from tests.org import Org

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(connected: SalesforceConnection, org: Org) -> Account:
    return add_account(org)


@pytest.fixture
def record(account: Account, org: Org) -> str:
    return add_record(org, account)


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

    push_outbound.run(claims.claim())

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
    assert f"['Salesforce account', '{account.salesforce_id}']" in str(entry.decision["steps"])
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
