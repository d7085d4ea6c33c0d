"""Which field of a quote line becomes the amount of its opportunity product, and its value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Final

from syncrules.arr import incremental_arr, normalised_arr, year_arr
from syncrules.line_facts import LineFacts
from syncrules.line_reasons import LineReason
from syncrules.money import two_places

INCREMENTAL_ARR: Final = "monetize__IncrementalARR__c"
AMOUNT: Final = "monetize__Amount__c"
ARR: Final = "monetize__ARR__c"
YEAR_1_ARR: Final = "monetize__Year1ARR__c"
YEAR_2_ARR: Final = "monetize__Year2ARR__c"
YEAR_3_ARR: Final = "monetize__Year3ARR__c"

RECOMMENDED: Final = INCREMENTAL_ARR

# What stands in the place of a value that a formula field does not have.
FORMULA_ERROR: Final = "#Error!"  # as Salesforce shows it: this line has none
FORMULA_BROKEN: Final = "#Broken!"  # no line has one: the formula does not compile
_NO_VALUE: Final = {
    FORMULA_ERROR: LineReason.AMOUNT_FORMULA_ERROR,
    FORMULA_BROKEN: LineReason.AMOUNT_FORMULA_BROKEN,
}

# A currency field of Salesforce has eighteen digits, two of them decimals. From here on, rounding
# half up asks for one more.
_TOO_LARGE: Final = Decimal("9999999999999999.995")
_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Amount:
    """The value of an amount field on a line, or what stands in its way."""

    value: Decimal | None
    problem: LineReason | None = None


@dataclass(frozen=True, slots=True)
class BuiltInField:
    """A currency field that every quote line has."""

    name: str
    label: str
    definition: str
    value: Callable[[LineFacts], Decimal | None]


BUILT_IN: Final[dict[str, BuiltInField]] = {
    each.name: each
    for each in (
        BuiltInField(
            INCREMENTAL_ARR,
            "Incremental ARR",
            "What the line contributes to the contract's ARR, less what it contributed before. "
            "Earlier segments of a ramp and one-time charges bring nothing; a removed line is "
            "negative.",
            incremental_arr,
        ),
        BuiltInField(
            AMOUNT,
            "Amount",
            "What the customer pays for the line over its whole span, one-time charges included. "
            "On an amendment: what the change adds or takes away.",
            lambda line: line.amount,
        ),
        BuiltInField(
            ARR,
            "ARR",
            "Quantity times the price of a year, however long the line spans. Added up over a ramp "
            "it counts every segment, so the sum is more than the contract brings.",
            normalised_arr,
        ),
        *(
            BuiltInField(
                name,
                f"Year {year} ARR",
                f"The ARR of a line that reaches the end of contract year {year}; nothing for "
                "other lines, or when the contract is over before that year.",
                partial(year_arr, year=year),
            )
            for year, name in enumerate((YEAR_1_ARR, YEAR_2_ARR, YEAR_3_ARR), start=1)
        ),
    )
}


def amount_of(line: LineFacts, field: str) -> Amount:
    """The value of an amount field, by its Salesforce API name, in cents of the quote's currency.

    Blank is a problem and not 0: a missing number must not look like a free product.
    """
    built_in = BUILT_IN.get(field)
    if built_in is None:
        return _custom(line, field)
    value = built_in.value(line)
    if value is None:
        return Amount(None, LineReason.AMOUNT_NEEDS_CONTRACT_DATES)
    return _checked(value)


def _custom(line: LineFacts, field: str) -> Amount:
    if field not in line.custom_values:
        return Amount(None, LineReason.AMOUNT_FIELD_UNKNOWN)
    text = (line.custom_values[field] or "").strip()
    if not text:
        return Amount(None, LineReason.AMOUNT_IS_BLANK)
    if text in _NO_VALUE:
        return Amount(None, _NO_VALUE[text])
    if not _NUMBER.fullmatch(text):
        return Amount(None, LineReason.AMOUNT_IS_NOT_CURRENCY)
    return _checked(Decimal(text))


def _checked(value: Decimal) -> Amount:
    if abs(value) >= _TOO_LARGE:
        return Amount(None, LineReason.AMOUNT_OUT_OF_RANGE)
    return Amount(two_places(value))


@dataclass(frozen=True, slots=True)
class CustomField:
    """A field that this customer added to the quote line: a formula kept here, or one the org's
    describe lists. `type` is the field's type in Salesforce's words."""

    name: str
    label: str
    type: str
    definition: str = ""


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """A field on the settings page. `why_not` says why it cannot be chosen, None if it can."""

    name: str
    label: str
    definition: str
    is_recommended: bool = False
    why_not: str | None = None


def choices(custom: Iterable[CustomField]) -> tuple[FieldChoice, ...]:
    """The built-in fields, the recommended one first, then the customer's own by label."""
    built_in = (
        FieldChoice(each.name, each.label, each.definition, each.name == RECOMMENDED)
        for each in BUILT_IN.values()
    )
    own = (each for each in custom if each.name not in BUILT_IN)
    return (*built_in, *map(_choice, sorted(own, key=lambda each: (each.label, each.name))))


def _choice(field: CustomField) -> FieldChoice:
    why_not = None
    if field.type.lower() != "currency":
        why_not = f"It is a {field.type} field; only a Currency field can be an amount of money."
    return FieldChoice(field.name, field.label, field.definition, why_not=why_not)
