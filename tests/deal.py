"""A linked deal with a catalog on both sides, which each test of products changes in one place."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

import requests

from console import jobs, outbox
from console.actor import Actor
from console.models import (
    Opportunity,
    OutboundPush,
    PricebookEntry,
    Product,
    ProductSyncSetting,
    Quote,
    QuoteItem,
    SyncLog,
)
from syncrules.sync_products import FLOW
from tests.builders import (
    make_item,
    make_opportunity,
    make_pairing,
    make_pricebook_entry,
    make_product,
    make_quote,
)
from tests.facts import number, sf_id
from tests.org import Org

VERA: Final = Actor(name="vera")
ITEM_ID: Final = "MN_Quote_Item_Id__c"
AMOUNT: Final = "monetize__Amount__c"
ARR: Final = "monetize__ARR__c"


@dataclass
class Deal:
    """An MN opportunity of the year 2026 with a primary quote, linked to a record of the org."""

    org: Org
    opportunity: Opportunity
    quote: Quote
    salesforce_id: str
    pricebook: str
    _entries: dict[int, PricebookEntry] = field(default_factory=dict)

    # --- Both sides of the catalog -------------------------------------------------------------

    def add_pricebook(self) -> str:
        book = sf_id("01s")
        self.org.load(Pricebook2=[{"Id": book, "Name": f"Book {book}", "IsActive": True}])
        return book

    def entry(
        self,
        product: Product,
        *,
        pricebook: str | None = None,
        currency: str = "USD",
        **columns: Any,
    ) -> PricebookEntry:
        """A price of the product, in the deal's price book unless another is named."""
        row = make_pricebook_entry(
            product=product,
            pricebook_salesforce_id=pricebook or self.pricebook,
            currency=currency,
            **columns,
        )
        self.org.load(
            Product2=[{"Id": product.salesforce_id, "Name": product.name, "IsActive": True}],
            PricebookEntry=[
                {
                    "Id": row.salesforce_id,
                    "Pricebook2Id": row.pricebook_salesforce_id,
                    "Product2Id": product.salesforce_id,
                    "UnitPrice": 100,
                    "CurrencyIsoCode": currency,
                    "IsActive": row.is_active,
                }
            ],
        )
        return row

    # --- Quotes and lines ----------------------------------------------------------------------

    def line(
        self, *, quote: Quote | None = None, kind: str = "ADVANCE", **columns: Any
    ) -> QuoteItem:
        """Ten units at 1,200 a year for the whole contract, of a product that has a price."""
        product = columns.pop("product", None) or make_product(product_type=kind)
        if "pricebook_entry" not in columns:
            columns["pricebook_entry"] = self._entries.setdefault(product.pk, self.entry(product))
        columns.setdefault("position", number())
        columns.setdefault("unit_price", Decimal(1200))
        columns.setdefault("amount", Decimal(12000))
        return make_item(quote or self.quote, product=product, **columns)

    def ramp(self) -> list[QuoteItem]:
        """The ramp of "Customizing Opportunity Product Sync Process"."""
        licence = make_product(name="Annual licence")
        segments = ((1, 1, 3, 31, 300), (2, 4, 7, 31, 800), (10, 8, 12, 31, 5000))
        return [
            self.line(
                product=licence,
                quantity=Decimal(quantity),
                amount=Decimal(amount),
                start_date=date(2026, first, 1),
                end_date=date(2026, last, day),
            )
            for quantity, first, last, day, amount in segments
        ]

    def another_quote(self, **columns: Any) -> Quote:
        return make_quote(opportunity=self.opportunity, **{**_YEAR, **columns})

    def make_primary(self, quote: Quote) -> None:
        self.opportunity.primary_quote = quote
        self.opportunity.save(update_fields=["primary_quote"])

    # --- The org -------------------------------------------------------------------------------

    def products(self) -> list[dict[str, Any]]:
        """The opportunity's products as Salesforce has them, oldest first."""
        fields = (
            "Id, PricebookEntryId, Quantity, UnitPrice, TotalPrice, ServiceDate, Description, "
            + ITEM_ID
        )
        where = f"WHERE OpportunityId = '{self.salesforce_id}' ORDER BY Id"
        return query(self.org, f"SELECT {fields} FROM OpportunityLineItem {where}")

    def totals(self) -> list[float]:
        return [each["TotalPrice"] for each in self.products()]

    @property
    def amount(self) -> float:
        """The opportunity's amount, which Salesforce sums from its products."""
        return float(self.org.opportunity(self.salesforce_id)["Amount"])

    def add_by_hand(self, *, total: int = 500, **fields: Any) -> str:
        """A product that a person added in Salesforce."""
        entry = self.entry(make_product())
        own_id = sf_id("00k")
        self.org.load(
            OpportunityLineItem=[
                {
                    "Id": own_id,
                    "OpportunityId": self.salesforce_id,
                    "PricebookEntryId": entry.salesforce_id,
                    "Quantity": 1,
                    "TotalPrice": total,
                    **fields,
                }
            ]
        )
        return own_id

    # --- Pushing -------------------------------------------------------------------------------

    def request(self) -> OutboundPush:
        return outbox.request_push(
            opportunity_id=self.opportunity.pk,
            trigger="edit",
            actor=VERA,
            lane=OutboundPush.Lane.PRODUCTS,
        )

    def push(self) -> tuple[OutboundPush, SyncLog]:
        """Pushes the products, and gives how both rows ended."""
        waiting = self.request()
        jobs.drain_outbound()
        waiting.refresh_from_db()
        return waiting, SyncLog.objects.filter(flow=FLOW).latest("id")


_YEAR: Final[dict[str, Any]] = {
    "contract_start": date(2026, 1, 1),
    "contract_end": date(2026, 12, 31),
}


def make_deal(org: Org, **fields: Any) -> Deal:
    """`fields` are those of the opportunity in Salesforce."""
    opportunity = make_opportunity()
    quote = make_quote(opportunity=opportunity, is_primary=True, **_YEAR)
    salesforce_id, record = sf_id(), sf_id("a0B")
    deal = Deal(org, opportunity, quote, salesforce_id, pricebook="")
    deal.pricebook = deal.add_pricebook()
    org.add_quote(record, quote.mn_id)
    org.add_opportunity(
        salesforce_id,
        **{
            "monetize__Id__c": opportunity.mn_id,
            "monetize__PrimaryQuote__c": record,
            "Pricebook2Id": deal.pricebook,
            "CurrencyIsoCode": "USD",
            **fields,
        },
    )
    make_pairing(opportunity=opportunity, salesforce_id=salesforce_id)
    return deal


def choose(**columns: Any) -> ProductSyncSetting:
    """New settings in force."""
    ProductSyncSetting.objects.filter(is_active=True).update(is_active=False)
    return ProductSyncSetting.objects.create(reason_text="a test", is_active=True, **columns)


def query(org: Org, statement: str) -> list[dict[str, Any]]:
    """The records that a statement finds in the org."""
    answer = requests.get(
        f"{org.url}/services/data/v62.0/query",
        params={"q": statement},
        headers={"Authorization": f"Bearer {org.token()}"},
        timeout=10,
    )
    assert answer.ok, answer.text
    return [
        {name: value for name, value in each.items() if name != "attributes"}
        for each in answer.json()["records"]
    ]
