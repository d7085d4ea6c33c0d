"""The custom Currency fields that an amount may come from: read from the org, or computed here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from console import quote_item_fields
from console.models import AmountField
from syncrules.formula import Blanks, Formula, FormulaError, compile_formula

CURRENCY: Final = "Currency"
_CENTS: Final = 2


@dataclass(frozen=True, slots=True)
class CustomFields:
    """The fields in force.

    Shape: `discovered` are API names of fields of the org's quote item; `formulas` holds, by API
    name, what computes a field, None where that cannot be compiled any more.
    """

    discovered: frozenset[str] = frozenset()
    formulas: Mapping[str, Formula | None] = field(default_factory=dict)

    def to_be_read(self, name: str) -> frozenset[str]:
        """Which fields of the org a field needs: itself, or what its formula mentions."""
        found, seen, open_ends = set(), set(), [name]
        while open_ends:
            each = open_ends.pop()
            if each in self.discovered:
                found.add(each)
            formula = self.formulas.get(each)
            if formula is not None and each not in seen:
                open_ends += formula.references
            seen.add(each)
        return frozenset(found)


def in_force() -> CustomFields:
    """Every current custom field; one query."""
    rows = list(AmountField.objects.filter(is_current=True).order_by("name"))
    discovered = [row.name for row in rows if row.kind == AmountField.Kind.DISCOVERED]
    computed = [row for row in rows if row.kind == AmountField.Kind.FORMULA]
    known = quote_item_fields.fields(
        discovered=discovered, formulas=[(row.name, row.formula) for row in computed]
    )
    formulas = {row.name: _compiled(row, known) for row in computed}
    return CustomFields(frozenset(discovered), formulas)


def _compiled(row: AmountField, known: Any) -> Formula | None:
    """Nothing for a formula whose fields have gone since it was saved."""
    try:
        return compile_formula(
            row.formula, known, CURRENCY, cast("Blanks", row.blanks), scale=_CENTS
        )
    except FormulaError:
        return None
