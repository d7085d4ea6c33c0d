"""A parsed query, before anybody has looked at the objects it names."""

from dataclasses import dataclass
from typing import Literal

Operator = Literal["=", "!=", "<", "<=", ">", ">="]
LiteralKind = Literal["string", "number", "boolean", "date", "datetime", "null"]


@dataclass(frozen=True)
class Path:
    """A field, perhaps through relationships: ("Account", "Name"). `column` is where it stands."""

    names: tuple[str, ...]
    column: int


@dataclass(frozen=True)
class Value:
    kind: LiteralKind
    value: str | float | int | None


# The values of a list that stays open until the statement is executed.
MARK = "\x00"
GIVEN = (Value("string", MARK),)


@dataclass(frozen=True)
class Compared:
    path: Path
    operator: Operator
    value: Value


@dataclass(frozen=True)
class Like:
    """`pattern` keeps the backslash before a literal percent sign, underscore or backslash."""

    path: Path
    pattern: str


@dataclass(frozen=True)
class OneOf:
    path: Path
    values: tuple[Value, ...]
    excluded: bool


@dataclass(frozen=True)
class Joined:
    word: Literal["AND", "OR"]
    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class Negated:
    part: "Condition"


Condition = Compared | Like | OneOf | Joined | Negated


@dataclass(frozen=True)
class Count:
    """COUNT(field); `alias` is the name of the result, expr0 when none was given."""

    path: Path
    alias: str


@dataclass(frozen=True)
class Ordering:
    path: Path
    descending: bool
    nulls_last: bool


@dataclass(frozen=True)
class Query:
    """`selected` is empty for `SELECT COUNT()`."""

    selected: tuple[Path | Count, ...]
    object_name: str
    condition: Condition | None
    orderings: tuple[Ordering, ...]
    limit: int | None
    offset: int
