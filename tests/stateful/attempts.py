"""One attempt: foreseen, carried out, kept as one entry that explains itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.db.models import Q

from console.models import SyncLog
from console.replay import replay
from console.salesforce.gateway import SalesforceError
from syncrules import link_rungs
from syncrules.decisions import Decision, Step, StepStatus
from syncrules.json_form import from_json

# Nobody can foresee how Salesforce answers to a write.
_AFTER_A_WRITE = {each.key for each in (*link_rungs.READ_BACK, *link_rungs.RELEASE)}


def decision_of(entry: SyncLog) -> Decision:
    return from_json(Decision, entry.decision)


def latest() -> int:
    return SyncLog.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def entries_since(pk: int, *, flows: Iterable[str] | None = None) -> list[SyncLog]:
    of_flows = Q() if flows is None else Q(flow__in=tuple(flows))
    return list(SyncLog.objects.filter(of_flows, pk__gt=pk).order_by("pk"))


def attempt(preview: Callable[[], Decision], run: Callable[[], SyncLog]) -> SyncLog | None:
    """The one entry that `run` left, which is what `preview` foresaw. None where both met trouble
    with Salesforce: that is no decision, and leaves no entry."""
    before = latest()
    foreseen = _foreseen(preview)
    try:
        entry = run()
    except SalesforceError:
        assert foreseen is None, "the preview met no trouble"
        assert entries_since(before) == []
        return None
    assert foreseen is not None, "only the preview met trouble"
    assert entries_since(before) == [entry]
    agree(foreseen, decision_of(entry))
    return entry


def _foreseen(preview: Callable[[], Decision]) -> Decision | None:
    try:
        return preview()
    except SalesforceError:
        return None


def agree(foreseen: Decision, decided: Decision) -> None:
    """Flow, outcome, reason and every step; up to the write where Salesforce refused it."""
    asked = [step for step in decided.steps if step.key not in _AFTER_A_WRITE]
    foreseen_steps = [step for step in foreseen.steps if step.key not in _AFTER_A_WRITE]
    refused = decided.blocking_step
    if refused is not None and refused.key in _AFTER_A_WRITE:
        assert _keys(foreseen_steps) == _keys(asked)
        return
    assert foreseen_steps == asked
    assert (foreseen.flow, foreseen.outcome, foreseen.reason) == (
        decided.flow,
        decided.outcome,
        decided.reason,
    )


def _keys(steps: Iterable[Step]) -> list[str]:
    return [step.key for step in steps]


def assert_explains_itself(entry: SyncLog) -> None:
    """Today's rules, given the facts that were kept, say the same; and the ladder leads to it."""
    again = replay(entry)
    assert again.is_same, f"{entry}: {again.problem or again.difference}"
    decided = decision_of(entry)
    statuses = [step.status for step in decided.steps]
    assert statuses.count(StepStatus.BLOCKED) <= 1
    assert (entry.outcome, entry.reason, entry.flow) == (
        decided.outcome,
        decided.reason,
        decided.flow,
    )
