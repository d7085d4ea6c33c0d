from __future__ import annotations

from datetime import UTC, datetime

import pytest

from console.salesforce import records
from console.salesforce.gateway import Unknown
from syncrules.facts import RemoteOpportunity
from syncrules.salesforce_id import to_18

QUOTE = to_18("a0A000000000001")
OPPORTUNITY = {
    "attributes": {"type": "Opportunity"},
    "Id": "006000000000001AAA",
    "Name": "Acme renewal",
    "AccountId": "001000000000001AAA",
    "StageName": "Prospecting",
    "IsClosed": False,
    "CurrencyIsoCode": "EUR",
    "monetize__Id__c": "opp_1",
    "monetize__PrimaryQuote__c": QUOTE,
    "monetize__PrimaryQuote__r": {"attributes": {}, "monetize__Id__c": "quote_1"},
    "SystemModstamp": "2026-03-01T10:00:00.000+0000",
}


def test_a_record_becomes_facts() -> None:
    assert records.opportunity(OPPORTUNITY) == RemoteOpportunity(
        salesforce_id="006000000000001AAA",
        name="Acme renewal",
        account_salesforce_id="001000000000001AAA",
        mn_id="opp_1",
        primary_quote_salesforce_id=QUOTE,
        primary_quote_mn_id="quote_1",
        stage_name="Prospecting",
        currency="EUR",
        modified_at=datetime(2026, 3, 1, 10, tzinfo=UTC),
    )


def test_what_is_empty_in_salesforce_is_none() -> None:
    empty = dict.fromkeys(
        (
            "AccountId",
            "StageName",
            "CurrencyIsoCode",
            "monetize__Id__c",
            "monetize__PrimaryQuote__c",
            "monetize__PrimaryQuote__r",
        )
    )
    found = records.opportunity({**OPPORTUNITY, **empty})
    assert (found.account_salesforce_id, found.mn_id, found.currency) == (None, None, None)
    assert (found.primary_quote_salesforce_id, found.primary_quote_mn_id) == (None, None)


def test_a_quote_record_out_of_our_sight_leaves_only_its_id() -> None:
    found = records.opportunity({**OPPORTUNITY, "monetize__PrimaryQuote__r": None})
    assert found.primary_quote_salesforce_id == QUOTE
    assert found.primary_quote_mn_id is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Id", None),
        ("Id", "001000000000001AAA"),
        ("Id", "006000000000001AAB"),
        ("Id", 6),
        ("Name", None),
        ("Name", ["Acme"]),
        ("AccountId", "Acme"),
        ("monetize__Id__c", 17),
        ("monetize__PrimaryQuote__c", "../x"),
        ("monetize__PrimaryQuote__r", "quote_1"),
        ("monetize__PrimaryQuote__r", {"monetize__Id__c": 3}),
        ("StageName", False),
        ("IsClosed", "no"),
        ("CurrencyIsoCode", {}),
        ("SystemModstamp", None),
        ("SystemModstamp", "yesterday"),
        ("SystemModstamp", "2026-03-01T10:00:00"),
    ],
)
def test_a_malformed_record_is_refused_by_field(field: str, value: object) -> None:
    with pytest.raises(Unknown, match=field):
        records.opportunity({**OPPORTUNITY, field: value})
