"""The types of the language. Number, Currency and Percent are one: a number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from enum import Enum
from typing import NamedTuple, TypeAlias


class Kind(Enum):
    """What an expression yields; the value is what a person calls it."""

    NUMBER = "Number"
    TEXT = "Text"
    BOOLEAN = "Boolean"
    DATE = "Date"
    DATETIME = "DateTime"
    TIME = "Time"
    PICKLIST = "Picklist"
    MULTIPICKLIST = "MultiPicklist"
    LOCATION = "Location"
    OBJECT = "Object"
    NULL = "NULL"


class Location(NamedTuple):
    """A point on the earth in degrees."""

    latitude: Decimal
    longitude: Decimal


Value: TypeAlias = Decimal | str | bool | date | time | Location | None
Record: TypeAlias = Mapping[str, object]

# Salesforce's field types, as its describe and its setup pages call them.
FIELD_KINDS: Mapping[str, Kind] = {
    "number": Kind.NUMBER,
    "double": Kind.NUMBER,
    "int": Kind.NUMBER,
    "integer": Kind.NUMBER,
    "long": Kind.NUMBER,
    "currency": Kind.NUMBER,
    "percent": Kind.NUMBER,
    "text": Kind.TEXT,
    "string": Kind.TEXT,
    "textarea": Kind.TEXT,
    "email": Kind.TEXT,
    "phone": Kind.TEXT,
    "url": Kind.TEXT,
    "id": Kind.TEXT,
    "autonumber": Kind.TEXT,
    "boolean": Kind.BOOLEAN,
    "checkbox": Kind.BOOLEAN,
    "date": Kind.DATE,
    "datetime": Kind.DATETIME,
    "time": Kind.TIME,
    "picklist": Kind.PICKLIST,
    "multipicklist": Kind.MULTIPICKLIST,
    "location": Kind.LOCATION,
    "geolocation": Kind.LOCATION,
}


def kind_of(field_type: str) -> Kind | None:
    """The kind of a field type, None for a type that formulas do not know."""
    return FIELD_KINDS.get(field_type.replace("/", "").replace(" ", "").lower())
