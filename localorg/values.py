"""From a JSON value to what is stored, with Salesforce's complaint when it does not fit."""

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from localorg import ids, times
from localorg.errors import RecordError
from localorg.schema import Field

# JSON can spell half a character; no encoding can.
LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def stored(field: Field, value: Any) -> Any:
    """The value to store. RecordError when the type, the length or the range is wrong."""
    if value is None or value == "":
        return 0 if field.kind == "boolean" else None
    return STORED[field.kind](field, value)


def undeserialisable(field: Field, value: Any) -> RecordError:
    shape = {bool: "VALUE_TRUE", int: "VALUE_NUMBER_INT", dict: "START_OBJECT", list: "START_ARRAY"}
    token = shape.get(type(value), "VALUE_STRING" if isinstance(value, str) else "VALUE_NUMBER")
    return RecordError(
        "JSON_PARSER_ERROR",
        f"Cannot deserialize instance of {field.kind} from {token} value {str(value)[:80]} "
        "or request may be missing a required field",
        fields=(field.name,),
    )


def _text(field: Field, value: Any) -> str | None:
    if isinstance(value, dict | list):
        raise undeserialisable(field, value)
    text = value if isinstance(value, str) else str(value).lower()
    if "\x00" in text or LONE_SURROGATE.search(text):
        raise undeserialisable(field, value)
    if field.kind != "textarea":
        text = text.strip()
    if len(text) > field.length:
        raise RecordError(
            "STRING_TOO_LONG",
            f"{field.title}: data value too large: {text[:255]} (max length={field.length})",
            fields=(field.name,),
        )
    return text or None


def _picklist(field: Field, value: Any) -> str | None:
    text = _text(field, value)
    if field.restricted and text not in field.values:
        raise RecordError(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"{field.title}: bad value for restricted picklist field: {text}",
            fields=(field.name,),
        )
    return text


def _boolean(field: Field, value: Any) -> int:
    if isinstance(value, bool):
        return int(value)
    if value in ("true", "false"):
        return int(value == "true")
    raise undeserialisable(field, value)


def _number(field: Field, value: Any) -> float | int:
    if isinstance(value, bool | dict | list):
        raise undeserialisable(field, value)
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        raise undeserialisable(field, value) from None
    if not exact.is_finite():
        raise undeserialisable(field, value)
    if abs(exact) >= Decimal(10) ** (field.precision - field.scale):
        raise RecordError(
            "NUMBER_OUTSIDE_VALID_RANGE",
            f"{field.title}: value outside of valid range on numeric field: {value}",
            fields=(field.name,),
        )
    rounded = exact.quantize(Decimal(1).scaleb(-field.scale), ROUND_HALF_UP)
    return int(rounded) if field.kind == "int" else float(rounded)


def _date(field: Field, value: Any) -> str:
    try:
        return times.parsed_date(value)
    except (ValueError, TypeError):
        raise undeserialisable(field, value) from None


def _datetime(field: Field, value: Any) -> str:
    try:
        return times.parsed_datetime(value)
    except (ValueError, TypeError):
        raise undeserialisable(field, value) from None


def _id(field: Field, value: Any) -> str:
    record_id = ids.normalised(value)
    if record_id is None:
        raise RecordError(
            "MALFORMED_ID",
            f"{field.title}: id value of incorrect type: {str(value)[:80]}",
            fields=(field.name,),
        )
    return record_id


STORED: dict[str, Callable[[Field, Any], Any]] = {
    "id": _id,
    "reference": _id,
    "string": _text,
    "textarea": _text,
    "url": _text,
    "picklist": _picklist,
    "double": _number,
    "currency": _number,
    "percent": _number,
    "int": _number,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
}
