"""One record at a time: what is accepted, what is refused, and with which words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.localorg.process import Client

REQUIRED = {"Name": "Northwind", "StageName": "Prospecting", "CloseDate": "2026-12-31"}


def test_a_record_is_created_read_changed_and_deleted(client: Client) -> None:
    answer = client.raw("POST", "sobjects/Opportunity", json=REQUIRED)
    record_id = answer.json()["id"]
    assert answer.status_code == 201
    assert answer.json() == {"id": record_id, "success": True, "errors": []}
    assert answer.headers["Location"].endswith(f"/sobjects/Opportunity/{record_id}")

    changed = client.raw("PATCH", f"sobjects/Opportunity/{record_id}", json={"Amount": 12.345})
    assert (changed.status_code, changed.content) == (204, b"")
    record = client.read("Opportunity", record_id)
    assert record["attributes"]["type"] == "Opportunity"
    assert record["Amount"] == 12.35

    gone = client.raw("DELETE", f"sobjects/Opportunity/{record_id}")
    assert (gone.status_code, gone.content) == (204, b"")
    path = f"sobjects/Opportunity/{record_id}"
    assert client.error("GET", path) == (404, "NOT_FOUND")
    assert client.error("PATCH", path, json={}) == (404, "ENTITY_IS_DELETED")
    assert client.error("DELETE", path) == (404, "ENTITY_IS_DELETED")


def test_defaults_come_from_the_platform(client: Client) -> None:
    record = client.read("Opportunity", client.opportunity(StageName="Negotiation/Review"))

    assert record["CurrencyIsoCode"] == "USD"
    assert record["Probability"] == 90.0
    assert record["ForecastCategoryName"] == "Commit"
    assert record["OwnerId"] == record["CreatedById"] == record["LastModifiedById"]
    assert record["SystemModstamp"] == record["LastModifiedDate"] == record["CreatedDate"]
    assert record["SystemModstamp"].endswith(".000+0000")
    assert (record["IsDeleted"], record["IsClosed"], record["HasOpportunityLineItem"]) == (
        False,
        False,
        False,
    )


def test_a_new_stage_brings_its_probability_unless_one_is_written(client: Client) -> None:
    record_id = client.opportunity()
    client.update("Opportunity", record_id, StageName="Closed Won")
    won = client.read("Opportunity", record_id)
    assert (won["Probability"], won["IsClosed"], won["IsWon"]) == (100.0, True, True)

    client.update("Opportunity", record_id, StageName="Qualification", Probability=33)
    assert client.read("Opportunity", record_id)["Probability"] == 33.0


def test_only_the_asked_fields_are_read(client: Client) -> None:
    record_id = client.opportunity(AccountId=client.create("Account", Name="Acme"))

    record = client.read("Opportunity", record_id, "Name", "Account.Name")

    assert set(record) == {"attributes", "Name", "Account"}
    assert record["Account"]["Name"] == "Acme"


@pytest.mark.parametrize(
    ("fields", "code", "words"),
    [
        ({"Nope__c": 1}, "INVALID_FIELD", "No such column 'Nope__c' on sobject of type"),
        ({"Name": None}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]"),
        ({"Name": ""}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]"),
        ({"Name": "x" * 121}, "STRING_TOO_LONG", "data value too large"),
        ({"Name": {"a": 1}}, "JSON_PARSER_ERROR", "Cannot deserialize instance of string"),
        ({"Name": "a\x00b"}, "JSON_PARSER_ERROR", "Cannot deserialize"),
        ({"Amount": "many"}, "JSON_PARSER_ERROR", "instance of currency from VALUE_STRING"),
        ({"Amount": True}, "JSON_PARSER_ERROR", "VALUE_TRUE"),
        ({"Amount": 1e17}, "NUMBER_OUTSIDE_VALID_RANGE", "outside of valid range"),
        ({"Amount": 1e300}, "NUMBER_OUTSIDE_VALID_RANGE", "outside of valid range"),
        ({"CloseDate": "31.12.2026"}, "JSON_PARSER_ERROR", "instance of date"),
        ({"CloseDate": "2026-02-30"}, "JSON_PARSER_ERROR", "instance of date"),
        ({"CloseDate": 20261231}, "JSON_PARSER_ERROR", "instance of date"),
        ({"CurrencyIsoCode": "XXX"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "XXX"),
        ({"IsWon": True}, "INVALID_FIELD_FOR_INSERT_UPDATE", "IsWon"),
        ({"CreatedDate": "2026-01-01T00:00:00Z"}, "INVALID_FIELD_FOR_INSERT_UPDATE", "Created"),
        ({"AccountId": "nonsense"}, "MALFORMED_ID", "id value of incorrect type: nonsense"),
        ({"AccountId": "006Lo0000000001IAA"}, "MALFORMED_ID", "id value of incorrect type"),
        ({"AccountId": "001Lo0000000009AAA"}, "MALFORMED_ID", "id value of incorrect type"),
        ({"AccountId": "0010000000000AA"}, "INVALID_CROSS_REFERENCE_KEY", "invalid cross"),
        (
            {"monetize__PrimaryQuote__r": {"monetize__Id__c": "quote_0"}},
            "INVALID_FIELD",
            "Foreign key external ID: quote_0 not found for field monetize__Id__c",
        ),
        ({"Account": {"Name": "Acme"}}, "INVALID_FIELD", "exactly one external id"),
        ({"Account": "Acme"}, "INVALID_FIELD", "exactly one external id"),
    ],
)
def test_a_wrong_value_is_refused_on_create_and_on_update(
    client: Client, fields: dict[str, Any], code: str, words: str
) -> None:
    record_id = client.opportunity()
    before = client.read("Opportunity", record_id)

    created = client.raw("POST", "sobjects/Opportunity", json={**REQUIRED, **fields})
    changed = client.raw("PATCH", f"sobjects/Opportunity/{record_id}", json=fields)

    for answer in (created, changed):
        [error] = answer.json()
        assert (answer.status_code, error["errorCode"]) == (400, code)
        assert words in error["message"]
    assert client.read("Opportunity", record_id) == before
    assert len(client.query("SELECT Id FROM Opportunity")) == 1


def test_all_missing_fields_are_named_at_once(client: Client) -> None:
    [error] = client.raw("POST", "sobjects/Opportunity", json={"Amount": 1}).json()

    assert error["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert error["fields"] == ["Name", "StageName", "CloseDate"]


def test_the_id_belongs_into_the_address(client: Client) -> None:
    record_id = client.opportunity()
    path = f"sobjects/Opportunity/{record_id}"

    created = client.error("POST", "sobjects/Opportunity", json={**REQUIRED, "Id": record_id})
    changed = client.error("PATCH", path, json={"Id": record_id, "Amount": 1})

    assert created == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")
    assert changed == (400, "INVALID_FIELD")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "sobjects/Nope", 404, "NOT_FOUND"),
        ("GET", "sobjects/Opportunity/nonsense", 404, "NOT_FOUND"),
        ("GET", "sobjects/Opportunity/006Lo0000000009IAA", 404, "NOT_FOUND"),
        ("GET", "sobjects/Opportunity/001Lo0000000001IAA", 404, "NOT_FOUND"),
        ("GET", "nowhere", 404, "NOT_FOUND"),
        ("DELETE", "limits", 405, "METHOD_NOT_ALLOWED"),
        ("POST", "sobjects/User", 400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"),
        ("GET", "sobjects/Opportunity/Name/x", 404, "NOT_FOUND"),
    ],
)
def test_addresses_that_lead_nowhere(
    client: Client, method: str, path: str, status: int, code: str
) -> None:
    body: dict[str, Any] | None = {} if method == "POST" else None
    assert client.error(method, path, json=body) == (status, code)


def test_half_a_character_is_refused(client: Client) -> None:
    for body in (b'{"Name": "\\ud800"}', b'{"\\ud800": 1}'):
        answer = client.raw("POST", "sobjects/Account", data=body)
        assert answer.status_code == 400


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(client: Client, body: bytes) -> None:
    assert client.error("POST", "sobjects/Account", data=body) == (400, "JSON_PARSER_ERROR")


def test_unknown_api_versions_are_not_there(client: Client) -> None:
    for version in ("20.0", "99.0", "62.1", "x"):
        address = f"{client.org.url}/services/data/v{version}/limits"
        assert client.session.get(address, timeout=10).status_code == 404
    listed = client.session.get(f"{client.org.url}/services/data", timeout=10).json()
    assert "/services/data/v62.0" in [each["url"] for each in listed]


def test_upsert_creates_then_updates(client: Client) -> None:
    path = "sobjects/monetize__Quote__c/monetize__Id__c/quote_1"

    first = client.raw("PATCH", path, json={"monetize__Status__c": "DRAFT"})
    second = client.raw("PATCH", path, json={"monetize__Status__c": "SENT"})

    record_id = first.json()["id"]
    assert (first.status_code, first.json()["created"]) == (201, True)
    assert (second.status_code, second.json()) == (
        200,
        {"id": record_id, "success": True, "errors": [], "created": False},
    )
    record = client.read("monetize__Quote__c", record_id)
    assert (record["monetize__Id__c"], record["monetize__Status__c"]) == ("quote_1", "SENT")


def test_before_version_46_an_update_by_external_id_answers_nothing(client: Client) -> None:
    old = Client(client.org, version="45.0")
    path = "sobjects/Account/monetize__Id__c/acct_1"
    assert old.raw("PATCH", path, json={"Name": "Acme"}).status_code == 201

    assert old.raw("PATCH", path, json={"Name": "Acme"}).status_code == 204
    old.close()


def test_the_external_id_must_not_be_in_the_body(client: Client) -> None:
    path = "sobjects/Account/monetize__Id__c/acct_1"
    body = {"Name": "Acme", "monetize__id__c": "acct_1"}

    assert client.error("PATCH", path, json=body) == (400, "INVALID_FIELD")


def test_update_only_does_not_create(client: Client) -> None:
    path = "sobjects/Account/monetize__Id__c/acct_1?updateOnly=true"

    assert client.error("PATCH", path, json={"Name": "Acme"}) == (404, "NOT_FOUND")
    assert client.query("SELECT Id FROM Account") == []


def test_an_external_id_of_several_records_changes_none(client: Client) -> None:
    """Two opportunities may carry one `monetize__Id__c`: a clone copies it."""
    twins = [client.opportunity(monetize__Id__c="opp_1") for _ in range(2)]
    path = "sobjects/Opportunity/monetize__Id__c/opp_1"

    changed = client.raw("PATCH", path, json={"Name": "Changed"})

    assert changed.status_code == 300
    assert [url.rsplit("/", 1)[1] for url in changed.json()] == twins
    assert client.raw("GET", path).status_code == 300
    assert {each["Name"] for each in client.query("SELECT Name FROM Opportunity")} == {"Northwind"}


def test_external_ids_may_carry_what_an_address_cannot(client: Client) -> None:
    record_id = client.create("Account", Name="Acme", monetize__Id__c="a/b c")

    assert client.raw("GET", "sobjects/Account/monetize__Id__c/a%2Fb%20c").json()["Id"] == record_id
    assert client.raw("DELETE", "sobjects/Account/monetize__Id__c/A/B%20c").status_code == 204


def test_a_unique_external_id_is_unique_without_regard_to_case(client: Client) -> None:
    first = client.create("Account", Name="Acme", monetize__Id__c="acct_1")
    second = client.create("Account", Name="Bolt", monetize__Id__c="acct_2")

    answer = client.raw("PATCH", f"sobjects/Account/{second}", json={"monetize__Id__c": "ACCT_1"})

    [error] = answer.json()
    assert error["errorCode"] == "DUPLICATE_VALUE"
    assert first[:15] in error["message"]
    client.update("Account", first, monetize__Id__c="acct_1")
    client.delete("Account", first)
    client.update("Account", second, monetize__Id__c="acct_1")


def test_a_lookup_can_be_named_by_external_id_and_cleared(client: Client) -> None:
    quote_id = client.create("monetize__Quote__c", monetize__Id__c="quote_1")
    record_id = client.opportunity()

    client.update(
        "Opportunity", record_id, monetize__PrimaryQuote__r={"monetize__Id__c": "quote_1"}
    )
    assert client.read("Opportunity", record_id)["monetize__PrimaryQuote__c"] == quote_id
    client.update("Opportunity", record_id, monetize__PrimaryQuote__r=None)
    assert client.read("Opportunity", record_id)["monetize__PrimaryQuote__c"] is None


def test_deleting_clears_lookups_takes_children_along_or_is_refused(client: Client) -> None:
    quote_id = client.create("monetize__Quote__c", monetize__Id__c="quote_1")
    item_id = client.create("monetize__QuoteItem__c", monetize__Quote__c=quote_id)
    opportunity_id = client.opportunity(monetize__PrimaryQuote__c=quote_id)
    book_id = client.create("Pricebook2", Name="Book", IsActive=True)
    product_id = client.create("Product2", Name="Seats")
    client.create("PricebookEntry", Pricebook2Id=book_id, Product2Id=product_id, UnitPrice=1)

    client.delete("monetize__Quote__c", quote_id)

    assert client.read("Opportunity", opportunity_id)["monetize__PrimaryQuote__c"] is None
    assert client.error("GET", f"sobjects/monetize__QuoteItem__c/{item_id}")[0] == 404
    assert client.error("DELETE", f"sobjects/Product2/{product_id}") == (400, "DELETE_FAILED")
    assert client.read("Product2", product_id)["Name"] == "Seats"


def test_a_packaged_record_without_a_name_is_named_by_its_id(client: Client) -> None:
    record_id = client.create("monetize__MonetizeNowSettings__c")

    assert client.read("monetize__MonetizeNowSettings__c", record_id)["Name"] == record_id


@pytest.mark.parametrize(
    ("item", "syncs"),
    [
        ({}, True),
        ({"monetize__Product__c": None}, False),
        ({"monetize__PricebookEntry__c": None}, False),
        ({"monetize__Quantity__c": 0}, False),
        ({"monetize__Quantity__c": None}, False),
        ({"monetize__Quantity__c": 0, "product": "USAGE"}, True),
        ({"quote": "AMENDMENT"}, False),
        ({"quote": "AMENDMENT", "monetize__AmendmentStatus__c": "NO_CHANGE"}, False),
        ({"quote": "AMENDMENT", "monetize__AmendmentStatus__c": "UPDATED"}, True),
        ({"monetize__Product__c": None, "monetize__OverrideOpportunitySync__c": "Always"}, True),
        ({"monetize__OverrideOpportunitySync__c": "Never"}, False),
    ],
)
def test_the_packages_formula_says_which_items_sync(
    client: Client, *, item: dict[str, Any], syncs: bool
) -> None:
    fields = {"monetize__PricebookEntry__c": "01u000000000001AAA", "monetize__Quantity__c": 1}
    given_ = dict(item)
    fields["monetize__Quote__c"] = client.create(
        "monetize__Quote__c", monetize__Type__c=given_.pop("quote", "NEW")
    )
    fields["monetize__Product__c"] = client.create(
        "Product2", Name="P", monetize__ProductType__c=given_.pop("product", "ADVANCE")
    )

    item_id = client.create("monetize__QuoteItem__c", **{**fields, **given_})

    record = client.read("monetize__QuoteItem__c", item_id)
    assert record["monetize__ShouldSyncToOpportunityProduct__c"] is syncs


@pytest.mark.parametrize(
    ("product_type", "amount"),
    [("ONETIME", 70.0), ("onetime", 30.0), ("ADVANCE", 30.0), (None, 30.0)],
)
def test_the_customers_formula_chooses_the_amount(
    client: Client, product_type: str | None, amount: float
) -> None:
    quote_id = client.create("monetize__Quote__c")
    product_id = client.create("Product2", Name="P", monetize__ProductType__c=product_type)
    amounts = {"monetize__Amount__c": 70, "monetize__IncrementalARR__c": 30}
    lookups = {"monetize__Quote__c": quote_id, "monetize__Product__c": product_id}

    item_id = client.create("monetize__QuoteItem__c", **lookups, **amounts)
    empty_id = client.create("monetize__QuoteItem__c", monetize__Quote__c=quote_id)

    name = "Opportunity_Product_Amount__c"
    assert client.read("monetize__QuoteItem__c", item_id)[name] == amount
    assert client.read("monetize__QuoteItem__c", empty_id)[name] == 0


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=80))
def test_any_text_is_stored_trimmed_and_found_again(client: Client, text: str) -> None:
    record_id = client.create("Account", Name="Acme", BillingCountry=text)
    stored = client.read("Account", record_id)["BillingCountry"]
    assert stored == (text.strip() or None)

    escaped = (stored or "").replace("\\", "\\\\").replace("'", "\\'")
    found = client.query(f"SELECT Id FROM Account WHERE BillingCountry = '{escaped}'")
    assert record_id in [each["Id"] for each in found]
