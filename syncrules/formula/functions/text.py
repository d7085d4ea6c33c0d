"""Text: conversion, parts, search and change.

A text without characters is a blank, as in the database behind Salesforce: what would be ""
is None here, and a blank joined, measured or searched counts as "".
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from syncrules.formula.errors import EvaluationError
from syncrules.formula.functions.numeric import whole
from syncrules.formula.functions.registry import lenient, strict
from syncrules.formula.inputs import MAX_TEXT
from syncrules.formula.precision import from_text, shortest

_TURKISH = {"tr", "az"}  # the languages in which i and I are two different letters


@strict("TEXT(value: Number|Date|DateTime|Time|Picklist) -> Text")
def _text(value: Any) -> str:
    match value:
        case Decimal():
            return shortest(value)
        case datetime():
            return f"{value.date().isoformat()} {value:%H:%M:%S}Z"
        case date():
            return value.isoformat()
        case time():
            return value.isoformat(timespec="milliseconds")
        case _:
            return str(value)


strict("VALUE(text: Text) -> Number")(from_text)


@lenient("LEN(text: Text) -> Number")
def _len(text: str | None) -> Decimal:
    return Decimal(len(text or ""))


@strict("LEFT(text: Text, count: Number) -> Text")
def _left(text: str, count: Decimal) -> str | None:
    return text[: max(whole(count), 0)] or None


@strict("RIGHT(text: Text, count: Number) -> Text")
def _right(text: str, count: Decimal) -> str | None:
    length = max(whole(count), 0)
    return text[-length:] if length else None


@strict("MID(text: Text, start: Number, count: Number) -> Text")
def _mid(text: str, start: Decimal, count: Decimal) -> str | None:
    if start > len(text):
        return None
    first = max(whole(start), 1) - 1
    return text[first : first + max(whole(count), 0)] or None


@strict("SUBSTR(text: Text, start: Number, count: Number = …) -> Text")
def _substr(text: str, start: Decimal, count: Decimal | None = None) -> str | None:
    """As MID; a negative start counts from the end, and without a count the rest is taken."""
    if start.copy_abs() > len(text):
        return None
    first = whole(start)
    first = first + len(text) if first < 0 else max(first, 1) - 1
    last = len(text) if count is None else first + max(whole(count), 0)
    return text[first:last] or None


@strict("TRIM(text: Text) -> Text")
def _trim(text: str) -> str | None:
    return text.strip(" ") or None


@lenient("UPPER(text: Text, locale: Text = …) -> Text")
def _upper(text: str | None, locale: str | None = None) -> str | None:
    if text is not None and _is_turkish(locale):
        text = text.replace("i", "İ")
    return None if text is None else text.upper()


@lenient("LOWER(text: Text, locale: Text = …) -> Text")
def _lower(text: str | None, locale: str | None = None) -> str | None:
    if text is not None and _is_turkish(locale):
        text = text.replace("İ", "i").replace("I", "\N{LATIN SMALL LETTER DOTLESS I}")
    return None if text is None else text.lower()


@strict("INITCAP(text: Text) -> Text")
def _initcap(text: str) -> str:
    """A word starts after anything but a letter or a digit."""
    changed, at_start = [], True
    for char in text:
        if char.islower() or char.isupper():
            cased = char.upper() if at_start else char.lower()
            changed.append(cased if len(cased) == 1 else char)
            at_start = False
        else:
            changed.append(char)
            at_start = not char.isdigit()
    return "".join(changed)


@strict("REVERSE(text: Text) -> Text")
def _reverse(text: str) -> str:
    return text[::-1]


@lenient("BEGINS(text: Text, part: Text) -> Boolean")
def _begins(text: str | None, part: str | None) -> bool | None:
    if part is None:
        return True
    return None if text is None else text.startswith(part)


@lenient("ENDS(text: Text, part: Text) -> Boolean")
def _ends(text: str | None, part: str | None) -> bool | None:
    if part is None:
        return True
    return None if text is None else text.endswith(part)


@lenient("CONTAINS(text: Text, part: Text) -> Boolean")
def _contains(text: str | None, part: str | None) -> bool | None:
    if part is None:
        return True
    return None if text is None else part in text


@lenient("FIND(part: Text, text: Text, start: Number = 1) -> Number")
def _find(part: str | None, text: str | None, start: Decimal | None = Decimal(1)) -> Decimal:
    """The position, counted from 1; 0 when the part is not there or either text is blank."""
    if part is None or text is None:
        return Decimal(0)
    if start is None:
        raise EvaluationError("FIND cannot start at a blank position.")
    return Decimal(text.find(part, max(whole(start) - 1, 0)) + 1)


@lenient("SUBSTITUTE(text: Text, old: Text, new: Text) -> Text")
def _substitute(text: str | None, old: str | None, new: str | None) -> str | None:
    if text is None or old is None:
        return None
    new = new or ""
    _check_length(len(text) + text.count(old) * (len(new) - len(old)))
    return text.replace(old, new) or None


@lenient("LPAD(text: Text, length: Number, pad: Text = …) -> Text")
def _lpad(text: str | None, length: Decimal | None, pad: str | None = " ") -> str | None:
    if text is None or length is None or whole(length) <= 0:
        return None
    return _padding(text, whole(length), pad, before=True)


@lenient("RPAD(text: Text, length: Number, pad: Text = …) -> Text")
def _rpad(text: str | None, length: Decimal | None, pad: str | None = " ") -> str | None:
    if text is None or length is None or whole(length) <= 0:
        return None
    return _padding(text, whole(length), pad, before=False)


@strict("CHR(code: Number) -> Text")
def _chr(code: Decimal) -> str | None:
    point = whole(code)
    is_character = 0 < point <= 0x10FFFF and not 0xD800 <= point <= 0xDFFF
    return chr(point) if is_character else None


@strict("ASCII(text: Text) -> Number")
def _ascii(text: str) -> Decimal:
    return Decimal(ord(text[0]))


@strict("BR() -> Text")
def _br() -> str:
    return "\n"


def join(left: str | None, right: str | None) -> str | None:
    """The two texts as one; a blank adds nothing."""
    if left is None or right is None:
        return right if left is None else left
    _check_length(len(left) + len(right))
    return left + right


def _padding(text: str, length: int, pad: str | None, *, before: bool) -> str | None:
    """The text brought to the length: padded, or cut at its end when it is longer."""
    missing = length - len(text)
    if missing <= 0:
        return text[:length]
    if pad is None:
        return None
    _check_length(length)
    filling = (pad * (missing // len(pad) + 1))[:missing]
    return filling + text if before else text + filling


def _check_length(length: int) -> None:
    if length > MAX_TEXT:
        raise EvaluationError(f"A text of {length:,} characters exceeds {MAX_TEXT:,}.")


def _is_turkish(locale: str | None) -> bool:
    return locale is not None and locale.replace("-", "_").split("_")[0].lower() in _TURKISH
