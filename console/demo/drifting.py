"""What happened to linked records since they were pushed: the sample's drift, of every verdict."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from console.demo.book import Record, RecordProduct
from console.demo.chance import Ids
from console.demo.deals import Deal
from console.demo.ledger import Ledger
from console.demo.products import products_of
from console.demo.scenarios import Scenario

_LONG_AGO: Final = 200
"""Days since Salesforce's side changed, where ours is the later one."""


def settle(ledger: Ledger, ids: Ids) -> None:
    """Linked records have the products of the quote that they name, since long."""
    quotes = {each.salesforce_id: each for each in ledger.quotes}
    paired = {each.salesforce_id for each in ledger.associations if each.ended_at is None}
    for place, record in enumerate(ledger.records):
        quote = quotes.get(record.primary_quote_salesforce_id)
        if record.salesforce_id in paired and record.mn_id is not None and quote is not None:
            products = products_of(quote, record, ids)
            changed_at = ledger.calendar.moment(days_ago=_LONG_AGO)
            ledger.records[place] = replace(record, products=products, changed_at=changed_at)


def drift(ledger: Ledger, in_step: Sequence[Deal]) -> None:
    """Two deals each: dearer in Salesforce, a product deleted there, cheaper since ours changed,
    and a record in the recycle bin. The copies of `conflicts` are the fifth kind."""
    of_products = [deal for deal in in_step if len(_record(ledger, deal).products) > 1]
    kinds: dict[Scenario, Callable[[Record], Record]] = {
        Scenario.CHANGED_IN_SALESFORCE: _dearer,
        Scenario.DELETED_PRODUCT: _without_one,
        Scenario.CHANGED_HERE: _as_before,
        Scenario.DELETED_RECORD: lambda record: replace(record, is_deleted=True),
    }
    deals = iter(of_products)
    for scenario, happened in kinds.items():
        for _ in range(2):
            deal = next(deals)
            _change(ledger, deal, happened)
            ledger.note(scenario, deal)


def _dearer(record: Record) -> Record:
    """Somebody wrote a higher total into the largest product."""
    largest, *others = _largest_first(record)
    dearer = (replace(largest, total=largest.total + 1000), *others)
    return replace(record, products=dearer, changed_at=None)


def _without_one(record: Record) -> Record:
    return replace(record, products=tuple(_largest_first(record)[1:]), changed_at=None)


def _as_before(record: Record) -> Record:
    """What was written before our quote changed."""
    largest, *others = _largest_first(record)
    before = replace(largest, total=(largest.total * Decimal("0.9")).quantize(Decimal("0.01")))
    return replace(record, products=(before, *others))


def _largest_first(record: Record) -> list[RecordProduct]:
    return sorted(record.products, key=lambda product: -product.total)


def _record(ledger: Ledger, deal: Deal) -> Record:
    wanted = deal.record.salesforce_id
    return next(each for each in ledger.records if each.salesforce_id == wanted)


def _change(ledger: Ledger, deal: Deal, happened: Callable[[Record], Record]) -> None:
    record = _record(ledger, deal)
    changed = replace(happened(record), changed_by=record.owner)
    ledger.records[ledger.records.index(record)] = changed
