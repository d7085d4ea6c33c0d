"""The segments of a ramp over time, as numbers of an SVG that a template draws."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from syncrules.arr import normalised_arr
from syncrules.line_facts import LineFacts, QuoteFacts
from syncrules.sync_products import LineVerdict

WIDTH: Final = 960
HEIGHT: Final = 320
_LEFT: Final = 12
_RIGHT: Final = WIDTH - 12
_TOP: Final = 88
_FLOOR: Final = 286
_LINE: Final = 18
_ROOM_FOR_WORDS: Final = 104
_MOST: Final = 6


@dataclass(frozen=True, slots=True)
class Segment:
    """A line as a block: as high as its ARR, as wide as it lasts."""

    x: int
    y: int
    width: int
    height: int
    label: str
    arr: str
    amount: str
    sent: str
    counts: bool

    @property
    def words(self) -> tuple[tuple[int, str, str], ...]:
        """Height, kind and text of the lines above the block; none where it is too narrow."""
        if self.width < _ROOM_FOR_WORDS:
            return ()
        sent = ("sent", f"sent {self.sent}") if self.sent else ("not", "not sent")
        lines = (
            ("label", self.label),
            ("quiet", f"Amount {self.amount}"),
            ("quiet", f"ARR {self.arr}"),
            sent,
        )
        top = self.y - 8 - _LINE * (len(lines) - 1)
        return tuple((top + _LINE * place, *line) for place, line in enumerate(lines))


@dataclass(frozen=True, slots=True)
class Tick:
    x: int
    label: str
    anchor: str


@dataclass(frozen=True, slots=True)
class RampChart:
    """One product in its segments. `hidden`: how many more ramps the quote has."""

    product: str
    segments: tuple[Segment, ...]
    ticks: tuple[Tick, ...]
    floor: int = _FLOOR
    width: int = WIDTH
    height: int = HEIGHT
    tick_y: int = _FLOOR + 22


def ramp_charts(quote: QuoteFacts, verdicts: Sequence[LineVerdict]) -> list[RampChart]:
    """A chart for each product that the quote sells in segments, at most a few."""
    judged = {verdict.line_mn_id: verdict for verdict in verdicts}
    return [_chart(lines, judged) for lines in list(_ramps(quote))[:_MOST]]


def _ramps(quote: QuoteFacts) -> Iterator[list[LineFacts]]:
    by_product: defaultdict[str, list[LineFacts]] = defaultdict(list)
    for line in quote.in_order:
        if line.product and not line.is_reference and not line.is_removed and all(_span(line)):
            by_product[line.product.mn_id].append(line)
    for lines in by_product.values():
        if len({_span(line) for line in lines}) > 1:
            yield sorted(lines, key=lambda line: (str(_span(line)), line.place))


def _span(line: LineFacts) -> tuple[date | None, date | None]:
    """Where the line has no dates of its own, the contract's."""
    return line.start or line.quote.contract_start, line.end or line.quote.contract_end


def _dates(line: LineFacts) -> tuple[date, date]:
    start, end = _span(line)
    assert start is not None
    assert end is not None
    return start, end


def _chart(lines: Sequence[LineFacts], judged: dict[str, LineVerdict]) -> RampChart:
    first = min(_dates(line)[0] for line in lines)
    last = max(_dates(line)[1] for line in lines)
    highest = max((normalised_arr(line) for line in lines), default=Decimal(0)) or Decimal(1)
    segments = tuple(
        _segment(line, judged[line.mn_id], first=first, last=last, highest=highest)
        for line in lines
    )
    product = lines[0].product
    return RampChart(
        product=product.name if product else "",
        segments=segments,
        ticks=tuple(_ticks(lines, first=first, last=last)),
    )


def _segment(
    line: LineFacts, verdict: LineVerdict, *, first: date, last: date, highest: Decimal
) -> Segment:
    start, end = _dates(line)
    arr = normalised_arr(line)
    x, right = _x(start, first, last), _x(end, first, last)
    height = max(4, round(arr * (_FLOOR - _TOP) / highest))
    return Segment(
        x=x,
        y=_FLOOR - height,
        width=max(right - x - 3, 3),
        height=height,
        label=f"{line.quantity.normalize():,f} × {line.unit_price:,.2f}",  # noqa: RUF001
        arr=f"{arr:,.0f}",
        amount=f"{line.amount:,.0f}",
        sent=f"{verdict.amount:,.0f}" if verdict.goes and verdict.amount is not None else "",
        counts=line.quote.contract_end is not None and end >= line.quote.contract_end,
    )


def _ticks(lines: Sequence[LineFacts], *, first: date, last: date) -> Iterator[Tick]:
    """Where segments begin, and where the last one ends; not so close that they overlap."""
    taken = _LEFT - 100
    for start in sorted({_dates(line)[0] for line in lines}):
        x = _x(start, first, last)
        if x - taken >= 86 and _RIGHT - x >= 170:
            taken = x
            yield Tick(x, f"{start:%d %b %Y}", "start")
    yield Tick(_RIGHT, f"{last:%d %b %Y}", "end")


def _x(day: date, first: date, last: date) -> int:
    days = max((last - first).days, 1)
    return _LEFT + round((day - first).days * (_RIGHT - _LEFT) / days)
