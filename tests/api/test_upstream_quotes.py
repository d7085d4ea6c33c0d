"""Quotes of MonetizeNow arrive with all their lines; Salesforce hears of what it should show."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from console.models import ApiClient, Opportunity, OutboundPush, Quote, QuoteItem
from syncrules.facts import OpportunityStatus, QuoteStatus
from tests.api.upstream_calls import item, put, quote, version
from tests.builders import (
    make_account,
    make_client,
    make_item,
    make_opportunity,
    make_pairing,
    make_pricebook_entry,
    make_product,
    make_quote,
)
from tests.facts import sf_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def sender() -> ApiClient:
    return make_client(key="monetizenow")


@pytest.fixture
def deal(sender: ApiClient) -> Opportunity:
    """A linked opportunity without quotes."""
    row = make_opportunity(mn_id="opp_1", account=make_account(mn_id="acct_1"))
    make_pairing(opportunity=row)
    product = make_product(mn_id="prod_1")
    make_pricebook_entry(mn_id="pbe_1", product=product)
    return row


@pytest.fixture
def primary(deal: Opportunity) -> Quote:
    """The primary quote of the deal, with one line."""
    row = make_quote(mn_id="quote_1", opportunity=deal, is_primary=True)
    make_item(row, mn_id="item_1")
    return row


def sent(sender: ApiClient, **fields: Any) -> Any:
    """The answer to a later version of the quote, with the one line that it has."""
    body = {"updated_at": version(1), "items": [item()]} | fields
    return put(sender, "quotes", "quote_1", quote(**body))


def test_a_quote_arrives_with_its_lines(sender: ApiClient, deal: Opportunity) -> None:
    line = item(
        product_id="prod_1",
        pricebook_entry_id="pbe_1",
        quantity="2.5",
        start_date="2026-04-01",
        end_date="2027-03-31",
        custom_values={"Margin__c": 12.5, "Note__c": "yes", "Blank__c": None},
    )

    answer = sent(
        sender,
        opportunity_id="opp_1",
        amount="250.00",
        contract_start="2026-04-01",
        contract_end="2027-03-31",
        custom_values={"Segment__c": "SMB", "Strategic__c": True},
        items=[line, item("item_2")],
    )

    row = Quote.objects.get()
    first, second = row.items.all()
    assert answer.status_code == 201, answer.json()
    assert answer.json()["items"] == {"added": 2, "changed": 0, "removed": 0}
    assert (row.opportunity, row.amount) == (deal, Decimal(250))
    assert row.custom_values == {"Segment__c": "SMB", "Strategic__c": True}
    assert (first.quantity, first.product.mn_id) == (Decimal("2.5"), "prod_1")  # type: ignore[union-attr]
    assert first.custom_values == {"Margin__c": "12.5", "Note__c": "yes", "Blank__c": None}
    assert (first.position, second.position) == (0, 1)


def test_the_lines_are_what_the_version_says(sender: ApiClient, deal: Opportunity) -> None:
    put(sender, "quotes", "quote_1", quote(items=[item("a"), item("b"), item("c")]))

    answer = sent(sender, items=[item("c"), item("a", amount="999.99"), item("d")])

    rows = list(QuoteItem.objects.values_list("mn_id", "amount"))
    assert answer.json()["items"] == {"added": 1, "changed": 2, "removed": 1}
    assert rows == [("c", Decimal(1000)), ("a", Decimal("999.99")), ("d", Decimal(1000))]


def test_what_the_console_owns_stays_when_a_line_leaves_it_out(
    sender: ApiClient, primary: Quote
) -> None:
    QuoteItem.objects.update(override="Never", custom_values={"Own__c": "1"})

    sent(sender, items=[item(amount=5)])
    line = QuoteItem.objects.get()
    assert (line.amount, line.override) == (Decimal(5), "Never")
    assert line.custom_values == {"Own__c": "1"}

    sent(sender, updated_at=version(2), items=[item(override="")])
    line.refresh_from_db()
    assert line.override == ""


def test_a_thousand_lines_take_a_few_statements(sender: ApiClient, deal: Opportunity) -> None:
    def lines(amount: str) -> list[dict[str, Any]]:
        ids = [f"item_{index:04d}_{'x' * 50}" for index in range(1000)]
        own = {"Description__c": "A line of a large quote, described at some length. " * 12}
        return [
            item(mn_id, amount=amount, product_id="prod_1", pricebook_entry_id="pbe_1")
            | {"custom_values": own}
            for mn_id in ids
        ]

    with CaptureQueriesContext(
        connection,
    ) as creating:
        first = put(sender, "quotes", "quote_1", quote(items=lines("10.00")))
    with CaptureQueriesContext(connection) as changing:
        second = sent(sender, items=lines("11.00"))

    assert first.status_code == 201, first.json()
    assert second.json()["items"] == {"added": 0, "changed": 1000, "removed": 0}
    assert len(creating) < 25
    assert len(changing) < 25
    assert QuoteItem.objects.filter(amount=11).count() == 1000


def test_a_body_over_four_mebibytes_is_refused(sender: ApiClient, deal: Opportunity) -> None:
    answer = put(sender, "quotes", "quote_1", b" " * (4 * 1024 * 1024 + 1))

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    assert "4 MiB" in answer.json()["error"]["message"]


def test_changed_lines_of_the_primary_quote_are_pushed(sender: ApiClient, primary: Quote) -> None:
    answer = sent(sender, items=[item(amount=5)])

    assert answer.json()["push_requested"]
    assert OutboundPush.objects.get().opportunity == primary.opportunity


def test_an_accepted_quote_still_moves_its_dates(sender: ApiClient, primary: Quote) -> None:
    """Dates may move at acceptance, and ARR depends on them."""
    Quote.objects.update(status=QuoteStatus.ACCEPTED)
    Opportunity.objects.update(status=OpportunityStatus.WON)

    answer = sent(sender, status="ACCEPTED", contract_end="2029-06-30")

    primary.refresh_from_db()
    assert str(primary.contract_end) == "2029-06-30"
    assert "contract_end" in answer.json()["changed_fields"]
    assert answer.json()["push_requested"]


def test_a_status_arrives_dated_and_pushes_nothing(sender: ApiClient, primary: Quote) -> None:
    sent(sender)
    OutboundPush.objects.all().delete()

    answer = sent(sender, updated_at=version(2), status="PROCESSED")

    primary.refresh_from_db()
    assert answer.json()["changed_fields"] == ["status"]
    assert primary.status_since.isoformat() == version(2)
    assert not OutboundPush.objects.exists()


def test_lines_in_another_order_push_nothing(sender: ApiClient, primary: Quote) -> None:
    sent(sender, items=[item(), item("item_2")])
    OutboundPush.objects.all().delete()

    answer = sent(sender, updated_at=version(2), items=[item("item_2"), item()])

    assert answer.json()["items"]["changed"] == 2
    assert not answer.json()["push_requested"]


def test_another_quote_than_the_primary_one_pushes_nothing(
    sender: ApiClient, deal: Opportunity
) -> None:
    answer = sent(sender, opportunity_id="opp_1")

    assert answer.status_code == 201
    assert not OutboundPush.objects.exists()


def test_a_deal_that_salesforce_does_not_know_pushes_nothing(
    sender: ApiClient, primary: Quote
) -> None:
    Opportunity.objects.get().associations.all().delete()

    assert not sent(sender, items=[]).json()["push_requested"]
    assert not OutboundPush.objects.exists()


def test_a_deal_that_was_created_for_a_record_is_pushed(sender: ApiClient, primary: Quote) -> None:
    Opportunity.objects.get().associations.all().delete()
    Opportunity.objects.update(creation_reference=sf_id())

    assert sent(sender, items=[]).json()["push_requested"]


def test_the_same_version_again_touches_no_line(sender: ApiClient, primary: Quote) -> None:
    sent(sender)
    QuoteItem.objects.update(amount=7)

    answer = sent(sender)

    assert (answer.status_code, answer.json()["changed"]) == (200, False)
    assert QuoteItem.objects.get().amount == 7


def test_an_older_version_is_refused(sender: ApiClient, primary: Quote) -> None:
    sent(sender)

    answer = sent(sender, updated_at=version(0), items=[])

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "stale_version")
    assert QuoteItem.objects.count() == 1


def test_a_primary_quote_stays_with_its_opportunity(sender: ApiClient, primary: Quote) -> None:
    make_opportunity(mn_id="opp_2", account=primary.account)

    answer = sent(sender, opportunity_id="opp_2", description="moved")

    error = answer.json()["error"]
    primary.refresh_from_db()
    assert (answer.status_code, error["code"]) == (409, "still_primary")
    assert error["field"] == "opportunity_id"
    assert "opp_1" in error["message"]
    assert primary.description != "moved"


def test_any_other_quote_may_move(sender: ApiClient, deal: Opportunity) -> None:
    other = make_opportunity(mn_id="opp_2", account=deal.account)
    sent(sender, opportunity_id="opp_1")

    sent(sender, updated_at=version(2), opportunity_id="opp_2")

    assert Quote.objects.get().opportunity == other


def test_a_restricted_quote_is_changed_only_by_who_may_read_it(
    sender: ApiClient, primary: Quote
) -> None:
    primary.readers.add(Group.objects.create(name="deal desk"))

    answer = sent(sender, reader_groups=[], description="opened")

    primary.refresh_from_db()
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "quote_inaccessible")
    assert primary.readers.count() == 1
    assert primary.description != "opened"


def test_readers_are_groups_by_name(sender: ApiClient, primary: Quote) -> None:
    desk = Group.objects.create(name="deal desk")
    sender.groups.add(desk)

    answer = sent(sender, reader_groups=["deal desk"])

    assert "reader_groups" in answer.json()["changed_fields"]
    assert list(primary.readers.all()) == [desk]

    sent(sender, updated_at=version(2))
    assert primary.readers.count() == 1

    sent(sender, updated_at=version(3), reader_groups=[])
    assert primary.readers.count() == 0


def test_nobody_locks_himself_out(sender: ApiClient, primary: Quote) -> None:
    Group.objects.create(name="deal desk")

    answer = sent(sender, reader_groups=["deal desk"])

    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "reader_groups")
    assert primary.readers.count() == 0


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
    answer = sent(sender, **({"description": "changed"} | bad))

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

    answer = sent(sender, items=[item(), item("item_other")])

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
