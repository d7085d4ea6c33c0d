"""Asking in tests: an answer that must be an explanation, and its parts by name."""

from __future__ import annotations

from typing import Final

from console.actor import Actor
from console.explain import Explanation, explain
from console.explain.answer import Action, Side
from syncrules.reasons import Outcome, Reason

CONSOLE: Final = Actor.console("explain")
VERA: Final = Actor(name="vera")


def told(text: str, *, actor: Actor = CONSOLE) -> Explanation:
    answer = explain(text, actor=actor)
    assert isinstance(answer, Explanation), answer
    return answer


def foreseen(answer: Explanation) -> tuple[str, Outcome, Reason]:
    return answer.decision.flow, answer.decision.outcome, answer.decision.reason


def sides(answer: Explanation) -> tuple[Side, Side]:
    ours, theirs = answer.sides
    assert (ours.system, theirs.system) == ("MonetizeNow", "Salesforce")
    return ours, theirs


def actions(answer: Explanation) -> dict[str, Action]:
    return {action.key: action for action in answer.actions}
