"""What the infix operators do, by the types on their two sides."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from typing import Any, TypeAlias

from syncrules.formula.functions import dates
from syncrules.formula.functions.text import join
from syncrules.formula.kinds import Kind
from syncrules.formula.precision import CONTEXT, power
from syncrules.formula.signature import Refusal, Typed, describe

Apply: TypeAlias = Callable[[Any, Any], Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """A chosen operation; a strict one is blank when either side is."""

    kind: Kind
    apply: Apply
    strict: bool = True


def _subtract_days(day: Any, days: Decimal) -> Any:
    return dates.add_days(day, days.copy_negate())


def _subtract_from_moment(moment: Any, days: Decimal) -> Any:
    return dates.add_to_moment(moment, days.copy_negate())


def _subtract_from_time(start: time, milliseconds: Decimal) -> time:
    return dates.add_to_time(start, milliseconds.copy_negate())


def _turned(apply: Apply) -> Apply:
    return lambda left, right: apply(right, left)


_N, _T, _D, _M, _C = Kind.NUMBER, Kind.TEXT, Kind.DATE, Kind.DATETIME, Kind.TIME
_ARITHMETIC: Mapping[tuple[Kind, str, Kind], Operation] = {
    (_N, "+", _N): Operation(_N, CONTEXT.add),
    (_N, "-", _N): Operation(_N, CONTEXT.subtract),
    (_N, "*", _N): Operation(_N, CONTEXT.multiply),
    (_N, "/", _N): Operation(_N, CONTEXT.divide),
    (_N, "^", _N): Operation(_N, power),
    (_D, "+", _N): Operation(_D, dates.add_days),
    (_N, "+", _D): Operation(_D, _turned(dates.add_days)),
    (_D, "-", _N): Operation(_D, _subtract_days),
    (_D, "-", _D): Operation(_N, dates.days_between),
    (_M, "+", _N): Operation(_M, dates.add_to_moment),
    (_N, "+", _M): Operation(_M, _turned(dates.add_to_moment)),
    (_M, "-", _N): Operation(_M, _subtract_from_moment),
    (_M, "-", _M): Operation(_N, dates.days_between),
    (_C, "+", _N): Operation(_C, dates.add_to_time),
    (_C, "-", _N): Operation(_C, _subtract_from_time),
    (_C, "-", _C): Operation(_N, dates.milliseconds_between),
    (_T, "+", _T): Operation(_T, join, strict=False),
    (_T, "&", _T): Operation(_T, join, strict=False),
}
_COMPARE: Mapping[str, Apply] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ORDERED = {_N, _T, _D, _M, _C}
# An operand that is literally NULL takes the type that the operator asks for.
_EXPECTED = {"*": _N, "/": _N, "^": _N, "&": _T}
_BLANK = Operation(Kind.NULL, lambda _left, _right: None, strict=False)


def operation(left: Typed, sign: str, right: Typed) -> Operation:
    """What `left sign right` does.

    Errors: Refusal, pointing at the operand that does not fit.
    """
    if sign in {"=", "<>"}:
        return _equality(left, sign, right)
    if sign in _COMPARE:
        return _order(left, sign, right)
    if sign in {"+", "-"} and Kind.NULL in {left.kind, right.kind}:
        return _BLANK
    expected = _EXPECTED.get(sign)
    kinds = [expected if k is Kind.NULL and expected else k for k in (left.kind, right.kind)]
    found = _ARITHMETIC.get((kinds[0], sign, kinds[1]))
    if found is None:
        raise _misfit(left, sign, right)
    return found


def _equality(left: Typed, sign: str, right: Typed) -> Operation:
    kinds = {left.kind, right.kind} - {Kind.NULL}
    if len(kinds) > 1 or kinds & {Kind.PICKLIST, Kind.MULTIPICKLIST, Kind.LOCATION}:
        raise _misfit(left, sign, right)
    compare = _COMPARE[sign]
    if kinds == {Kind.TEXT}:
        return Operation(Kind.BOOLEAN, lambda a, b: compare(a or "", b or ""), strict=False)
    return Operation(Kind.BOOLEAN, compare)


def _order(left: Typed, sign: str, right: Typed) -> Operation:
    kinds = {left.kind, right.kind} - {Kind.NULL}
    if len(kinds) > 1 or not kinds <= _ORDERED:
        raise _misfit(left, sign, right)
    compare = _COMPARE[sign]
    if kinds == {Kind.TEXT}:
        return Operation(Kind.BOOLEAN, lambda a, b: compare(_code_units(a), _code_units(b)))
    return Operation(Kind.BOOLEAN, compare)


def _code_units(text: str) -> bytes:
    """What texts are ordered by: the 16-bit units in which Salesforce holds them."""
    return text.encode("utf-16-be", "surrogatepass")


def _misfit(left: Typed, sign: str, right: Typed) -> Refusal:
    reason = f"{sign} cannot take {describe(left.kind)} and {describe(right.kind)}."
    suits = any(kind is left.kind and s == sign for kind, s, _ in _ARITHMETIC)
    return Refusal(reason, right.node if suits or sign in _COMPARE else left.node)
