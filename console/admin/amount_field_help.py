"""What can be put into a formula: the fields of the quote item, and the functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final

from django.conf import settings

from syncrules import amount_fields
from syncrules.formula import Field
from syncrules.formula.functions.registry import FUNCTIONS

_PAGE: Final = settings.BASE_DIR / "docs" / "formula.md"
_FAMILY: Final = re.compile(r"^### (.+)$", re.MULTILINE)
_FUNCTION: Final = re.compile(r"^\| ([A-Z]\w+) \| (.+?) \| `(.+)` \| `(.*)` \|$", re.MULTILINE)
_CUSTOM: Final = "Your own currency fields"
_TITLES: Final = {
    "": "Quote item",
    "monetize__Product__r": "Its product",
    "monetize__Quote__r": "Its quote",
}


def objects(fields: Iterable[Field]) -> list[dict[str, Any]]:
    """The fields that a formula may mention, by the object that they are on."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path, field in _flat(fields, ""):
        is_own = not path and not field.name.startswith("monetize__") and field.name.endswith("__c")
        title = _CUSTOM if is_own else _TITLES.get(path, path)
        found.setdefault(title, []).append(_entry(path, field))
    return [{"title": title, "fields": entries} for title, entries in found.items()]


@cache
def families() -> list[dict[str, Any]]:
    """The functions as docs/formula.md describes them, by family."""
    text = _PAGE.read_text(encoding="utf-8")
    titles = list(_FAMILY.finditer(text))
    ends = [*(match.start() for match in titles[1:]), text.index("## Refused")]
    return [
        {
            "title": title[1],
            "functions": [
                _function(*match.groups()) for match in _FUNCTION.finditer(text, title.end(), end)
            ],
        }
        for title, end in zip(titles, ends, strict=True)
    ]


def _function(name: str, gives: str, example: str, value: str) -> dict[str, str]:
    return {
        "name": name,
        "gives": gives,
        "declaration": FUNCTIONS[name].declaration,
        "example": f"{example} is {value}",
    }


def _flat(fields: Iterable[Field], path: str) -> Iterator[tuple[str, Field]]:
    for field in fields:
        if field.fields:
            yield from _flat(field.fields, f"{path}.{field.name}" if path else field.name)
        else:
            yield path, field


def _entry(path: str, field: Field) -> dict[str, Any]:
    built_in = amount_fields.BUILT_IN.get(field.name)
    return {
        "name": f"{path}.{field.name}" if path else field.name,
        "short": field.name,
        "type": "Formula" if field.formula else field.type,
        "help": built_in.label if built_in else ", ".join(field.values),
    }
