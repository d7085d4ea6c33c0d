"""Opportunity products at the edge: what is made of odd answers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from console.salesforce.client import Credentials, connect
from console.salesforce.gateway import Gateway, Misconfigured, Unavailable, Unknown
from console.salesforce.product_gateway import ProductResult
from syncrules.salesforce_id import to_18
from tests.salesforce.answers import ONE, ORG_ID, record
from tests.salesforce.conftest import QUICK
from tests.salesforce.products import ENTRY, new
from tests.salesforce.scripted import Answer, ScriptedServer


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


LINES = [to_18(f"00k{number:012d}") for number in (1, 2)]
DONE = [{"id": one, "success": True, "errors": []} for one in LINES]


def written(gateway: Gateway, how: str) -> list[ProductResult]:
    if how == "update":
        return gateway.products.update_products([(one, {"Quantity": "1.00"}) for one in LINES])
    return gateway.products.delete_products(LINES)


@pytest.mark.parametrize("how", ["update", "delete"])
@pytest.mark.parametrize(
    "first",
    [DONE[1], {**DONE[0], "id": "nonsense"}, {"success": True}],
    ids=["another product", "no id", "nothing"],
)
def test_only_the_product_that_was_sent_confirms_itself(
    gateway: Gateway, scripted: ScriptedServer, first: dict[str, Any], how: str
) -> None:
    scripted.will(Answer(body=[first, DONE[1]]))

    results = written(gateway, how)

    assert [type(result.error) for result in results] == [Unknown, type(None)]
    assert not results[0].is_whole


@pytest.mark.parametrize("how", ["update", "delete"])
def test_a_fifteen_character_id_confirms_a_product_too(
    gateway: Gateway, scripted: ScriptedServer, how: str
) -> None:
    scripted.will(Answer(body=[{**one, "id": str(one["id"])[:15]} for one in DONE]))

    assert [result.error for result in written(gateway, how)] == [None, None]


def test_a_new_product_is_confirmed_by_its_id(gateway: Gateway, scripted: ScriptedServer) -> None:
    scripted.will(Answer(body=[DONE[0], {"success": True, "errors": []}]))

    results = gateway.products.create_products([new("item_1"), new("item_2")])

    assert [type(result.error) for result in results] == [type(None), Unknown]


def test_after_a_trouble_of_the_connection_the_rest_is_not_tried(
    gateway: Gateway, scripted: ScriptedServer
) -> None:
    scripted.will(Answer(503, text="<html>Down</html>"))

    results = gateway.products.create_products([new(f"item_{n}") for n in range(1001)])

    assert {type(result.error) for result in results} == {Unavailable}
    assert len(scripted.api_requests()) == 1
    assert (bool(results[0].sent), bool(results[1000].sent)) == (True, False)
