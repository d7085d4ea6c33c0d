"""The record that the tests of the language speak of, and how they ask for a value."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from syncrules.formula import Blanks, EvaluationError, Field, compile_formula
from syncrules.formula.precision import shortest

NOW = datetime(2026, 3, 17, 13, 45, 10, 250_000, tzinfo=UTC)

FIELDS = (
    Field("n", "Number"),
    Field("m", "Number"),
    Field("k", "Number"),
    Field("c", "Currency"),
    Field("p", "Percent"),
    Field("t", "Text"),
    Field("u", "Text"),
    Field("b", "Checkbox"),
    Field("d", "Date"),
    Field("e", "Date"),
    Field("dt", "DateTime"),
    Field("du", "DateTime"),
    Field("tm", "Time"),
    Field("tn", "Time"),
    Field("pick", "Picklist", values=("ONETIME", "RECURRING")),
    Field("multi", "MultiPicklist", values=("A", "B", "C")),
    Field("place", "Location"),
    Field("Double", "Number", formula="n * 2"),
    Field("Share", "Percent", formula="n / 100"),
    Field("Later", "Date", formula="dt + 1"),
    Field("IsBig", "Checkbox", formula="n > 10"),
    Field("Broken", "Number", formula="1 / 0"),
    Field(
        "Product__r",
        "Reference",
        fields=(
            Field("Price__c", "Currency"),
            Field("Type__c", "Picklist"),
            Field("Half__c", "Number", formula="Price__c / 2"),
            Field(
                "Family__r", "Reference", fields=(Field("Name", "Text"), Field("Rank", "Number"))
            ),
        ),
    ),
)

ERROR = "#Error!"


def value_of(source: str, returns: str, blanks: Blanks = "zero", **record: object) -> Any:
    """The value for a record, or ERROR."""
    formula = compile_formula(source, FIELDS, returns, blanks)
    try:
        return formula.evaluate(record, NOW)
    except EvaluationError as error:
        return error.display


def number(source: str, blanks: Blanks = "zero", **record: object) -> Any:
    """A number with all its digits, without trailing zeros."""
    value = value_of(source, "Number", blanks, **record)
    return shortest(value) if isinstance(value, Decimal) else value


def text(source: str, blanks: Blanks = "zero", **record: object) -> Any:
    return value_of(source, "Text", blanks, **record)


def boolean(source: str, blanks: Blanks = "zero", **record: object) -> Any:
    return value_of(source, "Checkbox", blanks, **record)


def day(source: str, blanks: Blanks = "zero", **record: object) -> Any:
    value = value_of(source, "Date", blanks, **record)
    return value.isoformat() if isinstance(value, date) else value


def moment(source: str, blanks: Blanks = "zero", **record: object) -> Any:
    value = value_of(source, "DateTime", blanks, **record)
    return f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else value
