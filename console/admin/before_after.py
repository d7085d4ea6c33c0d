"""Amounts before and after: the difference in words, and bars that a template draws as SVG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString

WIDTH: Final = 1000
"""The drawing is stretched to the room there is, so its units are no pixels."""


@dataclass(frozen=True, slots=True)
class Bar:
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Pair:
    """The bars of one row, and where nothing is: negative amounts reach to the left of it."""

    before: Bar
    after: Bar
    zero: int


def pairs(rows: Iterable[tuple[Decimal, Decimal]]) -> list[Pair]:
    """The bars of each row, all to one scale: rows of one currency only."""
    amounts = list(rows)
    ends = [Decimal(0), *(amount for row in amounts for amount in row)]
    low, high = min(ends), max(ends)
    return [
        Pair(_bar(before, low, high), _bar(after, low, high), _place(Decimal(0), low, high))
        for before, after in amounts
    ]


def _bar(amount: Decimal, low: Decimal, high: Decimal) -> Bar:
    ends: Sequence[int] = sorted((_place(Decimal(0), low, high), _place(amount, low, high)))
    # What is not nothing is to be seen.
    return Bar(ends[0], max(ends[1] - ends[0], 2 if amount else 0))


def _place(amount: Decimal, low: Decimal, high: Decimal) -> int:
    return round((amount - low) * WIDTH / (high - low)) if high > low else 0


def change_of(before: Decimal, after: Decimal, currency: str) -> SafeString:
    """The difference with its sign and its share; colour alone would not tell up from down."""
    change = after - before
    if not change:
        return format_html('<span class="c-quiet">{}</span>', "no change")
    share = f"{change / abs(before) * 100:+,.0f}%" if before else "from nothing"
    return format_html(
        '<span class="c-money p-{}"><span aria-hidden="true">{}</span> {} {}</span>'
        '<br><span class="c-quiet p-small">{}</span>',
        "up" if change > 0 else "down",
        "▲" if change > 0 else "▼",
        f"{change:+,.2f}",
        currency,
        share,
    )
