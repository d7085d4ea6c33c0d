"""The fields a formula may mention, on its own object and on its parents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from syncrules.formula.errors import DeclarationError
from syncrules.formula.kinds import Kind, kind_of

MAX_SCALE = 18  # decimals of a Salesforce number

Blanks: TypeAlias = Literal["zero", "blank"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an object, by API name.

    Shape: a formula field carries its `formula` and how that treats blank numbers (as the formula
    that mentions it does, if left out), a picklist its `values`, a relationship (`R__r`) the
    `fields` of the parent it leads to.
    """

    name: str
    type: str
    formula: str | None = None
    values: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    blanks: Blanks | None = None

    @property
    def kind(self) -> Kind:
        """The kind of its values. Errors: DeclarationError for a type that formulas do not know."""
        if self.fields:
            return Kind.OBJECT
        kind = kind_of(self.type)
        if kind is None:
            raise DeclarationError(f"The field {self.name} has the unknown type {self.type!r}.")
        return kind

    @property
    def is_percent(self) -> bool:
        """Whether 45 in the record means 0.45 in the formula."""
        return self.type.lower() == "percent"

    @classmethod
    def from_mapping(cls, data: object) -> Field:
        """The field that a JSON object describes. Errors: DeclarationError for none."""
        if not isinstance(data, Mapping):
            raise DeclarationError("A field must be an object with a name and a type.")
        name, field_type, formula = data.get("name"), data.get("type", ""), data.get("formula")
        blanks = data.get("blanks")
        if not isinstance(name, str) or not name:
            raise DeclarationError("A field needs a name.")
        if not isinstance(field_type, str) or not isinstance(formula, str | None):
            raise DeclarationError(f"The type and the formula of {name} must be text.")
        return cls(
            name=name,
            type=field_type,
            formula=formula,
            values=tuple(str(value) for value in _list(data.get("values"), name)),
            fields=tuple(cls.from_mapping(item) for item in _list(data.get("fields"), name)),
            blanks=None if blanks is None else checked_blanks(blanks),
        )


class Scope:
    """The fields of one object, found by name in any case."""

    __slots__ = ("_fields", "_parents", "names")

    def __init__(self, fields: Iterable[Field]) -> None:
        self._fields = {field.name.lower(): field for field in fields}
        self._parents: dict[str, Scope] = {}
        self.names = [field.name for field in self._fields.values()]

    def find(self, name: str) -> Field | None:
        """The field of that name."""
        return self._fields.get(name.lower())

    def parent(self, relationship: Field) -> Scope:
        """The fields behind a relationship; the same scope each time it is asked for."""
        key = relationship.name.lower()
        if key not in self._parents:
            self._parents[key] = Scope(relationship.fields)
        return self._parents[key]


def checked_blanks(value: object) -> Blanks:
    """How blank numbers count. Errors: DeclarationError for what is neither of the two ways."""
    if value not in ("zero", "blank"):  # no set: JSON may hold what has no hash
        raise DeclarationError(f"Blank numbers count as 'zero' or as 'blank', not as {value!r}.")
    return value


def _list(data: object, name: str) -> list[object]:
    if data is None:
        return []
    if not isinstance(data, list | tuple):
        raise DeclarationError(f"The values and fields of {name} must be lists.")
    return list(data)
