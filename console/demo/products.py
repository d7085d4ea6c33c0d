"""The products that linked records have: what a push of their quote leaves in Salesforce."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from console.demo.book import Line, PricebookEntry, Product, Quote, Record, RecordProduct
from console.demo.chance import Ids
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
    RemoteProducts,
)
from syncrules.product_changes import PRICEBOOK_ENTRY, QUANTITY, SERVICE_DATE, TOTAL_PRICE, Action
from syncrules.product_difference import difference
from syncrules.sync_products import ProductSyncSettings

_PRODUCT: Final = "00k"


def products_of(quote: Quote, record: Record, ids: Ids) -> tuple[RecordProduct, ...]:
    """Each line that goes, with the amount that goes by the recommended settings."""
    pricebook = record.pricebook.salesforce_id if record.pricebook else None
    empty = RemoteProducts(record.salesforce_id, pricebook, record.currency)
    planned = difference(_facts(quote), ProductSyncSettings(), empty)
    return tuple(
        RecordProduct(
            salesforce_id=ids.salesforce(_PRODUCT),
            line_mn_id=change.line_mn_id or "",
            entry_id=change.send[PRICEBOOK_ENTRY],
            quantity=Decimal(change.send[QUANTITY]),
            total=Decimal(change.send[TOTAL_PRICE]),
            start=change.send[SERVICE_DATE],
        )
        for change in planned.of(Action.CREATE)
    )


def _facts(quote: Quote) -> QuoteFacts:
    terms = QuoteTerms(
        mn_id=quote.mn_id,
        type=QuoteType(quote.type),
        currency=quote.currency,
        contract_start=quote.start,
        contract_end=quote.end,
    )
    numbered = enumerate(quote.lines, start=1)
    return QuoteFacts(terms, tuple(_line(line, terms, place) for place, line in numbered))


def _line(line: Line, terms: QuoteTerms, place: int) -> LineFacts:
    return LineFacts(
        mn_id=line.mn_id,
        quote=terms,
        quantity=line.quantity,
        unit_price=line.unit_price,
        billing_months=line.billing_months,
        amount=line.amount,
        position=place,
        product=_product(line.product) if line.product else None,
        pricebook_entry=_entry(line.entry) if line.entry else None,
        start=line.start,
        end=line.end,
        role=LineRole(line.role),
        amendment_status=AmendmentStatus(line.amendment_status),
        previous_arr=line.previous_arr,
        override=Override(line.override),
    )


def _product(product: Product) -> ProductFacts:
    kind = ProductType(product.type)
    return ProductFacts(product.mn_id, product.full_name, kind, product.salesforce_id)


def _entry(entry: PricebookEntry) -> PricebookEntryFacts:
    return PricebookEntryFacts(
        entry.salesforce_id,
        entry.pricebook.salesforce_id,
        entry.currency,
        is_active=entry.product.is_active,
    )
