"""The money of the sample's lines: amounts by whole months, recurring revenue per year."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from console.demo.book import Line, Quote
from console.demo.days import last_day, whole_months

CENT: Final = Decimal("0.01")
NOTHING: Final = Decimal("0.00")


def amount_of(
    quantity: Decimal, unit_price: Decimal, *, billing_months: int, start: date, end: date
) -> Decimal:
    """What a line costs over its span; a one-time charge costs the same however long it is."""
    total = quantity * unit_price
    if billing_months:
        total = total * whole_months(start, end) / billing_months
    return total.quantize(CENT)


def arr_of(line: Line) -> Decimal:
    """The yearly recurring revenue of a line, the same however long it spans."""
    if line.product is None or not line.product.is_recurring:
        return NOTHING
    return (line.quantity * line.unit_price * 12 / line.billing_months).quantize(CENT)


def incremental_arr_of(line: Line, quote: Quote) -> Decimal:
    """What a line adds to the year's revenue; only one that reaches the contract's end counts."""
    contributing = arr_of(line) if line.end == quote.end else NOTHING
    return contributing - line.previous_arr


def year_arr_of(line: Line, quote: Quote, *, year: int) -> Decimal:
    """The revenue of a contract year: that of the line in force when the year ends."""
    year_ends = min(last_day(quote.start, 12 * year), quote.end)
    has_begun = whole_months(quote.start, quote.end) > 12 * (year - 1)
    return arr_of(line) if has_begun and line.start <= year_ends <= line.end else NOTHING


def product_amount_of(line: Line, quote: Quote) -> Decimal:
    """The example of the document: one-time products by amount, all others by incremental ARR."""
    is_one_time = line.product is not None and line.product.type == "ONETIME"
    return line.amount if is_one_time else incremental_arr_of(line, quote)
