"""Keeps what was decided and why, as one row of the sync log per attempt."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from console import waiting
from console.actor import Actor
from console.models import Opportunity, SyncLog
from syncrules import prerequisites
from syncrules.decisions import Decision
from syncrules.json_form import to_json


@dataclass(slots=True)
class Stopwatch:
    """How long an attempt took so far."""

    _started: float = field(default_factory=time.monotonic)

    @property
    def ms(self) -> int:
        return round((time.monotonic() - self._started) * 1000)


def keep(decision: Decision, facts: Any, **columns: Any) -> SyncLog:
    """The saved row of an attempt; what it waits for, if it waits, is noted beside it."""
    row = entry(decision, facts, **columns)
    row.save()
    about = prerequisites.subject(facts)
    if about is not None:
        waiting.note(row, subject=about, awaited=prerequisites.awaited(decision, facts))
    return row


def entry(
    decision: Decision,
    facts: Any,
    *,
    trigger: str,
    actor: Actor,
    opportunity: Opportunity | None = None,
    name: str | None = None,
    salesforce_id: str | None = None,
    quote_mn_id: str | None = None,
    duration_ms: int = 0,
    **more: Any,
) -> SyncLog:
    """An unsaved row. Names are copied into it, so that it outlives what it describes.

    `name`: what the record is called where no MN opportunity is known.
    """
    return SyncLog(
        flow=decision.flow,
        outcome=decision.outcome,
        reason=decision.reason,
        trigger=trigger,
        actor_name=actor.name,
        opportunity=opportunity,
        opportunity_mn_id=opportunity.mn_id if opportunity else "",
        opportunity_name=opportunity.name if opportunity else (name or ""),
        account_name=opportunity.account.name if opportunity else "",
        quote_mn_id=quote_mn_id or "",
        salesforce_id=salesforce_id or "",
        facts=to_json(facts),
        decision=to_json(decision, ordered=True),
        duration_ms=duration_ms,
        **more,
    )
