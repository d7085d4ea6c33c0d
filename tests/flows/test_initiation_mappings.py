"""Flow B and field mappings: values fill the new quote, and never touch what is linked."""

from __future__ import annotations

from datetime import date

import pytest

from console.models import (
    Account,
    Association,
    FieldMapping,
    OutboundPush,
    Quote,
    SalesforceConnection,
)
from console.salesforce.gateway import Unavailable
from syncrules.reasons import Reason
from tests.initiations import add_account, add_record, initiate, nothing_was_made
from tests.org import Org

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(connected: SalesforceConnection, org: Org) -> Account:
    return add_account(org)


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
