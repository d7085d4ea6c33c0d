"""Reconcile, the products: each of their fields with each verdict that it can have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

import pytest

from syncrules import reconcile as rule
from syncrules.drift import Because, DriftField
from syncrules.drift_facts import ProductsWritten
from syncrules.line_facts import Override, RemoteLine
from syncrules.line_reasons import LineReason
from tests.rules.drift import AFTER, BEFORE, PARKED, QUEUED, Case, assert_finds, products, state
from tests.rules.lines import (
    ENTRY,
    OTHER_BOOK,
    OTHER_ENTRY,
    by_hand,
    document_ramp,
    line,
    remote,
    remote_line,
)

F, B = DriftField, Because


def written(*lines: RemoteLine) -> ProductsWritten:
    return ProductsWritten(42, BEFORE, lines)


LINE = line(start="2026-01-01")
THERE = remote_line(service_date=date(2026, 1, 1))
DEARER = replace(THERE, total_price=Decimal("12500.5"))
WORDS = "10.00 for 12000.00, from 2026-01-01"
GONE = products(LINE, amount="0.01", written=written(THERE))
ORPHAN = remote_line(salesforce_id="00kQy00000000002AA", quote_item_mn_id="qtitm_9")
ORPHAN_WORDS = "10.00 for 12000.00"
LINES: Final[Mapping[str, Case]] = {
    "a product as it should be": Case(products(LINE, there=[THERE])),
    "a product that people added is nobody's drift": Case(products(LINE, there=[THERE, by_hand()])),
    # a line as a whole
    "it was written and is gone": Case(GONE, B.EMPTIED, F.LINE, WORDS, None, "12000.00"),
    "it was never written": Case(
        replace(GONE, written=None), B.NEVER_WRITTEN, F.LINE, WORDS, None, "12000.00"
    ),
    "it is new since the last push": Case(
        replace(GONE, written=written()), B.NEVER_WRITTEN, F.LINE, WORDS, None, "12000.00"
    ),
    "it lacks, and a push waits": Case(
        replace(GONE, push=QUEUED), B.PUSH_UNDER_WAY, F.LINE, WORDS, None, "12000.00"
    ),
    "it lacks, and its push was set aside": Case(
        replace(GONE, push=PARKED), B.PUSH_STANDS_STILL, F.LINE, WORDS, None, "12000.00"
    ),
    "a product of a line that no longer goes": Case(
        products(replace(LINE, override=Override.NEVER), there=[THERE]),
        *(B.CHANGED_HERE, F.LINE, None, WORDS, "12000.00"),
    ),
    "a product of no line, as it was written": Case(
        products(LINE, there=[THERE, ORPHAN]),
        *(B.CHANGED_HERE, F.LINE, None, ORPHAN_WORDS, "12000.00"),
    ),
    "a product of no line, that was not written": Case(
        products(LINE, there=[THERE, ORPHAN], written=written(THERE)),
        *(B.CHANGED_THERE, F.LINE, None, ORPHAN_WORDS, "12000.00"),
    ),
    "the same, never pushed, and our quote changed later": Case(
        products(LINE, there=[THERE, ORPHAN], written=None, set_at=AFTER),
        *(B.CHOSEN_LATER, F.LINE, None, ORPHAN_WORDS, "12000.00"),
    ),
    "the same, never pushed, and Salesforce changed later": Case(
        products(LINE, there=[THERE, ORPHAN], written=None, set_at=BEFORE),
        *(B.NEVER_OURS, F.LINE, None, ORPHAN_WORDS, "12000.00"),
    ),
    # its fields
    "the quantity was changed there": Case(
        products(LINE, there=[replace(THERE, quantity=Decimal(12))], written=written(THERE)),
        *(B.CHANGED_THERE, F.QUANTITY, "10.00", "12.00"),
    ),
    "the quantity was changed here": Case(
        products(LINE, there=[replace(THERE, quantity=Decimal(12))]),
        *(B.CHANGED_HERE, F.QUANTITY, "10.00", "12.00"),
    ),
    "the total was changed there": Case(
        products(LINE, there=[DEARER], written=written(THERE)),
        *(B.CHANGED_THERE, F.TOTAL_PRICE, "12000.00", "12500.50", "500.50"),
    ),
    "the total was changed here": Case(
        products(LINE, there=[DEARER]),
        *(B.CHANGED_HERE, F.TOTAL_PRICE, "12000.00", "12500.50", "500.50"),
    ),
    "the service date was emptied": Case(
        products(LINE, there=[replace(THERE, service_date=None)], written=written(THERE)),
        *(B.EMPTIED, F.SERVICE_DATE, "2026-01-01", None),
    ),
    "the service date was changed there": Case(
        products(
            LINE, there=[replace(THERE, service_date=date(2026, 2, 1))], written=written(THERE)
        ),
        *(B.CHANGED_THERE, F.SERVICE_DATE, "2026-01-01", "2026-02-01"),
    ),
    "the pricebook entry was changed here": Case(
        products(replace(LINE, pricebook_entry=OTHER_ENTRY), there=[THERE]),
        *(B.CHANGED_HERE, F.PRICEBOOK_ENTRY, OTHER_ENTRY.salesforce_id, ENTRY.salesforce_id),
    ),
    "the pricebook entry was changed there": Case(
        products(
            LINE,
            there=[replace(THERE, pricebook_entry_salesforce_id=OTHER_ENTRY.salesforce_id)],
            written=written(THERE),
        ),
        *(B.CHANGED_THERE, F.PRICEBOOK_ENTRY, ENTRY.salesforce_id, OTHER_ENTRY.salesforce_id),
    ),
    # the total of all
    "the amount is not the sum of the products": Case(
        products(LINE, there=[THERE], amount="9000.00"),
        *(B.CHANGED_THERE, F.AMOUNT, "12000.00", "9000.00", "3000.00"),
    ),
    "the same, and a push waits": Case(
        products(LINE, there=[THERE], amount="9000.00", push=QUEUED),
        *(B.PUSH_UNDER_WAY, F.AMOUNT, "12000.00", "9000.00", "3000.00"),
    ),
    "what the products tell is not counted in the amount": Case(
        products(LINE, there=[DEARER], written=written(THERE)),
        *(B.CHANGED_THERE, F.AMOUNT, "12000.00", "12500.50", None),
    ),
    "the amount is as it was written, ours is another": Case(
        products(LINE, there=[DEARER]),
        *(B.CHANGED_HERE, F.AMOUNT, "12000.00", "12500.50", None),
    ),
    "Salesforce names another quote, so that only the totals are compared": Case(
        products(
            LINE,
            state=state(primary_quote_mn_id="quote_9", amount=Decimal(9000)),
            products=remote([ORPHAN]),
            written=written(ORPHAN),
        ),
        *(B.CHANGED_THERE, F.AMOUNT, "12000.00", "9000.00", "3000.00"),
    ),
    "the same, and the totals are equal": Case(
        products(
            LINE,
            state=state(primary_quote_mn_id="quote_9", amount=Decimal(12000)),
            products=remote([ORPHAN]),
        )
    ),
    "there are products and no amount": Case(
        products(LINE, there=[THERE], state=state()),
        *(B.EMPTIED, F.AMOUNT, "12000.00", None, "12000.00"),
    ),
    "without products on either side the amount is the rep's": Case(products(amount="5000.00")),
    "a record that is somebody else's has none of ours": Case(
        products(LINE, state=state(mn_id="opp_2"))
    ),
}


@pytest.mark.parametrize("name", LINES)
def test_what_differs_of_the_products(name: str) -> None:
    case = LINES[name]
    found = rule.judge_products(case.facts)

    assert_finds([each for each in found if case.field in (None, each.field)], case)


def test_a_line_that_cannot_go_is_told_with_its_obstacle() -> None:
    facts = products(LINE, products=remote(pricebook_salesforce_id=OTHER_BOOK), amount="0.00")

    [found] = rule.judge_products(facts)

    assert (found.field, found.obstacle) == (F.LINE, LineReason.PRICEBOOK_MISMATCH)
    assert found.money == Decimal("12000.00")


def test_what_somebody_typed_before_there_are_products_is_no_money_of_ours() -> None:
    line, amount = rule.judge_products(products(LINE, amount="500000.00", written=None))

    assert (line.field, line.money) == (F.LINE, Decimal("12000.00"))
    assert (amount.field, amount.theirs, amount.money) == (F.AMOUNT, "500000.00", None)


def test_the_money_of_all_findings_is_what_is_apart_and_counted_once() -> None:
    """A ramp of which one segment lacks, one is dearer, and a stranger's product is there."""
    first, second, third = (
        remote_line(
            salesforce_id=f"00kQy0000000000{number}AA",
            quote_item_mn_id=f"qtitm_{number}",
            service_date=day,
            quantity=Decimal(units),
            total_price=Decimal(total),
        )
        for number, day, units, total in (
            (1, date(2026, 1, 1), 1, 0),
            (2, date(2026, 4, 1), 2, 100),
            (9, date(2026, 8, 1), 10, 700),
        )
    )

    found = rule.judge_products(
        products(quote=document_ramp(), there=[first, second, third], amount="800.00")
    )

    told = [(each.field, each.part, each.money) for each in found]
    assert told == [
        (F.LINE, third.salesforce_id, Decimal("700.00")),
        (F.TOTAL_PRICE, "qtitm_2", Decimal("100.00")),
        (F.LINE, "qtitm_3", Decimal("12000.00")),
        (F.AMOUNT, "", None),
    ]


def test_no_two_findings_of_an_opportunity_have_the_same_place() -> None:
    """Where a clone doubled a product, and two products stand for no line."""
    doubles = [replace(THERE, salesforce_id=f"00kQy0000000000{number}AA") for number in (3, 4, 5)]
    orphans = [replace(ORPHAN, salesforce_id=f"00kQy0000000000{number}AA") for number in (6, 7)]

    found = rule.judge_products(products(LINE, there=[*doubles, *orphans]))

    places = [(each.field, each.part) for each in found]
    assert len(places) == len(set(places)) == 5
