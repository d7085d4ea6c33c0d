"""Which Salesforce values fill the fields of a new quote, and which of them do not fit?

A value that does not fit is named and left out, and the others are carried over. Which records
are linked never depends on any of this.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Final

CUSTOM: Final = "custom:"
DESCRIPTION_LENGTH: Final = 255

_CUSTOM_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}", re.ASCII)
_CURRENCY: Final = re.compile(r"[A-Z]{3}", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_SHOWN: Final = 80

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


@dataclass(frozen=True, slots=True)
class Target:
    """A quote field that a mapping can fill. `fit` raises _Misfit, in words for a person."""

    name: str
    label: str
    takes: tuple[Kind, ...]
    fit: Callable[[object], Value]

    @property
    def custom_name(self) -> str | None:
        return self.name.removeprefix(CUSTOM) if self.name.startswith(CUSTOM) else None


@dataclass(frozen=True, slots=True)
class FieldMap:
    """One mapping: a field of the Salesforce opportunity fills a field of the quote."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A mapping that filled nothing. `value` is what Salesforce had, as far as it can be shown."""

    source: str
    target: str
    value: str | None
    words: str

    @property
    def sentence(self) -> str:
        told = f"“{self.value}” " if self.value is not None else ""
        return f"{self.source} → {self.target}: {told}{self.words}."


@dataclass(frozen=True, slots=True)
class Filled:
    """What the new quote gets: its own fields, its custom fields, and what did not fit."""

    fields: Mapping[str, Value] = field(default_factory=dict)
    custom: Mapping[str, Value] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


class _Misfit(ValueError):
    """Why a value does not fit, to follow the value in a sentence."""


def fill(maps: Iterable[FieldMap], values: Mapping[str, object]) -> Filled:
    """What the mappings make of one opportunity's values.

    Shape: source field -> JSON value; None is blank and fills nothing, no key means that
           Salesforce shows no such field
    """
    fields: dict[str, Value] = {}
    custom: dict[str, Value] = {}
    problems: list[Problem] = []
    filled_by: dict[str, FieldMap] = {}
    for each in maps:
        try:
            target = target_of(each.target)
            value = _fitted(values, each, target)
        except (InvalidTarget, _Misfit) as misfit:
            problems.append(_problem(each, values.get(each.source), str(misfit)))
            continue
        if value is not None:
            into, name = (custom, target.custom_name) if target.custom_name else (fields, None)
            into[name or target.name] = value
            filled_by[target.name] = each
    problems += _end_before_start(fields, filled_by)
    return Filled(fields, custom, tuple(problems))


def unread(maps: Iterable[FieldMap], *, because: str) -> Filled:
    """Nothing, where the values could not be read at all."""
    return Filled(problems=tuple(_problem(each, None, because) for each in maps))


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


def mismatch(source: str, *, salesforce_type: str, target: Target) -> str | None:
    """Why a field of that Salesforce type can never fill the target; None if it can."""
    kind = KINDS.get(salesforce_type)
    if kind in target.takes:
        return None
    holds = f"holds {kind} ({salesforce_type})" if kind else f"is of type {salesforce_type}"
    return f"{source} {holds}, but {target.label} takes {' or '.join(target.takes)}."


def _fitted(values: Mapping[str, object], each: FieldMap, target: Target) -> Value | None:
    if each.source not in values:
        raise _Misfit(
            "Salesforce shows no such field of the opportunity: it was renamed or deleted, or the "
            "integration user may not see it"
        )
    value = values[each.source]
    return None if value in (None, "") else target.fit(value)


def _end_before_start(fields: dict[str, Value], filled_by: Mapping[str, FieldMap]) -> list[Problem]:
    """Takes back an end of the contract that lies before its start."""
    start, end = fields.get("contract_start"), fields.get("contract_end")
    if not (isinstance(start, date) and isinstance(end, date)) or end >= start:
        return []
    del fields["contract_end"]
    words = f"is before the start of the contract, {start.isoformat()}"
    return [_problem(filled_by["contract_end"], end.isoformat(), words)]


def _problem(each: FieldMap, value: object, words: str) -> Problem:
    return Problem(each.source, each.target, _shown(value), words)


def _shown(value: object) -> str | None:
    """The value for a person, short, and free of what no database keeps."""
    if value is None:
        return None
    text = str(value).lower() if isinstance(value, bool) else str(value)
    clean = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    return clean if len(clean) <= _SHOWN else clean[: _SHOWN - 1] + "…"


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _Misfit(f"is {_said(value)}, expected text")
    if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise _Misfit("contains characters that cannot be stored")
    return value


def _said(value: object) -> str:
    if isinstance(value, bool):
        return Kind.BOOLEAN
    return Kind.NUMBER if isinstance(value, int | float) else "a value of several parts"


def _description(value: object) -> str:
    text = _text(value)
    if len(text) > DESCRIPTION_LENGTH:
        raise _Misfit(f"has {len(text)} characters, at most {DESCRIPTION_LENGTH} fit")
    return text


def _day(value: object) -> date:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise _Misfit("is no day of the calendar") from None
    found = "is not a date" if isinstance(value, str) else f"is {_said(value)}"
    raise _Misfit(f"{found}, expected a date such as 2026-04-01")


def _currency(value: object) -> str:
    text = _text(value)
    if not _CURRENCY.fullmatch(text):
        raise _Misfit("is no currency code, expected three capital letters such as USD")
    return text


def _anything(value: object) -> Value:
    """A custom field is of the type of its source; a date stays the text that it came as."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        if not math.isfinite(value):
            raise _Misfit("is not a finite number")
        return value
    if not isinstance(value, str):
        raise _Misfit(f"is {_said(value)}, expected text, a number, a date or a checkbox value")
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
