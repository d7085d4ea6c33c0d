"""Products on real parts: read, compared, sent and read back through the local org."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from console.models import OutboundPush, Product, SalesforceConnection
from syncrules.line_facts import Override
from syncrules.reasons import Outcome, Reason
from tests.builders import make_product
from tests.deal import AMOUNT, ARR, ITEM_ID, Deal, choose, make_deal
from tests.facts import sf_id
from tests.org import Org

pytestmark = pytest.mark.django_db
State = OutboundPush.State


@pytest.fixture
def deal(org: Org, connected: SalesforceConnection) -> Deal:
    return make_deal(org)


# --- Which lines, with which amount --------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount_field", "totals"),
    [
        (AMOUNT, [300, 800, 5000]),
        ("monetize__IncrementalARR__c", [0, 0, 12000]),
        (ARR, [1200, 2400, 12000]),
    ],
    ids=["6,100", "12,000", "15,600"],
)
def test_the_ramp_of_the_document(deal: Deal, amount_field: str, totals: list[int]) -> None:
    deal.ramp()
    setting = choose(amount_field=amount_field)

    done, entry = deal.push()

    assert deal.totals() == totals
    assert deal.amount == sum(totals)
    assert done.state == State.SENT
    assert (entry.outcome, entry.reason) == (Outcome.DONE, Reason.PRODUCTS_PUSHED)
    assert entry.settings_revision == setting.pk
    assert [each["action"] for each in entry.request] == ["create"] * 3  # type: ignore[union-attr]


def test_a_product_holds_what_its_line_says(deal: Deal) -> None:
    item = deal.line(quantity=Decimal(10), start_date=date(2026, 1, 1))

    deal.push()

    (product,) = deal.products()
    assert item.pricebook_entry is not None
    assert product[ITEM_ID] == item.mn_id
    assert product["PricebookEntryId"] == item.pricebook_entry.salesforce_id
    assert (product["Quantity"], product["TotalPrice"], product["UnitPrice"]) == (10, 12000, 1200)
    assert product["ServiceDate"] == "2026-01-01"


def test_what_is_in_step_is_not_sent(deal: Deal, org: Org) -> None:
    deal.ramp()
    deal.push()
    written = len(org.journal())

    done, entry = deal.push()

    assert len(org.journal()) == written
    assert done.state == State.SENT
    assert entry.reason == Reason.PRODUCTS_IN_STEP
    assert entry.request is None


def test_a_line_that_changed_is_updated_in_place(deal: Deal) -> None:
    item = deal.line()
    deal.push()
    (before,) = deal.products()
    item.quantity = Decimal(20)
    item.save(update_fields=["quantity"])

    _, entry = deal.push()

    (after,) = deal.products()
    assert after["Id"] == before["Id"]
    assert (after["Quantity"], after["TotalPrice"]) == (20, 24000)
    assert entry.request == [
        {"action": "update", "id": before["Id"], "Quantity": 20.0, "TotalPrice": 24000.0}
    ]


def test_one_time_charges_bring_no_recurring_revenue(deal: Deal) -> None:
    deal.line(kind=Product.Type.ONETIME, billing_months=0, amount=Decimal(900))

    deal.push()
    assert deal.totals() == [0]

    choose(amount_field=AMOUNT)
    deal.push()
    assert deal.totals() == [900]


def test_usage_of_quantity_zero_goes_as_one_unit(deal: Deal) -> None:
    choose(amount_field=AMOUNT)
    deal.line(kind=Product.Type.USAGE, quantity=Decimal(0), amount=Decimal(0))

    _, entry = deal.push()

    (product,) = deal.products()
    assert (product["Quantity"], product["TotalPrice"]) == (1, 0)
    assert entry.reason == Reason.PRODUCTS_PUSHED


def test_a_line_of_quantity_zero_stays_away_and_so_does_one_without_a_product(deal: Deal) -> None:
    deal.line(quantity=Decimal(0))
    no_product = deal.line()
    no_product.product = None
    no_product.save(update_fields=["product"])

    done, entry = deal.push()

    assert deal.products() == []
    assert (done.state, entry.reason) == (State.SENT, Reason.PRODUCTS_IN_STEP)


def test_a_line_that_was_removed_from_the_quote_goes(deal: Deal) -> None:
    stays, goes = deal.line(), deal.line()
    deal.push()
    goes.delete()

    deal.push()

    assert [each[ITEM_ID] for each in deal.products()] == [stays.mn_id]


def test_an_amendment_sends_only_what_it_modifies(deal: Deal) -> None:
    choose(amount_field=AMOUNT)
    deal.quote.type = "AMENDMENT"
    deal.quote.save(update_fields=["type"])
    deal.line(role="REFERENCE", amendment_status="NO_CHANGE")
    deal.line(amendment_status="NO_CHANGE")
    updated = deal.line(amendment_status="UPDATED", amount=Decimal(600))
    removed = deal.line(amendment_status="REMOVED", amount=Decimal(-400), quantity=Decimal(3))
    deal.line(amendment_status="REMOVED", amount=Decimal(-100), quantity=Decimal(0))

    deal.push()

    assert {each[ITEM_ID]: each["TotalPrice"] for each in deal.products()} == {
        updated.mn_id: 600,
        removed.mn_id: -400,
    }


def test_never_keeps_a_line_back_and_takes_its_product_away(deal: Deal) -> None:
    item = deal.line()
    deal.push()
    item.override = Override.NEVER
    item.save(update_fields=["override"])

    deal.push()

    assert deal.products() == []


# --- One line fails, the others go ---------------------------------------------------------------


def test_always_cannot_do_without_a_pricebook_entry(deal: Deal) -> None:
    forced = deal.line(override=Override.ALWAYS, pricebook_entry=None)
    other = deal.line()

    done, entry = deal.push()

    assert [each[ITEM_ID] for each in deal.products()] == [other.mn_id]
    assert done.state == State.PARKED
    assert (entry.outcome, entry.reason) == (Outcome.FAILED, Reason.PRODUCTS_PARTLY_PUSHED)
    assert f"{forced.mn_id}" in str(entry.decision)
    assert "Override Always, but no pricebook entry" in str(entry.decision)


def test_a_line_in_another_price_book_stays_away(deal: Deal) -> None:
    product = make_product()
    deal.line(product=product, pricebook_entry=deal.entry(product, pricebook=deal.add_pricebook()))
    other = deal.line()

    done, entry = deal.push()

    assert [each[ITEM_ID] for each in deal.products()] == [other.mn_id]
    assert (done.state, entry.reason) == (State.PARKED, Reason.PRICEBOOK_MISMATCH)


def test_an_opportunity_without_price_book_gets_that_of_its_lines_first(
    org: Org, connected: SalesforceConnection
) -> None:
    deal = make_deal(org, Pricebook2Id=None)
    deal.line()

    done, _ = deal.push()

    header, product = (each for each in org.journal() if each["action"] in ("update", "create"))
    assert (header["object"], product["object"]) == ("Opportunity", "OpportunityLineItem")
    assert org.opportunity(deal.salesforce_id)["Pricebook2Id"] == deal.pricebook
    assert done.state == State.SENT


def test_an_entry_in_another_currency_is_not_converted(deal: Deal) -> None:
    product = make_product()
    deal.line(product=product, pricebook_entry=deal.entry(product, currency="EUR"))
    other = deal.line()

    _, entry = deal.push()

    assert [each[ITEM_ID] for each in deal.products()] == [other.mn_id]
    assert entry.reason == Reason.PRODUCTS_PARTLY_PUSHED
    assert "differ in currency" in str(entry.decision)


def test_a_product_with_a_schedule_is_left_as_it_is(deal: Deal) -> None:
    item, other = deal.line(), deal.line()
    scheduled = deal.add_by_hand(
        total=77,
        HasRevenueSchedule=True,
        **{ITEM_ID: item.mn_id, "Quantity": 10},
        PricebookEntryId=item.pricebook_entry.salesforce_id,  # type: ignore[union-attr]
    )

    _, entry = deal.push()

    by_item = {each[ITEM_ID]: each for each in deal.products()}
    assert (by_item[item.mn_id]["Id"], by_item[item.mn_id]["TotalPrice"]) == (scheduled, 77)
    assert other.mn_id in by_item
    assert "has a schedule" in str(entry.decision)


def test_a_line_that_salesforce_refuses_is_named_with_its_words(deal: Deal, org: Org) -> None:
    refused, other = deal.line(), deal.line()
    org.break_with(
        action="record_error",
        external_id=refused.mn_id,
        code="FIELD_CUSTOM_VALIDATION_EXCEPTION",
        message="No such product this year",
    )

    done, entry = deal.push()

    assert [each[ITEM_ID] for each in deal.products()] == [other.mn_id]
    assert (done.state, entry.reason) == (State.PARKED, Reason.PRODUCTS_PARTLY_PUSHED)
    assert "No such product this year" in done.detail
    assert len(entry.response) == 2  # type: ignore[arg-type]


def test_all_refused_is_a_refusal(deal: Deal, org: Org) -> None:
    item = deal.line()
    org.break_with(action="record_error", external_id=item.mn_id, code="STRING_TOO_LONG")

    done, entry = deal.push()

    assert (done.state, entry.reason) == (State.PARKED, Reason.REJECTED_BY_SALESFORCE)


def test_a_value_that_was_taken_but_not_kept_is_noticed(deal: Deal, org: Org) -> None:
    item = deal.line()
    deal.push()
    item.quantity = Decimal(20)
    item.save(update_fields=["quantity"])
    (product,) = deal.products()
    org.break_with(
        action="ignore_fields", record_id=product["Id"], fields=["TotalPrice"], times=None
    )

    done, entry = deal.push()

    assert (done.state, entry.reason) == (State.PARKED, Reason.ACCEPTED_NOT_APPLIED)
    assert "TotalPrice sent 24000.00" in str(entry.decision)


# --- Whose products ------------------------------------------------------------------------------


def test_products_added_by_hand_are_never_touched(deal: Deal, org: Org) -> None:
    by_hand = deal.add_by_hand(total=500, Description="do not touch")
    deal.line()

    deal.push()
    deal.quote.items.all().delete()
    deal.push()

    (left,) = deal.products()
    assert (left["Id"], left["TotalPrice"]) == (by_hand, 500)
    assert not [each for each in org.journal() if each["record_id"] == by_hand]


def test_the_lines_of_the_old_primary_quote_go(deal: Deal) -> None:
    deal.ramp()
    deal.push()
    other = deal.another_quote()
    new = deal.line(quote=other)
    deal.make_primary(other)

    deal.push()

    assert [each[ITEM_ID] for each in deal.products()] == [new.mn_id]


def test_a_changed_pricebook_entry_is_a_deletion_and_a_creation(deal: Deal) -> None:
    item = deal.line()
    deal.push()
    (before,) = deal.products()
    assert item.product is not None
    item.pricebook_entry = deal.entry(item.product)
    item.save(update_fields=["pricebook_entry"])

    _, entry = deal.push()

    (after,) = deal.products()
    assert after["Id"] != before["Id"]
    assert after["PricebookEntryId"] == item.pricebook_entry.salesforce_id
    assert [each["action"] for each in entry.request] == ["delete", "create"]  # type: ignore[union-attr]


def test_a_second_writer_is_told(org: Org, connected: SalesforceConnection) -> None:
    synced = sf_id("0Q0")
    deal = make_deal(org, SyncedQuoteId=synced)
    deal.line()

    _, entry = deal.push()

    (rung,) = (each for each in entry.decision["steps"] if each["key"] == "second_writer")
    assert rung["status"] == "passed"
    told = dict(rung["evidence"])
    assert told["SyncedQuoteId"] == synced
    assert told["SyncedQuoteId after the push"] == synced
