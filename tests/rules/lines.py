"""Quote lines and opportunity products for tests of the rules: valid and plain by default."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from syncrules.line_facts import (
    AmendmentStatus,
    LineFacts,
    LineRole,
    PricebookEntryFacts,
    ProductFacts,
    ProductType,
    QuoteFacts,
    QuoteTerms,
    QuoteType,
    RemoteLine,
    RemoteProducts,
)

BOOK: Final = "01sQy00000000001AA"
OTHER_BOOK: Final = "01sQy00000000002AA"
ENTRY: Final = PricebookEntryFacts("01uQy00000000001AA", BOOK, "USD")
OTHER_ENTRY: Final = PricebookEntryFacts("01uQy00000000002AA", BOOK, "USD")


def day(text: str) -> date:
    return date.fromisoformat(text)


def terms(**changes: Any) -> QuoteTerms:
    """A new deal of the calendar year 2026 in USD."""
    defaults: dict[str, Any] = {
        "mn_id": "quote_1",
        "type": QuoteType.NEW,
        "currency": "USD",
        "contract_start": day("2026-01-01"),
        "contract_end": day("2026-12-31"),
    }
    return QuoteTerms(**(defaults | changes))


def product(kind: ProductType = ProductType.ADVANCE) -> ProductFacts:
    return ProductFacts("prod_1", "Annual licence", kind, "01tQy00000000001AA")


def line(**changes: Any) -> LineFacts:
    """Ten licences at 1,200 a year, for the whole contract.

    `type` changes the type of the product; `start` and `end` may be text.
    """
    kind = changes.pop("type", None)
    for name in ("start", "end"):
        if isinstance(changes.get(name), str):
            changes[name] = day(changes[name])
    defaults: dict[str, Any] = {
        "mn_id": "qtitm_1",
        "quote": terms(),
        "quantity": Decimal(10),
        "unit_price": Decimal(1200),
        "billing_months": 12,
        "amount": Decimal(12000),
        "product": product(kind or ProductType.ADVANCE),
        "pricebook_entry": ENTRY,
    }
    return LineFacts(**(defaults | changes))


def quote(*lines: LineFacts, **changes: Any) -> QuoteFacts:
    """A quote of these lines, which take on its terms."""
    of_all = terms(**changes)
    return QuoteFacts(of_all, tuple(replace(each, quote=of_all) for each in lines))


def segment(number: int, quantity: int, start: str, end: str, *, amount: int) -> LineFacts:
    """A segment of a ramp of the licence at 1,200 a year."""
    return line(
        mn_id=f"qtitm_{number}",
        position=number,
        quantity=Decimal(quantity),
        start=start,
        end=end,
        amount=Decimal(amount),
    )


def document_ramp() -> QuoteFacts:
    """The ramp of "Customizing Opportunity Product Sync Process": 1, then 2, then 10 units."""
    return quote(
        segment(1, 1, "2026-01-01", "2026-03-31", amount=300),
        segment(2, 2, "2026-04-01", "2026-07-31", amount=800),
        segment(3, 10, "2026-08-01", "2026-12-31", amount=5000),
    )


def amended(status: AmendmentStatus, **changes: Any) -> LineFacts:
    """A line of an amendment; before it, the line brought 12,000 a year."""
    defaults: dict[str, Any] = {
        "quote": terms(type=QuoteType.AMENDMENT),
        "amendment_status": status,
        "previous_arr": Decimal(12000),
        "role": LineRole.STANDARD,
    }
    return line(**(defaults | changes))


def remote_line(**changes: Any) -> RemoteLine:
    """The product of the default line as a push leaves it."""
    defaults: dict[str, Any] = {
        "salesforce_id": "00kQy00000000001AA",
        "quote_item_mn_id": "qtitm_1",
        "pricebook_entry_salesforce_id": ENTRY.salesforce_id,
        "quantity": Decimal(10),
        "unit_price": Decimal(1200),
        "total_price": Decimal(12000),
        "currency": "USD",
        "name": "Northwind Annual licence",
    }
    return RemoteLine(**(defaults | changes))


def by_hand(**changes: Any) -> RemoteLine:
    """A product that somebody added in Salesforce."""
    defaults: dict[str, Any] = {
        "salesforce_id": "00kQy00000000099AA",
        "quote_item_mn_id": None,
        "total_price": Decimal(500),
    }
    return remote_line(**(defaults | changes))


def remote(lines: Iterable[RemoteLine] = (), **changes: Any) -> RemoteProducts:
    defaults: dict[str, Any] = {
        "opportunity_salesforce_id": "006Qy00000000001AA",
        "pricebook_salesforce_id": BOOK,
        "currency": "USD",
        "lines": tuple(lines),
    }
    return RemoteProducts(**(defaults | changes))
