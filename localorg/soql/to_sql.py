# ruff: noqa: S608  # names come from the schema, values are parameters
"""From a query's tree to one SQLite statement, with every name checked against the schema."""

from dataclasses import dataclass, field
from typing import Any

from localorg.errors import ApiError, unknown_type
from localorg.schema import Field, Schema
from localorg.soql.joins import Joins
from localorg.soql.literals import stored_literal
from localorg.soql.statement import Given, Place, Statement, json_list
from localorg.soql.tree import (
    GIVEN,
    Compared,
    Condition,
    Count,
    Joined,
    Like,
    Negated,
    OneOf,
    Path,
    Query,
)

DEEPEST = 100
LIKEABLE = frozenset({"string", "textarea", "picklist", "url"})


@dataclass(frozen=True)
class Column:
    """A selected field: the relationships that lead to it, and the field itself."""

    path: tuple[str, ...]
    field: Field


@dataclass
class Compiler:
    """`lists_given` says that lists of the tree which equal `GIVEN` are filled in later."""

    schema: Schema
    query: Query
    text: str
    deleted_too: bool
    lists_given: bool
    parameters: list[Any] = field(default_factory=list)
    joins: Joins = field(init=False)

    def statement(self) -> Statement:
        """The whole query. ApiError names the first unknown object, relationship or field."""
        obj = self.schema.get(self.query.object_name.lower())
        if obj is None:
            raise unknown_type(self.query.object_name)
        self.joins = Joins(obj, schema=self.schema, text=self.text)
        counts = [each for each in self.query.selected if isinstance(each, Count)]
        if counts or not self.query.selected:
            return self._count(counts)
        places = self._places(self._columns())
        values = [value for place in places for value in self._values(place)]
        # Conditions and orderings may join further objects, so they come before FROM is written.
        where, orderings = self._where(), self._orderings()
        sql = (
            f"SELECT {', '.join(values)} FROM {self.joins.sql}{where}"
            f" ORDER BY {orderings}{self._window()}"
        )
        return Statement(sql, self.parameters, places)

    def _count(self, counts: list[Count]) -> Statement:
        if len(counts) != len(self.query.selected) or len(counts) > 1:
            raise ApiError(
                "MALFORMED_QUERY", "only one COUNT, and no field beside it, is supported"
            )
        counted = "*"
        if counts:
            path, field_ = self.joins.resolve(counts[0].path)
            counted = self.joins.expression(path, field_)
        where = self._where()
        sql = f"SELECT COUNT({counted}) FROM {self.joins.sql}{where}"
        alias = (counts[0].alias or "expr0") if counts else None
        return Statement(sql, self.parameters, [], count_alias=alias)

    def _columns(self) -> list[Column]:
        columns = [
            Column(*self.joins.resolve(each))
            for each in self.query.selected
            if isinstance(each, Path)
        ]
        seen: set[tuple[tuple[str, ...], str]] = set()
        for each, asked in zip(columns, self.query.selected, strict=True):
            key = (each.path, each.field.name)
            if key in seen and isinstance(asked, Path):
                name = ".".join(asked.names)
                raise ApiError("INVALID_FIELD", f"duplicate field selected: {name}")
            seen.add(key)
        return columns

    def _places(self, columns: list[Column]) -> list[Place]:
        """Every object on the way to a column, outer ones first."""
        paths = {each.path[:depth]: None for each in columns for depth in range(len(each.path) + 1)}
        places: list[Place] = []
        start = 0
        for path in sorted(paths, key=len):
            fields = tuple(each.field for each in columns if each.path == path)
            places.append(Place(path, self.joins.object_at(path), fields, start))
            start += 1 + len(fields)
        return places

    def _values(self, place: Place) -> list[str]:
        fields = [self.joins.expression(place.path, each) for each in place.fields]
        return [f'{self.joins.alias(place.path)}."Id"', *fields]

    def _where(self) -> str:
        parts = [] if self.deleted_too else ['t."IsDeleted" = 0']
        if self.query.condition is not None:
            parts.append(self._condition(self.query.condition))
        return f" WHERE {' AND '.join(parts)}" if parts else ""

    def _condition(self, condition: Condition, depth: int = 0) -> str:
        """SQL that is never NULL where it matters: SOQL's logic has only true and false."""
        if depth > DEEPEST:
            raise ApiError("MALFORMED_QUERY", "the WHERE clause is nested too deeply")
        match condition:
            case Joined(word, parts):
                return joined(word, [self._condition(part, depth + 1) for part in parts])
            case Negated(part):
                return f"NOT IFNULL({self._condition(part, depth + 1)}, 0)"
            case Like(path, pattern):
                return self._like(path, pattern)
            case OneOf():
                return self._one_of(condition)
            case Compared():
                return self._compared(condition)

    def _compared(self, condition: Compared) -> str:
        walked, field_ = self.joins.resolve(condition.path)
        expression = self.joins.expression(walked, field_)
        value = stored_literal(field_, condition.value)
        operator: str = condition.operator
        if value is None and operator not in ("=", "!="):
            raise ApiError(
                "MALFORMED_QUERY", f"{field_.name}: null can only be compared with = or !="
            )
        if operator in ("=", "!="):
            # A record without a value differs from every value.
            operator = "IS" if operator == "=" else "IS NOT"
        self.parameters.append(value)
        return f"{expression} {operator} ?"

    def _like(self, path: Path, pattern: str) -> str:
        walked, field_ = self.joins.resolve(path)
        if field_.kind not in LIKEABLE:
            raise ApiError(
                "INVALID_QUERY_FILTER_OPERATOR",
                f"invalid operator on {field_.kind} field: {field_.name} LIKE",
            )
        self.parameters.append(pattern)
        return f"{self.joins.expression(walked, field_)} LIKE ? ESCAPE '\\'"

    def _one_of(self, condition: OneOf) -> str:
        walked, field_ = self.joins.resolve(condition.path)
        expression = self.joins.expression(walked, field_)
        if self.lists_given and condition.values == GIVEN:
            values = []
            self.parameters.append(Given(field_))
        else:
            values = [stored_literal(field_, each) for each in condition.values]
            # One parameter however long the list is, so that the statement is prepared once.
            self.parameters.append(json_list([each for each in values if each is not None]))
        listed = f"{expression} IN (SELECT value FROM json_each(?))"
        if condition.excluded:
            without = f"NOT {listed}"
            return (
                f"({without} AND {expression} IS NOT NULL)"
                if None in values
                else (f"({expression} IS NULL OR {without})")
            )
        return f"({listed} OR {expression} IS NULL)" if None in values else listed

    def _orderings(self) -> str:
        terms = []
        for each in self.query.orderings:
            walked, field_ = self.joins.resolve(each.path)
            direction = " DESC" if each.descending else ""
            # Ascending with nulls first is what an index gives without sorting.
            nulls = " NULLS LAST" if each.nulls_last else " NULLS FIRST" if direction else ""
            terms.append(f"{self.joins.expression(walked, field_)}{direction}{nulls}")
        return ", ".join([*terms, 't."Id"'])

    def _window(self) -> str:
        limit = -1 if self.query.limit is None else self.query.limit
        return f" LIMIT {limit} OFFSET {self.query.offset}"


def joined(word: str, parts: list[str]) -> str:
    """All parts with the word between; as a tree, since SQLite refuses a chain of a thousand."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return f"({joined(word, parts[:middle])} {word} {joined(word, parts[middle:])})"
