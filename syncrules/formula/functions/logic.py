"""Conditions, choices and blanks."""

from __future__ import annotations

from typing import Any

from syncrules.formula.errors import EvaluationError
from syncrules.formula.frame import Evaluator, Frame
from syncrules.formula.functions.registry import inferred, special, strict
from syncrules.formula.kinds import Kind
from syncrules.formula.precision import is_numeral
from syncrules.formula.signature import (
    Arguments,
    Refusal,
    Typed,
    check_count,
    common_kind,
    describe,
    refuse_kinds,
)

# What a formula that is being evaluated can fail with; the engine names it at its border.
FAILURES = (EvaluationError, ArithmeticError, ValueError)


def all_true(runs: list[Evaluator]) -> Evaluator:
    """Stops at the first condition that is not true; a blank condition is not true."""

    def both(frame: Frame) -> bool:
        for run in runs:  # noqa: SIM110 - a generator would cost more than the conditions
            if not run(frame):
                return False
        return True

    return both


def any_true(runs: list[Evaluator]) -> Evaluator:
    """Stops at the first condition that is true."""

    def either(frame: Frame) -> bool:
        for run in runs:  # noqa: SIM110 - as above
            if run(frame):
                return True
        return False

    return either


inferred(
    "AND(condition: Boolean, *conditions: Boolean = …) -> Boolean",
    lambda arguments: all_true([argument.run for argument in arguments]),
)
inferred(
    "OR(condition: Boolean, *conditions: Boolean = …) -> Boolean",
    lambda arguments: any_true([argument.run for argument in arguments]),
)


@strict("NOT(condition: Boolean) -> Boolean")
def _not(condition: bool) -> bool:  # noqa: FBT001 - the operand of the language's own NOT
    return not condition


def _infer_if(arguments: Arguments) -> Kind:
    check_count("IF", arguments, fewest=3, most=3)
    _check_condition("IF", arguments[0])
    return common_kind("IF", arguments[1:])


@special("IF(condition, if_true, if_false)", _infer_if)
def _if(arguments: Arguments) -> Evaluator:
    condition, if_true, if_false = (argument.run for argument in arguments)

    def choose(frame: Frame) -> Any:
        return if_true(frame) if condition(frame) else if_false(frame)

    return choose


def _infer_ifs(arguments: Arguments) -> Kind:
    check_count("IFS", arguments, fewest=3, most=None)
    if len(arguments) % 2 == 0:
        raise Refusal("IFS needs a value after each condition and one more for all other cases.")
    for condition in arguments[:-1:2]:
        _check_condition("IFS", condition)
    return common_kind("IFS", (*arguments[1::2], arguments[-1]))


@special("IFS(condition, value, …, otherwise)", _infer_ifs)
def _ifs(arguments: Arguments) -> Evaluator:
    runs = [argument.run for argument in arguments]
    pairs = list(zip(runs[:-1:2], runs[1::2], strict=True))
    otherwise = runs[-1]

    def choose(frame: Frame) -> Any:
        for condition, value in pairs:
            if condition(frame):
                return value(frame)
        return otherwise(frame)

    return choose


def _infer_case(arguments: Arguments) -> Kind:
    check_count("CASE", arguments, fewest=4, most=None)
    if len(arguments) % 2:
        raise Refusal("CASE needs a result after each value and one more for all other cases.")
    refuse_kinds("CASE", arguments, {Kind.BOOLEAN, Kind.LOCATION})
    _check_values("CASE", arguments[0], arguments[1:-1:2])
    return common_kind("CASE", (*arguments[2::2], arguments[-1]))


@special("CASE(expression, value, result, …, otherwise)", _infer_case)
def _case(arguments: Arguments) -> Evaluator:
    """All arguments are evaluated, as Salesforce does: an error in any of them is the result."""
    runs = [argument.run for argument in arguments]
    blank = _blank_of(arguments[0])

    def choose(frame: Frame) -> Any:
        subject, *rest = [run(frame) for run in runs]
        subject = blank if subject is None else subject
        if subject is not None:
            for value, result in zip(rest[:-1:2], rest[1::2], strict=True):
                if subject == (blank if value is None else value):
                    return result
        return rest[-1]

    return choose


