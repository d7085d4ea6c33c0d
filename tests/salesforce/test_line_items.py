"""Opportunity products at the edge: what is read and written, and what is made of odd answers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from console.salesforce.client import Credentials, connect
from console.salesforce.gateway import Gateway, Misconfigured, Rejected, Unavailable, Unknown
from console.salesforce.product_gateway import NewProduct
from syncrules.salesforce_id import InvalidSalesforceId, to_18
from tests.org import Org
from tests.salesforce.answers import ONE, ORG_ID, opportunity_id, record
from tests.salesforce.conftest import QUICK
from tests.salesforce.scripted import Answer, ScriptedServer

BOOK, ENTRY, OTHER_ENTRY = (to_18(f"{prefix}000000000001") for prefix in ("01s", "01u", "01t"))
PRODUCT = to_18("01t000000000009")
FIELDS = {"PricebookEntryId": ENTRY, "Quantity": "2.00", "TotalPrice": "10.50"}


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


def new(item: str, *, parent: int = 1, **fields: str) -> NewProduct:
    return NewProduct(opportunity_id(parent), item, {**FIELDS, **fields})


# --- On the local org ----------------------------------------------------------------------------


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
    with pytest.raises(ValueError, match="no API name"):
        org_gateway.products.read_quote_items(["item_1"], ["Name FROM User"])
    assert org_gateway.calls == 0


# --- Odd answers ---------------------------------------------------------------------------------


def page(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"done": True, "records": list(rows)}


def both(header: dict[str, Any], *lines: dict[str, Any]) -> Answer:
    """The answer to the two queries for an opportunity and its products."""
    typed = [{**each, "attributes": {"type": "OpportunityLineItem"}} for each in lines]
    bodies = [page({**header, "attributes": {"type": "Opportunity"}}), page(*typed)]
    return Answer(
        body={
            "compositeResponse": [
                {"referenceId": f"part{n}", "httpStatusCode": 200, "body": body}
                for n, body in enumerate(bodies)
            ]
        }
    )


def without(field: str) -> Answer:
    """The refusal of an org that has no such field."""
    words = f"SELECT ... No such column '{field}' on entity 'Opportunity'."
    error = [{"errorCode": "INVALID_FIELD", "message": words}]
    part = {"httpStatusCode": 400, "body": error}
    parts = [{"referenceId": f"part{n}", **part} for n in range(2)]
    return Answer(body={"compositeResponse": parts})


def line_of(**fields: Any) -> dict[str, Any]:
    defaults = {
        "Id": to_18("00k000000000001"),
        "OpportunityId": ONE,
        "PricebookEntryId": ENTRY,
        "Quantity": 1,
        "TotalPrice": 10.1,
        "HasSchedule": False,
    }
    return {**defaults, **fields}


def test_an_org_with_one_currency_and_no_quotes_is_asked_again_without(
    gateway: Gateway, scripted: ScriptedServer
) -> None:
    scripted.will(without("SyncedQuoteId"), without("CurrencyIsoCode"), both(record(1)))

    found = gateway.products.read_products([ONE])

    assert (found[ONE].products.currency, found[ONE].products.synced_quote_salesforce_id) == (
        None,
        None,
    )
    asked = [seen.body for seen in scripted.api_requests()]
    assert ["SyncedQuoteId" in body for body in asked] == [True, False, False]
    assert ["CurrencyIsoCode" in body for body in asked] == [True, True, False]


def test_what_one_question_finds_out_the_others_know(
    gateway: Gateway, scripted: ScriptedServer
) -> None:
    words = "No such column 'CurrencyIsoCode' on entity 'Account'"
    refusal = Answer(400, [{"errorCode": "INVALID_FIELD", "message": words}])
    none = Answer(body=page())
    scripted.will(refusal, none, none, both(record(1)), none)

    gateway.read_accounts([to_18("001000000000001")])
    gateway.read_opportunities([ONE])
    gateway.products.read_products([ONE])
    gateway.audit.read_states([ONE])

    asked = [seen.path + seen.query + seen.body for seen in scripted.api_requests()]
    assert ["CurrencyIsoCode" in one for one in asked] == [True, False, False, False, False]


def test_each_process_finds_that_out_once(
    credentials: Credentials, scripted: ScriptedServer
) -> None:
    scripted.will(without("SyncedQuoteId"), both(record(1)), both(record(1)))
    connect(credentials, timeouts=QUICK).products.read_products([ONE])

    connect(credentials, timeouts=QUICK).products.read_products([ONE])

    assert len(scripted.api_requests()) == 3


def test_the_field_of_the_quote_items_id_is_needed(
    gateway: Gateway, scripted: ScriptedServer
) -> None:
    scripted.will(without("MN_Quote_Item_Id__c"))

    with pytest.raises(Misconfigured, match="MN_Quote_Item_Id__c"):
        gateway.products.read_products([ONE])


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("Quantity", None, "Quantity of 00k"),
        ("TotalPrice", "10", "TotalPrice of 00k"),
        ("TotalPrice", True, "TotalPrice of 00k"),
        ("ServiceDate", "soon", "ServiceDate of 00k"),
        ("HasSchedule", None, "HasSchedule of 00k"),
        ("OpportunityId", "x", "OpportunityId"),
    ],
)
def test_a_malformed_product_is_refused_by_the_name_of_its_field(
    gateway: Gateway, scripted: ScriptedServer, field: str, value: object, words: str
) -> None:
    scripted.will(both(record(1), line_of(**{field: value})))

    with pytest.raises(Unknown, match=words):
        gateway.products.read_products([ONE])


def test_amounts_are_exact(gateway: Gateway, scripted: ScriptedServer) -> None:
    scripted.will(both(record(1), line_of(TotalPrice=0.1, UnitPrice=133.3300001)))

    (line,) = gateway.products.read_products([ONE])[ONE].products.lines

    assert (line.total_price, line.unit_price) == (Decimal("0.1"), Decimal("133.3300001"))


def test_a_number_that_a_binary_fraction_cannot_hold_travels_as_text(
    gateway: Gateway, scripted: ScriptedServer
) -> None:
    scripted.will(Answer(body=[{"id": ORG_ID, "success": True, "errors": []}]))

    (result,) = gateway.products.create_products([new("item_1", TotalPrice="9999999999999999.97")])

    assert result.sent["TotalPrice"] == "9999999999999999.97"
    assert result.sent["Quantity"] == 2.0


@pytest.mark.parametrize("body", [[], {}, None, [{"success": True}], "fine"])
def test_an_answer_that_says_nothing_is_no_success(
    gateway: Gateway, scripted: ScriptedServer, body: object
) -> None:
    scripted.will(Answer(body=body))

    results = gateway.products.create_products([new("item_1"), new("item_2")])

    assert [type(result.error) for result in results] == [Unknown, Unknown]


def test_after_a_trouble_of_the_connection_the_rest_is_not_tried(
    gateway: Gateway, scripted: ScriptedServer
) -> None:
    scripted.will(Answer(503, text="<html>Down</html>"))

    results = gateway.products.create_products([new(f"item_{n}") for n in range(1001)])

    assert {type(result.error) for result in results} == {Unavailable}
    assert len(scripted.api_requests()) == 1
    assert (bool(results[0].sent), bool(results[1000].sent)) == (True, False)
