"""Dates, times of day and moments. Moments are in GMT, to the millisecond."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from syncrules.formula.errors import EvaluationError
from syncrules.formula.frame import Frame
from syncrules.formula.functions.numeric import whole
from syncrules.formula.functions.registry import strict, volatile
from syncrules.formula.precision import CONTEXT

MILLISECONDS_PER_DAY = 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
# What follows the last number is not looked at, and a number may have spaces before it.
_DATE = re.compile(r"(\d{4})-[ \t]*(\d{1,9})-[ \t]*(\d{1,9})", re.ASCII)
_DATETIME = re.compile(
    _DATE.pattern + r" [ \t]*(\d{1,9}):[ \t]*(\d{1,9}):[ \t]*(\d{1,9})", re.ASCII
)
_TIME = re.compile(r"(\d{1,9}):(\d{1,9}):(\d{1,9})\.(\d{1,9})", re.ASCII)


@strict("DATE(year: Number, month: Number, day: Number) -> Date")
def _date(year: Decimal, month: Decimal, day: Decimal) -> date:
    return date(whole(year), whole(month), whole(day))


@strict("DATEVALUE(value: DateTime|Text!) -> Date")
def _datevalue(value: datetime | str) -> date:
    if isinstance(value, datetime):
        return value.date()
    return date(*_numbers(_DATE, value, "YYYY-MM-DD"))


@strict("DATETIMEVALUE(value: Date|DateTime|Text!) -> DateTime")
def _datetimevalue(value: date | str) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time(tzinfo=UTC))
    year, month, day, hour, minute, second = _numbers(_DATETIME, value, "YYYY-MM-DD HH:MM:SS")
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


@strict("TIMEVALUE(value: DateTime|Time|Text!) -> Time")
def _timevalue(value: datetime | time | str) -> time:
    if isinstance(value, datetime):
        return value.time()
    if isinstance(value, time):
        return value
    if not _TIME.fullmatch(value):
        raise EvaluationError(f"{value[:40]!r} is not a time of the form HH:MM:SS.mmm.")
    hour, minute, second, milliseconds = _numbers(_TIME, value, "HH:MM:SS.mmm")
    return time(hour, minute, second, milliseconds * 1000)


for _declaration, _part in (
    ("DAY(date: Date) -> Number", lambda d: Decimal(d.day)),
    ("MONTH(date: Date) -> Number", lambda d: Decimal(d.month)),
    ("YEAR(date: Date) -> Number", lambda d: Decimal(d.year)),
    ("WEEKDAY(date: Date) -> Number", lambda d: Decimal(d.isoweekday() % 7 + 1)),
    ("DAYOFYEAR(date: Date) -> Number", lambda d: Decimal(d.timetuple().tm_yday)),
    ("ISOWEEK(date: Date|DateTime!) -> Number", lambda d: Decimal(d.isocalendar().week)),
    ("ISOYEAR(date: Date|DateTime!) -> Number", lambda d: Decimal(d.isocalendar().year)),
    ("HOUR(time: Time) -> Number", lambda t: Decimal(t.hour)),
    ("MINUTE(time: Time) -> Number", lambda t: Decimal(t.minute)),
    ("SECOND(time: Time) -> Number", lambda t: Decimal(t.second)),
    ("MILLISECOND(time: Time) -> Number", lambda t: Decimal(t.microsecond // 1000)),
):
    strict(_declaration)(_part)


@volatile("NOW() -> DateTime")
def _now(frame: Frame) -> datetime:
    return moment(frame)


@volatile("TODAY() -> Date")
def _today(frame: Frame) -> date:
    return moment(frame).date()


@volatile("TIMENOW() -> Time")
def _timenow(frame: Frame) -> time:
    return moment(frame).time()


@strict("UNIXTIMESTAMP(value: Date|DateTime|Time!) -> Number")
def _unixtimestamp(value: date | time) -> Decimal:
    if isinstance(value, time):
        return Decimal(milliseconds_of_day(value) // 1000)
    milliseconds = (_datetimevalue(value) - _EPOCH) // _MILLISECOND
    return CONTEXT.divide_int(Decimal(milliseconds), Decimal(1000))


@strict("FROMUNIXTIME(seconds: Number) -> DateTime")
def _fromunixtime(seconds: Decimal) -> datetime:
    return _EPOCH + timedelta(milliseconds=whole(seconds.scaleb(3, CONTEXT)))


def add_days(day: date, days: Decimal) -> date:
    """The date so many whole days later; part of a day does not count."""
    return day + timedelta(days=whole(days))


def add_to_moment(start: datetime, days: Decimal) -> datetime:
    """The moment so many days later, to the nearest second."""
    seconds = CONTEXT.multiply(days, Decimal(86_400)).to_integral_value(context=CONTEXT)
    return start + timedelta(seconds=whole(seconds))


def add_to_time(start: time, milliseconds: Decimal) -> time:
    """The time of day so many milliseconds later, past midnight if need be."""
    total = (milliseconds_of_day(start) + whole(milliseconds)) % MILLISECONDS_PER_DAY
    return (_EPOCH + total * _MILLISECOND).time()


def days_between(later: Any, earlier: Any) -> Decimal:
    """The difference of two dates or moments in days."""
    milliseconds = (later - earlier) // _MILLISECOND
    return CONTEXT.divide(Decimal(milliseconds), Decimal(MILLISECONDS_PER_DAY))


def milliseconds_between(later: time, earlier: time) -> Decimal:
    """From one time of day to the next occurrence of another."""
    difference = milliseconds_of_day(later) - milliseconds_of_day(earlier)
    return Decimal(difference % MILLISECONDS_PER_DAY)


def milliseconds_of_day(value: time) -> int:
    """How long after midnight."""
    seconds = (value.hour * 60 + value.minute) * 60 + value.second
    return seconds * 1000 + value.microsecond // 1000


def moment(frame: Frame) -> datetime:
    """The time of the evaluation. Errors: EvaluationError when the caller gave none."""
    if frame.now is None:
        raise EvaluationError("This formula asks for the time, and none was given.")
    now = frame.now
    return now.replace(tzinfo=UTC) if now.tzinfo is None else now.astimezone(UTC)


def _numbers(pattern: re.Pattern[str], text: str, form: str) -> list[int]:
    match = pattern.match(text)
    if match is None:
        raise EvaluationError(f"{text[:40]!r} does not have the form {form}.")
    return [int(number) for number in match.groups()]
