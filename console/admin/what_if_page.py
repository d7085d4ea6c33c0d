"""The what-if of other settings as the page shows it, and as a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.utils.safestring import SafeString

from console import spreadsheet
from console.admin import before_after
from console.admin.base import page_of
from console.admin.before_after import change_of
from console.admin.parts import NONE, Tone, badge, link, money
from console.models import Opportunity
from console.what_if import DealChange, Sums, WhatIf
from syncrules.line_reasons import describe
from syncrules.sync_products import LineVerdict
from syncrules.what_if import Becomes, LineChange

MOVERS_SHOWN: Final = 24
LINES_SHOWN: Final = 12

BECOMES: Final[dict[Becomes, tuple[str, str, Tone, str]]] = {
    Becomes.BLANK: ("line has no amount", "lines have no amount", "bad", "block"),
    Becomes.NEGATIVE: ("line becomes negative", "lines become negative", "warn", "remove"),
    Becomes.ZERO: ("line becomes 0", "lines become 0", "warn", "exposure_zero"),
    Becomes.STAYS_AWAY: ("line no longer goes", "lines no longer go", "info", "logout"),
    Becomes.GOES: ("line begins to go", "lines begin to go", "info", "login"),
}
_HEADER: Final = (
    "opportunity",
    "opportunity id",
    "owner",
    "close date",
    "quote",
    "currency",
    "before",
    "after",
    "change",
    "lines that change",
    "lines without an amount",
    "lines that become 0",
    "lines that become negative",
)


def shown(found: WhatIf) -> dict[str, Any]:
    """Everything that the page says of it."""
    moved = [each for each in found.changed if each.change]
    return {
        "considered": found.considered,
        "hidden": found.hidden,
        "without_quote": found.without_quote,
        "changed": len(found.changed),
        "affected": len(found.affected),
        "totals": _sums(found.by_currency),
        "movers": _movers(moved),
        "unmoved": len(found.changed) - len(moved),
        "by_owner": _sums(found.by_owner),
        "by_quarter": _sums(found.by_quarter),
        "remarks": list(_remarks(found)),
        "mixed": [_mixed(each) for each in found.in_several_currencies],
    }


def as_csv(found: WhatIf) -> str:
    """Every opportunity that was considered, changed or not."""
    return spreadsheet.write(_HEADER, (_cells(each) for each in found.deals))


def _cells(each: DealChange) -> tuple[spreadsheet.Cell, ...]:
    deal = each.deal
    becomes = [line.becomes for line in each.of_quote.lines]
    return (
        deal.name,
        deal.opportunity_mn_id,
        deal.owner,
        deal.close_date.isoformat() if deal.close_date else "",
        deal.quote.terms.mn_id,
        each.currency,
        each.before,
        each.after,
        each.change,
        sum(line.is_change for line in each.of_quote.lines),
        becomes.count(Becomes.BLANK),
        becomes.count(Becomes.ZERO),
        becomes.count(Becomes.NEGATIVE),
    )


def _sums(rows: Sequence[Sums]) -> list[dict[str, Any]]:
    """With bars that are to one scale within a currency, and within it only."""
    drawn = _bars([(row.currency, row) for row in rows])
    return [
        {
            "key": row.key,
            "currency": row.currency,
            "deals": row.deals,
            "before": money(row.before, row.currency),
            "after": money(row.after, row.currency),
            "change": change_of(row.before, row.after, row.currency),
            "bars": drawn[position],
        }
        for position, row in enumerate(rows)
    ]


def _bars(rows: Sequence[tuple[str, Sums | DealChange]]) -> dict[int, before_after.Pair]:
    drawn: dict[int, before_after.Pair] = {}
    for currency in {currency for currency, _ in rows}:
        places = [place for place, (its, _) in enumerate(rows) if its == currency]
        amounts = [(rows[place][1].before, rows[place][1].after) for place in places]
        drawn |= dict(zip(places, before_after.pairs(amounts), strict=True))
    return drawn


def _movers(moved: Sequence[DealChange]) -> dict[str, Any]:
    """The biggest of each currency; the others are in the file."""
    chosen: list[DealChange] = []
    currencies = sorted({each.currency for each in moved})
    for currency in currencies:
        of_it = [each for each in moved if each.currency == currency]
        chosen += of_it[: max(5, MOVERS_SHOWN // len(currencies))]
    drawn = _bars([(each.currency, each) for each in chosen])
    rows = [_mover(each, drawn[place]) for place, each in enumerate(chosen)]
    return {"rows": rows, "more": len(moved) - len(chosen)}


def _mover(each: DealChange, drawn: before_after.Pair) -> dict[str, Any]:
    return {
        "deal": deal_link(each),
        "owner": each.deal.owner,
        "quarter": each.deal.quarter if each.deal.close_date else "some day",
        "currency": each.currency,
        "before": money(each.before, each.currency),
        "after": money(each.after, each.currency),
        "change": change_of(each.before, each.after, each.currency),
        "bars": drawn,
    }


def deal_link(each: DealChange) -> SafeString:
    return link(each.deal.name, page_of(Opportunity(pk=each.deal.opportunity_id)))


def _remarks(found: WhatIf) -> Iterator[dict[str, Any]]:
    for kind, (one, many, tone, icon) in BECOMES.items():
        if lines := found.remarkable[kind]:
            yield {
                "badge": badge(f"{len(lines):,}", tone, icon),
                "words": one if len(lines) == 1 else many,
                "lines": [_line(*each) for each in lines[:LINES_SHOWN]],
                "more": max(len(lines) - LINES_SHOWN, 0),
            }


def _line(each: DealChange, line: LineChange) -> dict[str, Any]:
    currency = each.currency
    before, after = line.before, line.after
    return {
        "deal": deal_link(each),
        "product": line.line.product.name if line.line.product else "no product",
        "before": _sent(before, currency),
        "after": _sent(after, currency),
        "why": "" if after.goes else describe(after.reason).title,
    }


def _sent(verdict: LineVerdict, currency: str) -> SafeString:
    if not verdict.goes or verdict.amount is None:
        return NONE
    return money(verdict.amount, currency)


def _mixed(each: DealChange) -> dict[str, Any]:
    return {"deal": deal_link(each), "currencies": ", ".join(each.deal.currencies)}
