"""How a ladder is climbed, whatever its rungs ask."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from syncrules import link_via_primary_quote, push_outbound
from syncrules.decisions import Check, Decision, Effect, Passed, StepStatus, Stop, climb, conclude
from syncrules.facts import LinkFacts, PushFacts
from syncrules.reasons import Outcome, Reason
from tests.rules.strategies import LINK_FACTS, PUSH_FACTS
from tests.rules.tables import assert_is_a_ladder

PASSED, BLOCKED, NOT_REACHED = StepStatus.PASSED, StepStatus.BLOCKED, StepStatus.NOT_REACHED


def _is_even(number: int) -> Passed | Stop:
    evidence = {"number": str(number)}
    return Stop(Reason.QUOTE_INACCESSIBLE, evidence) if number % 2 else Passed(evidence)


def _is_small(number: int) -> Passed | Stop:
    return Passed() if number < 100 else Stop(Reason.ENTITY_FINALIZED)


def _is_never_asked(number: int) -> Passed | Stop:
    raise AssertionError(f"asked about {number}")


EVEN = Check("is_even", "Is it even?", _is_even)
SMALL = Check("is_small", "Is it small?", _is_small)
NEVER = Check("never", "Is it asked?", _is_never_asked)


def test_every_rung_passes() -> None:
    ladder = climb([EVEN, SMALL], 8)

    assert [(step.key, step.status) for step in ladder.steps] == [
        ("is_even", PASSED),
        ("is_small", PASSED),
    ]
    assert ladder.stopped_by is None


def test_the_first_stop_ends_it_and_the_rest_is_not_even_asked() -> None:
    ladder = climb([SMALL, EVEN, NEVER, SMALL], 7)

    assert [step.status for step in ladder.steps] == [PASSED, BLOCKED, NOT_REACHED, NOT_REACHED]
    assert ladder.stopped_by is Reason.QUOTE_INACCESSIBLE
    assert ladder.steps[1].evidence == {"number": "7"}
    assert ladder.steps[2].question == "Is it asked?"


def test_no_rungs_stop_nobody() -> None:
    assert climb([], 1).steps == ()


def test_a_stop_leaves_nothing_to_carry_out() -> None:
    decision = conclude(
        "flow", climb([EVEN], 7), otherwise=Reason.LINKED, effects=(Effect.REQUEST_PUSH,)
    )

    assert (decision.outcome, decision.reason) == (Outcome.FAILED, Reason.QUOTE_INACCESSIBLE)
    assert not decision.has(Effect.REQUEST_PUSH)
    assert decision.blocking_step is not None
    assert decision.blocking_step.key == "is_even"


def test_without_a_stop_the_effects_are_carried_out() -> None:
    decision = conclude(
        "flow", climb([EVEN], 8), otherwise=Reason.LINKED, effects=(Effect.REQUEST_PUSH,)
    )

    assert (decision.outcome, decision.reason) == (Outcome.DONE, Reason.LINKED)
    assert decision.has(Effect.REQUEST_PUSH)
    assert decision.blocking_step is None


@given(LINK_FACTS)
def test_whatever_the_facts_a_link_is_decided_by_a_ladder(facts: LinkFacts) -> None:
    decision = link_via_primary_quote.decide(facts)

    assert_is_a_ladder(decision)
    _writes_only_when_done(decision)
    if decision.has(Effect.STORE_ASSOCIATION):
        assert facts.pairing_of_record is None


@given(PUSH_FACTS)
def test_whatever_the_facts_a_push_is_decided_by_a_ladder(facts: PushFacts) -> None:
    decision = push_outbound.decide(facts)
    wished = push_outbound.wished(facts, decision)

    assert_is_a_ladder(decision)
    assert len(wished) == len({*decision.effects} - {Effect.STORE_ASSOCIATION})
    if decision.reason not in (Reason.QUOTE_NOT_IN_SALESFORCE, Reason.ENTITY_FINALIZED):
        _writes_only_when_done(decision)  # those two hold up the quote, not the link


def _writes_only_when_done(decision: Decision) -> None:
    if decision.outcome not in (Outcome.DONE, Outcome.NOTHING_TO_DO):
        assert decision.effects == ()


@given(st.permutations([EVEN, SMALL]))
def test_the_order_of_the_rungs_is_the_order_of_the_steps(checks: list[Check[int]]) -> None:
    assert [step.key for step in climb(checks, 7).steps] == [check.key for check in checks]
