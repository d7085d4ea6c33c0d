"""Which fields of a quote can be filled from Salesforce, and what fits into each?"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

CUSTOM: Final = "custom:"
DESCRIPTION_LENGTH: Final = 255

_CUSTOM_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}", re.ASCII)
_CURRENCY: Final = re.compile(r"[A-Z]{3}", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

Value = str | int | float | bool | date


class Kind(StrEnum):
    """What sort of value a field holds, in words."""

    TEXT = "text"
    NUMBER = "a number"
    DATE = "a date"
    BOOLEAN = "a checkbox value"


KINDS: Final[Mapping[str, Kind]] = {
    "string": Kind.TEXT,
    "textarea": Kind.TEXT,
    "picklist": Kind.TEXT,
    "multipicklist": Kind.TEXT,
    "combobox": Kind.TEXT,
    "email": Kind.TEXT,
    "phone": Kind.TEXT,
    "url": Kind.TEXT,
    "id": Kind.TEXT,
    "reference": Kind.TEXT,
    "encryptedstring": Kind.TEXT,
    "int": Kind.NUMBER,
    "long": Kind.NUMBER,
    "double": Kind.NUMBER,
    "currency": Kind.NUMBER,
    "percent": Kind.NUMBER,
    "date": Kind.DATE,
    "boolean": Kind.BOOLEAN,
}
"""Types of a Salesforce field that a mapping can read. A datetime is not among them: which day
it falls on depends on who looks.

Source: SOAP API guide, "Field Types"."""


class InvalidTarget(ValueError):
    """Says which quote fields a mapping can fill."""


class Misfit(ValueError):
    """Why a value does not fit, to follow the value in a sentence."""


@dataclass(frozen=True, slots=True)
class Target:
    """A quote field that a mapping can fill. `fit` raises Misfit."""

    name: str
    label: str
    takes: tuple[Kind, ...]
    fit: Callable[[object], Value]

    @property
    def custom_name(self) -> str | None:
        return self.name.removeprefix(CUSTOM) if self.name.startswith(CUSTOM) else None


def target_of(name: str) -> Target:
    """The quote field of that name. Errors: InvalidTarget."""
    if name in TARGETS:
        return TARGETS[name]
    custom = name.removeprefix(CUSTOM)
    if custom != name and _CUSTOM_NAME.fullmatch(custom):
        return replace(ANY_CUSTOM, name=name, label=f"Custom field {custom}")
    raise InvalidTarget(
        f"{name} is no quote field that can be filled: expected one of {', '.join(TARGETS)}, or "
        f"{CUSTOM}name with a name of letters, digits and _, at most 60, a letter first"
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Misfit(f"is {_said(value)}, expected text")
    if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise Misfit("contains characters that cannot be stored")
    return value


def _said(value: object) -> str:
    if isinstance(value, bool):
        return Kind.BOOLEAN
    return Kind.NUMBER if isinstance(value, int | float) else "a value of several parts"


def _description(value: object) -> str:
    text = _text(value)
    if len(text) > DESCRIPTION_LENGTH:
        raise Misfit(f"has {len(text)} characters, at most {DESCRIPTION_LENGTH} fit")
    return text


def _day(value: object) -> date:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise Misfit("is no day of the calendar") from None
    found = "is not a date" if isinstance(value, str) else f"is {_said(value)}"
    raise Misfit(f"{found}, expected a date such as 2026-04-01")


def _currency(value: object) -> str:
    text = _text(value)
    if not _CURRENCY.fullmatch(text):
        raise Misfit("is no currency code, expected three capital letters such as USD")
    return text


def _anything(value: object) -> Value:
    """A custom field is of the type of its source; a date stays the text that it came as."""
    if isinstance(value, bool):
        return value
    if isinstance(value, float) and not math.isfinite(value):
        raise Misfit("is not a finite number")
    if isinstance(value, int | float):
        return value
    if not isinstance(value, str):
        raise Misfit(f"is {_said(value)}, expected text, a number, a date or a checkbox value")
    return _text(value)


TARGETS: Final[Mapping[str, Target]] = {
    each.name: each
    for each in (
        Target("description", "Description", (Kind.TEXT,), _description),
        Target("contract_start", "Contract start", (Kind.DATE,), _day),
        Target("contract_end", "Contract end", (Kind.DATE,), _day),
        Target("currency", "Currency", (Kind.TEXT,), _currency),
    )
}
ANY_CUSTOM: Final = Target(CUSTOM, "A custom field", tuple(Kind), _anything)
