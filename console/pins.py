"""Pinned quotes: what RevOps expects of real quotes, as a test that every change must pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone

from console import custom_fields
from console.actor import Actor
from console.custom_fields import CustomFields
from console.facts import may_read
from console.line_facts import quote_facts
from console.models import PinnedQuote, Quote
from syncrules.line_facts import QuoteFacts
from syncrules.sync_products import ProductSyncSettings, verdicts

LONGEST_NOTE: Final = 500


@dataclass(frozen=True, slots=True)
class Expected:
    """What was pinned of a line: the amount that it goes with, None when it is to stay away."""

    line_mn_id: str
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Deviation:
    """A line that gives something else than was pinned. Amounts as in `Expected`."""

    line_mn_id: str
    expected: Decimal | None
    found: Decimal | None
    what: str


@dataclass(frozen=True, slots=True)
class Check:
    """A pin under some settings. `name` is how a reason names it."""

    pin: PinnedQuote
    is_readable: bool
    deviations: tuple[Deviation, ...]

    @property
    def name(self) -> str:
        return self.pin.quote.mn_id if self.is_readable else f"pin {self.pin.pk}"

    @property
    def holds(self) -> bool:
        return not self.deviations


def pin(quote: Quote, settings: ProductSyncSettings, *, note: str, actor: Actor) -> PinnedQuote:
    """The quote pinned with what it gives today; a pin that it has is renewed."""
    facts = quote_facts([quote.pk])[quote.pk]
    row, _ = PinnedQuote.objects.update_or_create(
        quote=quote,
        defaults={
            "expected": [_kept(each) for each in given(facts, settings)],
            "note": note[:LONGEST_NOTE],
            "pinned_by_id": actor.user_id,
            "pinned_by_name": actor.name,
            "pinned_at": timezone.now(),
        },
    )
    return row


def unpin(quote: Quote) -> bool:
    """Whether there was a pin to take away."""
    deleted, _ = PinnedQuote.objects.filter(quote=quote).delete()
    return deleted > 0


def given(quote: QuoteFacts, settings: ProductSyncSettings) -> tuple[Expected, ...]:
    """What the quote gives under the settings, as if product sync were enabled: a switch that
    holds everything back says nothing about the figures."""
    settings = replace(settings, is_disabled=False)
    return tuple(
        Expected(each.line_mn_id, each.amount if each.goes else None)
        for each in verdicts(quote, settings)
    )


def check(
    settings: ProductSyncSettings, *, reader: Actor, custom: CustomFields | None = None
) -> list[Check]:
    """Every pin under the settings, and under other custom fields if they are to be tried out."""
    rows = list(_pins())
    facts = quote_facts((row.quote_id for row in rows), custom=custom or custom_fields.in_force())
    return [check_one(row, facts[row.quote_id], settings, reader=reader) for row in rows]


def check_one(
    row: PinnedQuote, quote: QuoteFacts, settings: ProductSyncSettings, *, reader: Actor
) -> Check:
    """One pin, by the facts of its quote."""
    found = _deviations(expected(row), given(quote, settings))
    return Check(row, may_read(row.quote, reader), tuple(found))


def newly_broken(before: list[Check], after: list[Check]) -> list[Check]:
    """The pins that the change breaks, or breaks in another way: one that failed already because
    its quote was edited is not held against the change."""
    known = {each.pin.pk: set(each.deviations) for each in before}
    return [each for each in after if set(each.deviations) - known.get(each.pin.pk, set())]


def unnamed(broken: list[Check], reason: str) -> list[str]:
    """Names of the broken pins that a reason does not mention."""
    return [
        each.name
        for each in broken
        if each.name not in reason and each.pin.quote.mn_id not in reason
    ]


def expected(row: PinnedQuote) -> tuple[Expected, ...]:
    return tuple(
        Expected(each["line"], Decimal(each["amount"]) if each["goes"] else None)
        for each in row.expected
    )


def _pins() -> QuerySet[PinnedQuote]:
    return PinnedQuote.objects.select_related("quote__opportunity").prefetch_related(
        "quote__readers"
    )


def _kept(each: Expected) -> dict[str, Any]:
    goes = each.amount is not None
    return {"line": each.line_mn_id, "goes": goes, "amount": str(each.amount) if goes else None}


def _deviations(wanted: tuple[Expected, ...], found: tuple[Expected, ...]) -> Iterator[Deviation]:
    now = {each.line_mn_id: each.amount for each in found}
    pinned = {each.line_mn_id: each.amount for each in wanted}
    for line, amount in pinned.items():
        if line not in now:
            if amount is not None:
                yield Deviation(line, amount, None, "the line is gone")
        elif now[line] != amount:
            yield Deviation(line, amount, now[line], _what(amount, now[line]))
    for line, amount in now.items():
        if line not in pinned and amount is not None:
            yield Deviation(line, None, amount, "the line is new")


def _what(pinned: Decimal | None, found: Decimal | None) -> str:
    if pinned is None:
        return "it goes, and was to stay away"
    if found is None:
        return "it no longer goes"
    return "another amount"
