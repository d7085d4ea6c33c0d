"""Is an answer shaped as it must be? What is not is refused, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import cast

from console.salesforce.gateway import Unknown


def mapping(value: object, what: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise malformed(what, value, "an object")
    return cast("dict[str, object]", value)


def sequence(value: object, what: str) -> Sequence[object]:
    if not isinstance(value, list):
        raise malformed(what, value, "a list")
    return value


def text(value: object, what: str) -> str:
    if not isinstance(value, str) or not value:
        raise malformed(what, value, "text")
    return value


def text_or_none(value: object, what: str) -> str | None:
    """Blank is nothing: Salesforce knows no empty text."""
    return None if value in (None, "") else text(value, what)


def truth(value: object, what: str) -> bool:
    if not isinstance(value, bool):
        raise malformed(what, value, "true or false")
    return value


def number(value: object, what: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise malformed(what, value, "a number")
    return Decimal(repr(value))


def malformed(what: str, value: object, expected: str) -> Unknown:
    """The refusal, with the type of what came but not its content."""
    found = "missing" if value is None else f"a {type(value).__name__}"
    return no_answer(f"{what} is {found}, expected {expected}")


def no_answer(words: str) -> Unknown:
    """The refusal of what came back without saying what became of the question."""
    return Unknown("MALFORMED_ANSWER", words, is_unanswered=True)
