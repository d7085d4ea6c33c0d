"""A kept decision, prepared for the page: the ladder with its evidence, and what was exchanged."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.safestring import SafeString

from console.admin import wording
from console.admin.parts import EMPTY, at, badge, code
from console.admin.salesforce_links import record_link
from console.models import SyncLog
from syncrules import salesforce_id
from syncrules.decisions import Decision, Evidence, Step, StepStatus
from syncrules.json_form import from_json
from syncrules.reasons import Outcome


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder in words. `evidence`: what it looked at, name and value."""

    question: str
    status: str
    tone: str
    icon: str
    mark: SafeString
    evidence: list[tuple[str, SafeString | str]]


@dataclass(frozen=True, slots=True)
class Ladder:
    rungs: list[Rung]
    passed: int
    effects: list[str]


def ladder_of(entry: SyncLog, *, base_url: str) -> Ladder | None:
    """The stored decision, or None where this version cannot read it."""
    try:
        decision = from_json(Decision, entry.decision)
    except ValueError:
        return None
    return ladder(decision, base_url=base_url)


def ladder(decision: Decision, *, base_url: str) -> Ladder:
    return Ladder(
        rungs=[_rung(step, decision.outcome, base_url=base_url) for step in decision.steps],
        passed=sum(step.status is StepStatus.PASSED for step in decision.steps),
        effects=[wording.EFFECTS[effect] for effect in decision.effects],
    )


def pretty(value: Any) -> str:
    """JSON as a person reads it; the template escapes it."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def _rung(step: Step, outcome: Outcome, *, base_url: str) -> Rung:
    text, tone, icon = wording.STEPS[step.status]
    if step.status is StepStatus.BLOCKED:
        tone = wording.OUTCOMES[outcome][1]
    return Rung(
        question=step.question,
        status=step.status.value,
        tone=tone,
        icon=icon,
        mark=badge(text, tone, icon),
        evidence=_shown(step.evidence, base_url=base_url),
    )


def _shown(evidence: Evidence, *, base_url: str) -> list[tuple[str, SafeString | str]]:
    return [(name, _value(value, base_url=base_url)) for name, value in evidence.items()]


def _value(value: str | None, *, base_url: str) -> SafeString | str:
    if value is None:
        return EMPTY
    if len(value) == 18 and salesforce_id.is_valid(value, prefix=salesforce_id.OPPORTUNITY):
        return record_link(value, base=base_url)
    if (moment := _moment(value)) is not None:
        return at(moment)
    return code(value) if _looks_like_an_id(value) else value


def _moment(value: str) -> datetime | None:
    """The time that an ISO text with a zone stands for."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


def _looks_like_an_id(value: str) -> bool:
    has_digit = any(char.isdigit() for char in value)
    return " " not in value and has_digit and len(value) <= 64
