"""Many records in one call, each with a result of its own."""

from __future__ import annotations

from typing import Any

from tests.localorg.process import Client, codes

REQUIRED = {"Name": "Northwind", "StageName": "Prospecting", "CloseDate": "2026-12-31"}
UPSERT = "composite/sobjects/monetize__Quote__c/monetize__Id__c"


def test_results_come_in_the_order_of_the_records(client: Client) -> None:
    results = client.many("POST", "Opportunity", [REQUIRED, {"Name": "Half"}, REQUIRED])

    assert codes(results) == [None, "REQUIRED_FIELD_MISSING", None]
    assert set(results[0]) == {"id", "success", "errors"}
    assert set(results[1]) == {"success", "errors"}
    assert results[1]["errors"][0]["fields"] == ["StageName", "CloseDate"]
    assert len(client.query("SELECT Id FROM Opportunity")) == 2


def test_update_knows_records_by_id(client: Client) -> None:
    record_id, gone_id = client.opportunity(), client.opportunity()
    client.delete("Opportunity", gone_id)

    results = client.many(
        "PATCH",
        "Opportunity",
        [
            {"Id": record_id, "Amount": 5},
            {"Amount": 5},
            {"Id": gone_id, "Amount": 5},
            {"Id": "006000000000001", "Amount": 5},
            {"Id": "nonsense", "Amount": 5},
            {"Id": record_id, "Nope": 1},
        ],
    )

    assert codes(results) == [
        None,
        "MISSING_ARGUMENT",
        "ENTITY_IS_DELETED",
        "INVALID_CROSS_REFERENCE_KEY",
        "MALFORMED_ID",
        "INVALID_FIELD",
    ]
    assert results[0] == {"id": record_id, "success": True, "errors": []}


def test_a_record_may_come_twice_and_in_its_short_form(client: Client) -> None:
    record_id = client.opportunity(NextStep="First")
    steps = [{"Id": record_id, "NextStep": "Second"}, {"Id": record_id[:15], "NextStep": "Third"}]

    results = client.many("PATCH", "Opportunity", steps)

    assert [each["id"] for each in results] == [record_id, record_id]
    assert client.read("Opportunity", record_id)["NextStep"] == "Third"
    written = [(each["before"], each["after"]) for each in client.org.journal()[1:]]
    assert written == [
        ({"NextStep": "First"}, {"NextStep": "Second"}),
        ({"NextStep": "Second"}, {"NextStep": "Third"}),
    ]


def test_a_record_meets_what_its_neighbours_just_wrote(client: Client) -> None:
    quotes = [client.create("monetize__Quote__c", monetize__Id__c=f"quote_{n}") for n in (1, 2)]
    account_id = client.create("Account", Name="Acme", monetize__Id__c="acct_1")
    renamed = {"attributes": {"type": "Account"}, "Id": account_id, "monetize__Id__c": "acct_2"}
    named = {
        "attributes": {"type": "monetize__Quote__c"},
        "Id": quotes[0],
        "monetize__Id__c": "quote_3",
        "monetize__Account__r": {"monetize__Id__c": "acct_2"},
    }
    free = {**named, "Id": quotes[1], "monetize__Id__c": "quote_1"}
    taken = {**named, "Id": quotes[1]}

    body = {"records": [renamed, named, free, taken]}
    results = client.raw("PATCH", "composite/sobjects", json=body).json()

    assert codes(results) == [None, None, None, "DUPLICATE_VALUE"]


def test_a_deletion_that_is_refused_half_way_leaves_no_trace(client: Client) -> None:
    book = client.create("Pricebook2", Name="Book", IsActive=True)
    product, account_id = (
        client.create("Product2", Name="Seats"),
        client.create("Account", Name="A"),
    )
    client.create("PricebookEntry", Pricebook2Id=book, Product2Id=product, UnitPrice=5)
    deal = client.opportunity(Pricebook2Id=book)
    written = len(client.org.journal())

    # The deal lets go of the book before the entry forbids that the book goes.
    results = client.raw("DELETE", f"composite/sobjects?ids={book},{account_id}").json()

    assert codes(results) == ["DELETE_FAILED", None]
    assert client.read("Opportunity", deal)["Pricebook2Id"] == book
    assert [each["record_id"] for each in client.org.journal()[written:]] == [account_id]


def test_upsert_says_what_it_created(client: Client) -> None:
    records = [{"monetize__Id__c": f"quote_{number}", "Name": "Quote"} for number in (1, 2)]
    [first] = client.many("PATCH", "monetize__Quote__c", records[:1], path=UPSERT)

    results = client.many("PATCH", "monetize__Quote__c", records, path=UPSERT)

    assert results[0] == {"id": first["id"], "success": True, "errors": [], "created": False}
    assert results[1]["created"] is True


