"""What does a formula give on real quote lines? Asked while it is still being written."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, cast

from django.db.models import Count
from django.utils import timezone

from console import custom_fields, product_settings, quote_item_fields
from console.actor import Actor
from console.facts import may_read
from console.line_facts import quote_facts
from console.models import AmountField, Opportunity
from syncrules.amount_fields import Amount, amount_of
from syncrules.facts import FINALIZED_OPPORTUNITY
from syncrules.formula import CompileError, EvaluationError, Formula
from syncrules.line_facts import AmendmentStatus, LineFacts, ProductType

SECONDS: Final = 0.6
"""What compiling may take, and evaluating; a single function can be a little late."""
MOST_QUOTES: Final = 1_000
MOST_LINES: Final = 5_000
SHOWN: Final = 10
_LONGEST_RAMP: Final = 4


class TookTooLong(Exception):
    """The time is up. No FormulaError, so that no IFERROR catches it."""


class Watch:
    """Raises TookTooLong when it is called after its time."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Its time begins anew."""
        self._ends = time.monotonic() + SECONDS

    def __call__(self) -> None:
        if time.monotonic() > self._ends:
            raise TookTooLong


class Gives(StrEnum):
    """What a formula makes of a line."""

    AMOUNT = "amount"
    ZERO = "zero"
    NEGATIVE = "negative"
    BLANK = "blank"
    ERROR = "error"
    UNREAD = "unread"
    """It needs a field of the org that was never read for this line."""


@dataclass(frozen=True, slots=True)
class CurrentLine:
    """A line of a primary quote, what formulas see of it, and the amount it has today."""

    opportunity: str
    opportunity_id: int
    line: LineFacts
    record: Mapping[str, object]
    today: Amount


@dataclass(frozen=True, slots=True)
class Result:
    """What one line gives. `inputs`: the fields that the formula mentions, and what they hold."""

    of: CurrentLine
    gives: Gives
    value: Decimal | None
    problem: str
    inputs: tuple[tuple[str, object], ...]

    @property
    def is_change(self) -> bool:
        """Whether the line has another amount today."""
        return self.value != self.of.today.value


@dataclass(frozen=True, slots=True)
class Trial:
    """How a formula fared. `lines` are some that tell most; `counts` are of all `tried` lines out
    of `known`; `is_slow` says that time ran out before the others."""

    error: CompileError | None = None
    references: tuple[str, ...] = ()
    lines: tuple[Result, ...] = ()
    counts: Mapping[Gives, int] | None = None
    changes: int = 0
    tried: int = 0
    known: int = 0
    is_slow: bool = False


def try_out(row: AmountField, others: Sequence[AmountField], *, reader: Actor) -> Trial:
    """What the version would give in place of the one in force, on lines the reader may read."""
    others = [each for each in others if each.name != row.name]
    known = custom_fields.mentionable([*others, row] if row.name else others)
    watch = Watch()
    try:
        formula = custom_fields.compiled(row, known, watch=watch)
    except CompileError as error:
        return Trial(error=error)
    except TookTooLong:
        return Trial(is_slow=True)
    # Of the others alone: what mentions the new version cannot be behind it.
    custom = custom_fields.of_rows(others)
    to_be_read = {field for name in formula.references for field in custom.to_be_read(name)}
    lines = in_telling_order(current_lines(reader=reader))
    watch.start()
    return _tried(formula, lines, to_be_read=frozenset(to_be_read))


def current_lines(*, reader: Actor) -> list[CurrentLine]:
    """Lines of the primary quotes of open opportunities, those of the newest quotes first."""
    quotes = list(_newest(reader))
    facts = quote_facts(quote_id for _, _, quote_id in quotes)
    field = product_settings.in_force().settings.amount_field
    return [
        CurrentLine(name, pk, line, quote_item_fields.record(line), amount_of(line, field))
        for name, pk, quote_id in quotes
        for line in facts[quote_id].in_order
    ]


