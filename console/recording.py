"""Records how the pushes of a batch ended: one transaction, and few queries for a thousand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar

from console import connections, endings, outbox, push_counts, sync_log
from console.actor import Actor
from console.claims import Claim
from console.endings import Ending
from console.faultpoints import faultpoint
from console.models.outbound_push import PushLane
from console.subjects import Subject
from console.sync_log import Stopwatch
from syncrules.decisions import Decision
from syncrules.reasons import Outcome


class Attempted(Protocol):
    """What the attempts of either lane have."""

    @property
    def claim(self) -> Claim: ...

    @property
    def subject(self) -> Subject: ...

    @property
    def facts(self) -> Any: ...

    @property
    def decision(self) -> Decision: ...

    @property
    def has_sent(self) -> bool: ...

    def ending(self) -> Ending: ...

    def columns(self) -> Mapping[str, Any]:
        """What only this lane tells its log entry."""

    def without_a_trace(self) -> tuple[Any, Decision]:
        """Facts and decision of the attempt before, whose worker never said how it went."""


Kind = TypeVar("Kind", bound=Attempted)


def end(attempts: Sequence[Kind], *, lane: PushLane) -> list[Kind]:
    """The attempts whose endings were recorded; call with the opportunities locked.

    Those that another worker took over meanwhile are not among them. What they wrote all the same
    may have replaced something newer, so Salesforce is looked at once more.
    """
    recorded = endings.finish([(attempt.claim, attempt.ending()) for attempt in attempts])
    late = [a for a in attempts if a.has_sent and a.claim.push_id not in recorded]
    outbox.request_many(
        {a.subject.pk: ("late_write", a.claim.actor_name, a.claim.urgency) for a in late},
        lane=lane,
    )
    faultpoint("in_complete")
    return [attempt for attempt in attempts if attempt.claim.push_id in recorded]


def note(attempts: Sequence[Attempted], *, watch: Stopwatch) -> int:
    """How many were recorded; call after the transaction. That Salesforce took some says of those
    that fail, that it is not Salesforce."""
    if any(each.has_sent and each.decision.outcome is Outcome.DONE for each in attempts):
        connections.note_pushed()
    faultpoint("after_complete")
    ended = ((attempt.claim, attempt.decision, attempt.ending()) for attempt in attempts)
    push_counts.note(ended, seconds=watch.ms / 1000)
    return len(attempts)


def log(attempts: Sequence[Attempted], *, watch: Stopwatch) -> None:
    """An entry for each attempt, after one for the attempt before if that was lost."""
    kept = []
    for attempt in attempts:
        if attempt.claim.lost_by is not None:
            facts, decision = attempt.without_a_trace()
            kept.append(_entry(attempt, facts, decision))
        covers = {"count": attempt.claim.requests, "edits": list(attempt.claim.covers)}
        kept.append(
            _entry(
                attempt,
                attempt.facts,
                attempt.decision,
                detail=attempt.ending().detail,
                covers=covers if attempt.claim.requests > 1 else None,
                duration_ms=watch.ms,
                **attempt.columns(),
            )
        )
    sync_log.keep_all(kept)


def _entry(
    attempt: Attempted, facts: Any, decision: Decision, **more: Any
) -> tuple[sync_log.Row, Decision, Any]:
    claim = attempt.claim
    row = sync_log.columns(
        decision,
        trigger=claim.trigger,
        actor=Actor(name=claim.actor_name),
        opportunity=attempt.subject,
        quote_mn_id=attempt.subject.fact.primary_quote_mn_id,
        push_id=claim.push_id,
        attempt=claim.attempts + 1,
        **more,
    )
    return row, decision, facts
