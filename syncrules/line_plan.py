"""What becomes of one quote line in Salesforce: create, update, replace, delete or leave alone?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from syncrules.line_facts import LineFacts, RemoteLine
from syncrules.line_reasons import LineOutcome, LineReason
from syncrules.product_changes import (
    HELD_BY_SCHEDULE,
    Action,
    Fields,
    ProductChange,
    differing,
    fields_to_send,
    is_replaced,
    wanted_fields,
)
from syncrules.sync_products import LineVerdict


@dataclass(frozen=True, slots=True)
class Target:
    """The opportunity that products go to. `currency`: None in an org that has only one."""

    pricebook: str | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class LinePlan:
    """A line of the quote beside what Salesforce has of it, the oldest product first."""

    line: LineFacts
    verdict: LineVerdict
    target: Target
    found: tuple[RemoteLine, ...]

    def changes(self) -> Iterator[ProductChange]:
        """What is to be done: one change, or more where a product is replaced or doubled."""
        product = self.found[0] if self.found else None
        is_disabled = self.verdict.reason is LineReason.PRODUCT_SYNC_DISABLED
        stays_away = self.verdict.outcome is LineOutcome.STAYS_AWAY
        if self.verdict.goes:
            yield from self._towards(wanted_fields(self.line, self.verdict), product)
        elif product is not None and stays_away and not is_disabled:
            yield self._change(Action.DELETE, self.verdict.reason, product)
        else:
            yield self._change(Action.LEAVE, self.verdict.reason, product)
        for double in self.found[1:]:
            if is_disabled:
                yield self._change(Action.LEAVE, self.verdict.reason, double)
            else:
                yield self._change(Action.DELETE, LineReason.DUPLICATE_PRODUCT, double)

    def _towards(self, wanted: Fields, product: RemoteLine | None) -> Iterator[ProductChange]:
        obstacle = self._obstacle(wanted, product)
        if obstacle is not None:
            yield self._change(Action.LEAVE, obstacle, product, wanted)
        elif product is None:
            yield self._change(Action.CREATE, self.verdict.reason, None, wanted)
        elif is_replaced(wanted, product):
            yield self._change(Action.DELETE, LineReason.PRICEBOOK_ENTRY_CHANGED, product)
            yield self._change(Action.CREATE, LineReason.PRICEBOOK_ENTRY_CHANGED, None, wanted)
        elif differing(wanted, product):
            yield self._change(Action.UPDATE, self.verdict.reason, product, wanted)
        else:
            yield self._change(Action.LEAVE, LineReason.ALREADY_SO, product)

    def _obstacle(self, wanted: Fields, product: RemoteLine | None) -> LineReason | None:
        """What of Salesforce stands against a line that should go."""
        entry = self.line.pricebook_entry
        assert entry is not None, "no line goes without one"
        is_new = product is None or is_replaced(wanted, product)
        if is_foreign(self.line, self.target.currency):
            return LineReason.CURRENCY_MISMATCH
        if is_new and not entry.is_active:
            return LineReason.PRICEBOOK_ENTRY_INACTIVE
        if entry.pricebook_salesforce_id != self.target.pricebook:
            return LineReason.PRICEBOOK_MISMATCH
        if product is not None and product.has_schedule:
            held = HELD_BY_SCHEDULE & {change.field for change in differing(wanted, product)}
            # A replacement would silently drop the schedule that somebody made.
            return LineReason.PRODUCT_HAS_SCHEDULE if is_new or held else None
        return None

    def _change(
        self,
        action: Action,
        reason: LineReason,
        product: RemoteLine | None,
        wanted: Fields | None = None,
    ) -> ProductChange:
        is_sent = action in (Action.CREATE, Action.UPDATE)
        before = product.total_price if product else None
        after = before if action is Action.LEAVE else None
        return ProductChange(
            action=action,
            reason=reason,
            name=self.line.product.name if self.line.product else None,
            line_mn_id=self.line.mn_id,
            product_salesforce_id=product.salesforce_id if product else None,
            total_before=before,
            total_after=self.verdict.amount if is_sent else after,
            changes=differing(wanted, product) if wanted else (),
            send=fields_to_send(wanted, product) if wanted and is_sent else {},
        )


def is_foreign(line: LineFacts, currency: str | None) -> bool:
    """Whether quote, pricebook entry and opportunity are not all in one currency."""
    currencies = {line.quote.currency, currency or line.quote.currency}
    if line.pricebook_entry is not None:
        currencies.add(line.pricebook_entry.currency)
    return len(currencies) > 1
