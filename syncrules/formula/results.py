"""From the value of an expression to the value of the formula field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, TypeAlias

from syncrules.formula.errors import DeclarationError, EvaluationError
from syncrules.formula.kinds import Kind, Value, kind_of
from syncrules.formula.precision import CONTEXT, DEFAULT_SCALE, plain, round_to

MAX_SHOWN = 1_300  # characters of a text formula that Salesforce keeps

Finish: TypeAlias = Callable[[Any], Any]

_ACCEPTED: Mapping[Kind, frozenset[Kind]] = {
    # A Date formula may yield a DateTime: Salesforce accepts it and keeps the time.
    Kind.DATE: frozenset({Kind.DATE, Kind.DATETIME}),
    Kind.PICKLIST: frozenset({Kind.TEXT}),
}


def accepts(returns: str, kind: Kind) -> bool:
    """Whether a formula of this return type may yield this kind; a literal NULL always may.

    Errors: DeclarationError for an unknown return type.
    """
    wanted = kind_of(returns)
    if wanted is None or wanted in {Kind.LOCATION, Kind.MULTIPICKLIST}:
        raise DeclarationError(f"A formula cannot return {returns!r}.")
    return kind is Kind.NULL or kind in _ACCEPTED.get(wanted, {wanted})


def finisher(returns: str, scale: int | None) -> Finish:
    """What rounds, trims or completes the value for a return type, once, at the end."""
    kind = kind_of(returns)
    if kind is Kind.NUMBER:
        return _number(DEFAULT_SCALE if scale is None else scale, returns.lower() == "percent")
    if kind in {Kind.TEXT, Kind.PICKLIST}:
        return _text
    if kind is Kind.BOOLEAN:
        return bool  # a checkbox is never blank
    return _date if kind is Kind.DATE else _unchanged


def coerce(returns: str) -> Finish:
    """What a formula field does to its value where another formula reads it: no rounding."""
    kind = kind_of(returns)
    if kind is Kind.BOOLEAN:
        return bool
    return _date_alone if kind is Kind.DATE else _unchanged


def to_json(value: Value) -> str | bool | None:
    """The value as the command writes it: numbers without exponent, dates in ISO 8601."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return f"{value.date().isoformat()}T{value:%H:%M:%S}Z"
    if isinstance(value, time):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, date):
        return value.isoformat()
    raise EvaluationError("A place on the earth cannot be shown.")


def _number(scale: int, is_percent: bool) -> Finish:  # noqa: FBT001 - both belong to one decision
    def finish(value: Decimal | None) -> Decimal | None:
        if value is None:
            return None
        rounded = round_to(value.scaleb(2, CONTEXT) if is_percent else value, scale)
        return rounded or rounded.copy_abs()  # zero has no sign here

    return finish


def _text(value: str | None) -> str | None:
    """Salesforce stores text without spaces around it, and no text as blank."""
    return None if value is None else value[:MAX_SHOWN].strip() or None


def _date(value: date | None) -> date | None:
    if isinstance(value, datetime) and value.time() == time.min:
        return value.date()
    return value


def _date_alone(value: date | None) -> date | None:
    return value.date() if isinstance(value, datetime) else value


def _unchanged(value: Any) -> Any:
    return value