def in_telling_order(lines: Sequence[CurrentLine]) -> list[CurrentLine]:
    """First a ramp, a one-time charge, usage and a removed line, then one of each quote."""
    first = [*_shortest_ramp(lines), *_one_of_each_kind(lines)]
    first += {each.line.quote.mn_id: each for each in reversed(lines)}.values()
    by_id = {each.line.mn_id: each for each in [*first, *lines]}
    return list(by_id.values())


def _newest(reader: Actor) -> Iterator[tuple[str, int, int]]:
    """Name and id of the opportunity, id of its quote; up to so many lines in all."""
    rows = (
        Opportunity.objects.filter(primary_quote__isnull=False)
        .exclude(status__in=FINALIZED_OPPORTUNITY)
        .annotate(line_count=Count("primary_quote__items"))
        .select_related("primary_quote")
        .prefetch_related("primary_quote__readers")
        .order_by("-primary_quote__mn_updated_at", "-pk")
    )
    left = MOST_LINES
    for row in rows[:MOST_QUOTES]:
        left -= row.line_count
        if left >= 0 and row.primary_quote is not None and may_read(row.primary_quote, reader):
            yield row.name, row.pk, row.primary_quote.pk


def _shortest_ramp(lines: Iterable[CurrentLine]) -> list[CurrentLine]:
    """The segments of the quote that shows best what a ramp is: several lines of one product."""
    quotes: dict[str, list[CurrentLine]] = {}
    for each in lines:
        quotes.setdefault(each.line.quote.mn_id, []).append(each)
    ramps = [own for own in quotes.values() if 1 < len(own) <= _LONGEST_RAMP and _is_ramp(own)]
    return max(ramps, key=lambda own: (len(own), "ramp" in own[0].opportunity.lower()), default=[])


def _is_ramp(lines: Sequence[CurrentLine]) -> bool:
    products = {each.line.product for each in lines}
    return len(products) == 1 and None not in products


def _one_of_each_kind(lines: Iterable[CurrentLine]) -> list[CurrentLine]:
    kinds: dict[str, CurrentLine] = {}
    for each in lines:
        for kind in _kinds(each.line):
            kinds.setdefault(kind, each)
    return [kinds[kind] for kind in ("one-time", "usage", "removed") if kind in kinds]


def _kinds(line: LineFacts) -> Iterator[str]:
    if line.product and line.product.type is ProductType.ONETIME:
        yield "one-time"
    if line.is_usage:
        yield "usage"
    if line.amendment_status is AmendmentStatus.REMOVED:
        yield "removed"


def _tried(formula: Formula, lines: Sequence[CurrentLine], *, to_be_read: frozenset[str]) -> Trial:
    now = timezone.now()
    results: list[Result] = []
    is_slow = False
    try:
        for each in lines:
            is_unread = not to_be_read <= each.line.custom_values.keys()
            results.append(_result(formula, each, is_unread=is_unread, now=now))
    except TookTooLong:
        is_slow = True
    return Trial(
        references=formula.references,
        lines=tuple(results[:SHOWN]),
        counts=Counter(each.gives for each in results),
        changes=sum(each.is_change for each in results),
        tried=len(results),
        known=len(lines),
        is_slow=is_slow,
    )


def _result(formula: Formula, of: CurrentLine, *, is_unread: bool, now: datetime) -> Result:
    inputs = tuple((name, _held(of.record, name)) for name in formula.references)
    if is_unread:
        return Result(of, Gives.UNREAD, None, "A field of Salesforce was not read yet.", inputs)
    try:
        value = cast("Decimal | None", formula.evaluate(of.record, now))
    except EvaluationError as error:
        return Result(of, Gives.ERROR, None, str(error), inputs)
    return Result(of, _gives(value), value, "", inputs)


def _gives(value: Decimal | None) -> Gives:
    if value is None:
        return Gives.BLANK
    if not value:
        return Gives.ZERO
    return Gives.NEGATIVE if value < 0 else Gives.AMOUNT


def _held(record: Mapping[str, object], name: str) -> object:
    """What a field holds, through relationships; nothing behind an empty one."""
    value: object = record
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
