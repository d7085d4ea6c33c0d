"""The parts an object is declared with: field types, their limits and their short constructors."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

Kind = Literal[
    "id",
    "reference",
    "string",
    "textarea",
    "picklist",
    "url",
    "double",
    "currency",
    "percent",
    "int",
    "boolean",
    "date",
    "datetime",
]
OnDelete = Literal["clear", "cascade", "restrict"]
NUMBERS = frozenset({"double", "currency", "percent", "int"})
TEXTS = frozenset({"string", "textarea", "picklist", "url", "id", "reference"})


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field. `sql` marks a value that is computed on reading; `{Path}` in it names a field."""

    name: str
    kind: Kind
    label: str = ""
    length: int = 0
    precision: int = 0
    scale: int = 0
    required: bool = False
    createable: bool = True
    updateable: bool = True
    unique: bool = False
    external_id: bool = False
    default: Any = None
    restricted: bool = False
    values: tuple[str, ...] = ()
    target: str = ""
    relationship: str = ""
    on_delete: OnDelete = "clear"
    sql: str = ""
    formula: str = ""
    blanks_as_zero: bool = False

    @property
    def custom(self) -> bool:
        return self.name.endswith("__c")

    @property
    def stored(self) -> bool:
        return not self.sql

    @property
    def title(self) -> str:
        if self.label:
            return self.label
        bare = re.sub(r"^[a-z]+__|__c$", "", self.name).replace("_", " ")
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", bare)


@dataclass(frozen=True, kw_only=True)
class SObject:
    """One object: its key prefix and its fields, in the order in which they are shown."""

    name: str
    label: str
    prefix: str
    fields: tuple[Field, ...]
    writable: bool = True
    recycled: bool = field(default=True)
    plural: str = ""

    @property
    def custom(self) -> bool:
        return self.name.endswith("__c")

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """Fields by lower-case name: Salesforce does not mind the case of a field's name."""
        return {each.name.lower(): each for each in self.fields}

    @cached_property
    def by_relationship(self) -> dict[str, Field]:
        return {each.relationship.lower(): each for each in self.fields if each.relationship}

    @cached_property
    def stored(self) -> tuple[Field, ...]:
        return tuple(each for each in self.fields if each.stored)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.stored)

    @cached_property
    def required(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.fields if each.required)

    @cached_property
    def constrained(self) -> dict[str, Field]:
        """The fields whose value other records have a say in, by name."""
        return {each.name: each for each in self.stored if each.target or each.unique}

    @cached_property
    def external_ids(self) -> tuple[Field, ...]:
        return tuple(each for each in self.fields if each.external_id)

    @cached_property
    def booleans(self) -> frozenset[str]:
        return frozenset(each.name for each in self.fields if each.kind == "boolean")


class Schema(dict[str, SObject]):
    """Every object by lower-case API name."""

    def __init__(self, *objects: SObject) -> None:
        super().__init__((each.name.lower(), each) for each in objects)

    def by_prefix(self, record_id: str) -> SObject | None:
        return next((each for each in self.values() if each.prefix == record_id[:3]), None)

    def referring_to(self, target: str) -> Iterator[tuple[SObject, Field]]:
        """Every stored lookup that may hold an id of the target object."""
        for each in self.values():
            for lookup in each.stored:
                if lookup.target == target:
                    yield each, lookup


def text(name: str, length: int = 255, **rest: Any) -> Field:
    return Field(name=name, kind="string", length=length, **rest)


def external_id(name: str, *, unique: bool = True, **rest: Any) -> Field:
    return text(name, 64, external_id=True, unique=unique, **rest)


def textarea(name: str, length: int = 32000, **rest: Any) -> Field:
    return Field(name=name, kind="textarea", length=length, **rest)


def picklist(name: str, *values: str, **rest: Any) -> Field:
    return Field(name=name, kind="picklist", length=255, values=values, **rest)


def currency(name: str, **rest: Any) -> Field:
    return Field(name=name, kind="currency", precision=18, scale=2, **rest)


def number(name: str, *, precision: int = 18, scale: int = 2, **rest: Any) -> Field:
    return Field(name=name, kind="double", precision=precision, scale=scale, **rest)


def percent(name: str, **rest: Any) -> Field:
    return Field(name=name, kind="percent", precision=5, scale=2, **rest)


def checkbox(name: str, **rest: Any) -> Field:
    rest.setdefault("default", False)
    return Field(name=name, kind="boolean", **rest)


def day(name: str, **rest: Any) -> Field:
    return Field(name=name, kind="date", **rest)


def moment(name: str, **rest: Any) -> Field:
    return Field(name=name, kind="datetime", **rest)


def lookup(name: str, target: str, **rest: Any) -> Field:
    """A reference; its relationship name follows from its own name, as in Salesforce."""
    relationship = f"{name[:-1]}r" if name.endswith("__c") else name.removesuffix("Id")
    return Field(
        name=name, kind="reference", length=18, target=target, relationship=relationship, **rest
    )


def read_only(each: Field) -> Field:
    return Field(**{**vars(each), "createable": False, "updateable": False})


def system_fields() -> tuple[Field, ...]:
    """The fields that the platform keeps by itself on every record."""
    kept = (
        checkbox("IsDeleted", label="Deleted"),
        moment("CreatedDate"),
        lookup("CreatedById", "User"),
        moment("LastModifiedDate"),
        lookup("LastModifiedById", "User"),
        moment("SystemModstamp"),
    )
    return tuple(read_only(each) for each in kept)


def sobject(
    name: str, label: str, prefix: str, *fields: Field, plural: str = "", **rest: Any
) -> SObject:
    key = read_only(Field(name="Id", kind="id", length=18, label="Record ID"))
    return SObject(
        name=name,
        label=label,
        prefix=prefix,
        plural=plural or f"{label}s",
        fields=(key, *fields, *system_fields()),
        **rest,
    )
