"""Linked opportunities with quotes whose figures are easy to follow."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from console.models import AmountField, Opportunity, Product, ProductSyncSetting, Quote, QuoteItem
from syncrules.amount_fields import AMOUNT
from syncrules.sync_products import ProductSyncSettings
from tests import builders

BY_ARR = ProductSyncSettings()
BY_AMOUNT = ProductSyncSettings(AMOUNT)


def make_linked(*, name: str = "Northwind expansion", **columns: Any) -> Quote:
    """The primary quote of a linked opportunity: no lines yet."""
    of_quote = {key: columns.pop(key) for key in ("currency",) if key in columns}
    opportunity = builders.make_opportunity(name=name, **columns, **of_quote)
    builders.make_pairing(opportunity=opportunity)
    return builders.make_quote(opportunity=opportunity, is_primary=True, **of_quote)


def opportunity_of(quote: Quote) -> Opportunity:
    assert quote.opportunity is not None
    return quote.opportunity


def licence(quote: Quote, *, arr: int = 1200, amount: int = 3600, **columns: Any) -> QuoteItem:
    """A yearly licence for the whole contract of three years."""
    return builders.make_item(
        quote,
        quantity=Decimal(1),
        unit_price=Decimal(arr),
        billing_months=12,
        amount=Decimal(amount),
        **columns,
    )


def one_time(quote: Quote, *, amount: int = 500, **columns: Any) -> QuoteItem:
    """Setting up: 500 of amount, nothing of ARR."""
    product = builders.make_product(name="Set-up", product_type=Product.Type.ONETIME)
    return builders.make_item(
        quote,
        product=product,
        quantity=Decimal(1),
        unit_price=Decimal(amount),
        billing_months=0,
        amount=Decimal(amount),
        **columns,
    )


def document_ramp(quote: Quote) -> list[QuoteItem]:
    """The ramp of the document: 1, then 2, then 10 units at 1,200 a year."""
    Quote.objects.filter(pk=quote.pk).update(contract_start="2026-01-01", contract_end="2026-12-31")
    product = builders.make_product(name="Annual licence")
    entry = builders.make_pricebook_entry(product=product)
    segments = (
        (1, 300, "2026-01-01", "2026-03-31"),
        (2, 800, "2026-04-01", "2026-07-31"),
        (10, 5000, "2026-08-01", "2026-12-31"),
    )
    return [
        builders.make_item(
            quote,
            product=product,
            pricebook_entry=entry,
            position=position,
            quantity=Decimal(quantity),
            unit_price=Decimal(1200),
            billing_months=12,
            amount=Decimal(amount),
            start_date=start,
            end_date=end,
        )
        for position, (quantity, amount, start, end) in enumerate(segments, start=1)
    ]


def make_revision(**columns: Any) -> ProductSyncSetting:
    """An active revision."""
    defaults = {"reason_text": "we sell by ARR", "is_active": True, "created_by_name": "ada"}
    return ProductSyncSetting.objects.create(**(defaults | columns))


def make_amount_field(name: str = "Deal_Value__c", **columns: Any) -> AmountField:
    """A custom currency field, read from Salesforce."""
    defaults = {"label": "Deal value", "kind": AmountField.Kind.DISCOVERED}
    return AmountField.objects.create(name=name, **(defaults | columns))
