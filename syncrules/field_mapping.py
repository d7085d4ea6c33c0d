"""Which Salesforce values fill the fields of a new quote, and which of them do not fit?

A value that does not fit is named and left out, and the others are carried over. Which records
are linked never depends on any of this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from syncrules.quote_fields import KINDS, InvalidTarget, Misfit, Target, Value, target_of

_SHOWN: Final = 80


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
        except (InvalidTarget, Misfit) as misfit:
            problems.append(_problem(each, values.get(each.source), str(misfit)))
            continue
        if value is None:
            continue
        filled_by[target.name] = each
        if target.custom_name is None:
            fields[target.name] = value
        else:
            custom[target.custom_name] = value
    problems += _end_before_start(fields, filled_by)
    return Filled(fields, custom, tuple(problems))


def unread(maps: Iterable[FieldMap], *, because: str) -> Filled:
    """Nothing, where the values could not be read at all."""
    return Filled(problems=tuple(_problem(each, None, because) for each in maps))


def mismatch(source: str, *, salesforce_type: str, target: Target) -> str | None:
    """Why a field of that Salesforce type can never fill the target; None if it can."""
    kind = KINDS.get(salesforce_type)
    if kind in target.takes:
        return None
    holds = f"holds {kind} ({salesforce_type})" if kind else f"is of type {salesforce_type}"
    return f"{source} {holds}, but {target.label} takes {' or '.join(target.takes)}."


def _fitted(values: Mapping[str, object], each: FieldMap, target: Target) -> Value | None:
    if each.source not in values:
        raise Misfit(
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
