"""A compiled query: what SQLite is asked, and how records are made of its rows."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from localorg.jsontext import encoded
from localorg.schema import Field, SObject
from localorg.soql.literals import stored_texts

Walked = tuple[str, ...]


@dataclass(frozen=True)
class Given:
    """A parameter that is not known yet: the texts of a list to compare the field with."""

    field: Field


@dataclass(frozen=True)
class Place:
    """The relationships that lead to an object, and its part of a row: its id, then its fields."""

    path: Walked
    obj: SObject
    fields: tuple[Field, ...]
    start: int

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.fields)

    @cached_property
    def booleans(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.fields if each.kind == "boolean")

    @cached_property
    def columns(self) -> slice:
        return slice(self.start + 1, self.start + 1 + len(self.fields))

    def record(self, row: tuple[Any, ...], *, version: str) -> dict[str, Any]:
        """The record that the row tells about here, without its parents."""
        url = f"/services/data/v{version}/sobjects/{self.obj.name}/{row[self.start]}"
        record: dict[str, Any] = {"attributes": {"type": self.obj.name, "url": url}}
        record.update(zip(self.names, row[self.columns], strict=True))
        for name in self.booleans:
            record[name] = bool(record[name])
        return record


@dataclass(frozen=True)
class Statement:
    """SQL that selects the parts of the places one after the other, the queried object first."""

    sql: str
    parameters: list[Any]
    places: list[Place]
    count_alias: str | None = None

    @property
    def is_count(self) -> bool:
        return not self.places

    def bound(self, lists: list[list[str]]) -> list[Any]:
        """The parameters, with these lists where they are waited for."""
        remaining = iter(lists)
        return [
            json_list(stored_texts(each.field, next(remaining)))
            if isinstance(each, Given)
            else each
            for each in self.parameters
        ]

    def record(self, row: tuple[Any, ...], *, version: str) -> dict[str, Any]:
        """One record; parents are nested objects, or null where the lookup is empty."""
        top, *parents = self.places
        record = top.record(row, version=version)
        nested: dict[Walked, dict[str, Any]] = {top.path: record}
        for place in parents:
            holder = nested.get(place.path[:-1])
            if holder is None:
                continue
            if row[place.start] is None:
                holder[place.path[-1]] = None
            else:
                holder[place.path[-1]] = nested[place.path] = place.record(row, version=version)
        return record


def json_list(values: list[Any]) -> str:
    return encoded(values).decode()
