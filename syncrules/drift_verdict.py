"""Two values that differ: whose is the later one? Judged by what was last written, else by time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from syncrules.decisions import Evidence
from syncrules.drift import Because
from syncrules.drift_facts import OpenPush


@dataclass(frozen=True, slots=True)
class Written:
    """The value that the last push left, and the log entry that says so."""

    value: str | None
    entry_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Apart:
    """Two values that differ, with what is known of their past. Times are None where unknown."""

    ours: str | None
    theirs: str | None
    push: OpenPush | None = None
    written: Written | None = None
    ours_set_at: datetime | None = None
    theirs_changed_at: datetime | None = None


def because_of(apart: Apart) -> Because:
    """Why they differ; what is already on its way comes before all else."""
    if apart.push is not None:
        return Because.PUSH_UNDER_WAY if apart.push.is_moving else Because.PUSH_STANDS_STILL
    if apart.theirs is None:
        was_there = apart.written is not None and apart.written.value is not None
        return Because.EMPTIED if was_there else Because.NEVER_WRITTEN
    if apart.written is not None:
        is_as_written = apart.theirs == apart.written.value
        return Because.CHANGED_HERE if is_as_written else Because.CHANGED_THERE
    return Because.CHOSEN_LATER if _is_ours_later(apart) else Because.NEVER_OURS


def evidence_of(apart: Apart) -> Evidence:
    """What `because_of` looked at."""
    found: dict[str, str | None] = {}
    if apart.push is not None:
        found[f"push {apart.push.push_id}"] = apart.push.state
    if apart.written is not None:
        found["last written"] = apart.written.value
        found["written at"] = apart.written.at.isoformat()
        found["log entry"] = str(apart.written.entry_id)
        return found
    found["last written"] = "nothing on record"
    if apart.ours_set_at is not None:
        found["ours was set at"] = apart.ours_set_at.isoformat()
    if apart.theirs_changed_at is not None:
        found["the record changed at"] = apart.theirs_changed_at.isoformat()
    return found


def _is_ours_later(apart: Apart) -> bool:
    ours, theirs = apart.ours_set_at, apart.theirs_changed_at
    return ours is not None and theirs is not None and ours > theirs
