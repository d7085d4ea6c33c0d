"""Keeps what was decided and why, as one row of the sync log per attempt."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from console import json_text, tallies, waiting
from console.actor import Actor
from console.copying import copy_into
from console.models import Opportunity, SyncLog
from console.subjects import Subject
from syncrules import prerequisites
from syncrules.decisions import Decision
from syncrules.json_form import to_json
from syncrules.prerequisites import Awaited

_AT_ONCE: Final = 250
"""Rows of one INSERT, each with its facts and its ladder as JSON."""
_JSON: Final = ("covers", "request", "response")


@dataclass(slots=True)
class Stopwatch:
    """How long an attempt took so far."""

    _started: float = field(default_factory=time.monotonic)

    @property
    def ms(self) -> int:
        return round((time.monotonic() - self._started) * 1000)


def keep(decision: Decision, facts: Any, **known: Any) -> SyncLog:
    """The saved row of an attempt; what it waits for, if it waits, is noted beside it."""
    row = entry(decision, facts, **known)
    row.save()
    tallies.add_after_commit(decision)
    subject = prerequisites.subject(facts)
    if subject is not None:
        waiting.note([(row, subject, prerequisites.awaited(decision, facts))])
    return row


def keep_all(attempts: Sequence[tuple[Row, Decision, Any]]) -> None:
    """Saves many attempts, each with what `columns` gave for it, and with what they wait for.

    Only those that wait, or have waited, are asked for their ids.
    """
    have_waited = waiting.still_open({prerequisites.subject(facts) for _, _, facts in attempts})
    plain: list[Row] = []
    noted: list[tuple[SyncLog, str, Awaited | None]] = []
    for row, decision, facts in attempts:
        subject, awaited = prerequisites.subject(facts), prerequisites.awaited(decision, facts)
        if subject is not None and (awaited or (decision.flow, subject) in have_waited):
            noted.append((_unsaved(row, decision, facts), subject, awaited))
        else:
            plain.append(_as_text(row, decision, facts))
    copy_into(SyncLog, plain)
    SyncLog.objects.bulk_create((row for row, _, _ in noted), batch_size=_AT_ONCE)
    waiting.note(noted)


def entry(decision: Decision, facts: Any, **known: Any) -> SyncLog:
    """An unsaved row, see `columns`."""
    return _unsaved(columns(decision, **known), decision, facts)


def _unsaved(row: Row, decision: Decision, facts: Any) -> SyncLog:
    return SyncLog(facts=to_json(facts), decision=to_json(decision, ordered=True), **row)


def _as_text(row: Row, decision: Decision, facts: Any) -> Row:
    kept = {name: json_text.of_values(row[name]) for name in _JSON if row.get(name) is not None}
    text = {"facts": json_text.of_facts(facts), "decision": json_text.of_decision(decision)}
    return {**row, **kept, **text}


Row = dict[str, Any]


def columns(
    decision: Decision,
    *,
    trigger: str,
    actor: Actor,
    opportunity: Opportunity | Subject | None = None,
    name: str | None = None,
    salesforce_id: str | None = None,
    quote_mn_id: str | None = None,
    duration_ms: int = 0,
    **more: Any,
) -> Row:
    """A row by its columns, but for facts and decision. Names are copied into it, so that it
    outlives what it describes.

    `name`: what the record is called where no MN opportunity is known.
    """
    return dict(
        flow=decision.flow,
        outcome=decision.outcome,
        reason=decision.reason,
        trigger=trigger,
        actor_name=actor.name,
        opportunity_id=opportunity.pk if opportunity else None,
        opportunity_mn_id=opportunity.mn_id if opportunity else "",
        opportunity_name=opportunity.name if opportunity else (name or ""),
        account_name=_account_name(opportunity),
        quote_mn_id=quote_mn_id or "",
        salesforce_id=salesforce_id or "",
        duration_ms=duration_ms,
        **more,
    )


def _account_name(opportunity: Opportunity | Subject | None) -> str:
    if isinstance(opportunity, Opportunity):
        return opportunity.account.name
    return opportunity.account_name if opportunity else ""
