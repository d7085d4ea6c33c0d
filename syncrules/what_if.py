"""What would other settings do to the products of a quote, line by line?

Judged by the rules of the push, and as if product sync were enabled on both sides: disabling it
takes no product away, so that it must not look like a loss.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from syncrules.line_facts import LineFacts, QuoteFacts
from syncrules.line_reasons import LineOutcome
from syncrules.money import NOTHING, total
from syncrules.sync_products import LineVerdict, ProductSyncSettings, verdicts


class Becomes(StrEnum):
    """What deserves a look on a line whose product would change."""

    ZERO = "zero"
    BLANK = "blank"
    NEGATIVE = "negative"
    GOES = "goes"
    STAYS_AWAY = "stays_away"


@dataclass(frozen=True, slots=True)
class LineChange:
    """The verdicts on one line under either choice."""

    line: LineFacts
    before: LineVerdict
    after: LineVerdict

    @property
    def is_change(self) -> bool:
        """Whether another product, or none, would be sent."""
        return _sent(self.before) != _sent(self.after)

    @property
    def becomes(self) -> Becomes | None:
        """The one thing to say of the change, if there is something to say but the figures."""
        if not self.is_change:
            return None
        match self.after.outcome:
            case LineOutcome.FAILS:
                return Becomes.BLANK if self.after.amount is None else None
            case LineOutcome.STAYS_AWAY:
                return Becomes.STAYS_AWAY
            case LineOutcome.GOES:
                return self._goes_as()

    def _goes_as(self) -> Becomes | None:
        amount = self.after.amount or NOTHING
        was = (self.before.amount or NOTHING) if self.before.goes else None
        if not amount:
            return Becomes.ZERO
        if amount < 0 and (was is None or was >= 0):
            return Becomes.NEGATIVE
        return Becomes.GOES if was is None else None


def _sent(verdict: LineVerdict) -> tuple[Decimal | None, Decimal] | None:
    return (verdict.amount, verdict.quantity) if verdict.goes else None


@dataclass(frozen=True, slots=True)
class QuoteChange:
    """What the quote brings in its currency, under either choice."""

    quote: QuoteFacts
    lines: tuple[LineChange, ...]
    before: Decimal
    after: Decimal

    @property
    def is_change(self) -> bool:
        """Whether a push would write other products than before."""
        return any(line.is_change for line in self.lines)


def compare(
    quote: QuoteFacts, before: ProductSyncSettings, after: ProductSyncSettings
) -> QuoteChange:
    """The quote under both choices."""
    lines = tuple(
        LineChange(line, then, now)
        for line, then, now in zip(
            quote.in_order,
            verdicts(quote, replace(before, is_disabled=False)),
            verdicts(quote, replace(after, is_disabled=False)),
            strict=True,
        )
    )
    return QuoteChange(
        quote,
        lines,
        before=amount_sent(line.before for line in lines),
        after=amount_sent(line.after for line in lines),
    )


def amount_sent(judged: Iterable[LineVerdict]) -> Decimal:
    """What the lines that go come to."""
    return total(each.amount or NOTHING for each in judged if each.goes)
