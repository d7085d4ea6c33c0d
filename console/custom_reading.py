"""What the org's own quote items hold in custom currency fields: read in bulk, and kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Final

from django.utils import timezone

from console import quote_item_fields
from console.models import QuoteItem
from console.salesforce.product_gateway import ProductGateway
from syncrules.line_facts import Override

_COLUMNS: Final = ("custom_values", "salesforce_override", "custom_read_at")
_BATCH: Final = 500
_OVERRIDES: Final = frozenset(Override)


def read_custom_values(
    products: ProductGateway, quote_ids: Iterable[int], *, fields: Collection[str]
) -> int:
    """How many lines of the quotes changed; no call when no field is to be read.

    An item that Salesforce does not have, or a field that it hides, leaves no value behind: an
    old one would be sent as if it were today's.

    Errors: SalesforceError; nothing is stored in that case.
    """
    if not fields:
        return 0
    items = list(QuoteItem.objects.filter(quote_id__in=set(quote_ids)))
    asked = {*fields, quote_item_fields.OVERRIDE}
    found = products.read_quote_items([item.mn_id for item in items], asked)
    changed = [item for item in items if _take(item, found.get(item.mn_id, {}), fields=fields)]
    QuoteItem.objects.bulk_update(changed, _COLUMNS, batch_size=_BATCH)
    return len(changed)


def _take(item: QuoteItem, record: Mapping[str, object], *, fields: Collection[str]) -> bool:
    """Whether the line holds something else now."""
    kept = {name: value for name, value in item.custom_values.items() if name not in fields}
    read = {name: _text(record[name]) for name in fields if name in record}
    override = record.get(quote_item_fields.OVERRIDE) or ""
    said = str(override) if override in _OVERRIDES else ""
    before = (item.custom_values, item.salesforce_override)
    item.custom_values, item.salesforce_override = kept | read, said
    is_first = item.custom_read_at is None
    item.custom_read_at = timezone.now()
    return is_first or before != (item.custom_values, item.salesforce_override)


def _text(value: object) -> str | None:
    """A number without exponent, as the rules take it."""
    if value is None:
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{Decimal(repr(value)):f}" if is_number else str(value)
