"""The quote item as formulas see it: which fields it has, and what they hold on a line.

The one place where a line's facts get their Salesforce names. A product's code is not among them:
MonetizeNow does not send it, and a formula that reads it should be refused rather than see a blank.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from syncrules import amount_fields
from syncrules.arr import figures
from syncrules.formula import Blanks, Field
from syncrules.line_facts import (
    AmendmentStatus,
    LineFacts,
    Override,
    ProductType,
    QuoteType,
)

OVERRIDE: Final = "monetize__OverrideOpportunitySync__c"

_PRODUCT: Final = Field(
    "monetize__Product__r",
    "Object",
    fields=(
        Field("Id", "Id"),
        Field("Name", "Text"),
        Field("monetize__ProductType__c", "Picklist", values=tuple(ProductType)),
    ),
)
_QUOTE: Final = Field(
    "monetize__Quote__r",
    "Object",
    fields=(
        Field("monetize__Id__c", "Text"),
        Field("monetize__Type__c", "Picklist", values=tuple(QuoteType)),
        Field("monetize__ContractStartDate__c", "Date"),
        Field("monetize__ContractEndDate__c", "Date"),
        Field("CurrencyIsoCode", "Picklist"),
    ),
)

BUILT_IN: Final[tuple[Field, ...]] = (
    Field("monetize__Id__c", "Text"),
    *(Field(name, "Currency") for name in amount_fields.BUILT_IN),
    Field("monetize__Quantity__c", "Number"),
    Field("monetize__UnitPrice__c", "Currency"),
    Field("monetize__StartDate__c", "Date"),
    Field("monetize__EndDate__c", "Date"),
    Field("monetize__AmendmentStatus__c", "Picklist", values=tuple(AmendmentStatus)),
    Field(OVERRIDE, "Picklist", values=(Override.NEVER, Override.ALWAYS)),
    Field("monetize__PricebookEntry__c", "Text"),
    Field("CurrencyIsoCode", "Picklist"),
    _PRODUCT,
    _QUOTE,
)
"""What every quote item has."""


def fields(
    *, discovered: Iterable[str] = (), formulas: Iterable[tuple[str, str, Blanks]] = ()
) -> tuple[Field, ...]:
    """What a formula may mention.

    Shape: `discovered` are names of custom Currency fields of the org; `formulas` are name, source
    and blank mode of the formula fields kept here.
    """
    return (
        *BUILT_IN,
        *(Field(name, "Currency") for name in discovered),
        *(Field(name, "Currency", formula=source, blanks=mode) for name, source, mode in formulas),
    )


def record(line: LineFacts) -> dict[str, object]:
    """What the fields hold on a line, custom values included; a figure that is unknown is blank."""
    sums = figures(line)
    years = dict(
        zip(
            (amount_fields.YEAR_1_ARR, amount_fields.YEAR_2_ARR, amount_fields.YEAR_3_ARR),
            sums.years,
            strict=True,
        )
    )
    entry, product, quote = line.pricebook_entry, line.product, line.quote
    return {
        **line.custom_values,
        "monetize__Id__c": line.mn_id,
        amount_fields.AMOUNT: line.amount,
        amount_fields.ARR: sums.normalised,
        amount_fields.INCREMENTAL_ARR: sums.incremental,
        **years,
        "monetize__Quantity__c": line.quantity,
        "monetize__UnitPrice__c": line.unit_price,
        "monetize__StartDate__c": line.start or quote.contract_start,
        "monetize__EndDate__c": line.end or quote.contract_end,
        "monetize__AmendmentStatus__c": line.amendment_status.value,
        OVERRIDE: line.override.value,
        "monetize__PricebookEntry__c": entry.salesforce_id if entry else None,
        "CurrencyIsoCode": quote.currency,
        "monetize__Product__r": {
            "Id": product.salesforce_id,
            "Name": product.name,
            "monetize__ProductType__c": product.type.value,
        }
        if product
        else None,
        "monetize__Quote__r": {
            "monetize__Id__c": quote.mn_id,
            "monetize__Type__c": quote.type.value,
            "monetize__ContractStartDate__c": quote.contract_start,
            "monetize__ContractEndDate__c": quote.contract_end,
            "CurrencyIsoCode": quote.currency,
        },
    }
