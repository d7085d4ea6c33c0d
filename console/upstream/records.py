"""How any record of MonetizeNow is stored: which version is news, and what it changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from django.db.models import Model

from console.models import Account, Opportunity, PricebookEntry, Product, Quote, SyncLog

Record = Account | Product | PricebookEntry | Opportunity | Quote
_R = TypeVar("_R", Account, Product, PricebookEntry, Opportunity, Quote)

Values = Mapping[str, Any]
"""What the sender says, by field. A field left out keeps what is stored."""


class Why(StrEnum):
    """Why a record is not stored."""

    INVALID = "invalid"
    UNKNOWN_REFERENCE = "unknown_reference"
    STALE_VERSION = "stale_version"
    TAKEN = "taken"
    STILL_PRIMARY = "still_primary"
    QUOTE_INACCESSIBLE = "quote_inaccessible"


class Refusal(Exception):
    """Nothing of the record is stored. `field` names what is wrong with it."""

    def __init__(self, why: Why, field: str, words: str) -> None:
        super().__init__(f"{field}: {words}")
        self.why = why
        self.field = field


@dataclass(frozen=True, slots=True)
class LineChanges:
    """How many lines of a quote changed, and whether Salesforce should show any of it."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    is_shown: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a version. `entry` tells of the flow that a wish for a primary quote ran."""

    is_new: bool = False
    changed: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    lines: LineChanges | None = None
    is_push_requested: bool = False
    entry: SyncLog | None = None


NOTHING_NEW = Stored()


def is_news(row: Record | None, at: datetime) -> bool:
    """Whether this version is still to be stored; not when it is stored already.

    Errors: Refusal when a later version is stored.
    """
    if row is None or row.mn_updated_at < at:
        return True
    if row.mn_updated_at > at:
        raise Refusal(
            Why.STALE_VERSION,
            "updated_at",
            f"{at.isoformat()} is older than the stored version, {row.mn_updated_at.isoformat()}",
        )
    return False


def refer(values: Values, **kinds: type[Model]) -> dict[str, Any]:
    """The values with MN ids replaced by the ids of our rows, field by field.

    Errors: Refusal naming the field whose record is unknown.
    """
    found = dict(values)
    for field, kind in kinds.items():
        mn_id = values.get(field)
        if mn_id is not None:
            rows = kind._default_manager.filter(mn_id=mn_id)  # noqa: SLF001  Django's public name
            found[field] = rows.values_list("pk", flat=True).first()
            if found[field] is None:
                raise unknown(field, kind, mn_id)
    return found


def unknown(field: str, kind: type[Model], mn_id: str) -> Refusal:
    name = kind._meta.verbose_name  # noqa: SLF001  Django's public name
    return Refusal(Why.UNKNOWN_REFERENCE, field, f"no {name} {mn_id} has arrived here yet")


def write(
    row: _R | None, kind: type[_R], *, mn_id: str, at: datetime, columns: Values
) -> tuple[_R, tuple[str, ...]]:
    """The stored row and the fields that changed, with a new status dated by its version."""
    if row is None:
        dated = {"status_since": at} if hasattr(kind, "status_since") else {}
        made = kind._default_manager.create(  # noqa: SLF001  Django's public name
            mn_id=mn_id, mn_updated_at=at, **columns, **dated
        )
        return made, tuple(columns)
    changed: list[str] = [n for n, value in columns.items() if getattr(row, n) != value]
    for name in changed:
        setattr(row, name, columns[name])
    row.mn_updated_at = at
    written = [*changed, "mn_updated_at", *_touched(kind)]
    if "status" in changed and isinstance(row, Opportunity | Quote):
        row.status_since = at
        written.append("status_since")
    row.save(update_fields=written)
    return row, tuple(changed)


def _touched(kind: type[Model]) -> list[str]:
    """`auto_now` is not written unless it is named."""
    columns = kind._meta.concrete_fields  # noqa: SLF001  Django's public name
    return [column.name for column in columns if getattr(column, "auto_now", False)]