def _infer_in(arguments: Arguments) -> Kind:
    check_count("IN", arguments, fewest=2, most=None)
    refuse_kinds("IN", arguments, {Kind.BOOLEAN, Kind.LOCATION})
    _check_values("IN", arguments[0], arguments[1:])
    return Kind.BOOLEAN


@special("IN(expression, value, …)", _infer_in)
def _in(arguments: Arguments) -> Evaluator:
    runs = [argument.run for argument in arguments]

    def is_one(frame: Frame) -> bool:
        subject, *values = [run(frame) for run in runs]
        return subject is not None and subject in values

    return is_one


def _infer_blank_test(name: str) -> Any:
    def infer(arguments: Arguments) -> Kind:
        check_count(name, arguments, fewest=1, most=1)
        refuse_kinds(name, arguments, {Kind.BOOLEAN})
        return Kind.BOOLEAN

    return infer


@special("ISBLANK(expression)", _infer_blank_test("ISBLANK"))
def _isblank(arguments: Arguments) -> Evaluator:
    run = arguments[0].run
    return lambda frame: run(frame) is None


@special("ISNULL(expression)", _infer_blank_test("ISNULL"))
def _isnull(arguments: Arguments) -> Evaluator:
    """A text is never null in Salesforce, at most empty; that is what ISBLANK is for."""
    if arguments[0].kind is Kind.TEXT:
        return lambda _: False
    return _isblank(arguments)


def _infer_substitute(name: str) -> Any:
    def infer(arguments: Arguments) -> Kind:
        check_count(name, arguments, fewest=2, most=2)
        refuse_kinds(name, arguments[:1], {Kind.BOOLEAN, Kind.LOCATION})
        return common_kind(name, arguments)

    return infer


@special("BLANKVALUE(expression, substitute)", _infer_substitute("BLANKVALUE"))
def _blankvalue(arguments: Arguments) -> Evaluator:
    first, second = (argument.run for argument in arguments)

    def choose(frame: Frame) -> Any:
        value, substitute = first(frame), second(frame)
        return substitute if value is None else value

    return choose


@special("NULLVALUE(expression, substitute)", _infer_substitute("NULLVALUE"))
def _nullvalue(arguments: Arguments) -> Evaluator:
    """As BLANKVALUE, except that a text counts as never null and stays as it is."""
    if Kind.TEXT in {argument.kind for argument in arguments}:
        return arguments[0].run
    return _blankvalue(arguments)


def _infer_iferror(arguments: Arguments) -> Kind:
    check_count("IFERROR", arguments, fewest=2, most=2)
    return common_kind("IFERROR", arguments)


@special("IFERROR(expression, substitute)", _infer_iferror)
def _iferror(arguments: Arguments) -> Evaluator:
    attempt, substitute = (argument.run for argument in arguments)

    def choose(frame: Frame) -> Any:
        try:
            return attempt(frame)
        except FAILURES:
            return substitute(frame)

    return choose


def _is_number(text: str | None) -> bool:
    return text is not None and is_numeral(text)


def _build_isnumber(arguments: Arguments) -> Evaluator:
    run = arguments[0].run
    return lambda frame: _is_number(run(frame))


inferred("ISNUMBER(text: Text!) -> Boolean", _build_isnumber)


def _check_condition(name: str, condition: Typed) -> None:
    if condition.kind is not Kind.BOOLEAN:
        reason = f"{name} needs a Boolean as condition, not {describe(condition.kind)}."
        raise Refusal(reason, condition.node)


def _check_values(name: str, subject: Typed, values: Arguments) -> None:
    """A picklist is compared with literal texts, anything else with values of its own type."""
    if subject.kind is not Kind.PICKLIST:
        common_kind(name, (subject, *values))
        return
    for value in values:
        if value.literal_text is None:
            raise Refusal(f"{name} compares a Picklist with literal texts only.", value.node)


def _blank_of(subject: Typed) -> str | None:
    """A blank text or picklist equals an empty text; other blanks equal nothing."""
    return "" if subject.kind in {Kind.TEXT, Kind.PICKLIST} else None
