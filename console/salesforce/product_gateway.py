"""What can be asked of Salesforce about opportunity products and quote items."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from console.salesforce.gateway import SalesforceError
from syncrules.facts import RemoteOpportunity
from syncrules.line_facts import RemoteProducts

QUOTE_ITEM_ID: Final = "MN_Quote_Item_Id__c"
"""The field of the opportunity product by which it is found again: text, external id, unique."""


@dataclass(frozen=True, slots=True)
class RecordWithProducts:
    """An opportunity as Salesforce has it now, with all its products."""

    opportunity: RemoteOpportunity
    products: RemoteProducts


@dataclass(frozen=True, slots=True)
class NewProduct:
    """A product to be made. `fields`: Salesforce API name -> value as text."""

    opportunity_salesforce_id: str
    quote_item_mn_id: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ProductResult:
    """What became of one product. `error` None: Salesforce confirmed it.

    `sent` is empty when the call was given up before this product; `answer` is ready for JSON and
    without secrets.
    """

    error: SalesforceError | None
    sent: Mapping[str, object]
    answer: Mapping[str, object]
    is_whole: bool = False
    """Whether the error is that of the whole call, so that any of its products may be the cause."""


class ProductGateway(Protocol):
    """The products of one org. Two hundred travel in a collection, five collections in a call.

    The writing methods never raise a SalesforceError: it stands in the results, one for each
    product in the order given, so that what earlier calls did is not lost.
    """

    def read_products(self, opportunity_ids: Collection[str]) -> dict[str, RecordWithProducts]:
        """The opportunities that exist, by 18-character id; one call up to 200 of them, and one
        more for each further 2,000 products.

        Errors: InvalidSalesforceId before any call; SalesforceError.
        """

    def read_quote_items(
        self, mn_ids: Collection[str], fields: Collection[str]
    ) -> dict[str, dict[str, object]]:
        """What fields hold on the org's quote items, by MN id; 1,000 items are one call.

        A field that the org does not have, or hides from our user, is missing from every item.
        """

    def delete_products(self, ids: Sequence[str]) -> list[ProductResult]:
        """Deleted for good: Salesforce keeps no bin for products.

        Errors: InvalidSalesforceId before any call.
        """

    def update_products(
        self, changes: Sequence[tuple[str, Mapping[str, str]]]
    ) -> list[ProductResult]:
        """Product id and the fields to write to it. What is not named is left alone.

        Errors: InvalidSalesforceId before any call.
        """

    def create_products(self, products: Sequence[NewProduct]) -> list[ProductResult]:
        """May be repeated: a second product for a quote item is refused as a duplicate."""
