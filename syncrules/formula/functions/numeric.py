"""Numbers: rounding, powers and logarithms, trigonometry."""

from __future__ import annotations

import math
from decimal import Decimal

from syncrules.formula import precision
from syncrules.formula.errors import EvaluationError
from syncrules.formula.functions.registry import lenient, strict
from syncrules.formula.precision import CONTEXT, by_float, from_float

_PI = Decimal("3.14159265358979323846")
_LARGEST_SCALE = 10_000

for _declaration, _function in (
    ("ABS(number: Number) -> Number", CONTEXT.abs),
    ("CEILING(number: Number) -> Number", precision.ceiling),
    ("FLOOR(number: Number) -> Number", precision.floor),
    ("MCEILING(number: Number) -> Number", precision.mathematical_ceiling),
    ("MFLOOR(number: Number) -> Number", precision.mathematical_floor),
    ("MOD(number: Number, divisor: Number) -> Number", CONTEXT.remainder),
    ("EXP(number: Number) -> Number", by_float(math.exp)),
    ("SQRT(number: Number) -> Number", by_float(math.sqrt)),
    ("LN(number: Number) -> Number", by_float(math.log)),
    ("LOG(number: Number) -> Number", by_float(lambda x: math.log(x) / math.log(10))),
    ("SIN(radians: Number) -> Number", by_float(math.sin)),
    ("COS(radians: Number) -> Number", by_float(math.cos)),
    ("TAN(radians: Number) -> Number", by_float(math.tan)),
    ("ASIN(number: Number) -> Number", by_float(math.asin)),
    ("ACOS(number: Number) -> Number", by_float(math.acos)),
    ("ATAN(number: Number) -> Number", by_float(math.atan)),
):
    strict(_declaration)(_function)


@lenient("ATAN2(y: Number, x: Number) -> Number")
def _atan2(y: Decimal | None, x: Decimal | None) -> Decimal:
    if y is None or x is None:
        raise EvaluationError("ATAN2 has no angle for a blank.")
    return from_float(math.atan2(float(y), float(x)))


@strict("PI() -> Number")
def _pi() -> Decimal:
    return _PI


@strict("ROUND(number: Number, decimals: Number) -> Number")
def _round(number: Decimal, decimals: Decimal) -> Decimal:
    return precision.round_to(number, whole(decimals))


@strict("TRUNC(number: Number, decimals: Number = 0) -> Number")
def _trunc(number: Decimal, decimals: Decimal = precision.ZERO) -> Decimal:
    return precision.truncate_to(number, whole(decimals))


@strict("MAX(number: Number, *numbers: Number = …) -> Number")
def _max(*numbers: Decimal) -> Decimal:
    return max(reversed(numbers))


@strict("MIN(number: Number, *numbers: Number = …) -> Number")
def _min(*numbers: Decimal) -> Decimal:
    return min(reversed(numbers))


@strict("CONVERTCURRENCY(amount: Number) -> Number")
def _convert_currency(amount: Decimal) -> Decimal:
    """One currency is in use here, so there is nothing to convert."""
    return amount


def whole(number: Decimal) -> int:
    """The number without its decimals, for counts and positions.

    Errors: EvaluationError for a number that no count can be.
    """
    if number.adjusted() > 18:
        raise EvaluationError(f"{number:.3E} is too large for a count or a position.")
    return int(number)
