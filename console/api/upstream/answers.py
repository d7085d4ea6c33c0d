"""What the sender of a record is told."""

from __future__ import annotations

from ninja import Schema

from console.api.decisions import DecisionOut, told
from console.upstream.records import Stored


class LinesOut(Schema):
    added: int
    changed: int
    removed: int


class StoredOut(Schema):
    """What became of the version. Nothing `changed`: it was known already, or says the same.

    `decision` is of the flow that a primary quote ran; the rest is stored whatever it says.
    """

    mn_id: str
    created: bool
    changed: bool
    changed_fields: list[str]
    ignored_fields: list[str]
    items: LinesOut | None
    push_requested: bool
    log_entry: int | None
    decision: DecisionOut | None

    @classmethod
    def of(cls, mn_id: str, stored: Stored) -> StoredOut:
        lines, entry = stored.lines, stored.entry
        return cls(
            mn_id=mn_id,
            created=stored.is_new,
            changed=bool(stored.changed),
            changed_fields=list(stored.changed),
            ignored_fields=list(stored.ignored),
            items=LinesOut(added=lines.added, changed=lines.changed, removed=lines.removed)
            if lines
            else None,
            push_requested=stored.is_push_requested,
            log_entry=entry.pk if entry else None,
            decision=told(entry) if entry else None,
        )
