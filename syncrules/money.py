"""How money and quantities are computed: exact decimals, rounded half up to two places at the end.

Two places is what Salesforce stores of a currency field (18,2) and of a product's quantity (12,2).
Source: Salesforce Object Reference, "OpportunityLineItem".
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Final

CENT: Final = Decimal("0.01")
NOTHING: Final = Decimal("0.00")

# Sixty digits hold the product of any two columns exactly; only a division is ever rounded.
_EXACT: Final = Context(prec=60, rounding=ROUND_HALF_UP)


def two_places(value: Decimal) -> Decimal:
    """The value rounded half up, away from zero; never a negative zero."""
    with localcontext(_EXACT):
        return value.quantize(CENT) + NOTHING


def total(values: Iterable[Decimal]) -> Decimal:
    with localcontext(_EXACT):
        return sum(values, NOTHING)


def per_year(quantity: Decimal, unit_price: Decimal, *, billing_months: int) -> Decimal:
    """What so many units cost in twelve months, when one price covers `billing_months` months."""
    with localcontext(_EXACT):
        return two_places(quantity * unit_price * 12 / billing_months)
