"""The control surface: loading, the journal, settings, and who may use it."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.localorg.process import Client, LocalOrg


def test_the_journal_tells_every_applied_write_in_order(client: Client) -> None:
    headers = {"X-Request-Id": "push-1"}
    record_id = client.opportunity(Amount=1)
    client.raw("PATCH", f"sobjects/Opportunity/{record_id}", json={"Amount": 2}, headers=headers)
    client.raw("PATCH", f"sobjects/Opportunity/{record_id}", json={"Nope": 2})
    client.delete("Opportunity", record_id)

    created, changed, deleted = client.org.journal()

    assert [each["action"] for each in (created, changed, deleted)] == [
        "create",
        "update",
        "delete",
    ]
    assert created["seq"] < changed["seq"] < deleted["seq"]
    assert {each["record_id"] for each in (created, changed, deleted)} == {record_id}
    assert created["before"] is None
    assert created["after"]["Name"] == "Northwind"
    assert (changed["before"], changed["after"]) == ({"Amount": 1.0}, {"Amount": 2.0})
    assert changed["request_id"] == "push-1"
    assert deleted["before"]["Amount"] == 2.0
    assert deleted["after"] is None


def test_a_write_that_changes_nothing_is_still_a_write(client: Client) -> None:
    record_id = client.opportunity(Amount=1)
    client.update("Opportunity", record_id, Amount=1)

    assert client.org.journal()[-1]["after"] == {"Amount": 1.0}


def test_what_the_org_derives_is_in_the_journal(client: Client) -> None:
    book = client.create("Pricebook2", Name="Book", IsActive=True)
    product = client.create("Product2", Name="Seats")
    entry = client.create(
        "PricebookEntry", Pricebook2Id=book, Product2Id=product, UnitPrice=5, IsActive=True
    )
    deal = client.opportunity()
    client.create(
        "OpportunityLineItem",
        OpportunityId=deal,
        PricebookEntryId=entry,
        Quantity=1,
        TotalPrice=5,
    )

    derived = [each["after"] for each in client.org.journal() if each["action"] == "rollup"]

    assert derived == [{"Pricebook2Id": book}, {"Amount": 5.0, "HasOpportunityLineItem": True}]


def test_the_journal_can_be_read_from_a_point_and_for_a_record(client: Client) -> None:
    first, second = client.opportunity(), client.opportunity()
    [entry, _] = client.org.journal()

    later = client.org.control("GET", f"journal?after={entry['seq']}")
    of_first = client.org.control("GET", f"journal?record_id={first}")
    limited = client.org.control("GET", "journal?limit=1&object=Opportunity")

    assert [each["record_id"] for each in later] == [second]
    assert [each["record_id"] for each in of_first] == [first]
    assert [each["record_id"] for each in limited] == [first]


def test_the_journal_says_how_many_entries_it_has(client: Client) -> None:
    empty = client.org.control("GET", "journal/count")
    client.opportunity()
    client.opportunity()

    [*_, last] = client.org.journal()

    assert empty == {"count": 0, "last": 0}
    assert client.org.control("GET", "journal/count") == {"count": 2, "last": last["seq"]}


def test_a_long_journal_is_read_in_pages(client: Client) -> None:
    records = [{"Id": client.opportunity(), "NextStep": "Call"}]
    client.many("PATCH", "Opportunity", records * 200)
    pages = []
    after = 0
    while page := client.org.control("GET", f"journal?after={after}&limit=90"):
        pages.append(page)
        after = page[-1]["seq"]

    assert [len(page) for page in pages] == [90, 90, 21]
    assert [entry for page in pages for entry in page] == client.org.journal()


def test_requests_are_remembered_with_their_status(client: Client) -> None:
    client.raw("GET", "limits", headers={"X-Request-Id": "mine"})
    client.raw("GET", "sobjects/Nope")

    last_two = client.org.control("GET", "requests")[-2:]

    assert [(each["method"], each["status"]) for each in last_two] == [("GET", 200), ("GET", 404)]
    assert last_two[0]["request_id"] == "mine"


def test_of_a_request_is_remembered_how_many_records_its_collections_carry(client: Client) -> None:
    first, second = client.opportunity(), client.opportunity()
    records = [
        {"attributes": {"type": "Opportunity"}, "id": each, "Description": "x"}
        for each in (first, second)
    ]
    part = {"method": "PATCH", "url": "/services/data/v62.0/composite/sobjects"}
    parts = [
        {**part, "referenceId": "one", "body": {"records": records}},
        {**part, "referenceId": "two", "body": {"records": records[:1]}},
    ]
    client.raw("PATCH", "composite/sobjects", json={"records": records})
    client.raw("POST", "composite", json={"compositeRequest": parts})

    last_two = client.org.control("GET", "requests")[-2:]

    assert [each["collections"] for each in last_two] == [[2], [2, 1]]


def test_loading_takes_ids_dates_and_read_only_fields(client: Client) -> None:
    deal = {
        "Id": "006000000000001",
        "Name": "Loaded",
        "StageName": "Closed Won",
        "CloseDate": "2026-01-01",
        "CreatedDate": "2020-01-01T00:00:00Z",
        "SystemModstamp": "2020-01-02T00:00:00.000+0000",
    }
    loaded = client.org.load(Opportunity=[deal, {"Name": "Unnumbered"}])

    record = client.read("Opportunity", "006000000000001")
    assert loaded["Opportunity"][0] == record["Id"] == "006000000000001AAA"
    assert record["SystemModstamp"] == "2020-01-02T00:00:00.000+0000"
    assert (record["Probability"], record["IsWon"]) == (100.0, True)
    assert client.org.journal() == []


def test_loading_lines_settles_prices_and_opportunities(client: Client) -> None:
    book, deal = "01s000000000001AAA", "006000000000001AAA"
    entry, product = "01u000000000001AAA", "01t000000000001AAA"
    line = {"OpportunityId": deal, "PricebookEntryId": entry, "Quantity": 4}
    client.org.load(
        OpportunityLineItem=[{**line, "TotalPrice": 100}, {**line, "UnitPrice": 10}],
        Opportunity=[{"Id": deal, "Name": "Deal", "Amount": 3}],
        PricebookEntry=[{"Id": entry, "Pricebook2Id": book, "Product2Id": product}],
        Pricebook2=[{"Id": book, "Name": "Standard", "IsStandard": True, "IsActive": True}],
        Product2=[{"Id": product, "Name": "Seats"}],
    )

    record = client.read("Opportunity", deal)
    lines = client.query("SELECT UnitPrice, TotalPrice, Product2Id, Name FROM OpportunityLineItem")
    assert (record["Amount"], record["Pricebook2Id"]) == (140.0, book)
    assert record["HasOpportunityLineItem"] is True
    assert [(each["UnitPrice"], each["TotalPrice"]) for each in lines] == [
        (25.0, 100.0),
        (10.0, 40.0),
    ]
    assert {each["Product2Id"] for each in lines} == {product}


def test_loading_again_replaces_and_new_ids_avoid_loaded_ones(client: Client) -> None:
    account_id = client.create("Account", Name="First")
    ahead = account_id[:14] + "9"
    client.org.load(Account=[{"Id": account_id, "Name": "Replaced"}, {"Id": ahead, "Name": "X"}])

    assert client.read("Account", account_id)["Name"] == "Replaced"
    assert client.create("Account", Name="Next")[:14] == account_id[:14]
    assert len(client.query("SELECT Id FROM Account")) == 3


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"Nope": []}, "INVALID_TYPE"),
        ({"Account": [{"Nope": 1}]}, "INVALID_FIELD"),
        ({"Account": [{"Id": "006000000000001"}]}, "MALFORMED_ID"),
        ({"Account": "all"}, "JSON_PARSER_ERROR"),
        ({"Opportunity": [{"IsWon": True}]}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        (
            {"Account": [{"Name": "A", "monetize__Id__c": "a"}] * 2},
            "DUPLICATE_VALUE",
        ),
        ([], "JSON_PARSER_ERROR"),
    ],
)
def test_a_wrong_load_is_refused_whole(local: LocalOrg, data: Any, code: str) -> None:
    answer = requests.post(f"{local.url}/localorg/load", json=data, timeout=10)

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)
    client = Client(local)
    assert client.query("SELECT Id FROM Account") == []
    client.close()


@pytest.mark.parametrize(
    "changes",
    [
        {"colour": 1},
        {"latency_ms": -1},
        {"latency_ms": "1"},
        {"api_limit": True},
        {"zero_quantity": "maybe"},
        {"latency_ms": 5, "scheduled_lines": "perhaps"},
        [],
    ],
)
def test_a_setting_that_makes_no_sense_changes_nothing(local: LocalOrg, changes: Any) -> None:
    before = local.control("GET", "settings")

    refused = requests.patch(f"{local.url}/localorg/settings", json=changes, timeout=10)

    assert refused.status_code == 400
    assert refused.json()[0]["errorCode"] == "INVALID_SETTING"
    assert local.control("GET", "settings") == before


def test_a_page_in_a_browser_cannot_use_it(local: LocalOrg) -> None:
    refused = requests.post(
        f"{local.url}/localorg/reset", headers={"Origin": "https://evil.example"}, timeout=10
    )

    assert refused.status_code == 403


def test_a_reset_org_has_its_people_and_keeps_its_tokens(client: Client) -> None:
    client.opportunity()
    client.org.control("POST", "reset")

    assert client.query("SELECT Id FROM Opportunity") == []
    assert client.org.journal() == []
    assert len(client.query("SELECT Id FROM User WHERE IsActive = true")) == 5
    [organization] = client.query("SELECT Id, Name, IsSandbox FROM Organization")
    assert organization["IsSandbox"] is True
    assert client.org.control("GET", "health")["organization_id"] == organization["Id"]
