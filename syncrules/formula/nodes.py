"""The syntax tree. Two trees are equal when they mean the same, wherever their text stood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

# Every infix operator with how tightly it binds. The order is Salesforce's own, which differs from
# the school's in one place: `^` binds looser than `*` and `/`.
LEVEL: Mapping[str, int] = {
    operator: level
    for level, operators in enumerate(
        (("||",), ("&&",), ("=", "<>"), ("<", "<=", ">", ">="), ("+", "-", "&"), ("^",), ("*", "/"))
    )
    for operator in operators
}


@dataclass(frozen=True, slots=True)
class Number:
    """A literal; the digits are kept as they were typed."""

    digits: str
    position: int = field(default=0, compare=False)
    depth: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Text:
    """A literal with its escapes already resolved."""

    value: str
    position: int = field(default=0, compare=False)
    depth: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Constant:
    """TRUE, FALSE or NULL."""

    value: bool | None
    position: int = field(default=0, compare=False)
    depth: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Reference:
    """A field, or a path of relationships that ends in one."""

    name: str
    position: int = field(default=0, compare=False)
    depth: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments; `name` is in capitals."""

    name: str
    arguments: tuple[Node, ...]
    position: int = field(default=0, compare=False)
    depth: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Unary:
    """`-`, `+` or `!` before an operand."""

    operator: str
    operand: Node
    position: int = field(default=0, compare=False)
    depth: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Step:
    """One operator of a chain with the operand to its right."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Chain:
    """Operators of one precedence level, read from left to right.

    A flat list instead of a leaning tower of pairs: a sum of a thousand terms is one level deep.
    """

    first: Node
    steps: tuple[Step, ...]
    position: int = field(default=0, compare=False)
    depth: int = field(default=1, compare=False)


Node: TypeAlias = Number | Text | Constant | Reference | Call | Unary | Chain