def test_upsert_refuses_what_it_cannot_tell_apart(client: Client) -> None:
    for _ in range(2):
        client.opportunity(monetize__Id__c="opp_1")
    quotes: list[dict[str, Any]] = [
        {"monetize__Id__c": "quote_1"},
        {"monetize__Id__c": "QUOTE_1"},
        {"Name": "No key"},
        {"monetize__Id__c": "quote_2"},
    ]

    results = client.many("PATCH", "monetize__Quote__c", quotes, path=UPSERT)
    path = "composite/sobjects/Opportunity/monetize__Id__c"
    clones = client.many("PATCH", "Opportunity", [{"monetize__Id__c": "opp_1"}], path=path)

    assert codes(results) == ["DUPLICATE_VALUE", "DUPLICATE_VALUE", "MISSING_ARGUMENT", None]
    assert results[0]["errors"][0]["message"] == "Duplicate external id specified: quote_1"
    assert codes(clones) == ["DUPLICATE_EXTERNAL_ID"]


def test_all_or_none_blames_the_guilty_and_undoes_the_innocent(client: Client) -> None:
    record_id = client.opportunity(Amount=1)
    journal = client.org.journal()

    results = client.many(
        "PATCH",
        "Opportunity",
        [{"Id": record_id, "Amount": 2}, {"Id": record_id, "Amount": "x"}],
        allOrNone=True,
    )

    assert codes(results) == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "JSON_PARSER_ERROR"]
    assert "id" not in results[0]
    assert client.read("Opportunity", record_id)["Amount"] == 1.0
    assert client.org.journal() == journal


def test_delete_takes_ids_of_several_objects(client: Client) -> None:
    opportunity_id, account_id = client.opportunity(), client.create("Account", Name="Acme")
    path = f"composite/sobjects?ids={opportunity_id},{account_id[:15]},xyz"

    results = client.sf.restful(path, method="DELETE")

    assert codes(list(results or [])) == [None, None, "MALFORMED_ID"]
    assert client.query("SELECT Id FROM Opportunity") == []


def test_delete_all_or_none(client: Client) -> None:
    record_id = client.opportunity()
    path = f"composite/sobjects?allOrNone=true&ids={record_id},006000000000001"

    results = client.sf.restful(path, method="DELETE")

    assert codes(list(results or [])) == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "INVALID_CROSS_REFERENCE_KEY",
    ]
    assert len(client.query("SELECT Id FROM Opportunity")) == 1


def test_retrieve_keeps_the_order_and_leaves_gaps(client: Client) -> None:
    first, gone, last = (client.opportunity(Name=name) for name in ("A", "B", "C"))
    client.delete("Opportunity", gone)

    by_get = client.raw(
        "GET", "composite/sobjects/Opportunity", params={"ids": f"{last},{gone}", "fields": "Name"}
    ).json()
    by_post = client.sf.restful(
        "composite/sobjects/Opportunity",
        method="POST",
        json={"ids": [last, gone, first], "fields": ["Id", "Name"]},
    )

    assert [each and each["Name"] for each in by_get] == ["C", None]
    assert [each and each["Name"] for each in by_post or []] == ["C", None, "A"]


def test_what_makes_the_whole_request_wrong(client: Client) -> None:
    typed = {"attributes": {"type": "Account"}, "Name": "Acme"}
    other = {"attributes": {"type": "Product2"}, "Name": "Seats"}
    refused = {
        "EXCEEDED_ID_LIMIT": {"records": [typed] * 201},
        "LIMIT_EXCEEDED": {"records": [typed, other] * 6},
        "INVALID_TYPE": {"records": [{"Name": "Acme"}]},
        "JSON_PARSER_ERROR": {"records": "none"},
    }

    for code, body in refused.items():
        assert client.error("POST", "composite/sobjects", json=body) == (400, code)
    unknown = {"records": [{"attributes": {"type": "Nope"}}]}
    assert client.error("POST", "composite/sobjects", json=unknown) == (400, "INVALID_TYPE")
    assert client.org.journal() == []


def test_200_records_in_10_chunks_are_one_call(client: Client) -> None:
    accounts = [{"attributes": {"type": "Account"}, "Name": "A"}] * 40
    products = [{"attributes": {"type": "Product2"}, "Name": "P"}] * 40
    before = client.org.control("GET", "health")["api_usage"]

    results = client.sf.restful(
        "composite/sobjects",
        method="POST",
        json={"records": (accounts[:20] + products[:20]) * 5},
    )

    assert codes(list(results or [])) == [None] * 200
    assert client.org.control("GET", "health")["api_usage"] == before + 1
