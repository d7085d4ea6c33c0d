"""Opportunity products at the edge, as the local org keeps them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from console.salesforce.gateway import Gateway, Rejected
from syncrules.salesforce_id import InvalidSalesforceId, to_18
from tests.org import Org
from tests.salesforce.answers import ONE, opportunity_id
from tests.salesforce.products import ENTRY, new

BOOK, PRODUCT = to_18("01s000000000001"), to_18("01t000000000009")
LINE = to_18("00k000000000001")


@pytest.fixture
def shop(org: Org) -> Org:
    """An org with one price, and two opportunities in its price book."""
    org.load(
        Pricebook2=[{"Id": BOOK, "Name": "Standard", "IsActive": True}],
        Product2=[{"Id": PRODUCT, "Name": "Seat", "IsActive": True}],
        PricebookEntry=[
            {
                "Id": ENTRY,
                "Pricebook2Id": BOOK,
                "Product2Id": PRODUCT,
                "UnitPrice": 5,
                "CurrencyIsoCode": "USD",
                "IsActive": True,
            }
        ],
    )
    for number in (1, 2):
        org.add_opportunity(opportunity_id(number), Pricebook2Id=BOOK, CurrencyIsoCode="USD")
    return org


def test_what_is_created_is_read_with_its_opportunity(shop: Org, org_gateway: Gateway) -> None:
    made = org_gateway.products.create_products(
        [new("item_1", ServiceDate="2026-03-01"), new("item_2", parent=2)]
    )

    found = org_gateway.products.read_products([opportunity_id(1), opportunity_id(2)[:15]])

    assert [result.error for result in made] == [None, None]
    assert found.keys() == {opportunity_id(1), opportunity_id(2)}
    one = found[opportunity_id(1)]
    (line,) = one.products.lines
    assert (one.opportunity.name, one.products.currency) == ("Northwind", "USD")
    assert (one.products.pricebook_salesforce_id, line.quote_item_mn_id) == (BOOK, "item_1")
    assert (line.quantity, line.total_price) == (Decimal(2), Decimal("10.5"))
    assert (line.service_date, line.has_schedule) == (date(2026, 3, 1), False)
    assert line.pricebook_entry_salesforce_id == ENTRY


def test_an_opportunity_without_products_is_there_and_one_that_is_gone_is_not(
    shop: Org, org_gateway: Gateway
) -> None:
    found = org_gateway.products.read_products([opportunity_id(1), opportunity_id(9)])

    assert found.keys() == {opportunity_id(1)}
    assert found[opportunity_id(1)].products.lines == ()
    assert org_gateway.calls == 1


def test_nothing_is_asked_for_nothing(shop: Org, org_gateway: Gateway) -> None:
    assert org_gateway.products.read_products([]) == {}
    assert org_gateway.products.create_products([]) == []
    assert org_gateway.calls == 0


def test_a_second_product_for_a_quote_item_is_refused(shop: Org, org_gateway: Gateway) -> None:
    org_gateway.products.create_products([new("item_1")])

    first, second = org_gateway.products.create_products([new("item_1"), new("item_2")])

    assert isinstance(first.error, Rejected)
    assert first.error.code == "DUPLICATE_VALUE"
    assert second.error is None


def test_products_are_changed_and_deleted_each_on_its_own(shop: Org, org_gateway: Gateway) -> None:
    products = org_gateway.products
    products.create_products([new("item_1"), new("item_2")])
    lines = products.read_products([ONE])[ONE].products.lines
    first, second = (line.salesforce_id for line in lines)
    gone = to_18("00k000000000009")

    changed = products.update_products(
        [(first, {"Quantity": "4.00", "TotalPrice": "99.99"}), (gone, {"Quantity": "1.00"})]
    )
    deleted = products.delete_products([second, gone])

    assert [bool(result.error) for result in changed] == [False, True]
    assert [bool(result.error) for result in deleted] == [False, True]
    (left,) = products.read_products([ONE])[ONE].products.lines
    assert (left.quantity, left.total_price) == (Decimal(4), Decimal("99.99"))


@pytest.mark.parametrize(("count", "calls"), [(200, 1), (201, 1), (1000, 1), (1001, 2)])
def test_a_thousand_products_travel_in_one_call(
    shop: Org, org_gateway: Gateway, count: int, calls: int
) -> None:
    made = org_gateway.products.create_products([new(f"item_{n}") for n in range(count)])

    assert not [result for result in made if result.error]
    assert org_gateway.calls == calls


def test_more_products_than_a_page_holds_are_read(shop: Org, org_gateway: Gateway) -> None:
    shop.load(
        OpportunityLineItem=[
            {"OpportunityId": ONE, "PricebookEntryId": ENTRY, "Quantity": 1, "TotalPrice": 1}
            for _ in range(2100)
        ]
    )

    assert len(org_gateway.products.read_products([ONE])[ONE].products.lines) == 2100
    assert org_gateway.calls == 2


def test_quote_items_are_read_by_their_mn_id(org: Org, org_gateway: Gateway) -> None:
    quote = to_18("a0B000000000001")
    org.add_quote(quote, "quote_1")
    org.load(
        monetize__QuoteItem__c=[
            {
                "Name": mn_id,
                "monetize__Id__c": mn_id,
                "monetize__Quote__c": quote,
                "monetize__Amount__c": amount,
            }
            for mn_id, amount in (("Item_1", 1.5), ("item_2", None), ("item_3", 3))
        ]
    )

    found = org_gateway.products.read_quote_items(
        ["Item_1", "ITEM_2", "item_3", "item_4"], ["monetize__amount__c", "No_Such__c"]
    )

    assert found == {
        "Item_1": {"monetize__amount__c": 1.5},
        "item_3": {"monetize__amount__c": 3.0},
    }


def test_what_is_no_id_or_no_field_name_is_refused_before_any_call(org_gateway: Gateway) -> None:
    with pytest.raises(InvalidSalesforceId):
        org_gateway.products.read_products([BOOK])
    with pytest.raises(InvalidSalesforceId):
        org_gateway.products.delete_products([LINE, "1&allOrNone=true"])
    with pytest.raises(InvalidSalesforceId):
        org_gateway.products.update_products([("x", {"Quantity": "1.00"})])
    with pytest.raises(ValueError, match="no API name"):
        org_gateway.products.read_quote_items(["item_1"], ["Name FROM User"])
    assert org_gateway.calls == 0
