"""Rows of quotes and their lines as facts of the rules, for many quotes with a few queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from django.db.models import Count
from django.utils import timezone

from console import custom_fields, quote_item_fields
from console.custom_fields import CustomFields
from console.models import PricebookEntry, Product, Quote, QuoteItem
from syncrules.amount_fields import FORMULA_BROKEN, FORMULA_ERROR
from syncrules.facts import FINALIZED_OPPORTUNITY, FINALIZED_QUOTE
from syncrules.formula import EvaluationError, Formula
from syncrules.line_facts import (
    AmendmentStatus,
    LineFacts,
    LineRole,
    Override,
    PricebookEntryFacts,
    ProductFacts,
    ProductType,
    QuoteFacts,
    QuoteTerms,
    QuoteType,
)


def quote_facts(
    quote_ids: Iterable[int], *, custom: CustomFields | None = None, now: datetime | None = None
) -> dict[int, QuoteFacts]:
    """The quotes with all their lines, by our id; five queries however many lines there are.

    `custom`: the custom fields in force, unless others are to be tried out. Their formulas are
    evaluated as of `now`.
    """
    rows = Quote.objects.select_related("opportunity").in_bulk(list(quote_ids))
    lines = _lines({pk: _terms(row) for pk, row in rows.items()})
    custom = custom or custom_fields.in_force()
    now = now or timezone.now()
    return {
        pk: with_formulas(QuoteFacts(_terms(row), tuple(lines[pk])), custom, now=now)
        for pk, row in rows.items()
    }


def line_counts(quote_ids: Iterable[int]) -> dict[int, int]:
    """How many lines the quotes have; those that have none are missing."""
    items = QuoteItem.objects.filter(quote_id__any_of=set(quote_ids))
    return dict(items.values_list("quote_id").annotate(Count("pk")))


def with_formulas(quote: QuoteFacts, custom: CustomFields, *, now: datetime) -> QuoteFacts:
    """The quote with the formula fields of every line computed anew."""
    if not custom.formulas:
        return quote
    lines = tuple(
        replace(line, custom_values={**line.custom_values, **_computed(line, custom, now=now)})
        for line in quote.lines
    )
    return replace(quote, lines=lines)


def _computed(line: LineFacts, custom: CustomFields, *, now: datetime) -> dict[str, str | None]:
    """A formula over a field that was never read would take it for blank: it has no value."""
    record = quote_item_fields.record(line)
    return {
        name: _value(formula, record, now=now)
        for name, formula in custom.formulas.items()
        if custom.to_be_read(name) <= line.custom_values.keys()
    }


def _value(formula: Formula | None, record: Mapping[str, object], *, now: datetime) -> str | None:
    if formula is None:
        return FORMULA_BROKEN
    try:
        value = formula.evaluate(record, now)
    except EvaluationError:
        return FORMULA_ERROR
    return None if value is None else str(value)


def _lines(terms: Mapping[int, QuoteTerms]) -> defaultdict[int, list[LineFacts]]:
    items = list(QuoteItem.objects.filter(quote_id__in=terms).order_by("quote_id", "position"))
    # A thousand lines share a few products and prices, so these are made once each.
    products = {
        pk: _product(row)
        for pk, row in Product.objects.in_bulk(
            list({item.product_id for item in items if item.product_id})
        ).items()
    }
    entries = {
        pk: _entry(row)
        for pk, row in PricebookEntry.objects.in_bulk(
            list({item.pricebook_entry_id for item in items if item.pricebook_entry_id})
        ).items()
    }
    found: defaultdict[int, list[LineFacts]] = defaultdict(list)
    for item in items:
        found[item.quote_id].append(
            _line(
                item,
                terms[item.quote_id],
                product=products.get(item.product_id or 0),
                entry=entries.get(item.pricebook_entry_id or 0),
            )
        )
    return found


def _line(
    item: QuoteItem,
    terms: QuoteTerms,
    *,
    product: ProductFacts | None,
    entry: PricebookEntryFacts | None,
) -> LineFacts:
    was_read = item.custom_read_at is not None
    return LineFacts(
        mn_id=item.mn_id,
        quote=terms,
        quantity=item.quantity,
        unit_price=item.unit_price,
        billing_months=item.billing_months,
        amount=item.amount,
        position=item.position,
        product=product,
        pricebook_entry=entry,
        start=item.start_date,
        end=item.end_date,
        role=LineRole(item.role),
        amendment_status=AmendmentStatus(item.amendment_status),
        previous_arr=item.previous_arr,
        override=Override(item.override),
        salesforce_override=Override(item.salesforce_override) if was_read else None,
        custom_values=item.custom_values,
    )


def _terms(row: Quote) -> QuoteTerms:
    opportunity = row.opportunity
    return QuoteTerms(
        mn_id=row.mn_id,
        type=QuoteType(row.type),
        currency=row.currency,
        contract_start=row.contract_start,
        contract_end=row.contract_end,
        is_primary=opportunity is not None and opportunity.primary_quote_id == row.pk,
        is_finalized=row.status in FINALIZED_QUOTE
        or (opportunity is not None and opportunity.status in FINALIZED_OPPORTUNITY),
    )


def _product(row: Product) -> ProductFacts:
    return ProductFacts(row.mn_id, row.name, ProductType(row.product_type), row.salesforce_id)


def _entry(row: PricebookEntry) -> PricebookEntryFacts:
    return PricebookEntryFacts(
        row.salesforce_id, row.pricebook_salesforce_id, row.currency, row.is_active
    )
