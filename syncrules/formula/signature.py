"""How a function is declared, and the check of a call against that declaration.

A declaration is a line such as ``FIND(search: Text, text: Text, start: Number = 1) -> Number``:
`A|B` accepts either type, `= …` marks an optional parameter, `*name` one that repeats, and `!`
after a type refuses a literal NULL, which is accepted everywhere else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from syncrules.formula.frame import Evaluator
from syncrules.formula.kinds import Kind
from syncrules.formula.nodes import Node, Text

_DECLARATION = re.compile(r"(\w+)\((.*)\) -> (\w+)")
_PARAMETER = re.compile(r"(\*?)(\w+): ([\w|]+)(!?)(?: = (\S+))?")


@dataclass(frozen=True, slots=True)
class Typed:
    """A compiled expression: what it yields and how to get it."""

    kind: Kind
    run: Evaluator
    node: Node
    constant: bool = False

    @property
    def literal_text(self) -> str | None:
        """The text when the expression is a text literal."""
        return self.node.value if isinstance(self.node, Text) else None


class Refusal(Exception):
    """A call that cannot be compiled; `culprit` is the argument to point at, if it is one."""

    def __init__(self, reason: str, culprit: Node | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.culprit = culprit


@dataclass(frozen=True, slots=True)
class Parameter:
    """One declared parameter."""

    name: str
    kinds: frozenset[Kind]
    null_allowed: bool
    optional: bool
    repeats: bool

    def check(self, argument: Typed, function: str) -> None:
        """Errors: Refusal when the argument is of another type."""
        if argument.kind in self.kinds or (argument.kind is Kind.NULL and self.null_allowed):
            return
        wanted = " or ".join(sorted(kind.value for kind in self.kinds))
        raise Refusal(
            f"{function} needs {wanted} as {self.name}, not {describe(argument.kind)}.",
            argument.node,
        )


Arguments: TypeAlias = tuple[Typed, ...]
Build: TypeAlias = Callable[[Arguments], Evaluator]
Infer: TypeAlias = Callable[[Arguments], Kind]


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the language.

    Shape: `infer` checks the types of a call and says what it yields; `build` makes the evaluator.
    A function is `pure` when its value depends on its arguments alone.
    """

    name: str
    declaration: str
    infer: Infer
    build: Build
    pure: bool = True


def describe(kind: Kind) -> str:
    """The type in words, with the way out where there is one."""
    return "a Picklist (wrap it in TEXT)" if kind is Kind.PICKLIST else str(kind.value)


def declared(declaration: str) -> tuple[str, tuple[Parameter, ...], Kind]:
    """The name, the parameters and the result of a declaration."""
    match = _DECLARATION.fullmatch(declaration)
    if match is None:
        raise ValueError(f"not a declaration: {declaration}")
    name, parameters, result = match.groups()
    listed = [part for part in parameters.split(", ") if part]
    return name, tuple(_parameter(part) for part in listed), Kind(result)


def checker(name: str, parameters: tuple[Parameter, ...], result: Kind) -> Infer:
    """The check of a call with ordinary parameters."""
    fewest = sum(not parameter.optional for parameter in parameters)
    most = None if parameters and parameters[-1].repeats else len(parameters)

    def infer(arguments: Arguments) -> Kind:
        check_count(name, arguments, fewest=fewest, most=most)
        for position, argument in enumerate(arguments):
            parameters[min(position, len(parameters) - 1)].check(argument, name)
        return result

    return infer


def check_count(name: str, arguments: Arguments, *, fewest: int, most: int | None) -> None:
    """Errors: Refusal when the call has too few or too many arguments."""
    count = len(arguments)
    if count < fewest or (most is not None and count > most):
        wanted = f"{fewest}" if fewest == most else f"{fewest} to {most}"
        wanted = f"at least {fewest}" if most is None else wanted
        raise Refusal(f"{name} takes {wanted} parameters, not {count}.")


def common_kind(name: str, arguments: Arguments) -> Kind:
    """The one type that all the arguments have, literal NULLs aside.

    Errors: Refusal that points at the first argument of another type.
    """
    kind = Kind.NULL
    for argument in arguments:
        if argument.kind in {Kind.PICKLIST, Kind.MULTIPICKLIST}:
            raise Refusal(f"{name} cannot take {describe(argument.kind)}.", argument.node)
        if kind is Kind.NULL:
            kind = argument.kind
        elif argument.kind not in {kind, Kind.NULL}:
            raise Refusal(
                f"{name} needs {kind.value} here, not {describe(argument.kind)}.", argument.node
            )
    return kind


def refuse_kinds(name: str, arguments: Arguments, kinds: set[Kind]) -> None:
    """Errors: Refusal for an argument of one of the kinds."""
    for argument in arguments:
        if argument.kind in kinds:
            raise Refusal(f"{name} cannot take {describe(argument.kind)}.", argument.node)


def _parameter(text: str) -> Parameter:
    match = _PARAMETER.fullmatch(text)
    if match is None:
        raise ValueError(f"not a parameter: {text}")
    star, name, kinds, bang, default = match.groups()
    return Parameter(
        name=name,
        kinds=frozenset(Kind(kind) for kind in kinds.split("|")),
        null_allowed=not bang,
        optional=default is not None,
        repeats=bool(star),
    )


Implementation: TypeAlias = Callable[..., Any]
