"""Tables of cases: some facts, what the rule says of them, and at which rung with what evidence."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from types import ModuleType
from typing import Any, Generic, TypeVar

from syncrules.decisions import Check, Decision, Step, StepStatus
from syncrules.reasons import Reason, describe

Facts = TypeVar("Facts")


@dataclass(frozen=True)
class Case(Generic[Facts]):
    """A row of a table. `stops_at` is the blocking rung's key; None when all of them pass."""

    facts: Facts
    reason: Reason
    stops_at: str | None = None
    evidence: Mapping[str, str | None] = field(default_factory=dict)
    """What the blocking rung shows, in full."""


def evidence_by_step(decision: Decision) -> dict[str, dict[str, str | None]]:
    return {step.key: dict(step.evidence) for step in decision.steps}


def assert_is_a_ladder(decision: Decision) -> None:
    """Rungs passed, then at most one that blocks, then only rungs that were not reached."""
    runs = [status for status, _ in groupby(step.status for step in decision.steps)]
    assert runs in (
        [StepStatus.PASSED],
        [StepStatus.BLOCKED],
        [StepStatus.PASSED, StepStatus.BLOCKED],
        [StepStatus.BLOCKED, StepStatus.NOT_REACHED],
        [StepStatus.PASSED, StepStatus.BLOCKED, StepStatus.NOT_REACHED],
    )
    assert _count(decision.steps, StepStatus.BLOCKED) <= 1
    assert all(not step.evidence for step in decision.steps if not was_reached(step))
    assert decision.outcome is describe(decision.reason).outcome


def was_reached(step: Step) -> bool:
    return step.status is not StepStatus.NOT_REACHED


def _count(steps: Iterable[Step], status: StepStatus) -> int:
    return sum(step.status is status for step in steps)


def assert_is_complete(
    cases: Mapping[str, Case[Any]], *, rule: ModuleType, checks: Iterable[Check[Any]]
) -> None:
    """Every reason that the rule's source names occurs, and every rung stops somebody."""
    assert {case.stops_at for case in cases.values()} - {None} == {each.key for each in checks}
    assert _reasons_named_in(rule) <= {case.reason for case in cases.values()}


def _reasons_named_in(module: ModuleType) -> set[Reason]:
    return {
        Reason[node.attr]
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "Reason"
    }
