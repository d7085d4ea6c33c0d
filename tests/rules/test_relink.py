"""Unlinking and a change of partner as a table."""

from __future__ import annotations

from typing import Any

import pytest

from syncrules import relink as rule
from syncrules.decisions import Effect
from syncrules.facts import OpportunityStatus, QuoteStatus, RelinkFacts, RemoteOpportunity
from syncrules.reasons import Reason
from tests.facts import (
    DOWN,
    LIVE,
    local_opportunity,
    local_quote,
    pairing_facts,
    remote_opportunity,
    sf_id,
)
from tests.rules.tables import Case, assert_is_a_ladder, assert_is_complete

OLD, NEW = sf_id(), sf_id()


def old(**changes: Any) -> RemoteOpportunity:
    """Our present partner, which carries our id."""
    return remote_opportunity(**{"salesforce_id": OLD, "mn_id": "opp_1"} | changes)


def new(**changes: Any) -> RemoteOpportunity:
    return remote_opportunity(**{"salesforce_id": NEW} | changes)


def unlink(**changes: Any) -> RelinkFacts:
    defaults: dict[str, Any] = {
        "connection": LIVE,
        "opportunity": local_opportunity(),
        "pairing": pairing_facts(salesforce_id=OLD),
        "primary": local_quote(),
        "old": old(),
    }
    return RelinkFacts(**(defaults | changes))


def relink(**changes: Any) -> RelinkFacts:
    return unlink(**{"target": NEW, "new": new()} | changes)


def closed(mn_id: str | None) -> dict[str, str | None]:
    return {
        "record": "Northwind expansion",
        "stage": "Negotiation",
        "closed": "yes",
        "monetize__Id__c": mn_id,
    }


CASES = {
    "the pair is ended": Case(unlink(), Reason.UNLINKED),
    "the old record is gone": Case(unlink(old=None), Reason.UNLINKED),
    "the partner is changed": Case(relink(), Reason.RELINKED),
    "an undo stores the pair that was ended": Case(
        relink(pairing=None, old=None, is_undo=True), Reason.RELINKED
    ),
    "the connection is broken": Case(
        relink(connection=DOWN),
        Reason.NO_SALESFORCE_CONNECTION,
        stops_at="connection",
        evidence={"connection": "broken", "detail": "INVALID_LOGIN"},
    ),
    "there is no pair to end": Case(
        unlink(pairing=None, old=None),
        Reason.LINK_NEVER_ESTABLISHED,
        stops_at="is_linked",
        evidence={"stored association": None},
    ),
    "the MN opportunity is finalized": Case(
        relink(opportunity=local_opportunity(status=OpportunityStatus.WON)),
        Reason.ENTITY_FINALIZED,
        stops_at="ours_is_open",
        evidence={"the opportunity": "WON", "its primary quote": "APPROVED"},
    ),
    "its primary quote is finalized": Case(
        relink(primary=local_quote(status=QuoteStatus.PROCESSED)),
        Reason.ENTITY_FINALIZED,
        stops_at="ours_is_open",
        evidence={"the opportunity": "ACTIVE", "its primary quote": "PROCESSED"},
    ),
    "the old record is closed in Salesforce": Case(
        unlink(old=old(is_closed=True)),
        Reason.ENTITY_FINALIZED,
        stops_at="old_record_is_open",
        evidence=closed("opp_1"),
    ),
    "the new record does not exist": Case(
        relink(new=None),
        Reason.SALESFORCE_RECORD_GONE,
        stops_at="new_record_exists",
        evidence={"looked for": NEW},
    ),
    "the new record is the present one": Case(
        relink(target=OLD, new=old()),
        Reason.ALREADY_LINKED,
        stops_at="new_record_is_another",
        evidence={"present partner": OLD, "asked for": OLD},
    ),
    "the new record is closed in Salesforce": Case(
        relink(new=new(is_closed=True)),
        Reason.ENTITY_FINALIZED,
        stops_at="new_record_is_open",
        evidence=closed(None),
    ),
    "the new record carries another MN id": Case(
        relink(new=new(mn_id="opp_2")),
        Reason.CONFLICTING_ASSOCIATION,
        stops_at="new_carries_no_other_mn_id",
        evidence={"monetize__Id__c": "opp_2", "ours": "opp_1"},
    ),
    "the new record is tied to another MN opportunity": Case(
        relink(pairing_of_target=pairing_facts(opportunity_mn_id="opp_2", salesforce_id=NEW)),
        Reason.CONFLICTING_ASSOCIATION,
        stops_at="new_record_is_free",
        evidence={
            "stored association": f"opp_2 with {NEW}",
            "linked at": "2026-03-02T12:00:00+00:00",
            "linked by": "link_via_primary_quote (console (poll))",
        },
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_decision_and_the_rung_that_led_to_it(case: Case[RelinkFacts]) -> None:
    decision = rule.decide(case.facts)

    blocking = decision.blocking_step
    assert decision.reason is case.reason
    assert (blocking.key if blocking else None) == case.stops_at
    assert dict(blocking.evidence if blocking else {}) == dict(case.evidence)
    assert bool(decision.effects) is (case.stops_at is None)
    assert_is_a_ladder(decision)


def test_every_reason_and_every_rung_has_a_row() -> None:
    assert_is_complete(CASES, rule=rule, checks=rule.ENDING + rule.STARTING)


END, CLEAR, STORE, PUSH = (
    Effect.END_ASSOCIATION,
    Effect.CLEAR_OLD_RECORD,
    Effect.STORE_ASSOCIATION,
    Effect.REQUEST_PUSH,
)
PLANS = [
    pytest.param(unlink(), (END, CLEAR, PUSH), id="an unlink ends and clears"),
    pytest.param(relink(), (END, CLEAR, STORE, PUSH), id="a change also stores the new pair"),
    pytest.param(unlink(old=None), (END, PUSH), id="a record that is gone needs no clearing"),
    pytest.param(
        unlink(old=old(mn_id="opp_2")), (END, PUSH), id="somebody else's id is left alone"
    ),
    pytest.param(
        relink(pairing=None, old=None, is_undo=True), (STORE, PUSH), id="an undo only stores"
    ),
]


@pytest.mark.parametrize(("facts", "plan"), PLANS)
def test_both_sides_are_planned_together(facts: RelinkFacts, plan: tuple[Effect, ...]) -> None:
    assert rule.decide(facts).effects == plan
