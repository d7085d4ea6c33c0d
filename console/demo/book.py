"""The sample as plain values: what each side is to hold, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from syncrules.facts import OpportunityStatus, QuoteStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    salesforce_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A customer. Without `mn_id` it is in Salesforce only; unmatched, neither side knows so."""

    mn_id: str | None
    salesforce_id: str
    is_matched: bool
    name: str
    website: str
    industry: str
    country: str
    currency: str
    owner: Seller
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    offering_id: str
    product_id: str
    salesforce_id: str
    offering: str
    name: str
    type: str
    list_price: Decimal
    billing_months: int
    is_active: bool

    @property
    def mn_id(self) -> str:
        return f"{self.offering_id}-{self.product_id}"

    @property
    def full_name(self) -> str:
        return f"{self.offering} - {self.name}"

    @property
    def is_recurring(self) -> bool:
        return self.billing_months > 0 and self.type != "USAGE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pricebook:
    salesforce_id: str
    name: str
    is_standard: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PricebookEntry:
    mn_id: str
    salesforce_id: str
    product: Product
    pricebook: Pricebook
    currency: str
    unit_price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A quote item. Its figures are for Salesforce, whose package keeps them as fields."""

    mn_id: str
    salesforce_id: str
    product: Product | None
    entry: PricebookEntry | None
    quantity: Decimal
    unit_price: Decimal
    billing_months: int
    amount: Decimal
    start: date
    end: date
    role: str = "STANDARD"
    amendment_status: str = "ADDED"
    previous_arr: Decimal = Decimal(0)
    override: str = ""

    @property
    def is_reference(self) -> bool:
        return self.role == "REFERENCE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A quote in MonetizeNow. `salesforce_id` is None where Salesforce has no record of it."""

    mn_id: str
    salesforce_id: str | None
    opportunity_mn_id: str | None
    account: Account
    type: str
    status: QuoteStatus
    status_since: datetime
    description: str
    currency: str
    start: date
    end: date
    lines: tuple[Line, ...]
    reader_group: str = ""

    @property
    def amount(self) -> Decimal:
        return sum((line.amount for line in self.lines if not line.is_reference), Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class LooseQuoteRecord:
    """A quote record that only Salesforce has; its MN id is unknown here, or blank."""

    salesforce_id: str
    mn_id: str | None
    record_id: str
    account: Account
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opportunity:
    """An opportunity in MonetizeNow."""

    mn_id: str
    name: str
    account: Account
    status: OpportunityStatus
    status_since: datetime
    currency: str
    owner: Seller
    close_date: date
    primary_quote_mn_id: str | None = None
    primary_set_at: datetime | None = None
    primary_set_how: str = ""
    creation_reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordProduct:
    """An opportunity product."""

    salesforce_id: str
    line_mn_id: str
    entry_id: str
    quantity: Decimal
    total: Decimal
    start: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An opportunity in Salesforce. `changed_at` None: just now; `changed_by` None: by us."""

    salesforce_id: str
    name: str
    account: Account
    stage: str
    close_date: date
    currency: str
    owner: Seller
    type: str
    amount: Decimal | None = None
    mn_id: str | None = None
    primary_quote_salesforce_id: str | None = None
    pricebook: Pricebook | None = None
    products: tuple[RecordProduct, ...] = ()
    changed_at: datetime | None = None
    changed_by: Seller | None = None
    is_deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    opportunity_mn_id: str
    salesforce_id: str
    linked_at: datetime
    ended_at: datetime | None = None
    ended_because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    opportunity_mn_id: str
    requested_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Where a scenario can be seen: the ids that take part in it."""

    opportunity: str | None = None
    record: str | None = None
    quote: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    sellers: tuple[Seller, ...]
    accounts: tuple[Account, ...]
    products: tuple[Product, ...]
    pricebooks: tuple[Pricebook, ...]
    entries: tuple[PricebookEntry, ...]
    opportunities: tuple[Opportunity, ...]
    quotes: tuple[Quote, ...]
    records: tuple[Record, ...]
    loose_quotes: tuple[LooseQuoteRecord, ...]
    associations: tuple[Association, ...]
    pushes: tuple[Push, ...]
    scenarios: Mapping[str, tuple[Example, ...]] = field(default_factory=dict)
