"""The lines of a quote, replaced as a whole with a few statements however many there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db.models import Model, Q

from console.models import PricebookEntry, Product, Quote, QuoteItem
from console.upstream.records import LineChanges, Refusal, Values, Why, unknown

_REFERENCES: Final[dict[str, type[Model]]] = {
    "product_id": Product,
    "pricebook_entry_id": PricebookEntry,
}
_UNSHOWN: Final = frozenset({"position"})
_BATCH: Final = 1000


def replace(quote: Quote, items: Sequence[Values]) -> LineChanges:
    """How the lines changed. What a line leaves out keeps what is stored: an override that was
    set here stays until MonetizeNow brings one.

    Errors: Refusal naming the line and its field.
    """
    _refuse_repeats(items)
    stored = _stored(quote, items)
    given = _with_row_ids(items)
    new, changed, fields = _sorted_out(quote, given, stored)
    gone = [row.pk for mn_id, row in stored.items() if mn_id not in given]
    if gone:
        QuoteItem.objects.filter(pk__in=gone).delete()
    QuoteItem.objects.bulk_create(new, batch_size=_BATCH)
    _update(changed, fields)
    is_shown = bool(new or gone or fields - _UNSHOWN)
    return LineChanges(len(new), len(changed), len(gone), is_shown=is_shown)


def _refuse_repeats(items: Sequence[Values]) -> None:
    seen: set[str] = set()
    for index, item in enumerate(items):
        if item["mn_id"] in seen:
            raise Refusal(Why.INVALID, f"items.{index}.mn_id", f"{item['mn_id']} is there twice")
        seen.add(item["mn_id"])


def _stored(quote: Quote, items: Sequence[Values]) -> dict[str, QuoteItem]:
    """The lines of the quote by MN id. Errors: Refusal for one that another quote has."""
    index_of = {item["mn_id"]: index for index, item in enumerate(items)}
    rows = QuoteItem.objects.filter(Q(quote=quote) | Q(mn_id__in=index_of))
    for row in rows.exclude(quote=quote).select_related("quote")[:1]:
        raise Refusal(
            Why.TAKEN,
            f"items.{index_of[row.mn_id]}.mn_id",
            f"{row.mn_id} is a line of {row.quote.mn_id}",
        )
    return {row.mn_id: row for row in rows}


def _with_row_ids(items: Sequence[Values]) -> dict[str, dict[str, Any]]:
    """The lines by MN id, with the ids of our rows for products and prices."""
    known = {field: _known(kind, items, field) for field, kind in _REFERENCES.items()}
    given: dict[str, dict[str, Any]] = {}
    for index, item in enumerate(items):
        columns = {"position": index, **item}
        for field, ids in known.items():
            mn_id = item.get(field)
            if mn_id is not None and mn_id not in ids:
                raise unknown(f"items.{index}.{field}", _REFERENCES[field], mn_id)
            if mn_id is not None:
                columns[field] = ids[mn_id]
        given[item["mn_id"]] = columns
    return given


def _known(kind: type[Model], items: Sequence[Values], field: str) -> dict[str, int]:
    mn_ids = {item.get(field) for item in items} - {None}
    rows = kind._default_manager.filter(mn_id__in=mn_ids)  # noqa: SLF001  Django's public name
    return dict(rows.values_list("mn_id", "pk"))


def _sorted_out(
    quote: Quote, given: Mapping[str, Values], stored: Mapping[str, QuoteItem]
) -> tuple[list[QuoteItem], list[QuoteItem], set[str]]:
    """Lines that are new, lines that changed, and which of their fields did."""
    new, changed, fields = [], [], set()
    for mn_id, columns in given.items():
        row = stored.get(mn_id)
        if row is None:
            new.append(QuoteItem(quote=quote, **columns))
            continue
        differing = {name for name, value in columns.items() if getattr(row, name) != value}
        for name in differing:
            setattr(row, name, columns[name])
        if differing:
            changed.append(row)
            fields |= differing
    return new, changed, fields


def _update(rows: Sequence[QuoteItem], fields: set[str]) -> None:
    """One INSERT ... ON CONFLICT for all: `bulk_update` would write a CASE for each cell."""
    if rows:
        QuoteItem.objects.bulk_create(
            rows,
            batch_size=_BATCH,
            update_conflicts=True,
            unique_fields=["mn_id"],
            update_fields=sorted(fields),
        )
