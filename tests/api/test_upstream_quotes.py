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
from tests.api.upstream_calls import item, put, put_quote, quote, version
from tests.builders import make_opportunity
from tests.facts import sf_id

pytestmark = pytest.mark.django_db


def test_a_quote_arrives_with_its_lines(sender: ApiClient, deal: Opportunity) -> None:
    line = item(
        product_id="prod_1",
        pricebook_entry_id="pbe_1",
        quantity="2.5",
        start_date="2026-04-01",
        end_date="2027-03-31",
        custom_values={"Margin__c": 12.5, "Note__c": "yes", "Blank__c": None},
    )

    answer = put_quote(
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

    answer = put_quote(sender, items=[item("c"), item("a", amount="999.99"), item("d")])

    rows = list(QuoteItem.objects.values_list("mn_id", "amount"))
    assert answer.json()["items"] == {"added": 1, "changed": 2, "removed": 1}
    assert rows == [("c", Decimal(1000)), ("a", Decimal("999.99")), ("d", Decimal(1000))]


def test_what_the_console_owns_stays_when_a_line_leaves_it_out(
    sender: ApiClient, primary: Quote
) -> None:
    QuoteItem.objects.update(override="Never", custom_values={"Own__c": "1"})

    put_quote(sender, items=[item(amount=5)])
    line = QuoteItem.objects.get()
    assert (line.amount, line.override) == (Decimal(5), "Never")
    assert line.custom_values == {"Own__c": "1"}

    put_quote(sender, updated_at=version(2), items=[item(override="")])
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
        second = put_quote(sender, items=lines("11.00"))

    assert first.status_code == 201, first.json()
    assert second.json()["items"] == {"added": 0, "changed": 1000, "removed": 0}
    assert len(creating) < 25
    assert len(changing) < 25
    assert QuoteItem.objects.filter(amount=11).count() == 1000


def test_changed_lines_of_the_primary_quote_are_pushed(sender: ApiClient, primary: Quote) -> None:
    answer = put_quote(sender, items=[item(amount=5)])

    assert answer.json()["push_requested"]
    assert OutboundPush.objects.get().opportunity == primary.opportunity


def test_an_accepted_quote_still_moves_its_dates(sender: ApiClient, primary: Quote) -> None:
    """Dates may move at acceptance, and ARR depends on them."""
    Quote.objects.update(status=QuoteStatus.ACCEPTED)
    Opportunity.objects.update(status=OpportunityStatus.WON)

    answer = put_quote(sender, status="ACCEPTED", contract_end="2029-06-30")

    primary.refresh_from_db()
    assert str(primary.contract_end) == "2029-06-30"
    assert "contract_end" in answer.json()["changed_fields"]
    assert answer.json()["push_requested"]


def test_a_status_arrives_dated_and_pushes_nothing(sender: ApiClient, primary: Quote) -> None:
    put_quote(sender)
    OutboundPush.objects.all().delete()

    answer = put_quote(sender, updated_at=version(2), status="PROCESSED")

    primary.refresh_from_db()
    assert answer.json()["changed_fields"] == ["status"]
    assert primary.status_since.isoformat() == version(2)
    assert not OutboundPush.objects.exists()


def test_lines_in_another_order_push_nothing(sender: ApiClient, primary: Quote) -> None:
    put_quote(sender, items=[item(), item("item_2")])
    OutboundPush.objects.all().delete()

    answer = put_quote(sender, updated_at=version(2), items=[item("item_2"), item()])

    assert answer.json()["items"]["changed"] == 2
    assert not answer.json()["push_requested"]


def test_another_quote_than_the_primary_one_pushes_nothing(
    sender: ApiClient, deal: Opportunity
) -> None:
    answer = put_quote(sender, opportunity_id="opp_1")

    assert answer.status_code == 201
    assert not OutboundPush.objects.exists()


def test_a_deal_that_salesforce_does_not_know_pushes_nothing(
    sender: ApiClient, primary: Quote
) -> None:
    Opportunity.objects.get().associations.all().delete()

    assert not put_quote(sender, items=[]).json()["push_requested"]
    assert not OutboundPush.objects.exists()


def test_a_deal_that_was_created_for_a_record_is_pushed(sender: ApiClient, primary: Quote) -> None:
    Opportunity.objects.get().associations.all().delete()
    Opportunity.objects.update(creation_reference=sf_id())

    assert put_quote(sender, items=[]).json()["push_requested"]


def test_the_same_version_again_touches_no_line(sender: ApiClient, primary: Quote) -> None:
    put_quote(sender)
    QuoteItem.objects.update(amount=7)

    answer = put_quote(sender)

    assert (answer.status_code, answer.json()["changed"]) == (200, False)
    assert QuoteItem.objects.get().amount == 7


def test_any_other_quote_may_move(sender: ApiClient, deal: Opportunity) -> None:
    other = make_opportunity(mn_id="opp_2", account=deal.account)
    put_quote(sender, opportunity_id="opp_1")

    put_quote(sender, updated_at=version(2), opportunity_id="opp_2")

    assert Quote.objects.get().opportunity == other


def test_a_restricted_quote_is_changed_only_by_who_may_read_it(
    sender: ApiClient, primary: Quote
) -> None:
    primary.readers.add(Group.objects.create(name="deal desk"))

    answer = put_quote(sender, reader_groups=[], description="opened")

    primary.refresh_from_db()
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "quote_inaccessible")
    assert primary.readers.count() == 1
    assert primary.description != "opened"


def test_readers_are_groups_by_name(sender: ApiClient, primary: Quote) -> None:
    desk = Group.objects.create(name="deal desk")
    sender.groups.add(desk)

    answer = put_quote(sender, reader_groups=["deal desk"])

    assert "reader_groups" in answer.json()["changed_fields"]
    assert list(primary.readers.all()) == [desk]

    put_quote(sender, updated_at=version(2))
    assert primary.readers.count() == 1

    put_quote(sender, updated_at=version(3), reader_groups=[])
    assert primary.readers.count() == 0


def test_nobody_locks_himself_out(sender: ApiClient, primary: Quote) -> None:
    Group.objects.create(name="deal desk")

    answer = put_quote(sender, reader_groups=["deal desk"])

    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "reader_groups")
    assert primary.readers.count() == 0
