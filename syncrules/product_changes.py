"""The fields of an opportunity product: what they should hold, how they differ, what is sent.

Source: Salesforce Object Reference, "OpportunityLineItem": the pricebook entry is create-only; a
lone Quantity would rescale the unit price, so Quantity and TotalPrice travel together, and
UnitPrice, which Salesforce derives from them with more digits than it shows, never does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

from syncrules.line_facts import LineFacts, RemoteLine
from syncrules.line_reasons import LineReason
from syncrules.money import two_places
from syncrules.sync_products import LineVerdict

PRICEBOOK_ENTRY: Final = "PricebookEntryId"
QUANTITY: Final = "Quantity"
TOTAL_PRICE: Final = "TotalPrice"
SERVICE_DATE: Final = "ServiceDate"

HELD_BY_SCHEDULE: Final = frozenset({QUANTITY, TOTAL_PRICE})
"""What a product with a schedule does not let anybody change."""

Fields = Mapping[str, str]
"""Salesforce API name -> value as text; no key means "leave alone"."""


class Action(StrEnum):
    """In the order in which they are carried out; what is left alone comes last."""

    DELETE = "delete"
    UPDATE = "update"
    CREATE = "create"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field of the product that is not as it should be."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class ProductChange:
    """What becomes of one quote line, or of a product that stands for no line of the quote.

    Shape:  `send` lacks the opportunity and the quote item id, which belong to every create;
            `total_after` is None when Salesforce will have no such product;
            `changes` of a product that is left alone are those that something stands against
    """

    action: Action
    reason: LineReason
    name: str | None
    line_mn_id: str | None
    product_salesforce_id: str | None
    total_before: Decimal | None = None
    total_after: Decimal | None = None
    changes: tuple[FieldChange, ...] = ()
    send: Fields = field(default_factory=dict)


def wanted_fields(line: LineFacts, verdict: LineVerdict) -> Fields:
    """What the product of a line that goes should hold."""
    assert line.pricebook_entry is not None, "no line goes without one"
    fields = {
        PRICEBOOK_ENTRY: line.pricebook_entry.salesforce_id,
        QUANTITY: str(verdict.quantity),
        TOTAL_PRICE: str(verdict.amount),
    }
    if line.start is not None:
        fields[SERVICE_DATE] = line.start.isoformat()
    return fields


def differing(wanted: Fields, product: RemoteLine | None) -> tuple[FieldChange, ...]:
    """The fields that are not as wanted; all of them while there is no product."""
    found = fields_of(product) if product else {}
    return tuple(
        FieldChange(name, found.get(name), value)
        for name, value in wanted.items()
        if found.get(name) != value
    )


def is_replaced(wanted: Fields, product: RemoteLine) -> bool:
    """Whether the product must make room for a new one."""
    return product.pricebook_entry_salesforce_id != wanted[PRICEBOOK_ENTRY]


def fields_to_send(wanted: Fields, product: RemoteLine | None) -> Fields:
    """Everything for a new product; for an existing one what differs, the two figures as one."""
    if product is None:
        return wanted
    names = {change.field for change in differing(wanted, product)}
    if names & HELD_BY_SCHEDULE:
        names |= HELD_BY_SCHEDULE
    return {name: value for name, value in wanted.items() if name in names}


def fields_of(product: RemoteLine) -> Mapping[str, str | None]:
    """What a product holds, in the form in which it is compared."""
    return {
        PRICEBOOK_ENTRY: product.pricebook_entry_salesforce_id,
        QUANTITY: str(two_places(product.quantity)),
        TOTAL_PRICE: str(two_places(product.total_price)),
        SERVICE_DATE: product.service_date.isoformat() if product.service_date else None,
    }
