"""The products of a pair: which lines, which of their fields and which total are apart, and why.

What should be there, and what would change, is said by `product_difference`; here each of its
changes is told as drift.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from syncrules.drift import DriftField, Finding, describe
from syncrules.drift_facts import ProductFacts
from syncrules.drift_verdict import Apart, Written, because_of, evidence_of
from syncrules.line_facts import RemoteLine
from syncrules.line_reasons import LineReason
from syncrules.money import total as total_of
from syncrules.money import two_places
from syncrules.product_changes import (
    PRICEBOOK_ENTRY,
    QUANTITY,
    SERVICE_DATE,
    TOTAL_PRICE,
    Action,
    FieldChange,
    ProductChange,
    differing,
    fields_of,
)
from syncrules.product_difference import ProductDifference, difference

_FIELDS: Final[Mapping[str, DriftField]] = {
    PRICEBOOK_ENTRY: DriftField.PRICEBOOK_ENTRY,
    QUANTITY: DriftField.QUANTITY,
    TOTAL_PRICE: DriftField.TOTAL_PRICE,
    SERVICE_DATE: DriftField.SERVICE_DATE,
}
_OF_NO_LINE: Final = frozenset({LineReason.LINE_OF_ANOTHER_QUOTE, LineReason.DUPLICATE_PRODUCT})


def findings(facts: ProductFacts) -> tuple[Finding, ...]:
    """Every difference of the products; none where a push would leave all of them alone.

    Where Salesforce names another primary quote, its products are those of that quote, and only the
    totals are compared: what is wrong is the quote.
    """
    planned = difference(facts.quote, facts.settings, facts.products)
    comparison = _Comparison.of(facts)
    found = []
    if not comparison.is_of_another_quote:
        found = [each for item in planned.changes for each in comparison.of_change(item, planned)]
    total = comparison.of_total(planned)
    return (*found, total) if total else tuple(found)


@dataclass(frozen=True, slots=True)
class _Comparison:
    """The facts, with the products as they are and as they were written, by id."""

    facts: ProductFacts
    present: Mapping[str, RemoteLine]
    written: Mapping[str, RemoteLine]

    @classmethod
    def of(cls, facts: ProductFacts) -> _Comparison:
        written = facts.written.lines if facts.written else ()
        by_id = {each.salesforce_id: each for each in written}
        by_line = {each.quote_item_mn_id: each for each in written if each.quote_item_mn_id}
        present = {each.salesforce_id: each for each in facts.products.lines}
        return cls(facts, present, {**by_id, **by_line})

    @property
    def is_of_another_quote(self) -> bool:
        named = self.facts.state.opportunity.primary_quote_mn_id
        return named not in (None, self.facts.quote.terms.mn_id)

    def of_change(self, change: ProductChange, planned: ProductDifference) -> Iterator[Finding]:
        if change.reason is LineReason.PRICEBOOK_ENTRY_CHANGED:
            # Replaced: told once, with what the old product holds.
            if change.action is Action.CREATE:
                old = self.present.get(_replaced_by(change, planned) or "")
                yield from self._of_fields(change, differing(change.send, old))
        elif change.action is Action.DELETE:
            yield self._of_surplus(change)
        elif change.changes and change.product_salesforce_id is None:
            yield self._of_absent(change)
        else:
            yield from self._of_fields(change, change.changes)

    def _of_surplus(self, change: ProductChange) -> Finding:
        assert change.product_salesforce_id is not None, "what is deleted has an id"
        own_id, was = change.product_salesforce_id, self.written.get(change.product_salesforce_id)
        is_of_no_line = change.reason in _OF_NO_LINE
        return self._finding(
            DriftField.LINE,
            change,
            ours=None,
            theirs=_in_words(fields_of(self.present[own_id])),
            written=_in_words(fields_of(was)) if was else None,
            part=own_id if is_of_no_line else (change.line_mn_id or own_id),
            money=change.total_before,
        )

    def _of_absent(self, change: ProductChange) -> Finding:
        wanted = {each.field: each.after for each in change.changes}
        was = self.written.get(change.line_mn_id or "")
        return self._finding(
            DriftField.LINE,
            change,
            ours=_in_words(wanted),
            theirs=None,
            written=_in_words(fields_of(was)) if was else None,
            money=_decimal(wanted.get(TOTAL_PRICE)),
        )

    def _of_fields(
        self, change: ProductChange, changes: tuple[FieldChange, ...]
    ) -> Iterator[Finding]:
        was = self.written.get(change.line_mn_id or "")
        for each in changes:
            is_total = each.field == TOTAL_PRICE
            yield self._finding(
                _FIELDS[each.field],
                change,
                ours=each.after,
                theirs=each.before,
                written=fields_of(was)[each.field] if was else None,
                money=_decimal(each.after) - _decimal(each.before) if is_total else None,
            )

    def of_total(self, planned: ProductDifference) -> Finding | None:
        """The opportunity's amount, which Salesforce sums from its products."""
        amount, totals = self.facts.state.amount, planned.totals
        has_products = bool(self.present) or bool(planned.of(Action.CREATE))
        ours, theirs = str(totals.after), None if amount is None else str(two_places(amount))
        if not has_products or ours == theirs:
            return None
        lines = self.facts.written.lines if self.facts.written else ()
        return self._finding(
            DriftField.AMOUNT,
            None,
            ours=ours,
            theirs=theirs,
            written=str(two_places(total_of(each.total_price for each in lines))),
            money=self._beyond_the_lines(planned),
        )

    def _beyond_the_lines(self, planned: ProductDifference) -> Decimal | None:
        """How far the totals are apart, as far as no line accounts for it.

        The amount of a record without products is whatever somebody typed; the lines that it lacks
        say how much that should be.
        """
        amount, totals = two_places(self.facts.state.amount or Decimal(0)), planned.totals
        if self.is_of_another_quote:
            return totals.after - amount
        return (totals.before - amount or None) if self.present else None

    def _finding(
        self,
        field: DriftField,
        change: ProductChange | None,
        *,
        ours: str | None,
        theirs: str | None,
        written: str | None,
        part: str | None = None,
        money: Decimal | None = None,
    ) -> Finding:
        last, facts = self.facts.written, self.facts
        apart = Apart(
            ours,
            theirs,
            push=facts.push,
            written=Written(written, last.entry_id, last.at) if last else None,
            ours_set_at=facts.set_at,
            theirs_changed_at=facts.state.changed_at,
        )
        because = because_of(apart)
        found = Finding(
            field,
            describe(because).verdict,
            because,
            ours,
            theirs,
            money=None if money is None else abs(money),
            evidence=evidence_of(apart),
        )
        return found if change is None else _told_of(found, change, part=part)


def _told_of(found: Finding, change: ProductChange, *, part: str | None) -> Finding:
    """The finding with the line that it is about, and what keeps a push from mending it."""
    is_held_up = change.action is Action.LEAVE
    return replace(
        found,
        part=part if part is not None else (change.line_mn_id or ""),
        name=change.name or "",
        obstacle=change.reason if is_held_up else None,
    )


def _replaced_by(change: ProductChange, planned: ProductDifference) -> str | None:
    """The product that makes room for a new one."""
    return next(
        (
            each.product_salesforce_id
            for each in planned.of(Action.DELETE)
            if each.line_mn_id == change.line_mn_id
            and each.reason is LineReason.PRICEBOOK_ENTRY_CHANGED
        ),
        None,
    )


def _in_words(fields: Mapping[str, str | None]) -> str:
    start = fields.get(SERVICE_DATE)
    return f"{fields[QUANTITY]} for {fields[TOTAL_PRICE]}" + (f", from {start}" if start else "")


def _decimal(text: str | None) -> Decimal:
    return Decimal(text or 0)
