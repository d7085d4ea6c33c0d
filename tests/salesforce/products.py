"""A product as the tests of this folder send it."""

from __future__ import annotations

from console.salesforce.product_gateway import NewProduct
from syncrules.salesforce_id import to_18
from tests.salesforce.answers import opportunity_id

ENTRY = to_18("01u000000000001")
FIELDS = {"PricebookEntryId": ENTRY, "Quantity": "2.00", "TotalPrice": "10.50"}


def new(item: str, *, parent: int = 1, **fields: str) -> NewProduct:
    return NewProduct(opportunity_id(parent), item, {**FIELDS, **fields})
