"""Fields that an administrator names: which ones an object has, and what they hold."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from console.salesforce import batches, records, shapes, soql
from console.salesforce.gateway import FieldInfo
from syncrules.salesforce_id import OPPORTUNITY

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}", re.ASCII)
# Beside a full list of ids, so many long names stay within what a statement may have.
_PER_STATEMENT: Final = 25


def checked(name: str) -> str:
    """The name, which may stand in a statement or a URL. Errors: ValueError."""
    if not _NAME.fullmatch(name):
        shown = name if len(name) <= 80 else name[:77] + "..."
        raise ValueError(f"{shown!r} is no API name: expected a name such as Segment__c")
    return name


def statements(ids: Collection[str], names: Collection[str]) -> list[str]:
    """Statements that ask for each name once. Salesforce refuses one that is asked for twice,
    and does not mind its case."""
    distinct = {name.lower(): name for name in names}
    distinct.pop("id", None)
    parts = list(batches.in_parts(list(distinct.values()), size=_PER_STATEMENT)) or [()]
    return [s for part in parts for s in soql.opportunities_by_id(ids, fields=("Id", *part))]


def values(
    rows: Iterable[Mapping[str, object]], names: Collection[str]
) -> dict[str, dict[str, object]]:
    """What the rows say of each record, under the names as they were asked for."""
    found: dict[str, dict[str, object]] = {}
    for row in rows:
        by_name = {name.lower(): value for name, value in row.items()}
        record = found.setdefault(records.salesforce_id(row, "Id", prefix=OPPORTUNITY), {})
        record |= {name: by_name[name.lower()] for name in names if name.lower() in by_name}
    return found


def described(answer: object) -> dict[str, FieldInfo]:
    """The fields of a describe answer, by API name."""
    fields = shapes.sequence(shapes.mapping(answer, "describe answer").get("fields"), "fields")
    infos = [_info(shapes.mapping(each, "field")) for each in fields]
    return {info.name: info for info in infos}


def known_among(names: Sequence[str], infos: Mapping[str, FieldInfo]) -> list[str]:
    """Those of the names that the object has."""
    known = {name.lower() for name in infos}
    return [name for name in names if name.lower() in known]


def _info(entry: Mapping[str, object]) -> FieldInfo:
    name = shapes.text(entry.get("name"), "name of a field")
    length = entry.get("length")
    if not isinstance(length, int) or isinstance(length, bool):
        raise shapes.malformed(f"length of {name}", length, "a number")
    return FieldInfo(
        name=name,
        label=shapes.text_or_none(entry.get("label"), f"label of {name}") or name,
        type=shapes.text(entry.get("type"), f"type of {name}"),
        length=length,
        is_custom=shapes.truth(entry.get("custom"), f"custom of {name}"),
        formula=shapes.text_or_none(entry.get("calculatedFormula"), f"formula of {name}") or "",
        # Salesforce says null of a field that is no formula.
        blanks_are_zero=entry.get("formulaTreatNullNumberAsZero") is True,
    )
