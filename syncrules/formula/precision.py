"""Numbers as Salesforce counts: 39 significant digits, halves away from zero.

`CONTEXT` carries that. Its methods are used instead of the operators, which would follow
whatever context the calling thread happens to have.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from functools import lru_cache

from syncrules.formula.errors import EvaluationError

_TRAPS = [InvalidOperation, DivisionByZero, Overflow]
_LARGEST_EXPONENT = 3_900  # a number longer than the longest formula is refused

CONTEXT = Context(
    prec=39,
    rounding=ROUND_HALF_UP,
    Emin=-_LARGEST_EXPONENT,
    Emax=_LARGEST_EXPONENT,
    traps=_TRAPS,
)
# Whole numbers are read off 33 digits, so that 6/11*11 floors to 6 although its 39th digit is off.
_NEAREST = Context(prec=33, rounding=ROUND_HALF_UP, traps=_TRAPS)
_NEAREST_BELOW = Context(prec=33, rounding=ROUND_HALF_DOWN, traps=_TRAPS)
_EXACT = Context(prec=39, traps=_TRAPS)
_POWER = Context(prec=18, rounding=ROUND_HALF_UP, traps=_TRAPS)

ZERO = Decimal(0)
ONE = Decimal(1)
DEFAULT_SCALE = 32
_SMALLEST_POWER = Decimal("1E-39")
_LARGEST_POWER = 64  # powers with more digits are an error in Salesforce too
_WIDEST_SCALE = 10_000
_NUMERAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,10})?")


def is_numeral(text: str) -> bool:
    """Whether VALUE could read the text: a plain decimal number, with or without exponent."""
    return _NUMERAL.fullmatch(text) is not None


def from_text(text: str) -> Decimal:
    """The number that a text spells.

    Errors: EvaluationError for anything else, blanks and separators included.
    """
    if not is_numeral(text):
        raise EvaluationError(f"{text[:40]!r} is not a number.")
    return CONTEXT.create_decimal(text)


def from_float(value: float) -> Decimal:
    """The shortest decimal that names this binary number; not-a-number and infinity are errors."""
    if not math.isfinite(value):
        raise EvaluationError("The result is not a finite number.")
    return Decimal(repr(value))


def round_to(value: Decimal, scale: int, rounding: str = ROUND_HALF_UP) -> Decimal:
    """The number with at most `scale` decimals; a negative scale rounds tens, hundreds, …

    A number whose first digit already lies beyond the place gives 0: ROUND(56, -2) is 0.
    """
    scale = max(-_WIDEST_SCALE, min(scale, _WIDEST_SCALE))
    whole_digits = max(value.adjusted() + 1, 1) if value else 1
    if scale < 0 and (whole_digits + scale <= 0 or value.copy_abs() < ONE):
        return ZERO
    rounded = value.quantize(_place(scale), rounding, _wide(whole_digits + scale))
    has_fewer_decimals = rounded == value and value.compare_total_mag(rounded) > 0
    return value if has_fewer_decimals else rounded


def truncate_to(value: Decimal, scale: int) -> Decimal:
    """The number with the decimals after `scale` cut off."""
    return round_to(value, scale, ROUND_DOWN)


def floor(value: Decimal) -> Decimal:
    """The whole number toward zero, as Salesforce's FLOOR."""
    return _whole(_NEAREST.plus(value), ROUND_DOWN)


def ceiling(value: Decimal) -> Decimal:
    """The whole number away from zero, as Salesforce's CEILING."""
    return _whole(_NEAREST_BELOW.plus(value), ROUND_UP)


def mathematical_floor(value: Decimal) -> Decimal:
    """The largest whole number that is not above the value."""
    return _whole(_NEAREST.plus(value), ROUND_FLOOR)


def mathematical_ceiling(value: Decimal) -> Decimal:
    """The smallest whole number that is not below the value."""
    return _whole(_NEAREST_BELOW.plus(value), ROUND_CEILING)


def power(base: Decimal, exponent: Decimal) -> Decimal:
    """`base ^ exponent` to 18 digits; the exponent must be whole and the result below 1E+64."""
    whole = exponent.to_integral_value()
    if whole != exponent or abs(whole) > 999_999_999:
        raise EvaluationError("The exponent of ^ must be a whole number of moderate size.")
    if not whole:
        return ONE
    if not base and whole < 0:
        raise EvaluationError("0 cannot be raised to a negative power.")
    if base and _log10(base) * int(whole) > _LARGEST_POWER:
        raise EvaluationError("The result of ^ is too large.")
    result = _POWER.power(base, whole)
    return ZERO if result.copy_abs() < _SMALLEST_POWER else result


def by_float(function: Callable[[float], float]) -> Callable[[Decimal], Decimal]:
    """A function of binary numbers made one of decimals, for logarithms and trigonometry."""

    def apply(value: Decimal) -> Decimal:
        return from_float(function(float(value)))

    return apply


def plain(value: Decimal) -> str:
    """The digits without exponent, and no sign on zero."""
    text = format(value, "f")
    return text[1:] if text.startswith("-") and not value else text


def shortest(value: Decimal) -> str:
    """The digits without exponent and without trailing zeros, as TEXT shows a number."""
    text = plain(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _log10(value: Decimal) -> float:
    """Also of numbers that no binary number can hold."""
    magnitude = value.adjusted()
    return magnitude + math.log10(abs(float(value.scaleb(-magnitude, CONTEXT))))


def _whole(value: Decimal, rounding: str) -> Decimal:
    return value.to_integral_value(rounding=rounding, context=CONTEXT)


@lru_cache(128)
def _place(scale: int) -> Decimal:
    return Decimal((0, (1,), -scale))


def _wide(digits: int) -> Context:
    """A context that can hold every digit before and after the point."""
    return _EXACT if digits < _EXACT.prec else Context(prec=digits + 1, traps=_TRAPS)
