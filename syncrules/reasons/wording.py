"""What is said of a reason."""

from __future__ import annotations

from dataclasses import dataclass

from syncrules.reasons.codes import Outcome, Owner


@dataclass(frozen=True, slots=True)
class ReasonText:
    """A reason in words. `evidence` says what the log entry shows beside it."""

    outcome: Outcome
    title: str
    explanation: str
    evidence: str
    remedy: str
    owner: Owner
