"""Who uses a custom Currency field, and does its formula still compile?"""

from __future__ import annotations

from dataclasses import dataclass

from console import custom_fields, pins, product_settings
from console.actor import Actor
from console.custom_fields import CustomFields
from console.models import AmountField
from syncrules.formula import CompileError


@dataclass(frozen=True, slots=True)
class Uses:
    """Who uses a field. `is_in_force`: amounts come from it now, itself or `through` another."""

    is_in_force: bool
    through: str | None
    revision: int | None
    formulas: tuple[AmountField, ...]
    pins: tuple[pins.Check, ...]


def uses(name: str, *, reader: Actor) -> Uses:
    """Who uses the field now."""
    rows = custom_fields.current()
    custom = custom_fields.of_rows(rows)
    chosen = product_settings.in_force()
    field = chosen.settings.amount_field
    is_in_force = name in custom.behind(field)
    return Uses(
        is_in_force=is_in_force,
        through=field if is_in_force and field != name else None,
        revision=chosen.revision,
        formulas=tuple(row for row in rows if name in _mentioned(custom, row.name)),
        pins=tuple(pins.check(chosen.settings, reader=reader)) if is_in_force else (),
    )


def problem(row: AmountField) -> CompileError | None:
    """Why the version in force of a formula field does not compile any more."""
    if row.kind != AmountField.Kind.FORMULA:
        return None
    try:
        custom_fields.compiled(row, custom_fields.mentionable(custom_fields.current()))
    except CompileError as error:
        return error
    return None


def _mentioned(custom: CustomFields, name: str) -> tuple[str, ...]:
    formula = custom.formulas.get(name)
    return formula.references if formula else ()
