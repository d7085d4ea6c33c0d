"""From the values of a record to the values of the language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from syncrules.formula.errors import EvaluationError
from syncrules.formula.fields import Field
from syncrules.formula.frame import Evaluator, Frame
from syncrules.formula.kinds import Kind, Location
from syncrules.formula.precision import CONTEXT, ZERO

MAX_TEXT = 100_000  # characters; longer than any text field of Salesforce


def reader(field: Field, *, blank_is_zero: bool) -> Evaluator:
    """What fetches a stored field from the record, converted, and None when it is blank."""
    name, kind = field.name, field.kind
    convert = _percent if field.is_percent else _CONVERTERS[kind]
    blank: Any = False if kind is Kind.BOOLEAN else None
    if kind is Kind.NUMBER and blank_is_zero:
        blank = ZERO

    def read(frame: Frame) -> Any:
        raw = frame.record.get(name)
        if raw is None or raw == "":
            return blank
        try:
            return convert(raw)
        except (ArithmeticError, TypeError, ValueError):
            shown = str(raw)[:40]
            raise EvaluationError(f"{name} holds {shown!r}, which is no {kind.value}.") from None

    return read


def _number(raw: object) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, Decimal | int | str | float):
        raise TypeError
    if isinstance(raw, float):
        raw = repr(raw)
    if isinstance(raw, str):
        raw = raw.strip()
        if "_" in raw or len(raw) > MAX_TEXT:
            raise ValueError
    number = CONTEXT.create_decimal(raw)
    if not number.is_finite():
        raise ValueError
    return number


def _percent(raw: object) -> Decimal:
    return _number(raw).scaleb(-2, CONTEXT).normalize(CONTEXT)


def _text(raw: object) -> str:
    if isinstance(raw, bool) or not isinstance(raw, str | int | Decimal):
        raise TypeError
    text = str(raw)
    if len(text) > MAX_TEXT:
        raise ValueError
    return text


def _boolean(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    word = str(raw).strip().lower()
    if word not in {"true", "false"}:
        raise ValueError
    return word == "true"


def _date(raw: object) -> date:
    if isinstance(raw, datetime):
        return raw.date()
    return raw if isinstance(raw, date) else date.fromisoformat(_iso(raw)[:10])


def _datetime(raw: object) -> datetime:
    if not isinstance(raw, datetime):
        raw = datetime.fromisoformat(_iso(raw))
    return raw.replace(tzinfo=UTC) if raw.tzinfo is None else raw.astimezone(UTC)


def _time(raw: object) -> time:
    if not isinstance(raw, time):
        raw = time.fromisoformat(_iso(raw))
    return raw.replace(tzinfo=None)


def _location(raw: object) -> Location:
    if not isinstance(raw, Mapping):
        raise TypeError
    return Location(_number(raw.get("latitude")), _number(raw.get("longitude")))


def _iso(raw: object) -> str:
    if not isinstance(raw, str):
        raise TypeError
    return raw


_CONVERTERS: Mapping[Kind, Callable[[object], Any]] = {
    Kind.NUMBER: _number,
    Kind.TEXT: _text,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _date,
    Kind.DATETIME: _datetime,
    Kind.TIME: _time,
    Kind.PICKLIST: _text,
    Kind.MULTIPICKLIST: _text,
    Kind.LOCATION: _location,
}
