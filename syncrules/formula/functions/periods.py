"""Months added to a date, and spans of time shown as text."""

from __future__ import annotations

from calendar import monthrange
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

from syncrules.formula.errors import EvaluationError
from syncrules.formula.frame import Evaluator
from syncrules.formula.functions.dates import milliseconds_of_day
from syncrules.formula.functions.numeric import whole
from syncrules.formula.functions.registry import lenient_call, special, strict_call
from syncrules.formula.kinds import Kind
from syncrules.formula.signature import Arguments, Refusal, check_count, checker, declared, describe

_ADDMONTHS = "ADDMONTHS(date: Date|DateTime!, months: Number!) -> Date"
_SPANS = {Kind.NUMBER: Kind.BOOLEAN, Kind.DATETIME: Kind.DATETIME, Kind.TIME: Kind.TIME}


def _infer_addmonths(arguments: Arguments) -> Kind:
    checker(*declared(_ADDMONTHS))(arguments)
    return arguments[0].kind


@special(_ADDMONTHS, _infer_addmonths)
def _addmonths(arguments: Arguments) -> Evaluator:
    return lenient_call(_later_by_months, arguments)


def _later_by_months(start: Any, months: Decimal | None) -> Any:
    """The end of a month stays the end of a month; blank months leave the date as it is."""
    if start is None or months is None:
        return start
    following = start + timedelta(days=1)
    year, month = divmod(following.year * 12 + following.month - 1 + whole(months), 12)
    if not 1 <= year <= 9999:
        raise EvaluationError("ADDMONTHS leads out of the calendar.")
    day = min(following.day, monthrange(year, month + 1)[1])
    return following.replace(year=year, month=month + 1, day=day) - timedelta(days=1)


def _infer_formatduration(arguments: Arguments) -> Kind:
    check_count("FORMATDURATION", arguments, fewest=1, most=2)
    first, *rest = arguments
    if not rest and first.kind is Kind.NUMBER:
        return Kind.TEXT
    kinds = {first.kind, *(argument.kind for argument in rest)}
    if rest and (Kind.NULL in kinds or _SPANS.get(first.kind) is rest[0].kind):
        return Kind.TEXT
    culprit = rest[0] if rest and first.kind in _SPANS else first
    raise Refusal(f"FORMATDURATION cannot take {describe(culprit.kind)} here.", culprit.node)


@special("FORMATDURATION(seconds, with_days) or FORMATDURATION(start, end)", _infer_formatduration)
def _formatduration(arguments: Arguments) -> Evaluator:
    return strict_call(_shown_span, arguments)


def _shown_span(first: Any, second: Any = None) -> str:
    if isinstance(first, Decimal):
        return _shown(abs(whole(first)), with_days=second is True)
    if isinstance(first, time):
        milliseconds = abs(milliseconds_of_day(second) - milliseconds_of_day(first))
        return _shown(milliseconds // 1000, with_days=False)
    return _shown(abs(second - first) // timedelta(seconds=1), with_days=True)


def _shown(seconds: int, *, with_days: bool) -> str:
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    if not with_days:
        return f"{hours:02}:{minute:02}:{second:02}"
    days, hour = divmod(hours, 24)
    return f"{days}:{hour:02}:{minute:02}:{second:02}"
