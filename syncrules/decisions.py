"""What a rule may say: a Decision with its ladder of Steps, and how a ladder is walked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Generic, NamedTuple, TypeVar

from syncrules.reasons import Outcome, Reason, describe

Evidence = Mapping[str, str | None]
"""What a check looked at: name in words -> value as text, None when blank."""


class StepStatus(StrEnum):
    PASSED = "passed"
    BLOCKED = "blocked"
    NOT_REACHED = "not_reached"


class Effect(StrEnum):
    """What must be written when the decision is carried out."""

    END_ASSOCIATION = "end_association"
    CLEAR_OLD_RECORD = "clear_old_record"
    STORE_ASSOCIATION = "store_association"
    REQUEST_PUSH = "request_push"
    WRITE_LINK = "write_link"
    WRITE_PRIMARY_QUOTE = "write_primary_quote"
    WRITE_PRODUCTS = "write_products"
    CREATE_OPPORTUNITY = "create_opportunity"
    CREATE_QUOTE = "create_quote"
    SET_PRIMARY_QUOTE = "set_primary_quote"
    LINK_ACCOUNT = "link_account"
    CREATE_ACCOUNT = "create_account"


@dataclass(frozen=True, slots=True)
class Step:
    """One check of a flow: the question in words, how it went, and what it looked at."""

    key: str
    question: str
    status: StepStatus
    evidence: Evidence = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a rule says of some facts. The steps are the explanation; every surface renders them."""

    flow: str
    outcome: Outcome
    reason: Reason
    steps: tuple[Step, ...]
    effects: tuple[Effect, ...] = ()

    @property
    def blocking_step(self) -> Step | None:
        """The step that decided against going on, if one did."""
        return next((step for step in self.steps if step.status is StepStatus.BLOCKED), None)

    def has(self, effect: Effect) -> bool:
        return effect in self.effects


_NONE: Final[Evidence] = MappingProxyType({})


# Tuples, which are made in a third of the time: a batch has ten thousand verdicts.
class Passed(NamedTuple):
    """A check's verdict: go on."""

    evidence: Evidence = _NONE


class Stop(NamedTuple):
    """A check's verdict: this is where the flow ends, and why."""

    reason: Reason
    evidence: Evidence = _NONE


Facts = TypeVar("Facts")


@dataclass(frozen=True, slots=True)
class Check(Generic[Facts]):
    """One rung: a key that never changes, a question in words, and the function that answers it."""

    key: str
    question: str
    answer: Callable[[Facts], Passed | Stop]


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs of a flow as far as they were climbed."""

    steps: tuple[Step, ...]
    stopped_by: Reason | None


def climb(checks: Sequence[Check[Facts]], facts: Facts) -> Ladder:
    """Every check in order; those after the first Stop are listed as not reached."""
    steps: list[Step] = []
    for position, check in enumerate(checks, start=1):
        verdict = check.answer(facts)
        if isinstance(verdict, Stop):
            steps.append(Step(check.key, check.question, StepStatus.BLOCKED, verdict.evidence))
            return Ladder((*steps, *map(_not_reached, checks[position:])), verdict.reason)
        steps.append(Step(check.key, check.question, StepStatus.PASSED, verdict.evidence))
    return Ladder(tuple(steps), None)


def _not_reached(check: Check[Facts]) -> Step:
    return Step(check.key, check.question, StepStatus.NOT_REACHED)


def conclude(
    flow: str, ladder: Ladder, *, otherwise: Reason, effects: tuple[Effect, ...]
) -> Decision:
    """The decision a ladder leads to: its stop, or `otherwise` with the effects to carry out."""
    reason = ladder.stopped_by or otherwise
    return Decision(
        flow=flow,
        outcome=describe(reason).outcome,
        reason=reason,
        steps=ladder.steps,
        effects=() if ladder.stopped_by else effects,
    )
