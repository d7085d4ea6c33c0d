"""The evaluators that the compiler puts together, besides those of the functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from syncrules.formula.errors import EvaluationError
from syncrules.formula.frame import Evaluator, Frame
from syncrules.formula.functions.logic import FAILURES
from syncrules.formula.operators import Apply, Operation
from syncrules.formula.precision import CONTEXT


def run_chain(first: Evaluator, steps: Sequence[tuple[Operation, Evaluator]]) -> Evaluator:
    """Operators of one level from left to right; the usual single one without a loop."""
    if len(steps) > 1:
        return _run_steps(first, [(_guarded(chosen), run) for chosen, run in steps])
    chosen, second = steps[0]
    return (
        _run_strict(first, chosen.apply, second)
        if chosen.strict
        else _run_steps(first, [(chosen.apply, second)])
    )


def through(path: Sequence[str], run: Evaluator) -> Evaluator:
    """The evaluator applied to the parent at the end of a path of relationships."""
    if not path:
        return run
    if len(path) == 1:
        (relationship,) = path
        return lambda frame: run(frame.parent(relationship))

    def climb(frame: Frame) -> Any:
        for relationship in path:
            frame = frame.parent(relationship)
        return run(frame)

    return climb


def watched(run: Evaluator, watch: Callable[[], None] | None) -> Evaluator:
    """The evaluator, with a look at the clock first where somebody keeps one."""
    if watch is None:
        return run

    def look_and_run(frame: Frame) -> Any:
        watch()
        return run(frame)

    return look_and_run


def instead_of_blank(run: Evaluator, substitute: Any) -> Evaluator:
    """The evaluator with a value for its blank, unless that is to stay one."""
    if substitute is None:
        return run

    def fill(frame: Frame) -> Any:
        value = run(frame)
        return substitute if value is None else value

    return fill


def computed_once(name: str, run: Evaluator, coerce: Callable[[Any], Any]) -> Evaluator:
    """A formula field, computed once per record however often it is read, failures included."""

    def read(frame: Frame) -> Any:
        if name not in frame.memo:
            try:
                frame.memo[name] = coerce(run(frame))
            except FAILURES as error:
                frame.memo[name] = as_evaluation_error(error)
        value = frame.memo[name]
        if isinstance(value, EvaluationError):
            raise value
        return value

    return read


def as_evaluation_error(error: Exception) -> EvaluationError:
    """What went wrong, in words for the person who wrote the formula."""
    if isinstance(error, EvaluationError):
        return error
    if isinstance(error, ZeroDivisionError):
        return EvaluationError("Division by zero.")
    if isinstance(error, OverflowError):
        return EvaluationError("A value is out of range.")
    if isinstance(error, ArithmeticError):
        return EvaluationError("A number is out of range, or an operation has no result.")
    return EvaluationError(f"A value is not possible: {error}.")


def _run_strict(first: Evaluator, apply: Apply, second: Evaluator) -> Evaluator:
    def run(frame: Frame) -> Any:
        left = first(frame)
        right = second(frame)
        return None if left is None or right is None else apply(left, right)

    return run


def _run_steps(first: Evaluator, steps: Sequence[tuple[Apply, Evaluator]]) -> Evaluator:
    def run(frame: Frame) -> Any:
        value = first(frame)
        for apply, operand in steps:
            value = apply(value, operand(frame))
        return value

    return run


def _guarded(chosen: Operation) -> Apply:
    if not chosen.strict:
        return chosen.apply
    apply = chosen.apply
    return lambda left, right: None if left is None or right is None else apply(left, right)


def _negation(run: Evaluator) -> Evaluator:
    def negate(frame: Frame) -> Any:
        value = run(frame)
        return None if value is None else CONTEXT.minus(value)

    return negate


def _opposite(run: Evaluator) -> Evaluator:
    def invert(frame: Frame) -> Any:
        value = run(frame)
        return None if value is None else not value

    return invert


UNARY: Mapping[str, Callable[[Evaluator], Evaluator]] = {
    "-": _negation,
    "+": lambda run: run,
    "!": _opposite,
}
