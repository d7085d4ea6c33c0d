"""Where functions are declared and found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from syncrules.formula.frame import Evaluator, Frame
from syncrules.formula.signature import (
    Arguments,
    Build,
    Function,
    Implementation,
    Infer,
    checker,
    declared,
)

FUNCTIONS: dict[str, Function] = {}

_ImplementationT = TypeVar("_ImplementationT", bound=Implementation)


def strict(declaration: str) -> Callable[[_ImplementationT], _ImplementationT]:
    """Declare a function that is blank as soon as one of its arguments is."""
    return _ordinary(declaration, strict_call)


def lenient(declaration: str) -> Callable[[_ImplementationT], _ImplementationT]:
    """Declare a function that is told of blanks and decides about them itself."""
    return _ordinary(declaration, lenient_call)


def special(declaration: str, infer: Infer) -> Callable[[Build], Build]:
    """Declare a function with a type check of its own that builds its own evaluator."""

    def register(build: Build) -> Build:
        _add(Function(_name(declaration), declaration, infer, build))
        return build

    return register


def volatile(declaration: str) -> Callable[[Evaluator], Evaluator]:
    """Declare a function of the moment: it has no arguments and reads the frame."""
    name, parameters, result = declared(declaration)

    def register(run: Evaluator) -> Evaluator:
        infer = checker(name, parameters, result)
        _add(Function(name, declaration, infer, lambda _: run, pure=False))
        return run

    return register


def inferred(declaration: str, build: Build) -> Infer:
    """The check that a declaration describes, registered with a builder of the caller's."""
    name, parameters, result = declared(declaration)
    infer = checker(name, parameters, result)
    _add(Function(name, declaration, infer, build))
    return infer


def strict_call(function: Implementation, arguments: Arguments) -> Evaluator:
    """An evaluator that calls the function unless an argument is blank.

    All arguments are evaluated first, so that an error in one of them is not hidden by a blank.
    """
    runs = [argument.run for argument in arguments]
    if len(runs) == 1:
        return _strict_one(function, runs[0])
    if len(runs) == 2:
        return _strict_two(function, runs[0], runs[1])

    def call(frame: Frame) -> Any:
        values = [run(frame) for run in runs]
        return None if None in values else function(*values)

    return call


def lenient_call(function: Implementation, arguments: Arguments) -> Evaluator:
    """An evaluator that calls the function with whatever the arguments yield."""
    runs = [argument.run for argument in arguments]

    def call(frame: Frame) -> Any:
        return function(*[run(frame) for run in runs])

    return call


def _strict_one(function: Implementation, first: Evaluator) -> Evaluator:
    def call(frame: Frame) -> Any:
        value = first(frame)
        return None if value is None else function(value)

    return call


def _strict_two(function: Implementation, first: Evaluator, second: Evaluator) -> Evaluator:
    def call(frame: Frame) -> Any:
        left = first(frame)
        right = second(frame)
        return None if left is None or right is None else function(left, right)

    return call


def _ordinary(
    declaration: str, wrap: Callable[[Implementation, Arguments], Evaluator]
) -> Callable[[_ImplementationT], _ImplementationT]:
    name, parameters, result = declared(declaration)

    def register(function: _ImplementationT) -> _ImplementationT:
        infer = checker(name, parameters, result)
        _add(Function(name, declaration, infer, lambda arguments: wrap(function, arguments)))
        return function

    return register


def _add(function: Function) -> None:
    if function.name in FUNCTIONS:
        raise ValueError(f"{function.name} is declared twice")
    FUNCTIONS[function.name] = function


def _name(declaration: str) -> str:
    return declaration.partition("(")[0]
