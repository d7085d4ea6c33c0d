"""The records that MonetizeNow sends. A field left out keeps what is stored; null clears it."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final, Literal

from ninja import Schema
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, model_validator

from console.api.upstream.fields import (
    AccountRef,
    Currency,
    Day,
    GroupName,
    LineCustomValues,
    MnId,
    Moment,
    Money,
    Name,
    OpportunityRef,
    PricebookEntryRef,
    PricebookRef,
    ProductRef,
    Quantity,
    QuoteCustomValues,
    ShortText,
    Text,
    UnitPrice,
)
from console.models.account import AccountStatus
from console.models.product import ProductType
from console.models.quote import AmendmentStatus, LineRole, QuoteType
from syncrules.facts import OpportunityStatus, QuoteStatus

_MOST_ITEMS: Final = 5_000


class Record(Schema):
    """Every record says when MonetizeNow last changed it: that is its version."""

    model_config = ConfigDict(extra="forbid")

    mn_id: MnId = ""
    updated_at: Moment


class AccountRecord(Record):
    name: Name
    salesforce_id: AccountRef | None = None
    website: Text = ""
    currency: Currency = "USD"
    status: AccountStatus = AccountStatus.ACTIVE


class ProductRecord(Record):
    name: Name
    product_type: ProductType
    salesforce_id: ProductRef | None = None
    is_active: StrictBool = True


class PricebookEntryRecord(Record):
    product_id: MnId
    salesforce_id: PricebookEntryRef
    pricebook_salesforce_id: PricebookRef
    currency: Currency
    unit_price: Money
    is_active: StrictBool = True


class OpportunityRecord(Record):
    """`creation_reference` counts when the opportunity is first sent, and is ignored later."""

    name: Name
    account_id: MnId
    status: OpportunityStatus = OpportunityStatus.ACTIVE
    currency: Currency = "USD"
    owner_name: ShortText = ""
    close_date: Day | None = None
    primary_quote_id: MnId | None = None
    creation_reference: OpportunityRef | None = None


class QuoteItemRecord(BaseModel):
    """A line. Its place is that in the list unless `position` says otherwise.

    Not a Schema of ninja: looking for rows behind a thousand of them would take half the time.
    """

    model_config = ConfigDict(extra="forbid")

    mn_id: MnId
    product_id: MnId | None = None
    pricebook_entry_id: MnId | None = None
    quantity: Quantity
    unit_price: UnitPrice
    amount: Money
    billing_months: Annotated[StrictInt, Field(ge=0, le=120)] = 12
    start_date: Day | None = None
    end_date: Day | None = None
    role: LineRole = LineRole.STANDARD
    amendment_status: AmendmentStatus = AmendmentStatus.ADDED
    previous_arr: Money = Decimal(0)
    override: Literal["", "Never", "Always"] = ""
    custom_values: LineCustomValues = {}
    position: Annotated[StrictInt, Field(ge=0, le=1_000_000)] = 0

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> QuoteItemRecord:
        if self.start_date and self.end_date and self.end_date < self.start_date:
            raise ValueError(f"end_date {self.end_date} is before start_date {self.start_date}")
        return self


class QuoteRecord(Record):
    """A quote with all its items: an item that is not in the list is deleted."""

    account_id: MnId
    opportunity_id: MnId | None = None
    type: QuoteType = QuoteType.NEW
    status: QuoteStatus
    description: Text = ""
    currency: Currency = "USD"
    amount: Money = Decimal(0)
    contract_start: Day | None = None
    contract_end: Day | None = None
    custom_values: QuoteCustomValues = {}
    reader_groups: Annotated[list[GroupName], Field(max_length=50)] = []
    items: Annotated[list[QuoteItemRecord], Field(max_length=_MOST_ITEMS)]
