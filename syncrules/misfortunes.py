"""What may have befallen a push before this attempt, as rungs that both lanes put first.

The ladder shows them only where something of the kind happened.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from syncrules import retry
from syncrules.attempt_facts import LostFact, StrikesFact
from syncrules.decisions import Check, Passed, Stop
from syncrules.reasons import Reason


class Misfortunate(Protocol):
    """The facts of either lane."""

    @property
    def lost(self) -> LostFact | None: ...

    @property
    def strikes(self) -> StrikesFact | None: ...


Rung = TypeVar("Rung")


def rungs(facts: Misfortunate, of: Callable[[Rung], Misfortunate]) -> tuple[Check[Rung], ...]:
    """The rungs that these facts call for. `of`: how a rung finds them."""
    found: list[Check[Rung]] = []
    if facts.lost is not None:
        found.append(Check(REPORTED, "Did its worker say how it went?", _asked(_reported, of)))
    if facts.strikes is not None:
        question = "Does it go through without taking its neighbours along?"
        found.append(Check(HARMLESS, question, _asked(_is_harmless, of)))
    return tuple(found)


def stop(facts: Misfortunate) -> bool:
    """Whether one of these rungs ends the attempt, so that nothing else need be known. Who is set
    aside because of what it does to others must not be looked at as closely as they are."""
    checks = rungs(facts, of=_itself)
    return any(isinstance(check.answer(facts), Stop) for check in checks)


def _itself(facts: Misfortunate) -> Misfortunate:
    return facts


REPORTED: Final = "worker_reported"
HARMLESS: Final = "harms_no_neighbour"


def _asked(
    answer: Callable[[Misfortunate], Passed | Stop], of: Callable[[Rung], Misfortunate]
) -> Callable[[Rung], Passed | Stop]:
    return lambda facts: answer(of(facts))


def _reported(facts: Misfortunate) -> Passed | Stop:
    assert facts.lost is not None
    return Stop(Reason.OUTCOME_UNKNOWN, {"the worker": facts.lost.worker})


def _is_harmless(facts: Misfortunate) -> Passed | Stop:
    strikes = facts.strikes
    assert strikes is not None
    others_went_through = strikes.last_success is not None and strikes.last_success > strikes.since
    evidence: dict[str, str | None] = {
        "batches with it that failed": str(strikes.count),
        "since": strikes.since.isoformat(),
        "the last push that went through": strikes.last_success.isoformat()
        if strikes.last_success
        else None,
    }
    if strikes.words:
        evidence["the last error"] = strikes.words
    if retry.is_to_be_quarantined(strikes.count, others_went_through=others_went_through):
        return Stop(Reason.QUARANTINED, evidence)
    return Passed({**evidence, "so": f"it goes with {retry.company(strikes.count) - 1} others"})
