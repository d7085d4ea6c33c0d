"""Opportunity products: prices, quantities, price books, schedules and the opportunity's amount."""

from __future__ import annotations

from typing import Any

import pytest

from tests.localorg.process import Client, codes


@pytest.fixture
def shop(client: Client) -> Shop:
    return Shop(client)


class Shop:
    """A price book with one entry, and an opportunity without a price book."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.book = client.create("Pricebook2", Name="Book", IsActive=True)
        self.product = client.create("Product2", Name="Seats", ProductCode="SEAT", IsActive=True)
        self.entry = self.new_entry(self.book)
        self.opportunity = client.opportunity(Amount=7)

    def new_entry(self, book: str, **fields: Any) -> str:
        return self.client.create(
            "PricebookEntry",
            **{
                "Pricebook2Id": book,
                "Product2Id": self.product,
                "UnitPrice": 25,
                "IsActive": True,
                **fields,
            },
        )

    def fields(self, **changes: Any) -> dict[str, Any]:
        given = {
            "OpportunityId": self.opportunity,
            "PricebookEntryId": self.entry,
            "Quantity": 2,
            "TotalPrice": 100,
            **changes,
        }
        return {name: value for name, value in given.items() if value is not None}

    def line(self, **changes: Any) -> str:
        return self.client.create("OpportunityLineItem", **self.fields(**changes))

    def read(self, line_id: str) -> dict[str, Any]:
        return self.client.read("OpportunityLineItem", line_id)

    def prices(self, line_id: str) -> tuple[float, float, float]:
        line = self.read(line_id)
        return line["Quantity"], line["UnitPrice"], line["TotalPrice"]

    def header(self) -> dict[str, Any]:
        return self.client.read("Opportunity", self.opportunity)

    def change(self, line_id: str, **fields: Any) -> tuple[int, str] | None:
        """The refusal, if there is one."""
        answer = self.client.raw("PATCH", f"sobjects/OpportunityLineItem/{line_id}", json=fields)
        return None if answer.ok else (answer.status_code, answer.json()[0]["errorCode"])


def test_a_line_takes_its_names_and_prices_from_around_it(shop: Shop) -> None:
    line = shop.read(shop.line(MN_Quote_Item_Id__c="item_1"))

    assert line["Product2Id"] == shop.product
    assert line["Name"] == "Northwind Seats"
    assert (line["ProductCode"], line["ListPrice"]) == ("SEAT", 25.0)
    assert (line["UnitPrice"], line["TotalPrice"], line["Subtotal"]) == (50.0, 100.0, 100.0)
    assert line["CurrencyIsoCode"] == "USD"
    assert line["HasSchedule"] is False


def test_the_opportunity_follows_its_lines(shop: Shop) -> None:
    first = shop.line()
    shop.line(TotalPrice=None, UnitPrice=10)

    header = shop.header()
    assert (header["Amount"], header["HasOpportunityLineItem"]) == (120.0, True)
    assert header["Pricebook2Id"] == shop.book
    shop.client.delete("OpportunityLineItem", first)
    assert shop.header()["Amount"] == 20.0


def test_the_last_line_gone_frees_the_opportunity(shop: Shop) -> None:
    shop.client.delete("OpportunityLineItem", shop.line())

    assert shop.header()["HasOpportunityLineItem"] is False
    shop.client.update("Opportunity", shop.opportunity, Amount=55, Pricebook2Id=None)
    assert shop.header()["Amount"] == 55.0


def test_an_amount_written_beside_lines_is_accepted_and_ignored(shop: Shop) -> None:
    shop.line()

    shop.client.update("Opportunity", shop.opportunity, Amount=999, NextStep="Call")

    assert (shop.header()["Amount"], shop.header()["NextStep"]) == (100.0, "Call")


@pytest.mark.parametrize("fields", [{"Pricebook2Id": None}, {"CurrencyIsoCode": "EUR"}])
def test_lines_hold_the_price_book_and_the_currency(shop: Shop, fields: dict[str, Any]) -> None:
    shop.line()
    path = f"sobjects/Opportunity/{shop.opportunity}"

    assert shop.client.error("PATCH", path, json=fields) == (400, "FIELD_INTEGRITY_EXCEPTION")
    shop.client.update("Opportunity", shop.opportunity, Pricebook2Id=shop.book)


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"OpportunityId": None}, "REQUIRED_FIELD_MISSING", "[OpportunityId]"),
        ({"Quantity": None}, "REQUIRED_FIELD_MISSING", "[Quantity]"),
        ({"PricebookEntryId": None}, "FIELD_INTEGRITY_EXCEPTION", "must specify pricebook entry"),
        ({"TotalPrice": None}, "REQUIRED_FIELD_MISSING", "[UnitPrice]"),
        ({"UnitPrice": 50}, "INVALID_FIELD", "both 'UnitPrice' and 'TotalPrice'"),
        ({"Quantity": 0}, "FIELD_INTEGRITY_EXCEPTION", "Quantity"),
        ({"Product2Id": "01t000000000001AAA"}, "INVALID_FIELD_FOR_INSERT_UPDATE", "Product2Id"),
        ({"ListPrice": 5}, "INVALID_FIELD_FOR_INSERT_UPDATE", "ListPrice"),
        ({"Amount": 5}, "INVALID_FIELD", "No such column 'Amount'"),
        ({"PricebookEntryId": "01u000000000001AAA"}, "INVALID_CROSS_REFERENCE_KEY", "invalid"),
        ({"OpportunityId": "006000000000001AAA"}, "INVALID_CROSS_REFERENCE_KEY", "invalid"),
        ({"Description": "x" * 256}, "STRING_TOO_LONG", "max length=255"),
    ],
)
def test_a_line_that_is_not_created(
    shop: Shop, changes: dict[str, Any], code: str, words: str
) -> None:
    answer = shop.client.raw("POST", "sobjects/OpportunityLineItem", json=shop.fields(**changes))

    [error] = answer.json()
    assert (answer.status_code, error["errorCode"]) == (400, code)
    assert words in error["message"]
    assert (shop.header()["Amount"], shop.header()["Pricebook2Id"]) == (7.0, None)


def test_the_entry_must_suit_the_opportunity(shop: Shop) -> None:
    closed_book = shop.client.create("Pricebook2", Name="Old", IsActive=False)
    other_book = shop.client.create("Pricebook2", Name="Other", IsActive=True)
    unsuited = {
        "book is inactive": shop.new_entry(closed_book),
        "entry is inactive": shop.new_entry(shop.book, IsActive=False),
        "other currency": shop.new_entry(shop.book, CurrencyIsoCode="EUR"),
    }
    for entry in unsuited.values():
        body = shop.fields(PricebookEntryId=entry)
        refused = shop.client.error("POST", "sobjects/OpportunityLineItem", json=body)
        assert refused == (400, "FIELD_INTEGRITY_EXCEPTION")

    in_other = shop.fields(PricebookEntryId=shop.new_entry(other_book))
    results = shop.client.many("POST", "OpportunityLineItem", [shop.fields(), in_other])

    assert codes(results) == [None, "FIELD_INTEGRITY_EXCEPTION"]
    assert "different pricebook" in results[1]["errors"][0]["message"]


def test_opportunity_and_entry_of_a_line_cannot_be_changed(shop: Shop) -> None:
    line_id = shop.line()

    for fields in ({"OpportunityId": shop.opportunity}, {"PricebookEntryId": shop.entry}):
        assert shop.change(line_id, **fields) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")


@pytest.mark.parametrize(
    ("fields", "prices"),
    [
        ({"Quantity": 4}, (4.0, 25.0, 100.0)),
        ({"Quantity": 4, "TotalPrice": 100}, (4.0, 25.0, 100.0)),
        ({"Quantity": 4, "TotalPrice": 200}, (4.0, 50.0, 200.0)),
        ({"Quantity": 4, "UnitPrice": 50}, (4.0, 50.0, 200.0)),
        ({"UnitPrice": 60}, (2.0, 60.0, 120.0)),
        ({"TotalPrice": 60}, (2.0, 30.0, 60.0)),
        ({"Quantity": 3, "TotalPrice": 100}, (3.0, 33.3333333, 100.0)),
        ({"Discount": 10}, (2.0, 50.0, 90.0)),
        ({"Discount": 50, "TotalPrice": 100}, (2.0, 100.0, 100.0)),
        ({"Discount": 50, "TotalPrice": 90}, (2.0, 90.0, 90.0)),
        ({"UnitPrice": 50, "TotalPrice": 100}, (2.0, 50.0, 100.0)),
        ({"UnitPrice": 60, "TotalPrice": 100}, (2.0, 60.0, 120.0)),
        ({"Description": "Only words"}, (2.0, 50.0, 100.0)),
    ],
)
def test_prices_after_an_update(
    shop: Shop, fields: dict[str, Any], prices: tuple[float, float, float]
) -> None:
    line_id = shop.line()

    assert shop.change(line_id, **fields) is None

    assert shop.prices(line_id) == prices
    assert shop.header()["Amount"] == prices[2]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"UnitPrice": 60, "TotalPrice": 60}, "INVALID_FIELD"),
        ({"Discount": 10, "Quantity": 4}, "INVALID_FIELD"),
        ({"UnitPrice": None}, "REQUIRED_FIELD_MISSING"),
        ({"TotalPrice": None}, "REQUIRED_FIELD_MISSING"),
        ({"Quantity": None}, "REQUIRED_FIELD_MISSING"),
        ({"Quantity": 0}, "FIELD_INTEGRITY_EXCEPTION"),
    ],
)
def test_an_update_that_is_refused(shop: Shop, fields: dict[str, Any], code: str) -> None:
    line_id = shop.line()

    assert shop.change(line_id, **fields) == (400, code)
    assert shop.prices(line_id) == (2.0, 50.0, 100.0)


def test_an_org_may_accept_a_quantity_of_zero(shop: Shop) -> None:
    shop.client.org.set(zero_quantity="accept")

    line_id = shop.line(Quantity=0, TotalPrice=None, UnitPrice=30)

    assert shop.prices(line_id) == (0.0, 30.0, 0.0)


def scheduled_line(shop: Shop) -> str:
    loaded = shop.client.org.load(
        OpportunityLineItem=[shop.fields(HasRevenueSchedule=True, UnitPrice=None)]
    )
    return loaded["OpportunityLineItem"][0]


def test_a_line_with_a_schedule_ignores_new_quantities_and_totals(shop: Shop) -> None:
    line_id = scheduled_line(shop)

    assert shop.change(line_id, Quantity=9, TotalPrice=900, Description="Noted") is None

    assert shop.prices(line_id) == (2.0, 50.0, 100.0)
    assert shop.read(line_id)["Description"] == "Noted"
    assert shop.read(line_id)["HasSchedule"] is True


def test_an_older_org_refuses_them(shop: Shop) -> None:
    shop.client.org.set(scheduled_lines="reject")
    line_id = scheduled_line(shop)

    assert shop.change(line_id, TotalPrice=900) == (400, "FIELD_INTEGRITY_EXCEPTION")
    assert shop.change(line_id, TotalPrice=100) is None


def test_a_deleted_line_is_gone_for_good(shop: Shop) -> None:
    line_id = shop.line(MN_Quote_Item_Id__c="item_1")
    shop.client.delete("OpportunityLineItem", line_id)

    everything = shop.client.query("SELECT Id FROM OpportunityLineItem", include_deleted=True)
    again = shop.client.many("PATCH", "OpportunityLineItem", [{"Id": line_id, "Quantity": 3}])

    assert everything == []
    assert codes(again) == ["ENTITY_IS_DELETED"]
    assert shop.line(MN_Quote_Item_Id__c="item_1") != line_id


def test_an_upsert_that_carries_create_only_fields_fails_on_its_second_run(shop: Shop) -> None:
    path = "composite/sobjects/OpportunityLineItem/MN_Quote_Item_Id__c"
    records = [shop.fields(MN_Quote_Item_Id__c="item_1")]

    first = shop.client.many("PATCH", "OpportunityLineItem", records, path=path)
    second = shop.client.many("PATCH", "OpportunityLineItem", records, path=path)

    assert codes(first) == [None]
    assert codes(second) == ["INVALID_FIELD_FOR_INSERT_UPDATE"]


def test_lines_of_many_opportunities_share_one_call(shop: Shop) -> None:
    opportunities = [shop.client.opportunity(Name=f"Deal {number}") for number in range(20)]
    records = [
        shop.fields(OpportunityId=each, TotalPrice=number + 1)
        for each in opportunities
        for number in range(10)
    ]

    assert codes(shop.client.many("POST", "OpportunityLineItem", records)) == [None] * 200

    amounts = shop.client.query("SELECT Amount FROM Opportunity WHERE Name LIKE 'Deal %'")
    assert {each["Amount"] for each in amounts} == {55.0}


def test_cents_add_up_exactly(shop: Shop) -> None:
    for _ in range(3):
        shop.line(Quantity=1, TotalPrice=0.1)

    assert shop.header()["Amount"] == 0.3
