"""What a regular expression is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

Test: TypeAlias = Callable[[str], bool]


class PatternError(ValueError):
    """The text is no regular expression, or one that is refused."""


@dataclass(frozen=True, slots=True)
class Char:
    """One character that passes a test."""

    test: Test


@dataclass(frozen=True, slots=True)
class Place:
    """A test of the place between two characters: `^`, `$`, `z`, `b`, `B`, or `^m`, `$m`."""

    name: str


@dataclass(frozen=True, slots=True)
class Look:
    """A lookahead: the body must match from here, or must not."""

    body: Pattern
    negated: bool


@dataclass(frozen=True, slots=True)
class Repeat:
    """The body from `least` to `most` times; `most` None is without end."""

    body: Pattern
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Sequence:
    """One part after the other."""

    parts: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several options."""

    options: tuple[Pattern, ...]


Pattern: TypeAlias = Char | Place | Look | Repeat | Sequence | Choice
