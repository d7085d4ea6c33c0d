"""How facts and decisions are kept: to JSON and back without loss, driven by their type hints."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache, partial
from typing import Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_json(value: Any, *, ordered: bool = False) -> Any:
    """Plain JSON values for a dataclass of the rules.

    Shape: Decimal, dates and enums become text; tuples become lists; None stays null. `ordered`:
           a mapping becomes a list of pairs, since jsonb sorts the keys of an object
    """
    return _form_of(type(value))(value, ordered)


_Form = Callable[[Any, bool], Any]


def _find_form(kind: type) -> _Form:
    if dataclasses.is_dataclass(kind):
        return partial(_fields_form, tuple(field.name for field in dataclasses.fields(kind)))
    if issubclass(kind, Mapping):
        return _mapping_form
    if issubclass(kind, tuple | list):
        return lambda value, ordered: [_form_of(type(item))(item, ordered) for item in value]
    if issubclass(kind, Enum):
        return lambda value, _: value.value
    if issubclass(kind, Decimal):
        return lambda value, _: str(value)
    if issubclass(kind, date):  # datetime is a date
        return lambda value, _: value.isoformat()
    return lambda value, _: value


# How values of a class are written; found out once, since a log entry has hundreds of them.
_form_of: Final[Callable[[Any], _Form]] = cache(_find_form)
_PLAIN: Final = frozenset({str, int, float, bool, type(None)})


def _fields_form(names: tuple[str, ...], value: Any, ordered: bool) -> dict[str, Any]:  # noqa: FBT001
    form = {}
    for name in names:
        item = getattr(value, name)
        kind = type(item)
        form[name] = item if kind in _PLAIN else _form_of(kind)(item, ordered)
    return form


def _mapping_form(value: Mapping[Any, Any], ordered: bool) -> Any:  # noqa: FBT001
    pairs = [[str(key), _form_of(type(item))(item, ordered)] for key, item in value.items()]
    return pairs if ordered else dict(pairs)


def from_json(kind: type[T], stored: Any) -> T:
    """The dataclass that `to_json` was given, in whichever form.

    A field that was added to the class since then takes its default; one that was removed is
    dropped, so that what was stored years ago can still be read.

    Errors: ValueError naming the field when what is stored does not fit.
    """
    result: T = _read(kind, stored, where=getattr(kind, "__name__", str(kind)))
    return result


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, stored: Any, *, where: str) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _read_optional(kind, stored, where=where)
    if origin is tuple:
        return _read_tuple(kind, stored, where=where)
    if origin is not None and issubclass(origin, Mapping):
        return _read_mapping(kind, stored, where=where)
    if dataclasses.is_dataclass(kind):
        return _read_dataclass(kind, stored, where=where)
    return _read_scalar(kind, stored, where=where)


def _read_optional(kind: Any, stored: Any, *, where: str) -> Any:
    if stored is None:
        return None
    choices = [arg for arg in get_args(kind) if arg is not type(None)]
    return _read(choices[0], stored, where=where)


def _read_tuple(kind: Any, stored: Any, *, where: str) -> Any:
    arguments = get_args(kind)
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        item_kinds: tuple[Any, ...] = (arguments[0],) * len(stored)
    else:
        item_kinds = arguments
    return tuple(
        _read(item_kind, item, where=f"{where}[{position}]")
        for position, (item_kind, item) in enumerate(zip(item_kinds, stored, strict=True))
    )


def _read_mapping(kind: Any, stored: Any, *, where: str) -> Any:
    value_kind = get_args(kind)[1]
    try:
        pairs = dict(stored).items()
    except (TypeError, ValueError) as error:
        raise ValueError(f"{where}: expected an object, or pairs, found {stored!r}") from error
    return {key: _read(value_kind, value, where=f"{where}.{key}") for key, value in pairs}


def _read_dataclass(kind: Any, stored: Any, *, where: str) -> Any:
    if not isinstance(stored, Mapping):
        raise ValueError(f"{where}: expected an object, found {stored!r}")  # noqa: TRY004
    hints = _hints(kind)
    known = {
        f.name: _read(hints[f.name], stored[f.name], where=f"{where}.{f.name}")
        for f in dataclasses.fields(kind)
        if f.name in stored
    }
    try:
        return kind(**known)
    except TypeError as error:
        raise ValueError(f"{where}: {error}") from error


def _read_scalar(kind: Any, stored: Any, *, where: str) -> Any:
    try:
        if kind in (date, datetime):
            return kind.fromisoformat(stored)
        if kind is Any or stored is None or isinstance(stored, kind):
            return stored
        return kind(stored)
    except (TypeError, ValueError, ArithmeticError) as error:
        raise ValueError(f"{where}: {stored!r} is not a {kind.__name__}") from error
