"""What a rule may know of quote lines, and of the products an opportunity has in Salesforce."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final


class ProductType(StrEnum):
    ADVANCE = "ADVANCE"
    ARREARS = "ARREARS"
    USAGE = "USAGE"
    ONETIME = "ONETIME"
    ONETIME_PREPAID_CREDIT = "ONETIME_PREPAID_CREDIT"
    MIN_COMMIT = "MIN_COMMIT"


class QuoteType(StrEnum):
    NEW = "NEW"
    AMENDMENT = "AMENDMENT"
    RENEWAL = "RENEWAL"


class AmendmentStatus(StrEnum):
    NO_CHANGE = "NO_CHANGE"
    ADDED = "ADDED"
    UPDATED = "UPDATED"
    REMOVED = "REMOVED"


class LineRole(StrEnum):
    """Reference rows of an amendment show the contract as it was; they sell nothing."""

    STANDARD = "STANDARD"
    REFERENCE = "REFERENCE"


class Override(StrEnum):
    """`monetize__OverrideOpportunitySync__c`."""

    BLANK = ""
    NEVER = "Never"
    ALWAYS = "Always"


MODIFIED: Final = frozenset(
    {AmendmentStatus.ADDED, AmendmentStatus.UPDATED, AmendmentStatus.REMOVED}
)
"""What counts as a modified line on an amendment."""


@dataclass(frozen=True, slots=True)
class QuoteTerms:
    """What the lines of one quote have in common."""

    mn_id: str
    type: QuoteType
    currency: str
    contract_start: date | None
    contract_end: date | None
    is_primary: bool = True
    is_finalized: bool = False


@dataclass(frozen=True, slots=True)
class ProductFacts:
    mn_id: str
    name: str
    type: ProductType
    salesforce_id: str | None = None


@dataclass(frozen=True, slots=True)
class PricebookEntryFacts:
    salesforce_id: str
    pricebook_salesforce_id: str
    currency: str
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class LineFacts:
    """A line of a quote as MonetizeNow has it.

    Shape:  a blank `start` or `end` is the contract's own; `custom_values` holds Salesforce API
            name -> decimal as text, None when blank; `salesforce_override` is None when unread
    Units:  money in the quote's currency; `unit_price` per unit and `billing_months` months after
            discounts, 0 months for a one-time charge
    """

    mn_id: str
    quote: QuoteTerms
    quantity: Decimal
    unit_price: Decimal
    billing_months: int
    amount: Decimal
    position: int = 0
    product: ProductFacts | None = None
    pricebook_entry: PricebookEntryFacts | None = None
    start: date | None = None
    end: date | None = None
    role: LineRole = LineRole.STANDARD
    amendment_status: AmendmentStatus = AmendmentStatus.ADDED
    previous_arr: Decimal = Decimal(0)
    override: Override = Override.BLANK
    salesforce_override: Override | None = None
    custom_values: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def is_reference(self) -> bool:
        return self.role is LineRole.REFERENCE

    @property
    def is_removed(self) -> bool:
        return self.amendment_status is AmendmentStatus.REMOVED

    @property
    def is_usage(self) -> bool:
        return self.product is not None and self.product.type is ProductType.USAGE

    @property
    def place(self) -> tuple[int, str]:
        """Where the line stands on its quote."""
        return self.position, self.mn_id


@dataclass(frozen=True, slots=True)
class QuoteFacts:
    """A quote with all its lines, in any order."""

    terms: QuoteTerms
    lines: tuple[LineFacts, ...]

    @property
    def in_order(self) -> tuple[LineFacts, ...]:
        return tuple(sorted(self.lines, key=lambda line: line.place))


@dataclass(frozen=True, slots=True)
class RemoteLine:
    """An opportunity product as Salesforce has it. Without a quote item id a person added it."""

    salesforce_id: str
    quote_item_mn_id: str | None
    pricebook_entry_salesforce_id: str | None
    quantity: Decimal
    unit_price: Decimal | None
    total_price: Decimal
    service_date: date | None = None
    has_schedule: bool = False
    currency: str | None = None
    name: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class RemoteProducts:
    """The products of one opportunity as Salesforce has them now.

    Shape: `currency` is None in an org without multiple currencies; `synced_quote_salesforce_id`
    names the quote that the org's own quote sync copies to the same opportunity.
    """

    opportunity_salesforce_id: str
    pricebook_salesforce_id: str | None
    currency: str | None
    lines: tuple[RemoteLine, ...] = ()
    synced_quote_salesforce_id: str | None = None
