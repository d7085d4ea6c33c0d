"""The products we made on a record that an opportunity leaves: they go before its link does.

Their quote item ids are unique in the org, so while they stay, the new record can have none.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from console.salesforce.gateway import Gateway, Misconfigured, RecordGone, SalesforceError

_LACKS_OUR_PRODUCTS: Final = frozenset({"INVALID_FIELD", "INVALID_TYPE"})
"""The org has no products, or not the field that marks some as ours: so none of them is."""


def withdraw(client: Gateway, salesforce_ids: Collection[str]) -> dict[str, SalesforceError]:
    """Record id -> what stands against it, for records whose products could not be withdrawn.

    Products without a quote item id are people's own and stay. Can be repeated without harm.
    """
    try:
        records = client.products.read_products(salesforce_ids)
    except SalesforceError as error:
        if isinstance(error, Misconfigured) and error.code in _LACKS_OUR_PRODUCTS:
            return {}
        return dict.fromkeys(salesforce_ids, error)
    ours = [
        (salesforce_id, product.salesforce_id)
        for salesforce_id, record in records.items()
        for product in record.products.lines
        if product.quote_item_mn_id is not None
    ]
    results = client.products.delete_products([product_id for _, product_id in ours])
    refusals: dict[str, SalesforceError] = {}
    for (salesforce_id, _), result in zip(ours, results, strict=True):
        if result.error is not None and not isinstance(result.error, RecordGone):
            refusals.setdefault(salesforce_id, result.error)
    return refusals
