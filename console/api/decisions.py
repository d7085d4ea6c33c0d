"""How callers are told what was decided: the same ladder as the pages show."""

from __future__ import annotations

from ninja import Schema

from console.models import SyncLog
from syncrules.decisions import Decision
from syncrules.json_form import from_json, to_json


class StepOut(Schema):
    key: str
    question: str
    status: str
    evidence: dict[str, str | None]


class DecisionOut(Schema):
    flow: str
    outcome: str
    reason: str
    title: str
    steps: list[StepOut]


def told(entry: SyncLog) -> DecisionOut:
    """The decision that a log entry keeps."""
    return DecisionOut(
        flow=entry.flow,
        outcome=entry.outcome,
        reason=entry.reason,
        title=entry.title,
        steps=to_json(from_json(Decision, entry.decision).steps),
    )
