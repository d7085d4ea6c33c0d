"""What does Salesforce have of a quote's products, and what must change? Preview and push alike."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from syncrules.line_facts import LineFacts, QuoteFacts, RemoteLine, RemoteProducts
from syncrules.line_plan import LinePlan, Target, is_foreign
from syncrules.line_reasons import LineReason
from syncrules.money import NOTHING, total
from syncrules.product_changes import Action, FieldChange, ProductChange, differing
from syncrules.sync_products import LineVerdict, ProductSyncSettings, verdict

_ORDER: Final = {action: position for position, action in enumerate(Action)}


@dataclass(frozen=True, slots=True)
class ProductTotals:
    """What the opportunity's amount is and becomes; `by_hand` is the part that people added."""

    before: Decimal
    after: Decimal
    by_hand: Decimal


@dataclass(frozen=True, slots=True)
class ProductDifference:
    """All that is to be written, in order: the price book, then `changes` as they stand.

    Shape:  every line of the quote has a change, if only to be left alone with its reason;
            `by_hand` are the products without a quote item id, which are never touched;
            `synced_quote_salesforce_id` names the org's own quote sync, a second writer
    """

    opportunity_salesforce_id: str
    quote_mn_id: str
    currency: str
    pricebook_to_set: str | None
    changes: tuple[ProductChange, ...]
    by_hand: tuple[RemoteLine, ...]
    totals: ProductTotals
    synced_quote_salesforce_id: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing has to be written."""
        return all(change.action is Action.LEAVE for change in self.changes)

    def of(self, action: Action) -> tuple[ProductChange, ...]:
        return tuple(change for change in self.changes if change.action is action)


@dataclass(frozen=True, slots=True)
class NotKept:
    """A change that Salesforce accepted and did not keep: each field as sent and as found."""

    change: ProductChange
    fields: tuple[FieldChange, ...] = ()
    reason: LineReason = LineReason.ACCEPTED_NOT_APPLIED


def difference(
    quote: QuoteFacts, settings: ProductSyncSettings, remote: RemoteProducts
) -> ProductDifference:
    """What turns the opportunity's products into those of the quote.

    Matched by quote item id alone: a ramp is several lines of one product. Products of other
    quotes go; where a line fails, what Salesforce has of it stays as it is.
    """
    ours = _by_quote_item(remote.lines)
    judged = [(line, verdict(line, settings)) for line in quote.in_order]
    pricebook = remote.pricebook_salesforce_id or _pricebook_of(judged, remote.currency)
    target = Target(pricebook, remote.currency)
    changes: list[ProductChange] = []
    for line, judgement in judged:
        found = tuple(ours.pop(line.mn_id, ()))
        changes += LinePlan(line, judgement, target, found).changes()
    changes += [_of_no_line(each, settings) for orphans in ours.values() for each in orphans]
    changes.sort(key=lambda change: _ORDER[change.action])
    by_hand = [each for each in remote.lines if each.quote_item_mn_id is None]
    return ProductDifference(
        opportunity_salesforce_id=remote.opportunity_salesforce_id,
        quote_mn_id=quote.terms.mn_id,
        currency=remote.currency or quote.terms.currency,
        pricebook_to_set=None if remote.pricebook_salesforce_id else pricebook,
        changes=tuple(changes),
        by_hand=tuple(sorted(by_hand, key=lambda each: each.salesforce_id)),
        totals=_totals(remote.lines, changes, by_hand),
        synced_quote_salesforce_id=remote.synced_quote_salesforce_id,
    )


def not_kept(carried_out: Iterable[ProductChange], found: RemoteProducts) -> tuple[NotKept, ...]:
    """Which of the changes that Salesforce accepted are not to be seen on reading back."""
    ours = _by_quote_item(found.lines)
    present = {product.salesforce_id for product in found.lines}
    results = []
    for change in carried_out:
        if change.action is Action.DELETE:
            if change.product_salesforce_id in present:
                results.append(NotKept(change))
        elif change.send:
            products = ours.get(change.line_mn_id or "", [])
            if fields := differing(change.send, products[0] if products else None):
                results.append(
                    NotKept(
                        change,
                        tuple(FieldChange(each.field, each.after, each.before) for each in fields),
                    )
                )
    return tuple(results)


def _by_quote_item(products: Iterable[RemoteLine]) -> dict[str, list[RemoteLine]]:
    """Quote item id -> its products, oldest first. Those that people added are not among them."""
    found: defaultdict[str, list[RemoteLine]] = defaultdict(list)
    for product in sorted(products, key=lambda each: each.salesforce_id):
        if product.quote_item_mn_id is not None:
            found[product.quote_item_mn_id].append(product)
    return found


def _pricebook_of(
    judged: Sequence[tuple[LineFacts, LineVerdict]], currency: str | None
) -> str | None:
    """The price book for an opportunity that has none: the one that most of its lines are in."""
    counts = Counter(
        line.pricebook_entry.pricebook_salesforce_id
        for line, judgement in judged
        if judgement.goes
        and line.pricebook_entry is not None
        and line.pricebook_entry.is_active
        and not is_foreign(line, currency)
    )
    return min(counts, key=lambda pricebook: (-counts[pricebook], pricebook), default=None)


def _of_no_line(product: RemoteLine, settings: ProductSyncSettings) -> ProductChange:
    reason = LineReason.LINE_OF_ANOTHER_QUOTE
    if settings.is_disabled:
        reason = LineReason.PRODUCT_SYNC_DISABLED
    return ProductChange(
        action=Action.LEAVE if settings.is_disabled else Action.DELETE,
        reason=reason,
        name=product.name,
        line_mn_id=product.quote_item_mn_id,
        product_salesforce_id=product.salesforce_id,
        total_before=product.total_price,
        total_after=product.total_price if settings.is_disabled else None,
    )


def _totals(
    products: Iterable[RemoteLine],
    changes: Iterable[ProductChange],
    by_hand: Iterable[RemoteLine],
) -> ProductTotals:
    added_by_people = total(product.total_price for product in by_hand)
    return ProductTotals(
        before=total(product.total_price for product in products),
        after=total(change.total_after or NOTHING for change in changes) + added_by_people,
        by_hand=added_by_people,
    )
