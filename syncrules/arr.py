"""What recurring revenue does a line bring: per year, to the contract, by the change, by year?

docs/products.md says what MonetizeNow's pages state and where they are silent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from decimal import Decimal
from typing import Final

from syncrules.line_facts import LineFacts, ProductType, QuoteFacts, QuoteTerms
from syncrules.money import NOTHING, per_year, total, two_places

YEARS: Final = (1, 2, 3)
"""The contract years that MonetizeNow reports."""

# A minimum commitment is revenue that is promised; usage without one is not.
_RECURRING: Final = frozenset({ProductType.ADVANCE, ProductType.ARREARS, ProductType.MIN_COMMIT})


class CurrenciesMixed(ValueError):
    """Money of different currencies was about to be added up."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a line, or all lines of a quote, bring. None: the contract's dates are not known."""

    amount: Decimal
    normalised: Decimal
    contributing: Decimal | None
    incremental: Decimal | None
    years: tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True)
class LineArr:
    line_mn_id: str
    start: date | None
    end: date | None
    figures: Figures


@dataclass(frozen=True, slots=True)
class ArrProfile:
    """The figures of a quote, line by line and in all. Reference rows have no part in it."""

    quote_mn_id: str
    currency: str
    lines: tuple[LineArr, ...]
    totals: Figures


def profile(quote: QuoteFacts) -> ArrProfile:
    """Every figure of every line, and their sums.

    Errors: CurrenciesMixed when a line is in another currency than the quote.
    """
    lines = [line for line in quote.in_order if not line.is_reference]
    currency = quote.terms.currency
    if found := {line.quote.currency for line in lines} - {currency}:
        raise CurrenciesMixed(f"quote {quote.terms.mn_id} is in {currency}, lines in {found}")
    parts = tuple(LineArr(line.mn_id, line.start, line.end, figures(line)) for line in lines)
    totals = _sum_of([part.figures for part in parts])
    return ArrProfile(quote.terms.mn_id, currency, parts, totals)


def figures(line: LineFacts) -> Figures:
    return Figures(
        amount=two_places(line.amount),
        normalised=normalised_arr(line),
        contributing=contributing_arr(line),
        incremental=incremental_arr(line),
        years=tuple(year_arr(line, year) for year in YEARS),
    )


def normalised_arr(line: LineFacts) -> Decimal:
    """Quantity times the price of a year, the same however long the line spans.

    Nothing for one-time charges, usage without a commitment, lines that an amendment removed, and
    reference rows.
    """
    if line.is_removed or line.is_reference or not _is_recurring(line):
        return NOTHING
    return per_year(line.quantity, line.unit_price, billing_months=line.billing_months)


def contributing_arr(line: LineFacts) -> Decimal | None:
    """The normalised ARR of a line that reaches the end of the contract, else nothing.

    None when the line ends some day and nobody knows when the contract does.
    """
    normalised = normalised_arr(line)
    if not normalised:
        return NOTHING
    if line.quote.contract_end is None:
        return normalised if line.end is None else None
    return normalised if _covers(line, line.quote.contract_end) else NOTHING


def incremental_arr(line: LineFacts) -> Decimal | None:
    """What the line contributes now, less what it contributed before this quote."""
    contributing = contributing_arr(line)
    if contributing is None or line.is_reference:
        return contributing
    return two_places(contributing - line.previous_arr)


def year_arr(line: LineFacts, year: int) -> Decimal | None:
    """The normalised ARR of a line that reaches the end of that contract year, else nothing.

    None when the line brings something and the contract's dates are not known.
    """
    normalised = normalised_arr(line)
    if not normalised:
        return NOTHING
    if line.quote.contract_start is None or line.quote.contract_end is None:
        return None
    ends = _year_end(line.quote, year)
    return normalised if ends is not None and _covers(line, ends) else NOTHING


def _is_recurring(line: LineFacts) -> bool:
    return line.product is not None and line.product.type in _RECURRING and line.billing_months != 0


def _covers(line: LineFacts, day: date) -> bool:
    has_begun = line.start is None or line.start <= day
    return has_begun and (line.end is None or day <= line.end)


def _year_end(quote: QuoteTerms, year: int) -> date | None:
    """The last day of a contract year, None when the contract is over before it begins.

    The anniversary of 29 February is 28 February to some and 1 March to others, and the dates of
    a quote may follow either. So a year has begun when both say so, and its end is looked at on
    the last day that both count to it.
    """
    start, end = quote.contract_start, quote.contract_end
    assert start is not None
    assert end is not None
    if end < _anniversary(start, year - 1, leap_day=(3, 1)):
        return None
    if end < _anniversary(start, year, leap_day=(3, 1)):
        return end
    return _anniversary(start, year, leap_day=(2, 28)) - timedelta(days=1)


def _anniversary(start: date, years: int, *, leap_day: tuple[int, int]) -> date:
    year = start.year + years
    if year > MAXYEAR:
        return date.max
    try:
        return start.replace(year=year)
    except ValueError:
        return date(year, *leap_day)


def _sum_of(parts: list[Figures]) -> Figures:
    return Figures(
        amount=total(part.amount for part in parts),
        normalised=total(part.normalised for part in parts),
        contributing=_total_if_known(part.contributing for part in parts),
        incremental=_total_if_known(part.incremental for part in parts),
        years=tuple(
            _total_if_known(part.years[position] for part in parts)
            for position in range(len(YEARS))
        ),
    )


def _total_if_known(values: Iterable[Decimal | None]) -> Decimal | None:
    """A sum that lacks one of its parts would be a wrong number, so there is none."""
    known = []
    for value in values:
        if value is None:
            return None
        known.append(value)
    return total(known)
