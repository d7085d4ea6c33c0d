"""Quotes of MonetizeNow that are refused: the field is named, and nothing of them is stored."""

from __future__ import annotations

from typing import Any

import pytest

from console.models import ApiClient, Opportunity, Quote, QuoteItem
from tests.api.upstream_calls import item, put, put_quote, quote, version
from tests.builders import make_item, make_opportunity, make_quote

pytestmark = pytest.mark.django_db


def test_a_body_over_four_mebibytes_is_refused(sender: ApiClient, deal: Opportunity) -> None:
    answer = put(sender, "quotes", "quote_1", b" " * (4 * 1024 * 1024 + 1))

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    assert "4 MiB" in answer.json()["error"]["message"]


BAD = [
    pytest.param({"account_id": "acct_none"}, "account_id", id="an unknown account"),
    pytest.param({"opportunity_id": "opp_none"}, "opportunity_id", id="an unknown opportunity"),
    pytest.param({"reader_groups": ["nobody"]}, "reader_groups", id="an unknown group"),
    pytest.param({"items": [item(product_id="x")]}, "items.0.product_id", id="an unknown product"),
    pytest.param(
        {"items": [item(), item("b", pricebook_entry_id="x")]},
        "items.1.pricebook_entry_id",
        id="an unknown price",
    ),
    pytest.param({"items": [item(), item()]}, "items.1.mn_id", id="a line twice"),
    pytest.param({"items": [item(quantity=-1)]}, "items.0.quantity", id="less than nothing"),
    pytest.param({"items": [item(quantity=True)]}, "items.0.quantity", id="true is no number"),
    pytest.param({"items": [item(amount="1.005")]}, "items.0.amount", id="half a cent"),
    pytest.param({"items": [item(override="Maybe")]}, "items.0.override", id="no override"),
    pytest.param({"items": [item(colour="red")]}, "items.0.colour", id="an unknown field"),
    pytest.param({"items": [item(role=None)]}, "items.0.role", id="no role"),
    pytest.param({"items": [{"mn_id": "a"}]}, "items.0.quantity", id="no quantity"),
    pytest.param(
        {"items": [item(start_date="2027-01-01", end_date="2026-01-01")]},
        "items.0",
        id="a line that ends before it starts",
    ),
    pytest.param(
        {"items": [item(custom_values={"Own__c": [1]})]}, "items.0.custom_values", id="a list"
    ),
    pytest.param(
        {"custom_values": {"a b": "1"}}, "custom_values", id="a custom field without a name"
    ),
    pytest.param({"contract_end": "2026-03-31"}, "contract_end", id="an end before the start"),
    pytest.param({"status": "SOLD"}, "status", id="an unknown status"),
]


@pytest.mark.parametrize(("bad", "field"), BAD)
def test_a_bad_field_is_named_and_nothing_changes(
    sender: ApiClient, primary: Quote, bad: dict[str, Any], field: str
) -> None:
    answer = put_quote(sender, **({"description": "changed"} | bad))

    primary.refresh_from_db()
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field), answer.json()
    assert primary.description == "Three year platform"
    assert [line.mn_id for line in primary.items.all()] == ["item_1"]


def test_a_number_of_a_billion_digits_is_not_written_out(
    sender: ApiClient, deal: Opportunity
) -> None:
    body = str(quote(custom_values={"Big__c": "BIG"})).replace("'BIG'", "1e999999999")

    answer = put(sender, "quotes", "quote_1", body.replace("'", '"').encode())

    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "custom_values")


def test_a_line_of_another_quote_is_refused(sender: ApiClient, primary: Quote) -> None:
    make_item(make_quote(mn_id="quote_2"), mn_id="item_other")

    answer = put_quote(sender, items=[item(), item("item_other")])

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (409, "taken")
    assert error["field"] == "items.1.mn_id"
    assert "quote_2" in error["message"]


def test_the_list_of_items_must_be_there(sender: ApiClient, primary: Quote) -> None:
    body = quote(updated_at=version(1))
    del body["items"]

    answer = put(sender, "quotes", "quote_1", body)

    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "items")
    assert primary.items.count() == 1


def test_an_older_version_is_refused(sender: ApiClient, primary: Quote) -> None:
    put_quote(sender)

    answer = put_quote(sender, updated_at=version(0), items=[])

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "stale_version")
    assert QuoteItem.objects.count() == 1


def test_a_primary_quote_stays_with_its_opportunity(sender: ApiClient, primary: Quote) -> None:
    make_opportunity(mn_id="opp_2", account=primary.account)

    answer = put_quote(sender, opportunity_id="opp_2", description="moved")

    error = answer.json()["error"]
    primary.refresh_from_db()
    assert (answer.status_code, error["code"]) == (409, "still_primary")
    assert error["field"] == "opportunity_id"
    assert "opp_1" in error["message"]
    assert primary.description != "moved"
