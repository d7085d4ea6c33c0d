"""What would other settings do to every open linked opportunity? Asked before they are saved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet

from console.actor import Actor
from console.facts import may_read
from console.line_facts import quote_facts
from console.models import Association, Opportunity
from syncrules import what_if
from syncrules.facts import FINALIZED_OPPORTUNITY
from syncrules.line_facts import QuoteFacts
from syncrules.money import total
from syncrules.sync_products import ProductSyncSettings
from syncrules.what_if import Becomes, LineChange, QuoteChange

NO_CLOSE_DATE: Final = "No close date"
NO_OWNER: Final = "No owner"


@dataclass(frozen=True, slots=True)
class Deal:
    """An open linked opportunity with its primary quote."""

    opportunity_id: int
    opportunity_mn_id: str
    name: str
    owner: str
    close_date: date | None
    currency: str
    quote: QuoteFacts
    is_readable: bool

    @property
    def quarter(self) -> str:
        day = self.close_date
        return f"{day.year} Q{(day.month + 2) // 3}" if day else NO_CLOSE_DATE

    @property
    def currencies(self) -> tuple[str, ...]:
        """More than one where opportunity, quote and price disagree: such products fail."""
        priced = {line.pricebook_entry for line in self.quote.lines}
        found = {self.currency, self.quote.terms.currency}
        return tuple(sorted(found | {entry.currency for entry in priced if entry}))


@dataclass(frozen=True, slots=True)
class DealChange:
    """The products of one opportunity under either choice."""

    deal: Deal
    of_quote: QuoteChange

    @property
    def currency(self) -> str:
        return self.deal.quote.terms.currency

    @property
    def before(self) -> Decimal:
        return self.of_quote.before

    @property
    def after(self) -> Decimal:
        return self.of_quote.after

    @property
    def change(self) -> Decimal:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Sums:
    """What some opportunities of one currency come to."""

    key: str
    currency: str
    before: Decimal
    after: Decimal
    deals: int

    @property
    def change(self) -> Decimal:
        return self.after - self.before


@dataclass(frozen=True)
class WhatIf:
    """The answer. `deals`: those the reader may read, the biggest movers of a currency first.

    `hidden`: how many were left out since the reader may not read their quote; `without_quote`:
    how many have no primary quote, hence no products; `affected`: our ids of those whose products
    a push would change, whoever may read them.
    """

    deals: tuple[DealChange, ...]
    hidden: int
    without_quote: int
    affected: tuple[int, ...]

    @property
    def considered(self) -> int:
        return len(self.deals) + self.hidden + self.without_quote

    @cached_property
    def by_currency(self) -> tuple[Sums, ...]:
        return self._sums(lambda each: each.currency)

    @cached_property
    def by_owner(self) -> tuple[Sums, ...]:
        return self._sums(lambda each: each.deal.owner or NO_OWNER)

    @cached_property
    def by_quarter(self) -> tuple[Sums, ...]:
        return self._sums(lambda each: each.deal.quarter)

    @cached_property
    def changed(self) -> tuple[DealChange, ...]:
        return tuple(each for each in self.deals if each.of_quote.is_change)

    @cached_property
    def remarkable(self) -> dict[Becomes, list[tuple[DealChange, LineChange]]]:
        """The lines that become something worth a look."""
        found: dict[Becomes, list[tuple[DealChange, LineChange]]] = {kind: [] for kind in Becomes}
        for each in self.changed:
            for line in each.of_quote.lines:
                if (kind := line.becomes) is not None:
                    found[kind].append((each, line))
        return found

    @cached_property
    def in_several_currencies(self) -> tuple[DealChange, ...]:
        return tuple(each for each in self.deals if len(each.deal.currencies) > 1)

    def _sums(self, key: Callable[[DealChange], str]) -> tuple[Sums, ...]:
        groups: defaultdict[tuple[str, str], list[DealChange]] = defaultdict(list)
        for each in self.deals:
            groups[key(each), each.currency].append(each)
        return tuple(
            Sums(
                name,
                currency,
                total(each.before for each in group),
                total(each.after for each in group),
                len(group),
            )
            for (name, currency), group in sorted(groups.items())
        )


def ask(before: ProductSyncSettings, after: ProductSyncSettings, *, reader: Actor) -> WhatIf:
    """What the reader may see of going from one choice of settings to another."""
    deals, without_quote = open_deals(reader=reader)
    every = [DealChange(deal, what_if.compare(deal.quote, before, after)) for deal in deals]
    readable = [each for each in every if each.deal.is_readable]
    readable.sort(key=lambda each: (each.currency, -abs(each.change), each.deal.name))
    return WhatIf(
        deals=tuple(readable),
        hidden=len(every) - len(readable),
        without_quote=without_quote,
        affected=_affected(every, before, after),
    )


def _affected(
    every: list[DealChange], before: ProductSyncSettings, after: ProductSyncSettings
) -> tuple[int, ...]:
    """None while product sync is disabled. All of them once it is enabled again: nobody knows what
    changed in the meantime."""
    if after.is_disabled:
        return ()
    return tuple(
        each.deal.opportunity_id for each in every if before.is_disabled or each.of_quote.is_change
    )


def open_deals(*, reader: Actor) -> tuple[list[Deal], int]:
    """The open linked opportunities with a primary quote, and how many have none."""
    rows = list(
        open_linked()
        .select_related("primary_quote")
        .prefetch_related("primary_quote__readers")
        .order_by("pk")
    )
    quotes = [row.primary_quote for row in rows if row.primary_quote]
    facts = quote_facts(quote.pk for quote in quotes)
    deals = [
        Deal(
            opportunity_id=row.pk,
            opportunity_mn_id=row.mn_id,
            name=row.name,
            owner=row.owner_name,
            close_date=row.close_date,
            currency=row.currency,
            quote=facts[row.primary_quote.pk],
            is_readable=may_read(row.primary_quote, reader),
        )
        for row in rows
        if row.primary_quote is not None
    ]
    return deals, len(rows) - len(deals)


def open_linked() -> QuerySet[Opportunity]:
    """The opportunities that pushes still bring products to."""
    pairs = Association.objects.filter(opportunity_id=OuterRef("pk"), ended_at__isnull=True)
    return Opportunity.objects.filter(Exists(pairs)).exclude(status__in=FINALIZED_OPPORTUNITY)
