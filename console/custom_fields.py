"""The custom Currency fields that an amount may come from: read from the org, or computed here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Max

from console import quote_item_fields
from console.actor import Actor
from console.models import AmountField
from syncrules.formula import Blanks, Field, Formula, FormulaError, compile_formula

CURRENCY: Final = "Currency"
Kind = AmountField.Kind
_CENTS: Final = 2


@dataclass(frozen=True, slots=True)
class CustomFields:
    """The fields in force.

    Shape: `discovered` are API names of fields of the org's quote item; `formulas` holds, by API
    name, what computes a field, None where that cannot be compiled any more.
    """

    discovered: frozenset[str] = frozenset()
    formulas: Mapping[str, Formula | None] = field(default_factory=dict)

    def behind(self, name: str) -> frozenset[str]:
        """Every field that a field's value comes from, itself included."""
        found: set[str] = set()
        open_ends = [name]
        while open_ends:
            each = open_ends.pop()
            formula = self.formulas.get(each)
            if formula is not None and each not in found:
                open_ends += formula.references
            found.add(each)
        return frozenset(found)

    def to_be_read(self, name: str) -> frozenset[str]:
        """Which fields of the org a field needs: itself, or what its formula mentions."""
        return self.behind(name) & self.discovered


def in_force() -> CustomFields:
    """Every current custom field; one query."""
    return of_rows(current())


def current() -> list[AmountField]:
    """The version in force of each field, by name."""
    return list(AmountField.objects.filter(is_current=True).order_by("name"))


def of_rows(rows: Sequence[AmountField]) -> CustomFields:
    """The fields that these versions make, whether or not they are saved."""
    known = mentionable(rows)
    return CustomFields(
        discovered=frozenset(row.name for row in rows if row.kind == Kind.DISCOVERED),
        formulas={row.name: _or_nothing(row, known) for row in rows if row.kind == Kind.FORMULA},
    )


def mentionable(rows: Sequence[AmountField]) -> tuple[Field, ...]:
    """What a formula may mention where these fields are in force."""
    return quote_item_fields.fields(
        discovered=[row.name for row in rows if row.kind == Kind.DISCOVERED],
        formulas=[
            (row.name, row.formula, blank_mode(row)) for row in rows if row.kind == Kind.FORMULA
        ],
    )


def compiled(
    row: AmountField, known: tuple[Field, ...], *, watch: Callable[[], None] | None = None
) -> Formula:
    """What computes the field. Errors: CompileError; whatever the watch raises."""
    mode = blank_mode(row)
    return compile_formula(row.formula, known, CURRENCY, mode, scale=_CENTS, watch=watch)


def blank_mode(row: AmountField) -> Blanks:
    """How the field's formula takes blank numbers."""
    return "zero" if row.blanks == AmountField.Blanks.ZERO else "blank"


def add_version(row: AmountField, *, actor: Actor, is_current: bool = True) -> None:
    """Stores the row as the next version of its field."""
    last = AmountField.objects.filter(name=row.name).aggregate(last=Max("version"))["last"]
    row.version = (last or 0) + 1
    row.is_current = is_current
    row.created_by_id = actor.user_id
    row.created_by_name = actor.name
    row.save(force_insert=True)


def _or_nothing(row: AmountField, known: tuple[Field, ...]) -> Formula | None:
    """Nothing for a formula whose fields have gone since it was saved."""
    try:
        return compiled(row, known)
    except FormulaError:
        return None
