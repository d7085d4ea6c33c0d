"""What one evaluation carries along: the record, the time, and what was already computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from syncrules.formula.errors import EvaluationError
from syncrules.formula.kinds import Record

_NOBODY: Record = {}


class Frame:
    """One record under evaluation.

    Formula fields are kept in `memo` and parents in `parents`, so that a field used many times,
    or by many other formula fields, is computed once.
    """

    __slots__ = ("memo", "now", "parents", "record")

    def __init__(self, record: Record, now: datetime | None) -> None:
        self.record = record
        self.now = now
        self.memo: dict[str, Any] = {}
        self.parents: dict[str, Frame] = {}

    def parent(self, relationship: str) -> Frame:
        """The frame of the parent; where there is none, a record in which every field is blank."""
        if relationship not in self.parents:
            record = self.record.get(relationship)
            if record is not None and not isinstance(record, Mapping):
                raise EvaluationError(f"{relationship} must be a record with its own fields.")
            self.parents[relationship] = Frame(_NOBODY if record is None else record, self.now)
        return self.parents[relationship]


Evaluator: TypeAlias = Callable[[Frame], Any]
