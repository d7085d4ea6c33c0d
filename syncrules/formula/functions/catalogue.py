"""Every function, by family and by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType

from syncrules.formula.functions import (
    dates,
    encoding,
    geography,
    logic,
    matching,
    numeric,
    periods,
    picklists,
    text,
)
from syncrules.formula.functions.refused import REFUSED
from syncrules.formula.functions.registry import FUNCTIONS
from syncrules.formula.signature import Function

FAMILIES: Mapping[str, tuple[ModuleType, ...]] = {
    "Logic and blanks": (logic,),
    "Picklists": (picklists,),
    "Numbers": (numeric,),
    "Text": (text, matching, encoding),
    "Dates and times": (dates, periods),
    "Places": (geography,),
}


def find(name: str) -> Function | None:
    """The function of that name, in capitals."""
    return FUNCTIONS.get(name)


def known_names() -> list[str]:
    """Every name that means something, refused ones included, for suggestions."""
    return [*FUNCTIONS, *REFUSED]
